/**
 * `typeof` of a set as nft keeps it in the set's user data: which kind of expression, and records that say which one. The numbers are those
 * of nft's own enumerations (enum expr_types, proto_desc_id, exthdr_desc_id).
 */
import type { SetUserdata, Tlv } from '../../../protocol/netfilter/nftables/userdata.ts'
import { readTlvs } from '../../../protocol/netfilter/nftables/userdata.ts'
import type { Concat, Expr, Selector } from '../ast.ts'
import { bytesOf, numberOf } from '../datatypes/bits.ts'
import { type ExtensionKind, extensionAt, extensionName, extensions } from './exthdr.ts'
import type { Extension, Keys } from './field.ts'
import { isSelector, resolveSelector } from './index.ts'
import { ct, ipsec, meta, rt, socket } from './keys.ts'
import { type HeaderName, headerOf, headers, rawBases } from './payload.ts'

export type Typeof = Exclude<NonNullable<SetUserdata['keyTypeof']>, Uint8Array>

const EXPR = {
  verdict: 1,
  payload: 7,
  exthdr: 8,
  meta: 9,
  socket: 10,
  ct: 12,
  concat: 13,
  numgen: 23,
  rt: 25,
  xfrm: 27,
}

/** enum proto_desc_id; 0 is raw bytes. */
// biome-ignore format: numbered by their places
const protocols: readonly (HeaderName | undefined)[] = [
  undefined, 'ah', 'esp', 'comp', 'icmp', 'igmp', 'udp', 'udplite', 'tcp', 'dccp', 'sctp', 'th', 'ip', 'ip6', 'icmpv6', 'arp', 'vlan', 'ether',
]
const extensionHeaders: readonly string[] = ['', 'hbh', 'rt', 'rt0', 'rt2', 'srh', 'frag', 'dst', 'mh']
const bases = Object.keys(rawBases) as (keyof typeof rawBases)[] // of that object
/** Fields whose numbers are not their places in our tables, from 1. */
const fieldOrder: Partial<Record<HeaderName, readonly string[]>> = {
  vlan: ['pcp', 'dei', 'cfi', 'id', 'type'],
  igmp: ['type', 'checksum', 'mrt', 'group'],
}
/** Kernel numbers of the keys, by their places in the enumerations. */
// biome-ignore format: numbered by their places
const numbers = {
  meta: ['len', 'protocol', 'priority', 'mark', 'iif', 'oif', 'iifname', 'oifname', 'iftype', 'oiftype', 'skuid', 'skgid', 'nftrace', 'rtclassid',
    'secmark', 'nfproto', 'l4proto', 'bri_iifname', 'bri_oifname', 'pkttype', 'cpu', 'iifgroup', 'oifgroup', 'cgroup', 'prandom', 'secpath',
    'iifkind', 'oifkind', 'bri_iifpvid', 'bri_iifvproto', 'time_ns', 'time_day', 'time_hour', 'sdif', 'sdifname'],
  ct: ['state', 'direction', 'status', 'mark', 'secmark', 'expiration', 'helper', 'l3protocol', 'src', 'dst', 'protocol', 'proto_src', 'proto_dst',
    'labels', 'pkts', 'bytes', 'avgpkt', 'zone', 'eventmask', 'src_ip', 'dst_ip', 'src_ip6', 'dst_ip6', 'id'],
  rt: ['classid', 'nexthop4', 'nexthop6', 'tcpmss', 'xfrm'],
  socket: ['transparent', 'mark', 'wildcard', 'cgroupv2'],
  ipsec: ['', 'daddr_ip4', 'daddr_ip6', 'saddr_ip4', 'saddr_ip6', 'reqid', 'spi'],
} as const
/** `ct` of no direction: nft's -1. */
const NO_DIRECTION = 0xffffffff
const directions = ['original', 'reply'] as const

const record = (type: number, value: number): Tlv => ({ type, bytes: bytesOf(value, 32, 'host') })

function fieldNames(protocol: HeaderName): readonly string[] {
  return fieldOrder[protocol] ?? Object.keys(headers[protocol].fields)
}

/** undefined for what nft itself does not keep. */
export function buildTypeof(given: Expr): Typeof | undefined {
  if (isConcat(given)) {
    const parts = given.concat.map(buildTypeof)
    return {
      expr: EXPR.concat,
      data: parts.flatMap((part, index) => (part ? [{ type: index, bytes: nested(part) }] : [])),
    }
  }
  if (!isSelector(given)) return undefined
  if ('payload' in given) return { expr: EXPR.payload, data: payloadRecords(given) }
  if ('meta' in given || 'rt' in given || 'socket' in given || 'ct' in given || 'ipsec' in given)
    return keyRecords(given)
  if ('numgen' in given) {
    const { mode, mod, offset = 0 } = given.numgen
    return { expr: EXPR.numgen, data: [record(0, mode === 'inc' ? 0 : 1), record(1, mod), record(2, offset)] }
  }
  const data = extensionRecords(given)
  return data && { expr: EXPR.exthdr, data }
}

