/**
 * What a set or map is: types of keys and values, flags, and what belongs to them. From nft's JSON (`nft -j list sets`) and back, and to and
 * from the kernel's NEWSET, with the user data that nft keeps there, so that `nft list` shows our sets as if nft had made them.
 */
import type { NftExpression, NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import type { SetMessage, SetMessageInput } from '../../../protocol/netfilter/nftables/set.ts'
import type { SetUserdata } from '../../../protocol/netfilter/nftables/userdata.ts'
import { EncodeError, show, within } from '../../../protocol/wire/codec.ts'
import type { Expr, Statement } from '../ast.ts'
import { needsInterval } from '../compile/element-value.ts'
import { stateful } from '../compile/statements/stateful.ts'
import { dataType, integer, typeId, typesOf } from '../datatypes/index.ts'
import { statefulStatement } from '../decompile/stateful.ts'
import { objectKind, objectType } from '../object-kinds.ts'
import type { ElementJson, SetJson } from '../ruleset-json.ts'
import { buildTypeof, parseTypeof } from '../selectors/typeof.ts'
import {
  bytesOfPart,
  isRangeConcat,
  paddedLength,
  partsOf,
  type SetDefinition,
  type SetFlag,
  type SetPart,
} from './set-parts.ts'

export * from './set-parts.ts'

/** A set as nft's JSON has it, without what says where it is. */
export type SetInput = Omit<SetJson, 'family' | 'table' | 'handle' | 'elem'>

const NFT_DATA_VERDICT = 0xffffff00
const words = { constant: 'constant', interval: 'interval', timeout: 'timeout', dynamic: 'eval' } as const
function list(given: string | readonly string[] | undefined): readonly string[] {
  return given === undefined ? [] : typeof given === 'string' ? given.split(/\s*[.,]\s*/) : given
}

function namedParts(names: readonly string[]): SetPart[] {
  if (names.length === 0) throw new EncodeError('must name a data type')
  return names.map((name) => {
    const type = dataType(name)
    if (type.size === 0)
      throw new EncodeError(`'${name}' has no size of its own: say { typeof: ... } with what has that type`)
    return { type, bits: type.size }
  })
}

function isTypeof(given: SetInput['type']): given is { typeof: Expr } {
  return typeof given === 'object' && 'typeof' in given
}

/**
 * Takes what `nft -j` prints and `nft -j -f` takes. Throws an EncodeError with the property. JSON does not say of a map that its values are
 * ranges: its first `elements` do, or 'interval ipv4_addr' as its `map`.
 */
export function defineSet(input: SetInput, elements: readonly ElementJson[] = []): SetDefinition {
  const { type, map } = input
  const key = within('type', () => (isTypeof(type) ? partsOf(type.typeof) : namedParts(list(type))))
  // Of the text's syntax: `type inet_service : interval ipv4_addr`.
  const ranged = typeof map === 'string' && map.startsWith('interval ')
  const plain = ranged ? map.slice(9) : map
  const data = plain === undefined ? undefined : within('map', () => dataOf(plain))
  const flags = new Set<SetFlag>(within('flags', () => list(input.flags).map(flagOf)))
  if (input.timeout !== undefined) flags.add('timeout')
  if (data !== undefined) flags.add(typeof data === 'object' && 'object' in data ? 'object' : 'map')
  if (flags.has('interval') && key.length > 1) flags.add('concat')
  if (input['auto-merge'] && !flags.has('interval')) throw new EncodeError(`needs the flag 'interval'`, 'auto-merge')
  return {
    name: input.name,
    flags: [...flags],
    key,
    ...(data !== undefined && { data }),
    ...(Array.isArray(data) && (ranged || needsInterval(elements.map(pairValue))) && { dataInterval: true }),
    ...(isTypeof(type) && { keyTypeof: type.typeof }),
    ...(map !== undefined && isTypeof(map) && { dataTypeof: map.typeof }),
    ...(input.policy !== undefined && { policy: input.policy }),
    ...(input.size !== undefined && { size: input.size }),
    ...(input.timeout !== undefined && { timeout: input.timeout }),
    ...(input['gc-interval'] !== undefined && { gcInterval: input['gc-interval'] }),
    ...(input['auto-merge'] !== undefined && { autoMerge: input['auto-merge'] }),
    ...(input.comment !== undefined && { comment: input.comment }),
    ...(input.stmt !== undefined && { stmt: input.stmt }),
  }
}

/** The value of a pair. */
function pairValue(element: ElementJson): unknown {
  return Array.isArray(element) ? element[1] : undefined
}

function flagOf(word: string): SetFlag {
  if (Object.hasOwn(words, word)) return words[word as keyof typeof words] // just asked
  throw new EncodeError(`must be some of ${Object.keys(words).join(', ')}, got ${show(word)}`)
}

function dataOf(map: NonNullable<SetInput['map']>): NonNullable<SetDefinition['data']> {
  if (isTypeof(map)) return partsOf(map.typeof)
  if (map === 'verdict') return 'verdict'
  if (typeof map === 'string' && objectType(map) !== undefined) return { object: map }
  return namedParts(list(map))
}

/** Types of a byte or less that nft gives no order; selectors of them have one. */
const orderless = new Set(['nf_proto', 'inet_proto', 'boolean', 'ct_dir', 'dccp_pkttype'])

/** nft's own enum byteorder: 1 the machine's, 2 the network's, 0 for concatenations. */
function orderOf(parts: readonly SetPart[], from: Expr | undefined): number {
  const [only] = parts
  if (parts.length !== 1 || !only || (from === undefined && orderless.has(only.type.name))) return 0
  return only.type.byteorder === 'host' || only.type.chars ? 1 : 2
}

/** NEWSET without header, table and id. */
export type SetParts = Omit<SetMessageInput, 'header' | 'table' | 'id'>

export function toSetMessage(set: SetDefinition): SetParts {
  const { data } = set
  const statements = within('statements', () => (set.stmt ?? []).map(expressionOf))
  const concat = isRangeConcat(set) ? set.key.map((part) => ({ len: bytesOfPart(part) })) : undefined
  const desc = { ...(set.size !== undefined && { size: set.size }), ...(concat && { concat }) }
  return {
    name: set.name,
    flags: [...set.flags, ...(statements.length > 1 && !set.flags.includes('expr') ? (['expr'] as const) : [])],
    keyType: typeId(set.key.map(({ type }) => type)),
    keyLen: paddedLength(set.key),
    ...dataAttributes(set),
    ...(set.policy !== undefined && set.policy !== 'performance' && { policy: 'memory' as const }),
    ...(Object.keys(desc).length > 0 && { desc }),
    ...(set.timeout !== undefined && { timeout: BigInt(Math.round(set.timeout * 1000)) }),
    ...(set.gcInterval !== undefined && { gcInterval: Math.round(set.gcInterval * 1000) }),
    userdata: userdataOf(set, data),
    ...(statements.length === 1 && statements[0] && { expr: statements[0] }),
    ...(statements.length > 1 && { expressions: statements }),
  }
}

function expressionOf(statement: Statement, index: number): NftExpressionInput {
  const expression = within(`[${index}]`, () => stateful(statement))
  if (expression) return expression
  throw new EncodeError('must be a counter, limit, quota, ct count or last', `[${index}]`)
}

function dataAttributes(set: SetDefinition): Pick<SetParts, 'dataType' | 'dataLen' | 'objType'> {
  const { data } = set
  if (data === undefined) return {}
  if (data === 'verdict') return { dataType: NFT_DATA_VERDICT, dataLen: 0 }
  // Object kinds are checked by the encoder, which knows their names.
  if ('object' in data) return { objType: (objectType(data.object) ?? data.object) as NonNullable<SetParts['objType']> }
  const dataLen = paddedLength(data) * (set.dataInterval ? 2 : 1)
  return { dataType: typeId(data.map(({ type }) => type)), dataLen }
}

/** nft's EXPR_VERDICT */
const EXPR_VERDICT = 1

function userdataOf(set: SetDefinition, data: SetDefinition['data']): SetUserdata {
  const values = Array.isArray(data) ? (data as readonly SetPart[]) : undefined // of the others, none is an array
  const typed = (given: Expr | undefined, parts: readonly SetPart[] | undefined) =>
    given === undefined ? (parts && parts.length > 1 ? { expr: 13, data: [] } : undefined) : buildTypeof(given)
  const keyTypeof = typed(set.keyTypeof, set.key)
  // nft reads the keys' typeof only where the values have one too
  const verdicts = data === 'verdict' && set.keyTypeof !== undefined
  const dataTypeof = verdicts ? { expr: EXPR_VERDICT, data: [] } : typed(set.dataTypeof, values)
  return {
    keybyteorder: orderOf(set.key, set.keyTypeof),
    ...(set.flags.includes('map') && { databyteorder: values ? orderOf(values, set.dataTypeof) : 0 }),
    ...(set.autoMerge && { mergeElements: 1 }),
    ...(keyTypeof && { keyTypeof }),
    ...(dataTypeof && { dataTypeof }),
    ...(data !== undefined && { dataInterval: set.dataInterval ? 1 : 0 }),
    ...(set.comment !== undefined && { comment: set.comment }),
  }
}

/** Of types that are not known (another program's numbers), the bytes are numbers. */
export function definitionOf(message: SetMessage): SetDefinition {
  const { name = '', keyType = 0, keyLen = 0, dataType: dataId, dataLen = 0, objType, desc, timeout } = message
  const userdata = message.userdata instanceof Uint8Array ? {} : (message.userdata ?? {})
  const flags = (message.flags ?? []).filter((flag): flag is SetFlag => typeof flag === 'string')
  const keyTypeof = parseTypeof(userdata.keyTypeof)
  const dataTypeof = parseTypeof(userdata.dataTypeof)
  const dataInterval = userdata.dataInterval === 1
  const widths = desc?.concat?.map(({ len }) => len ?? 0)
  const data = ((): SetDefinition['data'] => {
    if (flags.includes('object')) return { object: objectKind(objType) ?? String(objType) }
    if (!flags.includes('map')) return undefined
    if (dataId === NFT_DATA_VERDICT) return 'verdict'
    return known(dataId ?? 0, dataInterval ? dataLen / 2 : dataLen, dataTypeof)
  })()
  const stmt = (message.expr ? [message.expr] : (message.expressions ?? [])).flatMap(
    (expression: NftExpression) => statefulStatement(expression, 'set') ?? [],
  )
  return {
    name,
    flags,
    key: known(keyType, keyLen, keyTypeof, widths),
    ...(data !== undefined && { data }),
    ...(dataInterval && { dataInterval }),
    ...(keyTypeof !== undefined && { keyTypeof }),
    ...(dataTypeof !== undefined && { dataTypeof }),
    ...(message.policy === 'memory' && { policy: 'memory' }),
    ...(desc?.size !== undefined && { size: desc.size }),
    ...(timeout !== undefined && timeout > 0n && { timeout: Number(timeout) / 1000 }),
    ...(message.gcInterval !== undefined && message.gcInterval > 0 && { gcInterval: message.gcInterval / 1000 }),
    ...(userdata.mergeElements === 1 && { autoMerge: true }),
    ...(userdata.comment !== undefined && { comment: userdata.comment }),
    ...(stmt.length > 0 && { stmt }),
  }
}

function known(id: number, length: number, from: Expr | undefined, widths?: readonly number[]): SetPart[] {
  const types = typesOf(id)
  if (from !== undefined) {
    const parts = selected(from)
    if (parts && paddedLength(parts) === length) return parts
  }
  if (types && (!widths || widths.length === types.length)) {
    const open = types.length === 1 ? length * 8 : 0
    const parts = types.map((type, i) => ({ type, bits: type.size || (widths?.[i] ?? 0) * 8 || open }))
    if (parts.every(({ bits }) => bits > 0) && paddedLength(parts) === length) return parts
  }
  if (widths) return widths.map((width) => ({ type: integer, bits: width * 8 }))
  return [{ type: integer, bits: length * 8 }]
}

function selected(from: Expr): SetPart[] | undefined {
  try {
    return partsOf(from)
  } catch {
    return undefined // a selector of a newer nft: the type's number has to do
  }
}

/** As `nft -j` has it; `typeof` in the form of later releases, where the set was declared so. */
export function toSetJson(set: SetDefinition): SetInput {
  const { data } = set
  const flags = Object.entries(words).flatMap(([word, flag]) => (set.flags.includes(flag) ? [word] : []))
  return {
    name: set.name,
    type: typeWords(set.key, set.keyTypeof),
    ...(data !== undefined && { map: dataWords(data, set.dataTypeof) }),
    ...(set.comment !== undefined && { comment: set.comment }),
    ...(set.policy !== undefined && set.policy !== 'performance' && { policy: set.policy }),
    ...(set.size !== undefined && !set.flags.includes('constant') && { size: set.size }),
    ...(flags.length > 0 && { flags }),
    ...(set.timeout !== undefined && { timeout: set.timeout }),
    ...(set.gcInterval !== undefined && { 'gc-interval': set.gcInterval }),
    ...(set.autoMerge && { 'auto-merge': true }),
    ...(set.stmt !== undefined && { stmt: [...set.stmt] }),
  }
}

/** The names of the types; `typeof` where it is given. */
function typeWords(parts: readonly SetPart[], from?: Expr): SetInput['type'] {
  if (from !== undefined) return { typeof: from }
  const names = parts.map(({ type }) => type.name)
  return names.length === 1 ? (names[0] as string) : names // there is one
}

function dataWords(data: NonNullable<SetDefinition['data']>, from: Expr | undefined): NonNullable<SetInput['map']> {
  if (data === 'verdict') return data
  return 'object' in data ? data.object : typeWords(data, from)
}
