/** Links between the two forms: the caller's object and the kernel's message. */
import { settableFlags } from '../protocol/route/link/flags.ts'
import { type LinkMessage, type LinkMessageInput, linkAttributes } from '../protocol/route/link/link.ts'
import { show } from '../protocol/wire/codec.ts'
import { copier, room } from '../protocol/wire/room.ts'
import { writable } from '../protocol/wire/writable.ts'
import type { Descriptor } from './descriptor.ts'
import { checkDevice, checkName, type Device } from './device.ts'
import { invalid } from './error.ts'
import { checkArray, checkBoolean, checkObject } from './input.ts'
import type { Link, LinkChange, LinkInputCommon, NamespaceTarget } from './link-object.ts'

const knownKinds: ReadonlySet<string> = new Set(['veth', 'bridge', 'tun'])

/** What toLink() gives another form; all else of a message is a property of the same name. */
const otherForm: ReadonlySet<string> = new Set([
  'ifname',
  'linkinfo',
  'propList',
  'altIfname',
  'master',
  'link',
  'netNsPid',
  'netNsFd',
  'extMask',
])
const kept = [...Object.keys(linkAttributes.rows).filter((key) => !otherForm.has(key)), 'unknown', 'tail']
const copyAttributes = copier(kept)
const LinkObject = room(kept.length)

/** The object of a link message; the devices that it refers to are still indexes. */
export function toLink(message: LinkMessage): Link {
  const { header, ifname = '', linkinfo, propList, master, link } = message
  const object = new LinkObject()
  object.index = header.index
  object.name = ifname
  if (linkinfo !== undefined) {
    const { kind, data } = linkinfo
    if (kind !== undefined) {
      const named = knownKinds.has(kind)
      object.kind = named ? kind : 'other'
      if (!named) object.otherKind = kind
      if (data !== undefined) object.data = data
    }
  }
  object.up = header.flags.includes('up')
  object.flags = header.flags
  object.type = header.type
  copyAttributes(message, object)
  if (master !== undefined) object.master = master
  if (link !== undefined) object.link = link
  if (propList?.altIfname) object.altnames = propList.altIfname
  if (linkinfo?.slaveKind !== undefined) object.slaveKind = linkinfo.slaveKind
  if (linkinfo?.slaveData !== undefined) object.slaveData = linkinfo.slaveData
  // The union's members differ in kind and data alone, which are set as a pair.
  return object as unknown as Link
}

/** Indexes for the devices that a link refers to, looked up beforehand. */
export interface Resolved {
  master?: number | undefined
  link?: number | undefined
}

/** Attributes that rtnl_create_link() and the kinds' newlink() take (net/core/rtnetlink.c); all others are set afterwards. */
const atBirth: ReadonlySet<string> = new Set([
  'mtu',
  'address',
  'broadcast',
  'txqlen',
  'linkmode',
  'group',
  'numTxQueues',
  'numRxQueues',
  'gsoMaxSize',
  'gsoMaxSegs',
  'groMaxSize',
  'gsoIpv4MaxSize',
  'groIpv4MaxSize',
  'linkNetnsid',
  'unknown',
])
/** State of a device rather than configuration: a listed link has them, a new one gets its own. */
const stateOnly: ReadonlySet<string> = new Set([
  'carrier',
  'xdp',
  'map',
  'netnsid',
  'event',
  'newIfindex',
  'newNetnsid',
  'operstate',
  'wireless',
  'protinfo',
  'qdisc',
])

const reshaped: ReadonlySet<string> = new Set([
  'index',
  'name',
  'kind',
  'otherKind',
  'data',
  'up',
  'flags',
  'type',
  'namespace',
  'master',
  'link',
  'altnames',
  'slaveKind',
  'slaveData',
])

/** The attributes of a link that need no translation, without those that the kernel only reports. */
export function plainAttributes(link: object, stage: 'birth' | 'later' | 'set' | 'listed'): LinkMessageInput {
  const chosen = Object.entries(link).filter(([key, value]) => {
    if (reshaped.has(key) || value === undefined) return false
    if (stage === 'set') return !stateOnly.has(key) || key === 'carrier'
    if (stateOnly.has(key)) return false
    return stage === 'listed' || atBirth.has(key) === (stage === 'birth')
  })
  const attributes = writable(linkAttributes, Object.fromEntries(chosen)) as LinkMessageInput
  // Refused for most devices even where it changes nothing (do_set_proto_down).
  if (stage !== 'set' && attributes.protoDown === false) delete attributes.protoDown
  // No token, which a device that listens to no router refuses to be told (inet6_set_iftoken).
  const { afSpec } = attributes
  if (stage !== 'set' && afSpec !== undefined && 'inet6' in afSpec && afSpec.inet6?.token === '::') {
    const { token: _, ...inet6 } = afSpec.inet6
    attributes.afSpec = { ...afSpec, inet6 }
  }
  return attributes
}

