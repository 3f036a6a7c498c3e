/** A route as callers see it, and its message. */
import {
  type RouteMessage,
  type RouteMessageInput,
  type RouteNexthop,
  routeAttributes,
} from '../protocol/route/route.ts'
import { formatPrefix, type Prefix } from '../protocol/wire/address.ts'
import { show } from '../protocol/wire/codec.ts'
import { copier, room } from '../protocol/wire/room.ts'
import { checkDevice, type Device } from './device.ts'
import { invalid } from './error.ts'
import { checkArray, checkObject } from './input.ts'
import {
  checkAddress,
  checkFamily,
  checkPrefix,
  familyOf,
  fromScope,
  type IpFamily,
  type Scope,
  toScope,
} from './words.ts'

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

const settableFlags: ReadonlySet<unknown> = new Set(['onlink', 'pervasive'])

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

/** Indexes by the caller's word for the device. */
export type Indexes = Pick<ReadonlyMap<Device, number>, 'get'>

/** Every device that a route names, with the property that does. */
export function devicesOf({ dev, nexthops = [] }: RouteInput): { path: string; device: Device }[] {
  const named = [
    { path: 'dev', device: dev },
    ...nexthops.map((hop, i) => ({ path: `nexthops[${i}].dev`, device: hop.dev })),
  ]
  return named.flatMap(({ path, device }) => (device === undefined ? [] : [{ path, device }]))
}

/** Everything that can be checked without asking the kernel. */
export interface CheckedRoute {
  family: IpFamily
  to: Prefix | undefined
  from: Prefix | undefined
}

export function checkRoute(route: RouteInput, operation: string): CheckedRoute {
  checkObject(operation, 'route', route)
  const { to, from, via, src, nexthops, flags } = route
  if (flags !== undefined) checkArray(operation, 'flags', flags)
  if (nexthops !== undefined) checkArray(operation, 'nexthops', nexthops)
  if (route.family !== undefined) checkFamily(operation, 'family', route.family)
  if (to === undefined) throw invalid(operation, 'to', "is missing: give 'default' or a prefix")
  const destination = to === 'default' ? undefined : checkPrefix(operation, 'to', to)
  const source = from === undefined ? undefined : checkPrefix(operation, 'from', from)
  const preferred = src === undefined ? undefined : checkAddress(operation, 'src', src)
  const gateway = via === undefined ? undefined : checkAddress(operation, 'via', via)
  nexthops?.forEach((hop, i) => {
    checkObject(operation, `nexthops[${i}]`, hop)
    checkNexthop(hop, operation, `nexthops[${i}].`)
  })
  if (route.dev !== undefined) checkDevice(operation, 'dev', route.dev)
  if (nexthops !== undefined) for (const { path, device } of devicesOf(route)) checkDevice(operation, path, device)
  const said = destination ?? source ?? preferred ?? gateway
  const firstHop = nexthops?.find((hop) => hop.via !== undefined)?.via
  const family = route.family ?? (said ? familyOf(said) : firstHop?.includes(':') ? 'inet6' : 'inet')
  agree(operation, 'to', destination, family)
  agree(operation, 'from', source, family)
  agree(operation, 'src', preferred, family)
  return { family, to: destination, from: source }
}

function agree(operation: string, path: string, prefix: Prefix | undefined, family: IpFamily): void {
  if (prefix && familyOf(prefix) !== family)
    throw invalid(operation, path, `must be of family ${family}, got '${prefix.address}'`)
}

function checkNexthop(hop: Nexthop, operation: string, at: string): void {
  if (hop.via === undefined && hop.dev === undefined) throw invalid(operation, `${at}via`, 'is missing (or give a dev)')
  if (hop.via !== undefined) checkAddress(operation, `${at}via`, hop.via)
  const { weight, flags } = hop
  if (flags !== undefined) checkArray(operation, `${at}flags`, flags)
  if (weight !== undefined && !(Number.isInteger(weight) && weight >= 1 && weight <= 256)) {
    throw invalid(operation, `${at}weight`, `must be an integer 1..256, got ${show(weight)}`)
  }
}

/** RTA_GATEWAY, or RTA_VIA for a gateway of another family. */
function setGateway(message: Pick<RouteMessageInput, 'gateway' | 'via'>, via: string, family: IpFamily): void {
  const other = via.includes(':') ? 'inet6' : 'inet'
  if (other === family) message.gateway = via
  else message.via = { family: other, address: via }
}

