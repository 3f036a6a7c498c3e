/** Selectors of the AST as nodes, one object for each field and key however many rules use it. */
import { EncodeError, within } from '../../../protocol/wire/codec.ts'
import type { Ct, Fib, Ipsec, Jhash, NftFamily, Numgen, Osf, Selector, Socket, Symhash } from '../ast.ts'
import { dataTypes, hostInteger } from '../datatypes/index.ts'
import type { Base } from '../selectors/field.ts'
import { ctAddresses, headerOf, type ResolvedPayload, resolveSelector } from '../selectors/index.ts'
import { choice, integer, names } from './check.ts'
import type { Load, Payload } from './node.ts'
import { type Layer, protocols } from './protocols.ts'
import { shapeOf } from './shape.ts'

const layers: Readonly<Record<Base, Layer>> = {
  ll_header: 0,
  network_header: 1,
  transport_header: 2,
  inner_header: 3,
}

/** Fields that tell which protocol comes next, and so what later matches may rely on. */
const telling: Readonly<Record<string, string>> = {
  ether: 'type',
  vlan: 'type',
  ip: 'protocol',
  ip6: 'nexthdr',
  icmp: 'type',
  icmpv6: 'type',
  ah: 'nexthdr',
  comp: 'nexthdr',
}
const tellingMeta: readonly string[] = ['iiftype', 'nfproto', 'l4proto', 'protocol']
const tellingConntrack: readonly string[] = ['l3proto', 'protocol']

const fields = new Map<string, Map<string, Payload>>()
const keys = new Map<string, Load>()

function payloadNode(resolved: ResolvedPayload, protocol?: string, field?: string): Payload {
  const { base, header, offset } = resolved
  return {
    kind: 'payload',
    ...shapeOf(resolved.type, resolved.size),
    layer: layers[base],
    // Where a VLAN tag is depends on what is before it, which the rule says
    offset: offset - (header?.start ?? 0),
    protocol: protocol === undefined ? undefined : protocols.get(protocol),
    field,
    tells: protocol !== undefined && telling[protocol] === field,
  }
}

/** A field of a header. */
export function headerField(protocol: string, field: string): Payload {
  let known = fields.get(protocol)
  const found = known?.get(field)
  if (found !== undefined) return found
  const resolved = resolveSelector({ payload: { protocol, field } })
  if (resolved.kind !== 'payload') throw new EncodeError(`${protocol} ${field} is no header field`)
  const node = payloadNode(resolved, protocol, nameOf(resolved, field))
  if (known === undefined) {
    known = new Map()
    fields.set(protocol, known)
  }
  known.set(field, node)
  return node
}

/** nft's own word for a field that was given by another. */
function nameOf({ protocol, field }: ResolvedPayload, given: string): string {
  const header = protocol === undefined ? undefined : headerOf(protocol)
  return Object.entries(header?.fields ?? {}).find(([, each]) => each === field)?.[0] ?? given
}

/** A key of meta. */
export function metaKey(key: string): Load {
  const found = keys.get(key)
  if (found !== undefined) return found
  const resolved = resolveSelector({ meta: { key } })
  if (resolved.kind !== 'meta') throw new EncodeError(`${key} is no meta key`)
  const node: Load = {
    kind: 'load',
    name: 'meta',
    ...shapeOf(resolved.type, resolved.size),
    data: { key: resolved.key.kernel },
    ...(tellingMeta.includes(key) && { tells: key }),
    ...(key === 'day' && { most: 6 }),
  }
  keys.set(key, node)
  return node
}

const directions = { original: 'original', reply: 'reply' } as const

/** A key of conntrack; `family` is that of the packets, where known. */
export function conntrackKey(ct: Ct['ct'], family: NftFamily): Load {
  if (ct.dir !== undefined || ct.family !== undefined) return directedKey(ct, family)
  const name = `ct ${ct.key}`
  const found = keys.get(name)
  if (found !== undefined) return found
  const node = directedKey(ct, family)
  keys.set(name, node)
  return node
}

function directedKey(ct: Ct['ct'], family: NftFamily): Load {
  const resolved = resolveSelector({ ct }, family)
  if (resolved.kind !== 'ct') throw new EncodeError(`${ct.key} is no ct key`)
  const { key, dir } = ct
  // Without a family it is that of the packets, for which the kernel has keys of their own
  const open = ct.family === undefined && (key === 'saddr' || key === 'daddr')
  const kernel = open ? ctAddresses[key].kernel : resolved.key.kernel
  return {
    kind: 'load',
    name: 'ct',
    ...shapeOf(resolved.type, resolved.size),
    data: { key: kernel, ...(dir !== undefined && { direction: within('ct.dir', () => choice(directions, dir)) }) },
    ...(tellingConntrack.includes(key) && { tells: key }),
  }
}

const MAX32 = 0xffff_ffff

function counted({ mod, offset = 0 }: { mod: number; offset?: number }): { modulus: number; offset: number } {
  return {
    modulus: within('mod', () => integer(mod, 1, MAX32)),
    offset: within('offset', () => integer(offset, 0, MAX32 - mod + 1)),
  }
}

