import { describe } from 'vitest'
import { tun } from '../../../../../protocol/route/link/kinds/tun.ts'
import { rows } from '../../rows.ts'

describe('tun', () => {
  rows(tun, [
    {
      fixture: 'link/tuntap/ip-j-d-link-show-type-tun, tun0',
      hex: '0500030001000000 0800010000000000 0500040000000000 0500050000000000 0500060001000000 0500070000000000',
      value: { type: 'tun', owner: 0, pi: false, vnetHdr: false, persist: true, multiQueue: false },
    },
    {
      fixture: 'link/tuntap/ip-j-d-link-show-type-tun, tap0',
      hex:
        '0500030002000000 0800020000000000 0500040001000000 0500050001000000 0500060001000000 0500070001000000' +
        '0800080000000000 0800090000000000',
      value: {
        type: 'tap',
        group: 0,
        pi: true,
        vnetHdr: true,
        persist: true,
        multiQueue: true,
        numQueues: 0,
        numDisabledQueues: 0,
      },
    },
  ])
})
