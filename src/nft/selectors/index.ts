/** What a selector of a rule means: the type and size of its value, and where the kernel finds it. */
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import type { NftFamily, Selector } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { boolean, hostInteger, rawInteger } from '../datatypes/index.ts'
import { type ExtensionKind, type ExtensionOp, extensionField, extensions, tcpOptionAliases } from './exthdr.ts'
import type { Base, Extension, Field, Header, Key, Keys } from './field.ts'
import { ct, ctAddresses, fib, ipsec, meta, metaAliases, osf, rt, socket, tunnel } from './keys.ts'
import { fieldAliases, headerOf, rawBases } from './payload.ts'

interface Typed {
  readonly type: DataType
  /** Bits. */
  readonly size: number
}
export interface ResolvedPayload extends Typed {
  readonly kind: 'payload'
  readonly base: Base
  /** Bits from the base. */
  readonly offset: number
  /** undefined: raw. */
  readonly header: Header | undefined
  readonly field: Field | undefined
  readonly protocol: string | undefined
}
export interface ResolvedExtension extends Typed {
  readonly kind: 'exthdr'
  readonly op: ExtensionOp
  /** NFTA_EXTHDR_TYPE */
  readonly number: number
  readonly offset: number
  /** Asks whether it is there (NFT_EXTHDR_F_PRESENT). */
  readonly present: boolean
}
export interface ResolvedKey extends Typed {
  readonly kind: 'meta' | 'ct' | 'rt' | 'socket' | 'fib' | 'osf' | 'ipsec' | 'tunnel'
  readonly key: Key
}
/** numgen, jhash, symhash */
export interface ResolvedNumber extends Typed {
  readonly kind: 'number'
}
export type Resolved = ResolvedPayload | ResolvedExtension | ResolvedKey | ResolvedNumber

/** Throws an EncodeError that says which property is unknown. `family` is the table's: `ct original saddr` depends on it. */
export function resolveSelector(selector: Selector, family?: NftFamily): Resolved {
  if ('payload' in selector) return resolvePayload(selector.payload)
  if ('exthdr' in selector) return resolveExtension('exthdr', selector.exthdr)
  if ('tcp option' in selector) return resolveTcpOption(selector['tcp option'])
  if ('ip option' in selector) return resolveExtension('ip option', selector['ip option'])
  if ('sctp chunk' in selector) return resolveExtension('sctp chunk', selector['sctp chunk'])
  if ('meta' in selector) return keyed('meta', meta, alias(metaAliases, selector.meta.key))
  if ('ct' in selector) return resolveCt(selector.ct, family)
  if ('rt' in selector) return resolveRt(selector.rt, family)
  if ('socket' in selector) return keyed('socket', socket, selector.socket.key)
  if ('fib' in selector) return keyed('fib', fib, selector.fib.result)
  if ('osf' in selector) return keyed('osf', osf, selector.osf.key)
  if ('ipsec' in selector) return keyed('ipsec', ipsec, withFamily(selector.ipsec))
  if ('tunnel' in selector) return keyed('tunnel', tunnel, selector.tunnel.key)
  if ('numgen' in selector || 'jhash' in selector || 'symhash' in selector)
    return { kind: 'number', type: hostInteger, size: 32 }
  throw new EncodeError(`is no selector: ${Object.keys(selector).join(', ')}`)
}

/** Whether a value is what resolveSelector takes: an object with one of the selectors' words. */
export function isSelector(value: unknown): value is Selector {
  return typeof value === 'object' && value !== null && Object.keys(value).some((word) => selectorWords.has(word))
}

const selectorWords = new Set([
  'payload',
  'exthdr',
  'tcp option',
  'ip option',
  'sctp chunk',
  'meta',
  'ct',
  'rt',
  'socket',
  'fib',
  'osf',
  'ipsec',
  'tunnel',
  'numgen',
  'jhash',
  'symhash',
])

function alias(aliases: Readonly<Record<string, string>>, word: string): string {
  return Object.hasOwn(aliases, word) ? (aliases[word] as string) : word // just asked
}

function unknown(path: string, what: string, word: unknown, known: object): EncodeError {
  return new EncodeError(`there is no ${what} ${show(word)}; known: ${Object.keys(known).join(', ')}`).within(path)
}