const numberShape = shapeOf(hostInteger, 32)
const numgenTypes = { inc: 'incremental', random: 'random' } as const

export function numgen(body: Numgen['numgen']): Load {
  const numbers = counted(body)
  const type = within('mode', () => choice(numgenTypes, body.mode))
  const most = numbers.modulus + numbers.offset - 1
  return { kind: 'load', name: 'numgen', ...numberShape, data: { type, ...numbers }, most }
}

export function symhash(body: Symhash['symhash']): Load {
  const numbers = counted(body)
  const most = numbers.modulus + numbers.offset - 1
  return { kind: 'load', name: 'hash', ...numberShape, data: { ...numbers, type: 'sym' }, most }
}

/** Attributes of a jhash but for the registers. */
export function jhash(body: Jhash['jhash']): { data: Record<string, unknown>; most: number } {
  const numbers = counted(body)
  const seed = body.seed !== undefined && { seed: within('seed', () => integer(body.seed, 0, MAX32)) }
  return { data: { ...numbers, ...seed, type: 'jenkins' }, most: numbers.modulus + numbers.offset - 1 }
}

const fibFlags = { saddr: 'saddr', daddr: 'daddr', mark: 'mark', iif: 'iif', oif: 'oif' } as const

/** Whether there is a route at all: what `check` asks, and what nft lists as a comparison of the result with true or false. */
export function fibExists({ fib }: Fib, family: NftFamily): Load {
  const node = otherKey({ fib: { ...fib, result: fib.result === 'check' ? 'oif' : fib.result } }, family)
  const data = { ...node.data, flags: [...fibFlagsOf(fib), 'present'] }
  return { ...node, type: dataTypes.boolean, order: dataTypes.boolean.byteorder, data }
}

function fibFlagsOf({ flags }: Fib['fib']): string[] {
  return within('fib.flags', () => {
    const list: string[] = names(fibFlags, flags)
    if (list.includes('saddr') === list.includes('daddr')) throw new EncodeError('needs one of saddr and daddr')
    if (list.includes('iif') && list.includes('oif')) throw new EncodeError('iif and oif exclude each other')
    return list
  })
}

const ttls = { loose: 1, skip: 2 } as const

function osfData({ key, ttl }: Osf['osf']): Record<string, unknown> {
  const number = ttl === undefined ? 0 : within('osf.ttl', () => choice(ttls, ttl))
  // nft_osf_init() takes no empty flags.
  return { ttl: number, ...(key === 'version' && { flags: ['version'] }) }
}

function socketData({ key, level = 0 }: Socket['socket'], kernel: string): Record<string, unknown> {
  if (key === 'cgroupv2') within('socket.level', () => integer(level, 0, 255))
  return { key: kernel, level }
}

function ipsecData({ dir, spnum = 0 }: Ipsec['ipsec'], kernel: string): Record<string, unknown> {
  return {
    key: kernel,
    dir: within('ipsec.dir', () => choice({ in: 'in', out: 'out' }, dir)),
    spnum: within('ipsec.spnum', () => integer(spnum, 0, 255)),
  }
}

/** rt, socket, fib, osf, ipsec, tunnel, and extension headers and options. */
export function otherKey(selector: Selector, family: NftFamily): Load {
  const resolved = resolveSelector(selector, family)
  const shape = shapeOf(resolved.type, resolved.size)
  if (resolved.kind === 'exthdr' || resolved.kind === 'payload' || resolved.kind === 'number') {
    throw new EncodeError(`is no key: ${Object.keys(selector).join(', ')}`)
  }
  const { kernel } = resolved.key
  if ('fib' in selector) {
    if (selector.fib.result === 'check') return fibExists(selector, family)
    return { kind: 'load', name: 'fib', ...shape, data: { result: kernel, flags: fibFlagsOf(selector.fib) } }
  }
  if ('osf' in selector) return { kind: 'load', name: 'osf', ...shape, data: osfData(selector.osf) }
  if ('ipsec' in selector) return { kind: 'load', name: 'xfrm', ...shape, data: ipsecData(selector.ipsec, kernel) }
  if ('socket' in selector) {
    const data = socketData(selector.socket, kernel)
    return { kind: 'load', name: 'socket', ...shape, data, ...(resolved.size === 8 && { most: 1 }) }
  }
  const { kind } = resolved
  if (kind !== 'rt' && kind !== 'tunnel') throw new EncodeError(`is no key: ${kind}`)
  return { kind: 'load', name: kind, ...shape, data: { key: kernel } }
}

/** A selector that is not of a header with a name: raw bytes. */
export function rawBytes(selector: Extract<Selector, { payload: unknown }>): Payload {
  const resolved = resolveSelector(selector)
  if (resolved.kind !== 'payload') throw new EncodeError('is no header field')
  const { offset, size } = resolved
  within('payload.offset', () => integer(offset, 0, 0xffff * 8))
  within('payload.len', () => integer(size, 1, 128))
  return payloadNode(resolved)
}
