/** A route as callers see it, and how a message becomes one. */
import { type RouteMessage, type RouteNexthop, routeAttributes } from '../protocol/route/route.ts'
import { formatPrefix } from '../protocol/wire/address.ts'
import { copier, room } from '../protocol/wire/room.ts'
import type { Device } from './device.ts'
import { type IpFamily, type Scope, toScope } from './words.ts'

type Header = RouteMessage['header']
export type RouteType = Header['type']
export type RouteProtocol = Header['protocol']
export type RouteTable = NonNullable<RouteMessage['table']>
type RouteFlags = Header['flags']

/** One of several next hops: `ip route add ... nexthop via ... dev ... weight ...`. */
export interface Nexthop {
  via?: string | undefined
  dev?: Device | undefined
  /** 1..256; the default is 1. */
  weight?: number | undefined
  /** 'onlink', 'pervasive'; what the kernel only reports ('dead', 'linkdown') is ignored. */
  flags?: RouteNexthop['header']['flags'] | undefined
  /** The device's index; ignored by add(). */
  index?: number | undefined
  encapType?: RouteNexthop['encapType']
  encap?: RouteNexthop['encap']
}

/** What has another form here than in the message. */
type Reshaped =
  | 'header'
  | 'dst'
  | 'src'
  | 'gateway'
  | 'via'
  | 'oif'
  | 'iif'
  | 'priority'
  | 'prefsrc'
  | 'multipath'
  | 'table'
  | 'raw'
  | 'flat'

export interface RouteAttributes extends Omit<RouteMessage, Reshaped> {}

export interface Route extends RouteAttributes {
  family: IpFamily
  /** 'default', '10.0.0.0/8', of a host just its address. RTA_DST */
  to: string
  /** Source prefix that the route is for. RTA_SRC */
  from?: string
  /** The gateway, perhaps of the other family. RTA_GATEWAY, RTA_VIA */
  via?: string
  /** The device: its name, or its index where it has just gone. RTA_OIF */
  dev?: Device
  /** The device's index. */
  index?: number
  /** Source address for packets of our own. `src` of `ip route`. RTA_PREFSRC */
  src?: string
  /** 'main', 'local', 'default' or a number. */
  table: RouteTable
  /** Who made it: 'kernel', 'boot', 'static', 'dhcp' ... */
  protocol: RouteProtocol
  scope: Scope
  /** 'unicast', 'local', 'blackhole', 'unreachable', 'prohibit', 'throw' ... */
  type: RouteType
  /** Lower ones win. `metric` of `ip route`. RTA_PRIORITY */
  metric?: number
  tos?: number
  /** 'onlink', 'linkdown', 'dead', 'offload' ... */
  flags: RouteFlags
  /** Several next hops. RTA_MULTIPATH */
  nexthops?: Nexthop[]
}

type Loose<T> = { [K in keyof T]?: T[K] | undefined }

/** What add(), replace(), append() and del() take; whatever list() gives fits. */
export interface RouteInput extends Loose<Omit<Route, 'to'>> {
  /** 'default', or a prefix; an address alone is a host. */
  to: string
}

/** What toRoute() gives another form; everything else is an attribute of the same name. */
const reshaped: ReadonlySet<string> = new Set([
  'dst',
  'src',
  'gateway',
  'via',
  'oif',
  'iif',
  'priority',
  'prefsrc',
  'multipath',
  'table',
])
const copyAttributes = copier([
  ...Object.keys(routeAttributes.rows).filter((key) => !reshaped.has(key)),
  'unknown',
  'tail',
])

const RouteObject = room(16)

/** The route of a message, its devices still indexes. In one order with plain assignments: see fromRoute(). */
export function toRoute(message: RouteMessage): Route | undefined {
  const { header, dst, src, gateway, via, oif, priority, prefsrc, multipath, table } = message
  const { family } = header
  // Multicast routing and MPLS answer a dump of all families too.
  if (family !== 'inet' && family !== 'inet6') return undefined
  const bits = family === 'inet' ? 32 : 128
  const gatewayOrVia = gateway ?? via?.address
  const route: Partial<Route> = new RouteObject()
  route.family = family
  route.to = destination(typeof dst === 'string' ? dst : undefined, header.dstLen, bits)
  route.table = table ?? header.table
  route.protocol = header.protocol
  route.scope = toScope(header.scope)
  route.type = header.type
  route.flags = header.flags
  if (src !== undefined) route.from = destination(src, header.srcLen, bits)
  if (gatewayOrVia !== undefined) route.via = gatewayOrVia
  if (oif !== undefined) {
    route.dev = oif
    route.index = oif
  }
  if (prefsrc !== undefined) route.src = prefsrc
  if (priority !== undefined) route.metric = priority
  if (header.tos !== 0) route.tos = header.tos
  copyAttributes(message, route)
  if (multipath) route.nexthops = multipath.map(toNexthop)
  // RTA_EXPIRES is for requests; reports have the hundredths that are left. Of IPv4 only cached routes expire.
  const left = family === 'inet6' ? message.cacheinfo?.expires : undefined
  if (left !== undefined && left > 0) route.expires = Math.ceil(left / 100)
  // All that a Route must have was set above.
  return route as Route
}

function destination(address: string | undefined, length: number, bits: number): string {
  if (address === undefined) return length === 0 ? 'default' : formatPrefix(bits === 32 ? '0.0.0.0' : '::', length)
  return length === bits ? address : formatPrefix(address, length)
}

function toNexthop({ header, gateway, via, raw: _, ...rest }: RouteNexthop): Nexthop {
  const gatewayOrVia = gateway ?? via?.address
  const hop: Nexthop = { dev: header.ifindex, index: header.ifindex, weight: header.hops + 1 }
  if (gatewayOrVia !== undefined) hop.via = gatewayOrVia
  if (header.flags.length > 0) hop.flags = header.flags
  return Object.assign(hop, rest)
}
