import { describe, expect, test } from 'vitest'
import { timeoutMessage } from '../../../../protocol/netfilter/timeout/timeout.ts'
import { refusal, rows } from '../../route/rows.ts'

describe('timeoutMessage', () => {
  rows(timeoutMessage, [
    {
      fixture: 'netfilter/nfct/nfct-list-timeout: of UDP',
      hex: '00000000 0d000100746573742d75647000000000 0600020000020000 0500030011000000 0800050000000001 14000480080001000000000a0800020000000014',
      value: {
        header: { family: 'unspec', version: 0, resId: 0 },
        name: 'test-udp',
        l3proto: 'ipv4',
        l4proto: 'udp',
        use: 1,
        data: { unreplied: 10, replied: 20 },
      },
    },
    {
      fixture: 'a protocol without a set of its own has one timeout',
      hex: '00000000 0500030032000000 0c000480 080001000000000a',
      value: { header: { family: 'unspec', version: 0, resId: 0 }, l4proto: 'esp', data: { timeout: 10 } },
    },
  ])

  test('the protocol says which states there are', () => {
    expect(refusal(timeoutMessage, { l4proto: 'tcp', data: { established: 100, unreplied: 1 } })).toBe(
      'data.unreplied: is no attribute of cttimeout/tcp-attrs',
    )
  })
})
