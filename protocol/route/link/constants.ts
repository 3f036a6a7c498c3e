/** Constants of link messages: linux/if.h, linux/if_link.h, linux/rtnetlink.h. */

/** RFC 2863's operational state. */
export const IF_OPER = {
  IF_OPER_UNKNOWN: 0,
  IF_OPER_NOTPRESENT: 1,
  IF_OPER_DOWN: 2,
  IF_OPER_LOWERLAYERDOWN: 3,
  IF_OPER_TESTING: 4,
  IF_OPER_DORMANT: 5,
  IF_OPER_UP: 6,
} as const

export const IF_LINK_MODE = { IF_LINK_MODE_DEFAULT: 0, IF_LINK_MODE_DORMANT: 1, IF_LINK_MODE_TESTING: 2 } as const

/** What a GETLINK asks for beside the usual, or wants left out. */
export const RTEXT_FILTER = {
  RTEXT_FILTER_VF: 0x1,
  RTEXT_FILTER_BRVLAN: 0x2,
  RTEXT_FILTER_BRVLAN_COMPRESSED: 0x4,
  RTEXT_FILTER_SKIP_STATS: 0x8,
  RTEXT_FILTER_MRP: 0x10,
  RTEXT_FILTER_CFM_CONFIG: 0x20,
  RTEXT_FILTER_CFM_STATUS: 0x40,
  RTEXT_FILTER_MST: 0x80,
  RTEXT_FILTER_NAME_ONLY: 0x100,
} as const

/** Why a notification was sent. */
export const IFLA_EVENT = {
  IFLA_EVENT_NONE: 0,
  IFLA_EVENT_REBOOT: 1,
  IFLA_EVENT_FEATURES: 2,
  IFLA_EVENT_BONDING_FAILOVER: 3,
  IFLA_EVENT_NOTIFY_PEERS: 4,
  IFLA_EVENT_IGMP_RESEND: 5,
  IFLA_EVENT_BONDING_OPTIONS: 6,
} as const

export const XDP_ATTACHED = {
  XDP_ATTACHED_NONE: 0,
  XDP_ATTACHED_DRV: 1,
  XDP_ATTACHED_SKB: 2,
  XDP_ATTACHED_HW: 3,
  XDP_ATTACHED_MULTI: 4,
} as const

/** IFNAMSIZ and ALTIFNAMSIZ (linux/if.h), IFALIASZ: with the terminating NUL. */
export const IFNAMSIZ = 16
export const ALTIFNAMSIZ = 128
export const IFALIASZ = 256