/** What fromRoute() translates, and what the kernel only reports; everything else is an attribute of the same name. */
const translated: ReadonlySet<string> = new Set([
  'family',
  'to',
  'from',
  'via',
  'dev',
  'index',
  'src',
  'table',
  'protocol',
  'scope',
  'type',
  'metric',
  'tos',
  'flags',
  'nexthops',
  'cacheinfo',
  'mfcStats',
  'pad',
  // Reported as the class of a lookup, refused in a new route.
  'uid',
])

/**
 * The message of a route. `defaults` fills in the header what the caller left open. Assignments, since a conditional spread costs 150 ns
 * each: 3.7 us a route with them, 0.3 without.
 */
export function fromRoute(
  route: RouteInput,
  { family, to, from }: CheckedRoute,
  indexes: Indexes,
  defaults: (route: RouteInput, family: IpFamily) => NonNullable<RouteMessageInput['header']>,
): RouteMessageInput {
  const { via, dev, src, table, protocol, scope, type, metric, tos, flags, nexthops } = route
  const small = typeof table !== 'number' || table < 256
  const header = defaults(route, family)
  header.family = family
  header.dstLen = to === undefined ? 0 : to.length
  header.srcLen = from === undefined ? 0 : from.length
  if (table !== undefined) header.table = small ? table : 'compat'
  if (protocol !== undefined) header.protocol = protocol
  if (scope !== undefined) header.scope = fromScope(scope)
  if (type !== undefined) header.type = type
  if (tos !== undefined) header.tos = tos
  if (flags) header.flags = flags.filter((flag) => settableFlags.has(flag))
  const message: RouteMessageInput = { header }
  if (to !== undefined && to.length > 0) message.dst = to.address
  if (from !== undefined && from.length > 0) message.src = from.address
  if (via !== undefined) setGateway(message, via, family)
  if (dev !== undefined) message.oif = indexes.get(dev)
  if (src !== undefined) message.prefsrc = src
  if (metric !== undefined) message.priority = metric
  if (table !== undefined && !small) message.table = table
  for (const key of Object.keys(route)) {
    if (!translated.has(key)) copyKey(message, route, key)
  }
  if (nexthops) message.multipath = nexthops.map((hop) => fromNexthop(hop, family, indexes))
  // The kernel tells what the object says too, and refuses both (fib_create_info, ip6_route_info_create).
  if (route.nhId !== undefined)
    for (const key of ['gateway', 'via', 'oif', 'multipath', 'encapType', 'encap'] as const) delete message[key]
  return message
}

/** Not one of the properties that the types know, perhaps: the encoder says so, with its name. */
function copyKey(message: object, route: object, key: string): void {
  Reflect.set(message, key, Reflect.get(route, key))
}

function fromNexthop(
  { via, dev, weight = 1, flags, index: _, ...rest }: Nexthop,
  family: IpFamily,
  indexes: Indexes,
): NonNullable<RouteMessageInput['multipath']>[number] {
  const header: NonNullable<RouteMessageInput['multipath']>[number]['header'] = { hops: weight - 1 }
  if (dev !== undefined) header.ifindex = indexes.get(dev)
  if (flags) header.flags = flags.filter((flag) => settableFlags.has(flag))
  const hop: NonNullable<RouteMessageInput['multipath']>[number] = { header }
  if (via !== undefined) setGateway(hop, via, family)
  return Object.assign(hop, rest)
}

const renames: Readonly<Record<string, string>> = {
  dst: 'to',
  src: 'from',
  gateway: 'via',
  oif: 'dev',
  prefsrc: 'src',
  priority: 'metric',
  multipath: 'nexthops',
  'header.dstLen': 'to',
  'header.srcLen': 'from',
  'header.family': 'family',
  'header.table': 'table',
  'header.protocol': 'protocol',
  'header.scope': 'scope',
  'header.type': 'type',
  'header.tos': 'tos',
  'header.flags': 'flags',
}

/** The caller's name for a property of the message. */
export function renameRoute(path: string): string {
  const hop = /^multipath(\[\d+\])\.?(.*)$/.exec(path)
  if (!hop) return renames[path] ?? path
  const inner: Readonly<Record<string, string>> = {
    gateway: 'via',
    'header.ifindex': 'dev',
    'header.hops': 'weight',
    'header.flags': 'flags',
  }
  const [, index = '', rest = ''] = hop
  return `nexthops${index}${rest === '' ? '' : `.${inner[rest] ?? rest}`}`
}
