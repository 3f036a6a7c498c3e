/** What the kernel knows of a packet: conntrack's and routing's words, kinds of interfaces and packets. All in host order. */
import { bitmask, symbolic } from '../datatype.ts'

export const iface_type = symbolic({
  name: 'iface_type',
  id: 21,
  size: 16,
  byteorder: 'host',
  names: { ether: 0x1, ppp: 0x200, ipip: 0x300, ipip6: 0x301, loopback: 0x304, sit: 0x308, ipgre: 0x30a },
})

export const ct_state = bitmask({
  name: 'ct_state',
  id: 26,
  size: 32,
  byteorder: 'host',
  names: { invalid: 0x1, new: 0x8, established: 0x2, related: 0x4, untracked: 0x40 },
})

export const ct_dir = symbolic({ name: 'ct_dir', id: 27, size: 8, byteorder: 'host', names: { original: 0, reply: 1 } })

export const ct_status = bitmask({
  name: 'ct_status',
  id: 28,
  size: 32,
  byteorder: 'host',
  names: { expected: 0x1, 'seen-reply': 0x2, assured: 0x4, confirmed: 0x8, snat: 0x10, dnat: 0x20, dying: 0x200 },
})

export const pkt_type = symbolic({
  name: 'pkt_type',
  id: 31,
  size: 8,
  byteorder: 'host',
  names: { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 },
})

export const fib_addrtype = symbolic({
  name: 'fib_addrtype',
  id: 38,
  size: 32,
  byteorder: 'host',
  names: {
    unspec: 0,
    unicast: 1,
    local: 2,
    broadcast: 3,
    anycast: 4,
    multicast: 5,
    blackhole: 6,
    unreachable: 7,
    prohibit: 8,
  },
})

export const ct_event = bitmask({
  name: 'ct_event',
  id: 40,
  size: 32,
  byteorder: 'host',
  names: {
    new: 0x1,
    related: 0x2,
    destroy: 0x4,
    reply: 0x8,
    assured: 0x10,
    protoinfo: 0x20,
    helper: 0x40,
    mark: 0x80,
    seqadj: 0x100,
    secmark: 0x200,
    label: 0x400,
  },
})
