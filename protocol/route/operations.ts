/** NETLINK_ROUTE: its operations (linux/rtnetlink.h, enum of RTM_*). */
import { operation, protocol } from '../netlink/operation.ts'
import { addressMessage } from './address.ts'
import { AF } from './family.ts'
import { linkMessage } from './link/link.ts'
import { neighbourMessage } from './neighbour.ts'
import { nsidMessage } from './nsid.ts'
import { routeMessage } from './route.ts'

export const RTM_NEWLINK = operation('route', 'RTM_NEWLINK', 16, linkMessage)
export const RTM_DELLINK = operation('route', 'RTM_DELLINK', 17, linkMessage)
export const RTM_GETLINK = operation('route', 'RTM_GETLINK', 18, linkMessage)
export const RTM_SETLINK = operation('route', 'RTM_SETLINK', 19, linkMessage)

export const RTM_NEWADDR = operation('route', 'RTM_NEWADDR', 20, addressMessage)
export const RTM_DELADDR = operation('route', 'RTM_DELADDR', 21, addressMessage)
export const RTM_GETADDR = operation('route', 'RTM_GETADDR', 22, addressMessage)

export const RTM_NEWROUTE = operation('route', 'RTM_NEWROUTE', 24, routeMessage)
export const RTM_DELROUTE = operation('route', 'RTM_DELROUTE', 25, routeMessage)
// Multicast routes and MPLS take the lock.
export const RTM_GETROUTE = operation('route', 'RTM_GETROUTE', 26, routeMessage, [AF.AF_INET, AF.AF_INET6])

export const RTM_NEWNEIGH = operation('route', 'RTM_NEWNEIGH', 28, neighbourMessage)
export const RTM_DELNEIGH = operation('route', 'RTM_DELNEIGH', 29, neighbourMessage)
export const RTM_GETNEIGH = operation('route', 'RTM_GETNEIGH', 30, neighbourMessage)

export const RTM_NEWNSID = operation('route', 'RTM_NEWNSID', 88, nsidMessage)
export const RTM_DELNSID = operation('route', 'RTM_DELNSID', 89, nsidMessage)
export const RTM_GETNSID = operation('route', 'RTM_GETNSID', 90, nsidMessage, [AF.AF_UNSPEC])

/** Alternative names of a link: `propList` of the message. */
export const RTM_NEWLINKPROP = operation('route', 'RTM_NEWLINKPROP', 108, linkMessage)
export const RTM_DELLINKPROP = operation('route', 'RTM_DELLINKPROP', 109, linkMessage)

export const route = protocol('route', 0, [
  RTM_NEWLINK,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_SETLINK,
  RTM_NEWADDR,
  RTM_DELADDR,
  RTM_GETADDR,
  RTM_NEWROUTE,
  RTM_DELROUTE,
  RTM_GETROUTE,
  RTM_NEWNEIGH,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNSID,
  RTM_DELNSID,
  RTM_GETNSID,
  RTM_NEWLINKPROP,
  RTM_DELLINKPROP,
])
