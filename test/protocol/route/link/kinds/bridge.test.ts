import { describe } from 'vitest'
import { bridge } from '../../../../../protocol/route/link/kinds/bridge.ts'
import { rows } from '../../rows.ts'

describe('bridge', () => {
  rows(bridge, [
    {
      fixture: 'link/bridge/stp',
      hex: '0800050001000000 0600060000100000 0600090008400000 0a0014000180c20000070000',
      value: { stpState: 1, priority: 4096, groupFwdMask: 0x4008, groupAddr: '01:80:c2:00:00:07' },
    },
    {
      fixture: 'link/vm-bridge-vlan/ip-link-add-br1-type-bridge-vlan-filtering-1-vlan-protocol-802-1',
      hex:
        '0500070001000000 0600080088a80000 0600270000000000 0500290001000000 05002d0001000000' +
        '0c002e000200000002000000',
      value: {
        vlanFiltering: true,
        vlanProtocol: '8021ad',
        vlanDefaultPvid: 0,
        vlanStatsEnabled: true,
        vlanStatsPerPort: true,
        multiBoolopt: { optval: ['mcast_vlan_snooping'], optmask: ['mcast_vlan_snooping'] },
      },
    },
    {
      fixture: 'made here: identifiers and a timer',
      hex: '0c000a008000020000000001 0c0010006400000000000000',
      value: { rootId: { prio: 32768, addr: '02:00:00:00:00:01' }, helloTimer: 100n },
    },
  ])
})
