/** meta, ct, rt, socket, fib, osf, ipsec, tunnel: values which the kernel has ready. The keys are nft's words. */
import {
  boolean,
  cgroupsv2,
  classid,
  ct_dir,
  ct_event,
  ct_label,
  ct_state,
  ct_status,
  date,
  day,
  devgroup,
  ether_type,
  fib_addrtype,
  gid,
  hostInteger,
  hour,
  iface_index,
  iface_type,
  ifname,
  inet_proto,
  inet_service,
  integer,
  ipv4_addr,
  ipv6_addr,
  mark,
  nf_proto,
  pkt_type,
  realm,
  relativeTime,
  string,
  uid,
} from '../datatypes/index.ts'
import { type Keys, key, settable } from './field.ts'

export const meta = {
  length: key('len', 32, hostInteger),
  protocol: key('protocol', 16, ether_type),
  priority: settable('priority', 32, classid),
  mark: settable('mark', 32, mark),
  iif: key('iif', 32, iface_index),
  oif: key('oif', 32, iface_index),
  iifname: key('iifname', 128, ifname),
  oifname: key('oifname', 128, ifname),
  iiftype: key('iftype', 16, iface_type),
  oiftype: key('oiftype', 16, iface_type),
  skuid: key('skuid', 32, uid),
  skgid: key('skgid', 32, gid),
  nftrace: settable('nftrace', 1, hostInteger),
  rtclassid: key('rtclassid', 32, realm),
  secmark: settable('secmark', 32, hostInteger),
  nfproto: key('nfproto', 8, nf_proto),
  l4proto: key('l4proto', 8, inet_proto),
  ibrname: key('bri_iifname', 128, ifname),
  obrname: key('bri_oifname', 128, ifname),
  pkttype: settable('pkttype', 8, pkt_type),
  cpu: key('cpu', 32, hostInteger),
  iifgroup: key('iifgroup', 32, devgroup),
  oifgroup: key('oifgroup', 32, devgroup),
  cgroup: key('cgroup', 32, hostInteger),
  random: key('prandom', 32, integer),
  ipsec: key('secpath', 8, boolean),
  iifkind: key('iifkind', 128, ifname),
  oifkind: key('oifkind', 128, ifname),
  ibrpvid: key('bri_iifpvid', 16, hostInteger),
  ibrvproto: key('bri_iifvproto', 16, ether_type),
  time: key('time_ns', 64, date),
  day: key('time_day', 8, day),
  hour: key('time_hour', 32, hour),
  sdif: key('sdif', 32, iface_index),
  sdifname: key('sdifname', 128, ifname),
} as const satisfies Keys

/** Other words that nft takes for keys of meta. */
export const metaAliases = {
  secpath: 'ipsec',
  ibriport: 'ibrname',
  obriport: 'obrname',
  ibridgename: 'ibrname',
  obridgename: 'obrname',
} as const satisfies Record<string, keyof typeof meta>

const always = { dir: 'always' } as const
const maybe = { dir: 'maybe' } as const

export const ct = {
  state: key('state', 32, ct_state),
  direction: key('direction', 8, ct_dir),
  status: key('status', 32, ct_status),
  mark: settable('mark', 32, mark),
  secmark: settable('secmark', 32, hostInteger),
  expiration: key('expiration', 32, relativeTime),
  helper: key('helper', 128, string),
  label: settable('labels', 128, ct_label),
  event: settable('eventmask', 32, ct_event),
  id: key('id', 32, integer),
  l3proto: { ...key('l3protocol', 8, nf_proto), ...maybe },
  protocol: { ...key('protocol', 8, inet_proto), ...maybe },
  'proto-src': { ...key('proto_src', 16, inet_service), ...always },
  'proto-dst': { ...key('proto_dst', 16, inet_service), ...always },
  'ip saddr': { ...key('src_ip', 32, ipv4_addr), ...always },
  'ip daddr': { ...key('dst_ip', 32, ipv4_addr), ...always },
  'ip6 saddr': { ...key('src_ip6', 128, ipv6_addr), ...always },
  'ip6 daddr': { ...key('dst_ip6', 128, ipv6_addr), ...always },
  packets: { ...key('pkts', 64, hostInteger), ...maybe },
  bytes: { ...key('bytes', 64, hostInteger), ...maybe },
  avgpkt: { ...key('avgpkt', 64, hostInteger), ...maybe },
  zone: { ...settable('zone', 16, hostInteger), ...maybe },
} as const satisfies Keys

/** `ct original saddr` without a family, which the table's family decides. The kernel has keys of their own for these. */
export const ctAddresses = {
  saddr: { kernel: 'src', ip: 'ip saddr', ip6: 'ip6 saddr' },
  daddr: { kernel: 'dst', ip: 'ip daddr', ip6: 'ip6 daddr' },
} as const satisfies Record<string, { kernel: string; ip: keyof typeof ct; ip6: keyof typeof ct }>

export const rt = {
  classid: key('classid', 32, realm),
  'ip nexthop': key('nexthop4', 32, ipv4_addr),
  'ip6 nexthop': key('nexthop6', 128, ipv6_addr),
  mtu: key('tcpmss', 16, hostInteger),
  ipsec: key('xfrm', 8, boolean),
} as const satisfies Keys

export const socket = {
  transparent: key('transparent', 8, hostInteger),
  mark: key('mark', 32, mark),
  wildcard: key('wildcard', 8, hostInteger),
  cgroupv2: key('cgroupv2', 64, cgroupsv2),
} as const satisfies Keys

/** NFT_FIB_RESULT_*. `check`: only whether there is a route (NFTA_FIB_F_PRESENT), of any result. */
export const fib = {
  oif: key('oif', 32, iface_index),
  oifname: key('oifname', 128, string),
  type: key('addrtype', 32, fib_addrtype),
  check: key('oif', 8, boolean),
} as const satisfies Keys

export const osf = { name: key('name', 128, string), version: key('version', 128, string) } as const satisfies Keys

/** NFT_XFRM_KEY_* */
export const ipsec = {
  reqid: key('reqid', 32, hostInteger),
  spi: key('spi', 32, integer),
  'ip saddr': key('saddr_ip4', 32, ipv4_addr),
  'ip daddr': key('daddr_ip4', 32, ipv4_addr),
  'ip6 saddr': key('saddr_ip6', 128, ipv6_addr),
  'ip6 daddr': key('daddr_ip6', 128, ipv6_addr),
} as const satisfies Keys

export const tunnel = { path: key('path', 8, boolean), id: key('id', 32, hostInteger) } as const satisfies Keys
