/** linux/netfilter/ipset/ip_set.h */

/** The version that requests name. */
export const IPSET_PROTOCOL = 7

/** Flags of a command. */
export const IPSET_FLAG = {
  IPSET_FLAG_EXIST: 0x1,
  IPSET_FLAG_LIST_SETNAME: 0x2,
  IPSET_FLAG_LIST_HEADER: 0x4,
} as const

/** Flags of a set or an element (enum ipset_cadt_flags). */
export const IPSET_CADT_FLAG = {
  IPSET_FLAG_BEFORE: 0x1,
  IPSET_FLAG_PHYSDEV: 0x2,
  IPSET_FLAG_NOMATCH: 0x4,
  IPSET_FLAG_WITH_COUNTERS: 0x8,
  IPSET_FLAG_WITH_COMMENT: 0x10,
  IPSET_FLAG_WITH_FORCEADD: 0x20,
  IPSET_FLAG_WITH_SKBINFO: 0x40,
  IPSET_FLAG_IFACE_WILDCARD: 0x80,
} as const
