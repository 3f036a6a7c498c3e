/** Constants of routes: linux/rtnetlink.h. */

/** rtm_type: what becomes of the packet. */
export const RTN = {
  RTN_UNSPEC: 0,
  RTN_UNICAST: 1,
  RTN_LOCAL: 2,
  RTN_BROADCAST: 3,
  RTN_ANYCAST: 4,
  RTN_MULTICAST: 5,
  RTN_BLACKHOLE: 6,
  RTN_UNREACHABLE: 7,
  RTN_PROHIBIT: 8,
  RTN_THROW: 9,
  RTN_NAT: 10,
  RTN_XRESOLVE: 11,
} as const

/** rtm_protocol: who made the route. Numbers from 4 on mean nothing to the kernel. */
export const RTPROT = {
  RTPROT_UNSPEC: 0,
  RTPROT_REDIRECT: 1,
  RTPROT_KERNEL: 2,
  RTPROT_BOOT: 3,
  RTPROT_STATIC: 4,
  RTPROT_GATED: 8,
  RTPROT_RA: 9,
  RTPROT_MRT: 10,
  RTPROT_ZEBRA: 11,
  RTPROT_BIRD: 12,
  RTPROT_DNROUTED: 13,
  RTPROT_XORP: 14,
  RTPROT_NTK: 15,
  RTPROT_DHCP: 16,
  RTPROT_MROUTED: 17,
  RTPROT_KEEPALIVED: 18,
  RTPROT_BABEL: 42,
  RTPROT_OVN: 84,
  RTPROT_OPENR: 99,
  RTPROT_BGP: 186,
  RTPROT_ISIS: 187,
  RTPROT_OSPF: 188,
  RTPROT_RIP: 189,
  RTPROT_EIGRP: 192,
} as const

/** rtm_scope and ifa_scope: how far away. */
export const RT_SCOPE = {
  RT_SCOPE_UNIVERSE: 0,
  RT_SCOPE_SITE: 200,
  RT_SCOPE_LINK: 253,
  RT_SCOPE_HOST: 254,
  RT_SCOPE_NOWHERE: 255,
} as const

/** In a header, 'compat' stands for a table above 255: the attribute `table` has the number. */
export const RT_TABLE = {
  RT_TABLE_UNSPEC: 0,
  RT_TABLE_COMPAT: 252,
  RT_TABLE_DEFAULT: 253,
  RT_TABLE_MAIN: 254,
  RT_TABLE_LOCAL: 255,
} as const

/** Of a next hop, and in the low byte of a route's rtm_flags where it has just one. */
export const RTNH_F = {
  RTNH_F_DEAD: 0x1,
  RTNH_F_PERVASIVE: 0x2,
  RTNH_F_ONLINK: 0x4,
  RTNH_F_OFFLOAD: 0x8,
  RTNH_F_LINKDOWN: 0x10,
  RTNH_F_UNRESOLVED: 0x20,
  RTNH_F_TRAP: 0x40,
} as const

/** Of a route, in rtm_flags. */
export const RTM_F = {
  RTM_F_NOTIFY: 0x100,
  RTM_F_CLONED: 0x200,
  RTM_F_EQUALIZE: 0x400,
  RTM_F_PREFIX: 0x800,
  RTM_F_LOOKUP_TABLE: 0x1000,
  RTM_F_FIB_MATCH: 0x2000,
  RTM_F_OFFLOAD: 0x4000,
  RTM_F_TRAP: 0x8000,
  RTM_F_OFFLOAD_FAILED: 0x20000000,
} as const

/**
 * rtm_flags: both sets. OFFLOAD and TRAP are in either; those of the route have the names that `ip route` prints,
 * rt_offload, rt_trap and rt_offload_failed.
 */
export const ROUTE_F = {
  F_DEAD: RTNH_F.RTNH_F_DEAD,
  F_PERVASIVE: RTNH_F.RTNH_F_PERVASIVE,
  F_ONLINK: RTNH_F.RTNH_F_ONLINK,
  F_OFFLOAD: RTNH_F.RTNH_F_OFFLOAD,
  F_LINKDOWN: RTNH_F.RTNH_F_LINKDOWN,
  F_UNRESOLVED: RTNH_F.RTNH_F_UNRESOLVED,
  F_TRAP: RTNH_F.RTNH_F_TRAP,
  F_NOTIFY: RTM_F.RTM_F_NOTIFY,
  F_CLONED: RTM_F.RTM_F_CLONED,
  F_EQUALIZE: RTM_F.RTM_F_EQUALIZE,
  F_PREFIX: RTM_F.RTM_F_PREFIX,
  F_LOOKUP_TABLE: RTM_F.RTM_F_LOOKUP_TABLE,
  F_FIB_MATCH: RTM_F.RTM_F_FIB_MATCH,
  F_RT_OFFLOAD: RTM_F.RTM_F_OFFLOAD,
  F_RT_TRAP: RTM_F.RTM_F_TRAP,
  F_RT_OFFLOAD_FAILED: RTM_F.RTM_F_OFFLOAD_FAILED,
} as const

export const RTAX_FEATURE = {
  RTAX_FEATURE_ECN: 0x1,
  RTAX_FEATURE_SACK: 0x2,
  RTAX_FEATURE_TIMESTAMP: 0x4,
  RTAX_FEATURE_ALLFRAG: 0x8,
  RTAX_FEATURE_TCP_USEC_TS: 0x10,
} as const

/** RFC 4191 (linux/icmpv6.h). */
export const ICMPV6_ROUTER_PREF = {
  ICMPV6_ROUTER_PREF_LOW: 3,
  ICMPV6_ROUTER_PREF_MEDIUM: 0,
  ICMPV6_ROUTER_PREF_HIGH: 1,
  ICMPV6_ROUTER_PREF_INVALID: 2,
} as const

/** What RTA_ENCAP holds (linux/lwtunnel.h). */
export const LWTUNNEL_ENCAP = {
  LWTUNNEL_ENCAP_NONE: 0,
  LWTUNNEL_ENCAP_MPLS: 1,
  LWTUNNEL_ENCAP_IP: 2,
  LWTUNNEL_ENCAP_ILA: 3,
  LWTUNNEL_ENCAP_IP6: 4,
  LWTUNNEL_ENCAP_SEG6: 5,
  LWTUNNEL_ENCAP_BPF: 6,
  LWTUNNEL_ENCAP_SEG6_LOCAL: 7,
  LWTUNNEL_ENCAP_RPL: 8,
  LWTUNNEL_ENCAP_IOAM6: 9,
  LWTUNNEL_ENCAP_XFRM: 10,
} as const