function isConcat(given: Expr): given is Concat {
  return typeof given === 'object' && !Array.isArray(given) && 'concat' in given
}

/** A part of a concatenation: records inside a record. */
function nested({ expr, data = [] }: Typeof): Uint8Array {
  const inner = tlvs(data instanceof Uint8Array ? [] : data)
  return tlvs([record(0, expr ?? 0), { type: 1, bytes: inner }])
}

function tlvs(list: readonly Tlv[]): Uint8Array {
  return Uint8Array.from(list.flatMap(({ type, bytes }) => [type, bytes.length, ...bytes]))
}

function payloadRecords(given: Extract<Selector, { payload: unknown }>): Tlv[] {
  const { payload } = given
  const { size, type, header, protocol } = resolvePayload(given)
  if ('base' in payload) {
    const place = [record(2, bases.indexOf(payload.base) + 1), record(3, payload.offset)]
    return [record(0, 0), record(1, 0), ...place, record(4, size)]
  }
  const name = protocol as HeaderName // it was found
  const at = header ? fieldNames(name).indexOf(fieldWord(given)) + 1 : 0
  const length = type.name === 'integer' ? [record(4, size)] : []
  return [record(0, protocols.indexOf(name)), record(1, at), ...length]
}

function resolvePayload(given: Selector) {
  const resolved = resolveSelector(given)
  if (resolved.kind !== 'payload') throw new TypeError('a payload selector is one')
  return resolved
}

/** The field's name in our tables, where the selector has another word for it. */
function fieldWord(given: Extract<Selector, { payload: unknown }>): string {
  const { header, field } = resolvePayload(given)
  return Object.entries(header?.fields ?? {}).find(([, each]) => each === field)?.[0] ?? ''
}

type KeySelector = Extract<
  Selector,
  { meta: unknown } | { rt: unknown } | { socket: unknown } | { ct: unknown } | { ipsec: unknown }
>

function keyRecords(given: KeySelector): Typeof | undefined {
  const resolved = resolveSelector(given)
  if (!('key' in resolved)) return undefined
  const at = (table: keyof typeof numbers): Tlv =>
    record(0, (numbers[table] as readonly string[]).indexOf(resolved.key.kernel))
  if ('ct' in given) {
    const direction = given.ct.dir === undefined ? NO_DIRECTION : directions.indexOf(given.ct.dir)
    return { expr: EXPR.ct, data: [at('ct'), record(1, direction)] }
  }
  if ('ipsec' in given) {
    const { spnum = 0, dir } = given.ipsec
    return { expr: EXPR.xfrm, data: [at('ipsec'), record(1, spnum), record(2, dir === 'in' ? 0 : 1)] }
  }
  if ('meta' in given) return { expr: EXPR.meta, data: [at('meta')] }
  return 'rt' in given ? { expr: EXPR.rt, data: [at('rt')] } : { expr: EXPR.socket, data: [at('socket')] }
}

const ops = { ipv6: 0, tcpopt: 1, ipv4: 2, sctp: 3 } as const

/** undefined where there is no field, or one that nft does not number. */
function extensionRecords(given: Selector): Tlv[] | undefined {
  const resolved = resolveSelector(given)
  if (resolved.kind !== 'exthdr' || resolved.present) return undefined
  const [kind] = Object.keys(given) as [ExtensionKind] // it was resolved by it
  const found = extensionAt(kind, resolved.number, resolved.offset, resolved.size)
  const at = found ? extensionFields(kind, found.name).indexOf(`${found.name} ${found.field}`) : -1
  if (!found || at < 0) return undefined
  if (kind === 'exthdr') return [record(1, at + 1), record(0, extensionHeaders.indexOf(found.name))]
  return [record(1, kind === 'ip option' ? at + 1 : at), record(2, ops[resolved.op]), record(0, resolved.number)]
}

/** Fields of an extension in nft's order, as 'name field'; sack1 and its kin count on behind sack. */
function extensionFields(kind: ExtensionKind, name: string): string[] {
  const table = new Map(Object.entries<Extension>(extensions[kind].table))
  const own = Object.keys(table.get(name)?.fields ?? {}).map((field) => `${name} ${field}`)
  if (kind !== 'tcp option' || !name.startsWith('sack') || name === 'sack-perm') return own
  const more = ['sack1', 'sack2', 'sack3'].flatMap((each) => [`${each} left`, `${each} right`])
  return ['sack kind', 'sack length', 'sack left', 'sack right', ...more]
}

