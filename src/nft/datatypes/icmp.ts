/** Types and codes of ICMP. */
import { symbolic } from '../datatype.ts'

export const icmp_type = symbolic({
  name: 'icmp_type',
  id: 14,
  size: 8,
  byteorder: 'big',
  names: {
    'echo-reply': 0,
    'destination-unreachable': 3,
    'source-quench': 4,
    redirect: 5,
    'echo-request': 8,
    'router-advertisement': 9,
    'router-solicitation': 10,
    'time-exceeded': 11,
    'parameter-problem': 12,
    'timestamp-request': 13,
    'timestamp-reply': 14,
    'info-request': 15,
    'info-reply': 16,
    'address-mask-request': 17,
    'address-mask-reply': 18,
  },
})

export const icmp_code = symbolic({
  name: 'icmp_code',
  id: 32,
  size: 8,
  byteorder: 'big',
  names: {
    'net-unreachable': 0,
    'host-unreachable': 1,
    'prot-unreachable': 2,
    'port-unreachable': 3,
    'net-prohibited': 9,
    'host-prohibited': 10,
    'admin-prohibited': 13,
    'frag-needed': 4,
  },
})

export const icmpv6_type = symbolic({
  name: 'icmpv6_type',
  id: 29,
  size: 8,
  byteorder: 'big',
  names: {
    'destination-unreachable': 1,
    'packet-too-big': 2,
    'time-exceeded': 3,
    'parameter-problem': 4,
    'echo-request': 128,
    'echo-reply': 129,
    'mld-listener-query': 130,
    'mld-listener-report': 131,
    'mld-listener-done': 132,
    'mld-listener-reduction': 132,
    'nd-router-solicit': 133,
    'nd-router-advert': 134,
    'nd-neighbor-solicit': 135,
    'nd-neighbor-advert': 136,
    'nd-redirect': 137,
    'router-renumbering': 138,
    'ind-neighbor-solicit': 141,
    'ind-neighbor-advert': 142,
    'mld2-listener-report': 143,
  },
})

export const icmpv6_code = symbolic({
  name: 'icmpv6_code',
  id: 33,
  size: 8,
  byteorder: 'big',
  names: {
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  },
})

/** `reject with icmpx`: the kernel makes of it what fits the packet's family. */
export const icmpx_code = symbolic({
  name: 'icmpx_code',
  id: 34,
  size: 8,
  byteorder: 'big',
  names: { 'port-unreachable': 1, 'admin-prohibited': 3, 'no-route': 0, 'host-unreachable': 2 },
})
