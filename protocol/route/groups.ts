/** The multicast groups of NETLINK_ROUTE: enum rtnetlink_groups, linux/rtnetlink.h. */

/** Each sends the RTM_NEW... and RTM_DEL... of its objects. */
export const RTNLGRP = {
  RTNLGRP_LINK: 1,
  RTNLGRP_NOTIFY: 2,
  RTNLGRP_NEIGH: 3,
  RTNLGRP_TC: 4,
  RTNLGRP_IPV4_IFADDR: 5,
  RTNLGRP_IPV4_MROUTE: 6,
  RTNLGRP_IPV4_ROUTE: 7,
  RTNLGRP_IPV4_RULE: 8,
  RTNLGRP_IPV6_IFADDR: 9,
  RTNLGRP_IPV6_MROUTE: 10,
  RTNLGRP_IPV6_ROUTE: 11,
  RTNLGRP_IPV6_IFINFO: 12,
  RTNLGRP_DECnet_IFADDR: 13,
  RTNLGRP_DECnet_ROUTE: 15,
  RTNLGRP_DECnet_RULE: 16,
  RTNLGRP_IPV6_PREFIX: 18,
  RTNLGRP_IPV6_RULE: 19,
  RTNLGRP_ND_USEROPT: 20,
  RTNLGRP_PHONET_IFADDR: 21,
  RTNLGRP_PHONET_ROUTE: 22,
  RTNLGRP_DCB: 23,
  RTNLGRP_IPV4_NETCONF: 24,
  RTNLGRP_IPV6_NETCONF: 25,
  RTNLGRP_MDB: 26,
  RTNLGRP_MPLS_ROUTE: 27,
  RTNLGRP_NSID: 28,
  RTNLGRP_MPLS_NETCONF: 29,
  RTNLGRP_IPV4_MROUTE_R: 30,
  RTNLGRP_IPV6_MROUTE_R: 31,
  RTNLGRP_NEXTHOP: 32,
  RTNLGRP_BRVLAN: 33,
  RTNLGRP_MCTP_IFADDR: 34,
  RTNLGRP_TUNNEL: 35,
  RTNLGRP_STATS: 36,
  RTNLGRP_IPV4_MCADDR: 37,
  RTNLGRP_IPV6_MCADDR: 38,
  RTNLGRP_IPV6_ACADDR: 39,
} as const

type NameOf<K> = K extends `RTNLGRP_${infer Name}` ? Lowercase<Name> : never

/** 'link', 'ipv4_ifaddr', 'ipv6_route', 'neigh' ...: the kernel's constants in lower case, without RTNLGRP_. */
export type RouteGroup = NameOf<keyof typeof RTNLGRP>

/** The number of each name. */
export const routeGroups: ReadonlyMap<string, number> = new Map(
  Object.entries(RTNLGRP).map(([constant, number]) => [constant.replace('RTNLGRP_', '').toLowerCase(), number]),
)
