/** Headers: where their fields are, and what must hold for them to be there. The keys are nft's words. */
import {
  arp_op,
  bits,
  dccp_pkttype,
  dscp,
  ecn,
  ether_addr,
  ether_type,
  icmp_code,
  icmp_type,
  icmpv6_code,
  icmpv6_type,
  igmp_type,
  inet_proto,
  inet_service,
  integer,
  ipv4_addr,
  ipv6_addr,
  tcp_flag,
} from '../datatypes/index.ts'
import { type Base, type Fields, field, type Header } from './field.ts'

interface Declared<F extends Fields> extends Omit<Header<F>, 'start'> {
  start?: number
  next?: keyof F & string
  pseudo?: readonly (keyof F & string)[]
}

function header<const F extends Fields>(declared: Declared<F>): Header<F> {
  return { start: 0, ...declared }
}

const link = { base: 'll_header' } as const
const network = { base: 'network_header' } as const
const transport = { base: 'transport_header' } as const
const ports = { sport: field(0, 16, inet_service), dport: field(16, 16, inet_service) } as const

export const ether = header({
  ...link,
  requires: { iiftype: 1 },
  next: 'type',
  fields: { daddr: field(0, 48, ether_addr), saddr: field(48, 48, ether_addr), type: field(96, 16, ether_type) },
})

export const vlan = header({
  ...link,
  start: 112,
  requires: { iiftype: 1, ethertype: 0x8100 },
  next: 'type',
  fields: {
    pcp: field(0, 3, integer),
    dei: field(3, 1, integer),
    id: field(4, 12, integer),
    type: field(16, 16, ether_type),
  },
})

export const arp = header({
  ...network,
  requires: { ethertype: 0x0806 },
  fields: {
    htype: field(0, 16, integer),
    ptype: field(16, 16, ether_type),
    hlen: field(32, 8, integer),
    plen: field(40, 8, integer),
    operation: field(48, 16, arp_op),
    'saddr ether': field(64, 48, ether_addr),
    'saddr ip': field(112, 32, ipv4_addr),
    'daddr ether': field(144, 48, ether_addr),
    'daddr ip': field(192, 32, ipv4_addr),
  },
})

export const ip = header({
  ...network,
  requires: { nfproto: 2, ethertype: 0x0800 },
  next: 'protocol',
  checksum: { type: 'inet', offset: 10 },
  pseudo: ['length', 'protocol', 'saddr', 'daddr'],
  fields: {
    version: field(0, 4, integer),
    hdrlength: field(4, 4, integer),
    dscp: field(8, 6, dscp),
    ecn: field(14, 2, ecn),
    length: field(16, 16, integer),
    id: field(32, 16, integer),
    'frag-off': field(48, 16, integer),
    ttl: field(64, 8, integer),
    protocol: field(72, 8, inet_proto),
    checksum: field(80, 16, integer),
    saddr: field(96, 32, ipv4_addr),
    daddr: field(128, 32, ipv4_addr),
  },
})

export const ip6 = header({
  ...network,
  requires: { nfproto: 10, ethertype: 0x86dd },
  next: 'nexthdr',
  pseudo: ['length', 'nexthdr', 'saddr', 'daddr'],
  fields: {
    version: field(0, 4, integer),
    dscp: field(4, 6, dscp),
    ecn: field(10, 2, ecn),
    flowlabel: field(12, 20, integer),
    length: field(32, 16, integer),
    nexthdr: field(48, 8, inet_proto),
    hoplimit: field(56, 8, integer),
    saddr: field(64, 128, ipv6_addr),
    daddr: field(192, 128, ipv6_addr),
  },
})

export const icmp = header({
  ...transport,
  requires: { ...ip.requires, l4proto: 1 },
  checksum: { type: 'inet', offset: 2 },
  fields: {
    type: field(0, 8, icmp_type),
    code: field(8, 8, icmp_code),
    checksum: field(16, 16, integer),
    id: field(32, 16, integer, [8, 0]),
    sequence: field(48, 16, integer, [8, 0]),
    gateway: field(32, 32, integer, [5]),
    mtu: field(48, 16, integer, [3]),
  },
})

export const igmp = header({
  ...transport,
  requires: { ...ip.requires, l4proto: 2 },
  checksum: { type: 'inet', offset: 2 },
  fields: {
    type: field(0, 8, igmp_type),
    mrt: field(8, 8, integer),
    checksum: field(16, 16, integer),
    group: field(32, 32, integer),
  },
})

