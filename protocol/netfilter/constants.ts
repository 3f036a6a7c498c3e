/** linux/netfilter.h and linux/netfilter/nfnetlink.h */

/** Protocol families of netfilter; 'inet' is IPv4 and IPv6 together. */
export const NFPROTO = {
  NFPROTO_UNSPEC: 0,
  NFPROTO_INET: 1,
  NFPROTO_IPV4: 2,
  NFPROTO_ARP: 3,
  NFPROTO_NETDEV: 5,
  NFPROTO_BRIDGE: 7,
  NFPROTO_IPV6: 10,
} as const

/** The upper byte of a message's type. */
export const NFNL_SUBSYS = {
  NFNL_SUBSYS_NONE: 0,
  NFNL_SUBSYS_CTNETLINK: 1,
  NFNL_SUBSYS_CTNETLINK_EXP: 2,
  NFNL_SUBSYS_QUEUE: 3,
  NFNL_SUBSYS_ULOG: 4,
  NFNL_SUBSYS_OSF: 5,
  NFNL_SUBSYS_IPSET: 6,
  NFNL_SUBSYS_ACCT: 7,
  NFNL_SUBSYS_CTNETLINK_TIMEOUT: 8,
  NFNL_SUBSYS_CTHELPER: 9,
  NFNL_SUBSYS_NFTABLES: 10,
  NFNL_SUBSYS_NFT_COMPAT: 11,
  NFNL_SUBSYS_HOOK: 12,
} as const

/** nlmsg_type of message `number` of a subsystem. */
export function nfnlType(subsystem: number, number: number): number {
  return (subsystem << 8) | number
}

/** Multicast groups (NFNLGRP_*), for bind(2) and NETLINK_ADD_MEMBERSHIP. */
export const NFNLGRP = {
  NFNLGRP_NONE: 0,
  NFNLGRP_CONNTRACK_NEW: 1,
  NFNLGRP_CONNTRACK_UPDATE: 2,
  NFNLGRP_CONNTRACK_DESTROY: 3,
  NFNLGRP_CONNTRACK_EXP_NEW: 4,
  NFNLGRP_CONNTRACK_EXP_UPDATE: 5,
  NFNLGRP_CONNTRACK_EXP_DESTROY: 6,
  NFNLGRP_NFTABLES: 7,
  NFNLGRP_ACCT_QUOTA: 8,
  NFNLGRP_NFTRACE: 9,
} as const

/** Verdicts of a hook. */
export const NF_VERDICT = { NF_DROP: 0, NF_ACCEPT: 1, NF_STOLEN: 2, NF_QUEUE: 3, NF_REPEAT: 4 } as const

/** Hook numbers of IPv4, IPv6 and inet. */
export const NF_INET = {
  NF_INET_PRE_ROUTING: 0,
  NF_INET_LOCAL_IN: 1,
  NF_INET_FORWARD: 2,
  NF_INET_LOCAL_OUT: 3,
  NF_INET_POST_ROUTING: 4,
  NF_INET_INGRESS: 5,
} as const

export const NF_NETDEV = { NF_NETDEV_INGRESS: 0, NF_NETDEV_EGRESS: 1 } as const
export const NF_ARP = { NF_ARP_IN: 0, NF_ARP_OUT: 1, NF_ARP_FORWARD: 2 } as const
export const NF_BR = {
  NF_BR_PRE_ROUTING: 0,
  NF_BR_LOCAL_IN: 1,
  NF_BR_FORWARD: 2,
  NF_BR_LOCAL_OUT: 3,
  NF_BR_POST_ROUTING: 4,
  NF_BR_BROUTING: 5,
} as const
