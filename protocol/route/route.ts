/** Route messages: struct rtmsg and the RTA attributes (rtnetlink(7), linux/rtnetlink.h; `ip route`). */
import { ip } from '../wire/address.ts'
import { attribute, attributes } from '../wire/attributes.ts'
import type { Infer, Input } from '../wire/codec.ts'
import { bytes, pad, string } from '../wire/leaf.ts'
import { records } from '../wire/list.ts'
import { message } from '../wire/message.ts'
import { be16, be32, bool, flags, oneOf, s32, u8, u16, u32, u64 } from '../wire/scalar.ts'
import { selected } from '../wire/selected.ts'
import { struct } from '../wire/struct.ts'
import {
  ICMPV6_ROUTER_PREF,
  LWTUNNEL_ENCAP,
  ROUTE_F,
  RT_SCOPE,
  RT_TABLE,
  RTAX_FEATURE,
  RTN,
  RTNH_F,
  RTPROT,
} from './constants.ts'
import { family } from './family.ts'
import { mplsLabels } from './labels.ts'
import { via } from './via.ts'

/** struct rtmsg. */
export const rtmsg = struct({
  family,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  table: oneOf(u8, 'RT_TABLE_', RT_TABLE),
  protocol: oneOf(u8, 'RTPROT_', RTPROT),
  scope: oneOf(u8, 'RT_SCOPE_', RT_SCOPE),
  type: oneOf(u8, 'RTN_', RTN),
  flags: flags(u32, 'F_', ROUTE_F),
})

/** RTA_METRICS: RTAX_*. Times in milliseconds. */
export const metrics = attributes('rt-route/metrics', () => ({
  /** Bit N: the metric with number N is fixed (`mtu lock 1400`). */
  lock: attribute('RTAX_LOCK', 1, u32),
  mtu: attribute('RTAX_MTU', 2, u32),
  window: attribute('RTAX_WINDOW', 3, u32),
  rtt: attribute('RTAX_RTT', 4, u32),
  rttvar: attribute('RTAX_RTTVAR', 5, u32),
  ssthresh: attribute('RTAX_SSTHRESH', 6, u32),
  cwnd: attribute('RTAX_CWND', 7, u32),
  advmss: attribute('RTAX_ADVMSS', 8, u32),
  reordering: attribute('RTAX_REORDERING', 9, u32),
  hoplimit: attribute('RTAX_HOPLIMIT', 10, u32),
  initcwnd: attribute('RTAX_INITCWND', 11, u32),
  features: attribute('RTAX_FEATURES', 12, flags(u32, 'RTAX_FEATURE_', RTAX_FEATURE)),
  rtoMin: attribute('RTAX_RTO_MIN', 13, u32),
  initrwnd: attribute('RTAX_INITRWND', 14, u32),
  quickack: attribute('RTAX_QUICKACK', 15, u32),
  ccAlgo: attribute('RTAX_CC_ALGO', 16, string(16)),
  fastopenNoCookie: attribute('RTAX_FASTOPEN_NO_COOKIE', 17, u32),
}))
export interface RouteMetrics extends Infer<typeof metrics> {}

/** struct rta_cacheinfo: for cached and expiring routes. `expires` counts hundredths of a second. */
export const rtaCacheinfo = struct({
  clntref: u32,
  lastuse: u32,
  expires: s32,
  error: u32,
  used: u32,
  id: u32,
  ts: u32,
  tsage: u32,
})

/** What a next hop may have, alone in the route or one of several. */
const nexthop = {
  gateway: attribute('RTA_GATEWAY', 5, ip),
  /** Realms: of the source in the upper half, of the destination in the lower. */
  flow: attribute('RTA_FLOW', 11, u32),
  /** A gateway of another family. */
  via: attribute('RTA_VIA', 18, via),
  /** MPLS: the labels that replace the packet's. */
  newdst: attribute('RTA_NEWDST', 19, mplsLabels),
  encapType: attribute('RTA_ENCAP_TYPE', 21, oneOf(u16, 'LWTUNNEL_ENCAP_', LWTUNNEL_ENCAP)),
  encap: attribute('RTA_ENCAP', 22, selected('encapType', {})),
} as const

/** struct rtnexthop; `hops` is the weight less one. */
export const rtnexthop = struct({ len: pad(2), flags: flags(u8, 'RTNH_F_', RTNH_F), hops: u8, ifindex: s32 })

export const routeNexthop = message(
  rtnexthop,
  attributes('rt-route/route-attrs', () => nexthop),
)
export interface RouteNexthop extends Infer<typeof routeNexthop> {}

const readOnly = { readOnly: true } as const

export const routeAttributes = attributes('rt-route/route-attrs', () => ({
  ...nexthop,
  /** Absent: the default route. Its length is in the header. Of family mpls: the label. */
  dst: attribute('RTA_DST', 1, selected('header.family', { mpls: mplsLabels }, ip)),
  src: attribute('RTA_SRC', 2, ip),
  iif: attribute('RTA_IIF', 3, u32),
  oif: attribute('RTA_OIF', 4, u32),
  priority: attribute('RTA_PRIORITY', 6, u32),
  prefsrc: attribute('RTA_PREFSRC', 7, ip),
  metrics: attribute('RTA_METRICS', 8, metrics),
  multipath: attribute('RTA_MULTIPATH', 9, records(rtnexthop, 'len', routeNexthop)),
  protoinfo: attribute('RTA_PROTOINFO', 10, bytes()),
  cacheinfo: attribute('RTA_CACHEINFO', 12, rtaCacheinfo, readOnly),
  session: attribute('RTA_SESSION', 13, bytes()),
  mpAlgo: attribute('RTA_MP_ALGO', 14, bytes()),
  table: attribute('RTA_TABLE', 15, oneOf(u32, 'RT_TABLE_', RT_TABLE)),
  mark: attribute('RTA_MARK', 16, u32),
  mfcStats: attribute('RTA_MFC_STATS', 17, struct({ packets: u64, bytes: u64, wrongIf: u64 }), readOnly),
  pref: attribute('RTA_PREF', 20, oneOf(u8, 'ICMPV6_ROUTER_PREF_', ICMPV6_ROUTER_PREF)),
  /** Seconds. */
  expires: attribute('RTA_EXPIRES', 23, u32),
  pad: attribute('RTA_PAD', 24, bytes(), readOnly),
  uid: attribute('RTA_UID', 25, u32),
  ttlPropagate: attribute('RTA_TTL_PROPAGATE', 26, bool(u8)),
  ipProto: attribute('RTA_IP_PROTO', 27, u8),
  sport: attribute('RTA_SPORT', 28, be16),
  dport: attribute('RTA_DPORT', 29, be16),
  /** Of a next hop object (`ip nexthop`); the kernel reports gateway and device of it too, and refuses them beside it. */
  nhId: attribute('RTA_NH_ID', 30, u32),
  flowlabel: attribute('RTA_FLOWLABEL', 31, be32),
}))

export const routeMessage = message(rtmsg, routeAttributes)
export interface RouteMessage extends Infer<typeof routeMessage> {}
export interface RouteMessageInput extends Input<typeof routeMessage> {}
