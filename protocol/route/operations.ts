/** NETLINK_ROUTE: its operations. */
import { operation, protocol } from '../netlink/operation.ts'
import { linkMessage } from './link/link.ts'

export const RTM_NEWLINK = operation('route', 'RTM_NEWLINK', 16, linkMessage)
export const RTM_DELLINK = operation('route', 'RTM_DELLINK', 17, linkMessage)
export const RTM_GETLINK = operation('route', 'RTM_GETLINK', 18, linkMessage)
export const RTM_SETLINK = operation('route', 'RTM_SETLINK', 19, linkMessage)

export const route = protocol('route', 0, [RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK])
