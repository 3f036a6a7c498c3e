/** A route as callers see it, and its message. */
import type { RouteMessage, RouteMessageInput, RouteNexthop } from '../protocol/route/route.ts'
import { formatPrefix, type Prefix } from '../protocol/wire/address.ts'
import { show } from '../protocol/wire/codec.ts'
import { checkDevice, type Device } from './device.ts'
import { invalid } from './error.ts'
import { checkAddress, checkPrefix, familyOf, fromScope, type IpFamily, type Scope, toScope } from './words.ts'

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

export function toRoute(message: RouteMessage): Route | undefined {
  const { header, dst, src, gateway, via, oif, iif: _, priority, prefsrc, multipath, table, raw: _1, ...rest } = message
  const { family } = header
  // Multicast routing and MPLS answer a dump of all families too.
  if (family !== 'inet' && family !== 'inet6') return undefined
  const bits = family === 'inet' ? 32 : 128
  const gatewayOrVia = gateway ?? via?.address
  return {
    family,
    to: destination(typeof dst === 'string' ? dst : undefined, header.dstLen, bits),
    ...(src !== undefined && { from: destination(src, header.srcLen, bits) }),
    ...(gatewayOrVia !== undefined && { via: gatewayOrVia }),
    ...(oif !== undefined && { dev: oif, index: oif }),
    ...(prefsrc !== undefined && { src: prefsrc }),
    table: table ?? header.table,
    protocol: header.protocol,
    scope: toScope(header.scope),
    type: header.type,
    ...(priority !== undefined && { metric: priority }),
    ...(header.tos !== 0 && { tos: header.tos }),
    flags: header.flags,
    ...rest,
    ...(multipath && { nexthops: multipath.map(toNexthop) }),
  }
}

function destination(address: string | undefined, length: number, bits: number): string {
  if (address === undefined) return length === 0 ? 'default' : formatPrefix(bits === 32 ? '0.0.0.0' : '::', length)
  return length === bits ? address : formatPrefix(address, length)
}

function toNexthop({ header, gateway, via, raw: _, ...rest }: RouteNexthop): Nexthop {
  const gatewayOrVia = gateway ?? via?.address
  return {
    ...(gatewayOrVia !== undefined && { via: gatewayOrVia }),
    dev: header.ifindex,
    index: header.ifindex,
    weight: header.hops + 1,
    ...(header.flags.length > 0 && { flags: header.flags }),
    ...rest,
  }
}

/** Indexes by the caller's word for the device. */
export type Indexes = ReadonlyMap<Device, number>

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
  const { to, from, via, src, nexthops } = route
  if (to === undefined) throw invalid(operation, 'to', "is missing: give 'default' or a prefix")
  const destination = to === 'default' ? undefined : checkPrefix(operation, 'to', to)
  const source = from === undefined ? undefined : checkPrefix(operation, 'from', from)
  const preferred = src === undefined ? undefined : checkAddress(operation, 'src', src)
  const gateway = via === undefined ? undefined : checkAddress(operation, 'via', via)
  for (const [i, hop] of (nexthops ?? []).entries()) checkNexthop(hop, operation, `nexthops[${i}].`)
  for (const { path, device } of devicesOf(route)) checkDevice(operation, path, device)
  const said = destination ?? source ?? preferred ?? gateway
  const firstHop = nexthops?.find((hop) => hop.via !== undefined)?.via
  const family = route.family ?? (said ? familyOf(said) : firstHop?.includes(':') ? 'inet6' : 'inet')
  for (const [path, prefix] of Object.entries({ to: destination, from: source, src: preferred })) {
    if (prefix && familyOf(prefix) !== family)
      throw invalid(operation, path, `must be of family ${family}, got '${prefix.address}'`)
  }
  return { family, to: destination, from: source }
}

function checkNexthop(hop: Nexthop, operation: string, at: string): void {
  if (hop.via === undefined && hop.dev === undefined) throw invalid(operation, `${at}via`, 'is missing (or give a dev)')
  if (hop.via !== undefined) checkAddress(operation, `${at}via`, hop.via)
  const { weight } = hop
  if (weight !== undefined && !(Number.isInteger(weight) && weight >= 1 && weight <= 256)) {
    throw invalid(operation, `${at}weight`, `must be an integer 1..256, got ${show(weight)}`)
  }
}

/** RTA_GATEWAY, or RTA_VIA for a gateway of another family. */
function gatewayOf(via: string | undefined, family: IpFamily): Pick<RouteMessageInput, 'gateway' | 'via'> {
  if (via === undefined) return {}
  const other = via.includes(':') ? 'inet6' : 'inet'
  return other === family ? { gateway: via } : { via: { family: other, address: via } }
}

/** The message of a route. `defaults` fills in the header what the caller left open. */
export function fromRoute(
  route: RouteInput,
  { family, to, from }: CheckedRoute,
  indexes: Indexes,
  defaults: (route: RouteInput, family: IpFamily) => RouteMessageInput['header'],
): RouteMessageInput {
  const {
    family: _,
    to: _1,
    from: _2,
    via,
    dev,
    index: _3,
    src,
    table,
    protocol,
    scope,
    type,
    metric,
    tos,
    flags,
    nexthops,
    // What the kernel only reports.
    cacheinfo: _4,
    mfcStats: _5,
    pad: _6,
    // Reported as the class of a lookup, refused in a new route.
    uid: _7,
    ...rest
  } = route
  const small = typeof table !== 'number' || table < 256
  return {
    header: {
      ...defaults(route, family),
      family,
      dstLen: to?.length ?? 0,
      srcLen: from?.length ?? 0,
      ...(table !== undefined && { table: small ? table : 'compat' }),
      ...(protocol !== undefined && { protocol }),
      ...(scope !== undefined && { scope: fromScope(scope) }),
      ...(type !== undefined && { type }),
      ...(tos !== undefined && { tos }),
      ...(flags && { flags: flags.filter((flag) => settableFlags.has(flag)) }),
    },
    ...(to && to.length > 0 && { dst: to.address }),
    ...(from && from.length > 0 && { src: from.address }),
    ...gatewayOf(via, family),
    ...(dev !== undefined && { oif: indexes.get(dev) }),
    ...(src !== undefined && { prefsrc: src }),
    ...(metric !== undefined && { priority: metric }),
    ...(table !== undefined && !small && { table }),
    ...rest,
    ...(nexthops && { multipath: nexthops.map((hop) => fromNexthop(hop, family, indexes)) }),
  }
}

function fromNexthop(
  { via, dev, weight = 1, flags, index: _, ...rest }: Nexthop,
  family: IpFamily,
  indexes: Indexes,
): NonNullable<RouteMessageInput['multipath']>[number] {
  return {
    header: {
      hops: weight - 1,
      ...(dev !== undefined && { ifindex: indexes.get(dev) }),
      ...(flags && { flags: flags.filter((flag) => settableFlags.has(flag)) }),
    },
    ...gatewayOf(via, family),
    ...rest,
  }
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
