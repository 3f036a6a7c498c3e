/** The protocols of AF_NETLINK that have names. Without their messages: a socket takes no more, and schemas are loaded where they are used. */
export const protocolNumbers = {
  route: 0,
  'sock-diag': 4,
  xfrm: 6,
  netfilter: 12,
  generic: 16,
  rdma: 20,
} as const

export type ProtocolName = keyof typeof protocolNumbers
