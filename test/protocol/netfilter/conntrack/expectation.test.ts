import { describe } from 'vitest'
import { expectationMessage } from '../../../../protocol/netfilter/conntrack/expectation.ts'
import { globalStatsMessage } from '../../../../protocol/netfilter/conntrack/stats.ts'
import { rows } from '../../route/rows.ts'

describe('expectationMessage', () => {
  rows(expectationMessage, [
    {
      fixture: 'netfilter/conntrack-expect/conntrack-i-expect-p-tcp-s-192-0-2-1-d-198-51-100-1-sport-1234-d',
      hex: `02000000 240002801400018008000100c000020108000200c63364010c0002800500010007000000
        340001801400018008000100c000020108000200c63364011c00028005000100060000000600020004d200000600030000150000
        340003801400018008000100ffffffff08000200ffffffff1c0002800500010006000000060002000000000006000300ffff0000
        080004000000003c`.replaceAll(/\s/g, ''),
      value: {
        header: { family: 'ipv4', version: 0, resId: 0 },
        tuple: { ip: { v4Src: '192.0.2.1', v4Dst: '198.51.100.1' }, proto: { num: 7 } },
        master: {
          ip: { v4Src: '192.0.2.1', v4Dst: '198.51.100.1' },
          proto: { num: 'tcp', srcPort: 1234, dstPort: 21 },
        },
        mask: {
          ip: { v4Src: '255.255.255.255', v4Dst: '255.255.255.255' },
          proto: { num: 'tcp', srcPort: 0, dstPort: 65535 },
        },
        timeout: 60,
      },
    },
  ])
})

describe('globalStatsMessage', () => {
  rows(globalStatsMessage, [
    {
      fixture: 'netfilter/conntrack/conntrack-c',
      hex: '00000000 080001000000000a 0800020000010000',
      value: { header: { family: 'unspec', version: 0, resId: 0 }, entries: 10, maxEntries: 65536 },
    },
  ])
})
