import { describe } from 'vitest'
import { neighbourMessage } from '../../../protocol/route/neighbour.ts'
import { rows } from './rows.ts'

describe('neighbourMessage', () => {
  rows(neighbourMessage, [
    {
      fixture: 'neigh/ipv4/ip-neigh-add-192-0-2-2-lladdr-02-00-00-00-00-02-dev-veth0',
      hex: '020000000300000080000000 08000100c0000202 0a0002000200000000020000',
      value: {
        header: { family: 'inet', ifindex: 3, state: ['permanent'], flags: [], type: 'unspec' },
        dst: '192.0.2.2',
        lladdr: '02:00:00:00:00:02',
      },
    },
    {
      fixture: 'bridge/fdb/bridge-fdb-add-02-00-00-00-00-01-dev-veth0-master',
      hex: '0700000004000000c0000400 0a0002000200000000010000',
      value: {
        header: { family: 'bridge', ifindex: 4, state: ['noarp', 'permanent'], flags: ['master'], type: 'unspec' },
        lladdr: '02:00:00:00:00:01',
      },
    },
  ])
})