function resolvePayload(payload: Extract<Selector, { payload: unknown }>['payload']): ResolvedPayload {
  if ('base' in payload) {
    const base = Object.hasOwn(rawBases, payload.base) ? rawBases[payload.base] : undefined
    if (!base) throw unknown('payload.base', 'base', payload.base, rawBases)
    const { offset, len } = payload
    return {
      kind: 'payload',
      base,
      offset,
      size: len,
      type: rawInteger,
      header: undefined,
      field: undefined,
      protocol: undefined,
    }
  }
  const header = headerOf(payload.protocol)
  if (!header) throw new EncodeError(`there is no protocol ${show(payload.protocol)}`).within('payload.protocol')
  const name = alias(fieldAliases, payload.field)
  const field = Object.hasOwn(header.fields, name) ? header.fields[name] : undefined
  if (!field) throw unknown('payload.field', `field of ${payload.protocol}`, payload.field, header.fields)
  const offset = header.start + field.offset
  const { size, type } = field
  return { kind: 'payload', base: header.base, offset, size, type, header, field, protocol: payload.protocol }
}

function resolveExtension(
  kind: ExtensionKind,
  { name, field: wanted, offset: index }: { name: string; field?: string; offset?: number },
): ResolvedExtension {
  const { op, table } = extensions[kind]
  const word = kind === 'tcp option' ? alias(tcpOptionAliases, name) : name
  const found = new Map<string, Extension>(Object.entries(table)).get(word)
  if (!found) throw unknown(`${kind}.name`, kind, name, table)
  if (wanted === undefined)
    return { kind: 'exthdr', op, number: found.number, offset: 0, size: 8, type: boolean, present: true }
  const field = extensionField(found, wanted, index)
  if (!field) throw unknown(`${kind}.field`, `field of ${kind} ${name}`, wanted, found.fields)
  const { offset, size, type } = field
  return { kind: 'exthdr', op, number: found.number, offset, size, type, present: false }
}

/** An option without name: `tcp option @77,16,8`; of its first 8 bits, whether it is there: `tcp option 77 exists`. */
function resolveTcpOption(option: Extract<Selector, { 'tcp option': unknown }>['tcp option']): ResolvedExtension {
  if ('name' in option) return resolveExtension('tcp option', option)
  const { base, offset, len } = option
  const present = offset === 0 && len === 8
  const type = present ? boolean : rawInteger
  return { kind: 'exthdr', op: 'tcpopt', number: base, offset, size: len, type, present }
}

function keyed(kind: ResolvedKey['kind'], table: Keys, word: string): ResolvedKey {
  const key = Object.hasOwn(table, word) ? table[word] : undefined
  if (!key) throw unknown(`${kind}.${kind === 'fib' ? 'result' : 'key'}`, `key of ${kind}`, word, table)
  return { kind, key, type: key.type, size: key.size }
}

function withFamily({ key, family }: { key: string; family?: 'ip' | 'ip6' }): string {
  return family && !key.startsWith('ip') ? `${family} ${key}` : key
}

function resolveCt(
  { key: word, family: given, dir }: Extract<Selector, { ct: unknown }>['ct'],
  table: NftFamily | undefined,
): ResolvedKey {
  const family = given ?? (table === 'ip' || table === 'ip6' ? table : undefined)
  if (word === 'saddr' || word === 'daddr') {
    if (!family) throw new EncodeError(`'${word}' needs a family, ip or ip6, in this table`).within('ct.family')
    return directed(keyed('ct', ct, ctAddresses[word][family]), word, dir)
  }
  return directed(keyed('ct', ct, word), word, dir)
}

function directed(resolved: ResolvedKey, word: string, dir: string | undefined): ResolvedKey {
  if (resolved.key.dir === 'always' && dir === undefined)
    throw new EncodeError(`'${word}' needs a direction, original or reply`).within('ct.dir')
  if (resolved.key.dir === undefined && dir !== undefined)
    throw new EncodeError(`'${word}' has no direction`).within('ct.dir')
  return resolved
}

function resolveRt(
  { key, family: given }: Extract<Selector, { rt: unknown }>['rt'],
  table: NftFamily | undefined,
): ResolvedKey {
  if (key !== 'nexthop') return keyed('rt', rt, key)
  const family = given ?? (table === 'ip' || table === 'ip6' ? table : undefined)
  if (!family) throw new EncodeError(`'nexthop' needs a family, ip or ip6, in this table`).within('rt.family')
  return keyed('rt', rt, `${family} nexthop`)
}

export * from './exthdr.ts'
export * from './field.ts'
export * from './keys.ts'
export * from './payload.ts'