/** What `typeof` says; undefined for what is not known here. */
export function parseTypeof(given: Typeof | Uint8Array | undefined): Expr | undefined {
  if (given === undefined || given instanceof Uint8Array) return undefined
  const data = given.data instanceof Uint8Array ? undefined : given.data
  if (data === undefined) return undefined
  if (given.expr === EXPR.concat) {
    if (data.length === 0) return undefined
    const parts = data.map(({ bytes }) => parseNested(bytes))
    return parts.every((part) => part !== undefined) ? { concat: parts } : undefined
  }
  const values = new Map(data.map(({ type, bytes }) => [type, numberOf(bytes, 'host')]))
  return parseOne(given.expr ?? 0, values)
}

function parseNested(bytes: Uint8Array): Expr | undefined {
  const records = readTlvs(bytes)
  const expr = records?.find(({ type }) => type === 0)
  const data = records?.find(({ type }) => type === 1)
  if (!expr || !data) return undefined
  return parseTypeof({ expr: numberOf(expr.bytes, 'host'), data: readTlvs(data.bytes) ?? [] })
}

function parseOne(expr: number, values: ReadonlyMap<number, number>): Expr | undefined {
  const value = (type: number): number => values.get(type) ?? -1
  switch (expr) {
    case EXPR.payload:
      return parsePayload(value)
    case EXPR.meta:
      return named(meta, numbers.meta[value(0)], (key) => ({ meta: { key } }))
    case EXPR.ct: {
      const dir = directions[value(1)]
      return named(ct, numbers.ct[value(0)], (key) => ({ ct: dir === undefined ? { key } : { key, dir } }))
    }
    case EXPR.rt:
      return named(rt, numbers.rt[value(0)], parseRt)
    case EXPR.socket:
      return named(socket, numbers.socket[value(0)], (key) => ({ socket: { key: key as keyof typeof socket } })) // a key of it
    case EXPR.xfrm:
      return named(ipsec, numbers.ipsec[value(0)], (key) => parseIpsec(key, value(1), value(2) === 0 ? 'in' : 'out'))
    case EXPR.numgen:
      return { numgen: { mode: value(0) === 0 ? 'inc' : 'random', mod: value(1), offset: value(2) } }
    case EXPR.exthdr:
      return parseExtension(value(0), value(1), value(2))
    default:
      return undefined
  }
}

function named(table: Keys, kernel: string | undefined, make: (key: string) => Expr): Expr | undefined {
  const found = Object.entries(table).find(([, key]) => key.kernel === kernel)
  return found && make(found[0])
}

function parseRt(word: string): Expr {
  const [family, key] = word.split(' ')
  if (key === 'nexthop') return { rt: { key, family: family === 'ip6' ? 'ip6' : 'ip' } }
  return { rt: { key: word as 'classid' | 'mtu' | 'ipsec' } } // the other keys of rt
}

function parseIpsec(word: string, spnum: number, dir: 'in' | 'out'): Expr {
  const [family, key] = word.split(' ')
  if (key === undefined) return { ipsec: { key: word, dir, spnum } }
  return { ipsec: { key, family: family === 'ip6' ? 'ip6' : 'ip', dir, spnum } }
}

function parsePayload(value: (type: number) => number): Expr | undefined {
  const protocol = protocols[value(0)]
  if (protocol === undefined) {
    const base = bases[value(2) - 1]
    return value(0) === 0 && base ? { payload: { base, offset: value(3), len: value(4) } } : undefined
  }
  const word = fieldNames(protocol)[value(1) - 1]
  if (word === undefined) return undefined
  const field = word === 'cfi' ? 'dei' : word
  return headerOf(protocol) && { payload: { protocol, field } }
}

function parseExtension(desc: number, type: number, op: number): Expr | undefined {
  const kind = (Object.keys(extensions) as ExtensionKind[])[Math.max(op, 0)] // in the order of NFT_EXTHDR_OP
  if (kind === undefined) return undefined
  const named = kind === 'exthdr' ? extensionHeaders[desc] : extensionName(kind, desc)
  if (!named) return undefined
  const word = extensionFields(kind, named)[kind === 'exthdr' || kind === 'ip option' ? type - 1 : type]
  const [name, field] = word?.split(' ') ?? []
  if (name === undefined || field === undefined) return undefined
  if (kind === 'exthdr') return { exthdr: { name, field } }
  if (kind === 'tcp option') return { 'tcp option': { name, field } }
  return kind === 'ip option' ? { 'ip option': { name, field } } : { 'sctp chunk': { name, field } }
}