type Flags = NonNullable<NonNullable<LinkMessageInput['header']>['flags']>

/** ifi_flags and ifi_change of what the caller said about flags; what the kernel only reports of them is left out. */
export function flagChange({
  flags,
  up,
}: Pick<LinkInputCommon, 'flags' | 'up'>): { flags: Flags; change: Flags } | undefined {
  if (flags === undefined && up === undefined) return undefined
  const settable: ReadonlySet<unknown> = new Set(settableFlags)
  const wanted = new Set((flags ?? []).filter((flag) => typeof flag !== 'number' && settable.has(flag)))
  const change = new Set<Flags[number]>(flags === undefined ? [] : settableFlags)
  if (up !== undefined) change.add('up')
  if (up === true) wanted.add('up')
  if (up === false) wanted.delete('up')
  return { flags: [...wanted], change: [...change] }
}

/** The attribute for a namespace, and the descriptor that must stay open until the kernel has read it. */
export function namespaceAttribute(
  target: NamespaceTarget,
  operation: string,
  path: string,
): { attributes: LinkMessageInput; keepAlive: Descriptor[] } {
  if ('descriptor' in target) return { attributes: { netNsFd: target.descriptor.fd }, keepAlive: [target.descriptor] }
  const [key, number] = 'pid' in target ? (['pid', target.pid] as const) : (['fd', target.fd] as const)
  if (!Number.isInteger(number) || number < (key === 'pid' ? 1 : 0)) {
    throw invalid(
      operation,
      `${path}.${key}`,
      `must be a ${key === 'pid' ? 'process id' : 'descriptor'}, got ${show(number)}`,
    )
  }
  return { attributes: key === 'pid' ? { netNsPid: number } : { netNsFd: number }, keepAlive: [] }
}

/** IFLA_LINKINFO of a new link. */
export function kindInfo(
  kind: string,
  otherKind: string | undefined,
  data: unknown,
  operation: string,
): LinkMessageInput {
  const name = kind === 'other' ? otherKind : kind
  if (typeof name !== 'string' || name === '')
    throw invalid(operation, kind === 'other' ? 'otherKind' : 'kind', 'must be the name of a link kind')
  if (kind !== 'other' && !knownKinds.has(kind)) {
    throw invalid(
      operation,
      'kind',
      `must be one of ${[...knownKinds].join(', ')}, or 'other' with otherKind: '${kind}'`,
    )
  }
  const set = { kind: name, ...(data !== undefined && { data }) }
  return writable(linkAttributes, { linkinfo: set }) as LinkMessageInput
}

/** Checks what can be known of a link before anything is sent. */
export function checkLink(
  link: LinkInputCommon | LinkChange,
  kind: string | undefined,
  operation: string,
  at = '',
): void {
  if (kind !== undefined && (typeof kind !== 'string' || kind === ''))
    throw invalid(operation, `${at}kind`, `must be the name of a link kind, got ${show(kind)}`)
  if (link.name !== undefined) checkName(operation, `${at}name`, link.name)
  checkBoolean(operation, `${at}up`, link.up)
  for (const key of ['flags', 'altnames'] as const)
    if (link[key] !== undefined) checkArray(operation, `${at}${key}`, link[key])
  if (link.namespace !== undefined) checkObject(operation, `${at}namespace`, link.namespace)
  if (link.slaveData !== undefined && !(link.slaveData instanceof Uint8Array))
    checkObject(operation, `${at}slaveData`, link.slaveData)
  // veth and bridge: ETH_MIN_MTU..ETH_MAX_MTU (drivers/net/veth.c, net/bridge/br_device.c). Other kinds have ranges of their own.
  if (link.mtu !== undefined && (kind === 'veth' || kind === 'bridge')) {
    const { mtu } = link
    if (!Number.isInteger(mtu) || mtu < 68 || mtu > 65535)
      throw invalid(operation, `${at}mtu`, `must be an integer 68..65535, got ${show(mtu)}`)
  }
  for (const key of ['master', 'link'] as const) {
    const device: Device | null | undefined = link[key]
    if (device !== undefined && device !== null) checkDevice(operation, `${at}${key}`, device)
  }
}

/** The caller's name for a property of the message. */
export function renameLink(path: string): string {
  return path
    .replace(/\bifname\b/, 'name')
    .replace(/\blinkinfo\.(kind|data|slaveKind|slaveData)\b/g, '$1')
    .replace(/\b(netNsFd|netNsPid)\b/, 'namespace')
    .replace(/\bheader\.(flags|change)\b/, 'flags')
    .replace(/\bheader\.(index|type)\b/, '$1')
    .replace(/\bpropList\.altIfname\b/, 'altnames')
}
