/** Address families, as message headers carry them (linux/socket.h). */
import { oneOf, u8 } from '../wire/scalar.ts'

export const AF = {
  AF_UNSPEC: 0,
  AF_INET: 2,
  AF_BRIDGE: 7,
  AF_INET6: 10,
  AF_PACKET: 17,
  AF_MPLS: 28,
  AF_MCTP: 45,
  /** RTNL_FAMILY_IPMR and RTNL_FAMILY_IP6MR: multicast routing, beyond the socket families. */
  AF_IPMR: 128,
  AF_IP6MR: 129,
} as const

/** rtgen_family and its like, one byte: 'inet', 'inet6', 'bridge' ... */
export const family = oneOf(u8, 'AF_', AF)