export const icmpv6 = header({
  ...transport,
  requires: { ...ip6.requires, l4proto: 58 },
  checksum: { type: 'inet', offset: 2 },
  fields: {
    type: field(0, 8, icmpv6_type),
    code: field(8, 8, icmpv6_code),
    checksum: field(16, 16, integer),
    'parameter-problem': field(32, 32, integer, [4]),
    mtu: field(32, 32, integer, [2]),
    id: field(32, 16, integer, [128, 129]),
    sequence: field(48, 16, integer, [128, 129]),
    'max-delay': field(32, 16, integer, [130]),
  },
})

export const tcp = header({
  ...transport,
  requires: { l4proto: 6 },
  checksum: { type: 'inet', offset: 16 },
  fields: {
    ...ports,
    sequence: field(32, 32, integer),
    ackseq: field(64, 32, integer),
    doff: field(96, 4, integer),
    reserved: field(100, 4, integer),
    flags: field(104, 8, tcp_flag),
    window: field(112, 16, integer),
    checksum: field(128, 16, integer),
    urgptr: field(144, 16, integer),
  },
})

export const udp = header({
  ...transport,
  requires: { l4proto: 17 },
  checksum: { type: 'inet', offset: 6 },
  fields: { ...ports, length: field(32, 16, integer), checksum: field(48, 16, integer) },
})

export const udplite = header({
  ...transport,
  requires: { l4proto: 136 },
  fields: { ...ports, csumcov: field(32, 16, integer), checksum: field(48, 16, integer) },
})

export const sctp = header({
  ...transport,
  requires: { l4proto: 132 },
  checksum: { type: 'sctp', offset: 8 },
  fields: { ...ports, vtag: field(32, 32, integer), checksum: field(64, 32, integer) },
})

export const dccp = header({
  ...transport,
  requires: { l4proto: 33 },
  fields: { ...ports, type: field(67, 4, dccp_pkttype) },
})

export const ah = header({
  ...transport,
  requires: { l4proto: 51 },
  fields: {
    nexthdr: field(0, 8, inet_proto),
    hdrlength: field(8, 8, integer),
    reserved: field(16, 16, integer),
    spi: field(32, 32, integer),
    sequence: field(64, 32, integer),
  },
})

export const esp = header({
  ...transport,
  requires: { l4proto: 50 },
  fields: { spi: field(0, 32, integer), sequence: field(32, 32, integer) },
})

export const comp = header({
  ...transport,
  requires: { l4proto: 108 },
  fields: { nexthdr: field(0, 8, inet_proto), flags: field(8, 8, bits), cpi: field(16, 16, integer) },
})

/** Ports of whatever transport protocol the packet has: `meta l4proto { tcp, udp } th dport 53`. */
export const th = header({ ...transport, requires: {}, fields: { ...ports } })

export const headers = {
  ether,
  vlan,
  arp,
  ip,
  ip6,
  icmp,
  igmp,
  icmpv6,
  tcp,
  udp,
  udplite,
  sctp,
  dccp,
  ah,
  esp,
  comp,
  th,
} as const

export type HeaderName = keyof typeof headers

/** Other words that nft takes for fields. */
export const fieldAliases: Readonly<Record<string, string>> = {
  cfi: 'dei',
  'packet-too-big': 'mtu',
  'param-problem': 'parameter-problem',
}

/** Bases of raw payload selectors in JSON. */
export const rawBases = {
  ll: 'll_header',
  nh: 'network_header',
  th: 'transport_header',
  ih: 'inner_header',
} as const satisfies Record<string, Base>

export function headerOf(protocol: string): Header | undefined {
  return Object.hasOwn(headers, protocol) ? headers[protocol as HeaderName] : undefined // just asked
}

/** The header of these that a packet has behind `next` of another: `headers.ip.next` 6 is tcp. */
export function headerBehind(number: number, base: Base): [name: HeaderName, header: Header] | undefined {
  for (const name of Object.keys(headers) as HeaderName[]) {
    // keys of that object
    const header: Header = headers[name]
    const wanted = header.base === 'transport_header' ? header.requires.l4proto : header.requires.ethertype
    if (header.base === base && wanted === number) return [name, header]
  }
  return undefined
}
