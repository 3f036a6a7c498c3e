/** What `netlink-ts/protocol` exports of rtnetlink. */
export {
  type AddressMessage,
  type AddressMessageInput,
  addressMessage,
  IFA_F,
  IFAPROT,
} from './address.ts'
export * from './constants.ts'
export { AF } from './family.ts'
export { type RouteGroup, RTNLGRP, routeGroups } from './groups.ts'
export {
  type AfSpec,
  type AfSpecBridge,
  BRIDGE_FLAGS,
  BRIDGE_VLAN_INFO,
  type InetConf,
} from './link/af-spec.ts'
export { BR_STATE, type BridgeId, MDB_RTR_TYPE } from './link/bridge.ts'
export * from './link/constants.ts'
export { IFF, type InterfaceFlag } from './link/flags.ts'
export { IN6_ADDR_GEN_MODE, type Inet6Conf, type Inet6Link } from './link/inet6.ts'
export type { LinkInfo, LinkInfoInput } from './link/info.ts'
export { BR_BOOLOPT, BR_STP_MODE, type Bridge, type BridgeInput, ETH_P_VLAN } from './link/kinds/bridge.ts'
export type { Veth, VethInput } from './link/kinds/veth.ts'
export { type LinkMessage, type LinkMessageInput, linkMessage } from './link/link.ts'
export type { BridgePort, BridgePortInput } from './link/ports/bridge.ts'
export type { LinkMap, LinkStats, LinkStats64 } from './link/stats.ts'
export {
  type NeighbourMessage,
  type NeighbourMessageInput,
  NTF,
  NTF_EXT,
  NUD,
  neighbourMessage,
} from './neighbour.ts'
export { NETNSA_NSID_NOT_ASSIGNED, type NsidMessage, type NsidMessageInput, nsidMessage } from './nsid.ts'
export * from './operations.ts'
export {
  type RouteMessage,
  type RouteMessageInput,
  type RouteMetrics,
  type RouteNexthop,
  routeMessage,
} from './route.ts'
export type { Via } from './via.ts'
