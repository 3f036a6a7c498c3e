/** Numbers in headers that have names: what `nft describe` lists, and IANA before. */
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import { bitmask, type DataType, fitting, numeric, parseInteger, single, symbolic } from '../datatype.ts'
import { bytesOf } from './bits.ts'

export const nf_proto = symbolic({ name: 'nf_proto', id: 2, size: 8, byteorder: 'host', names: { ipv4: 2, ipv6: 10 } })

export const ether_type = symbolic({
  name: 'ether_type',
  id: 10,
  size: 16,
  byteorder: 'big',
  hex: 4,
  names: { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, '8021q': 0x8100, '8021ad': 0x88a8, vlan: 0x8100 },
})

export const arp_op = symbolic({
  name: 'arp_op',
  id: 11,
  size: 16,
  byteorder: 'big',
  names: { request: 1, reply: 2, rrequest: 3, rreply: 4, inrequest: 8, inreply: 9, nak: 10 },
})

/** /etc/protocols of Debian, which nft asks. */
export const inet_proto = symbolic({
  name: 'inet_proto',
  id: 12,
  size: 8,
  byteorder: 'big',
  names: {
    ip: 0,
    icmp: 1,
    igmp: 2,
    ggp: 3,
    ipencap: 4,
    st: 5,
    tcp: 6,
    egp: 8,
    igp: 9,
    pup: 12,
    udp: 17,
    hmp: 20,
    'xns-idp': 22,
    rdp: 27,
    'iso-tp4': 29,
    dccp: 33,
    xtp: 36,
    ddp: 37,
    'idpr-cmtp': 38,
    ipv6: 41,
    'ipv6-route': 43,
    'ipv6-frag': 44,
    idrp: 45,
    rsvp: 46,
    gre: 47,
    esp: 50,
    ah: 51,
    skip: 57,
    'ipv6-icmp': 58,
    'ipv6-nonxt': 59,
    'ipv6-opts': 60,
    rspf: 73,
    vmtp: 81,
    eigrp: 88,
    ospf: 89,
    'ax.25': 93,
    ipip: 94,
    etherip: 97,
    encap: 98,
    pim: 103,
    ipcomp: 108,
    vrrp: 112,
    l2tp: 115,
    isis: 124,
    sctp: 132,
    fc: 133,
    'mobility-header': 135,
    udplite: 136,
    'mpls-in-ip': 137,
    manet: 138,
    hip: 139,
    shim6: 140,
    wesp: 141,
    rohc: 142,
    ethernet: 143,
  },
  aliases: { icmpv6: 58, comp: 108 },
})

export const tcp_flag = bitmask({
  name: 'tcp_flag',
  id: 15,
  size: 8,
  byteorder: 'big',
  names: { fin: 0x1, syn: 0x2, rst: 0x4, psh: 0x8, ack: 0x10, urg: 0x20, ecn: 0x40, cwr: 0x80 },
})

export const dccp_pkttype = symbolic({
  name: 'dccp_pkttype',
  id: 16,
  size: 4,
  byteorder: 'big',
  names: { request: 0, response: 1, data: 2, ack: 3, dataack: 4, closereq: 5, close: 6, reset: 7, sync: 8, syncack: 9 },
})

export const mh_type = symbolic({
  name: 'mh_type',
  id: 17,
  size: 8,
  byteorder: 'big',
  names: {
    'binding-refresh-request': 0,
    'home-test-init': 1,
    'careof-test-init': 2,
    'home-test': 3,
    'careof-test': 4,
    'binding-update': 5,
    'binding-acknowledgement': 6,
    'binding-error': 7,
    'fast-binding-update': 8,
    'fast-binding-acknowledgement': 9,
    'fast-binding-advertisement': 10,
    'experimental-mobility-header': 11,
    'home-agent-switch-message': 12,
  },
})

export const dscp = symbolic({
  name: 'dscp',
  id: 36,
  size: 6,
  byteorder: 'big',
  hex: 2,
  names: {
    cs0: 0,
    cs1: 8,
    cs2: 16,
    cs3: 24,
    cs4: 32,
    cs5: 40,
    cs6: 48,
    cs7: 56,
    df: 0,
    be: 0,
    lephb: 1,
    af11: 10,
    af12: 12,
    af13: 14,
    af21: 18,
    af22: 20,
    af23: 22,
    af31: 26,
    af32: 28,
    af33: 30,
    af41: 34,
    af42: 36,
    af43: 38,
    va: 44,
    ef: 46,
  },
})

export const ecn = symbolic({
  name: 'ecn',
  id: 37,
  size: 2,
  byteorder: 'big',
  hex: 0,
  names: { 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 },
})

export const igmp_type = symbolic({
  name: 'igmp_type',
  id: 42,
  size: 8,
  byteorder: 'big',
  names: {
    'membership-query': 17,
    'membership-report-v1': 18,
    'membership-report-v2': 22,
    'membership-report-v3': 34,
    'leave-group': 23,
  },
})

/** Names that people write in rules; `Names.service` knows the rest of /etc/services. nft prints numbers. */
const services = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  bgp: 179,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  submissions: 465,
  syslog: 514,
  submission: 587,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
  sip: 5060,
} as const

const serviceNumbers = new Map<string, number>(Object.entries(services))
const ports = numeric({ name: 'inet_service', id: 13, size: 16, byteorder: 'big' })

export const inet_service: DataType<number | keyof typeof services | `${number}`, 'inet_service'> = {
  name: 'inet_service',
  id: 13,
  size: 16,
  byteorder: 'big',
  format: ports.format,
  text: ports.text,
  parse(value, bits, names) {
    const word = single(value)
    const number = parseInteger(word) ?? (typeof word === 'string' ? service(word, names?.service) : undefined)
    if (number === undefined) throw new EncodeError(`must be a port, got ${show(value)}`)
    return bytesOf(fitting(number, bits || 16), bits || 16)
  },
}

function service(name: string, more: ((name: string) => number | undefined) | undefined): bigint | undefined {
  const number = serviceNumbers.get(name) ?? more?.(name)
  return number === undefined ? undefined : BigInt(number)
}
