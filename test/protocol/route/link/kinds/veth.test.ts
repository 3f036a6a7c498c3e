import { describe } from 'vitest'
import { linkMessage } from '../../../../../protocol/route/link/link.ts'
import { rows } from '../../rows.ts'

const header = { family: 'unspec', type: 0, index: 0, flags: [], change: [] }

describe('veth', () => {
  rows(linkMessage, [
    {
      fixture: 'link/veth/ip-link-add-v8-group-42-type-veth-peer-name-v9-group-43, IFLA_INFO_KIND with its NUL',
      hex:
        '00000000000000000000000000000000 08001b002a000000 0700030076380000 38001200 090001007665746800000000' +
        '28000200 24000100 00000000000000000000000000000000 08001b002b000000 0700030076390000',
      value: {
        header,
        group: 42,
        ifname: 'v8',
        linkinfo: { kind: 'veth', data: { peer: { header, group: 43, ifname: 'v9' } } },
      },
    },
  ])
})
