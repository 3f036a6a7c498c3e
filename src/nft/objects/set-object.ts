/** Sets and maps: `nft add set`, `nft add map`, NFT_MSG_NEWSET. */
import type { SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import type { SetMessage } from '../../../protocol/netfilter/nftables/set.ts'
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { Expr, NftFamily, Statement } from '../ast.ts'
import type { Names } from '../datatype.ts'
import { decompileElements } from '../decompile/elements.ts'
import {
  checkArray,
  checkComment,
  checkFlags,
  checkInteger,
  checkSetName,
  checkSwitch,
  familyOf,
  type InFamily,
} from '../names.ts'
import type { ElementJson, NftJson, SetJson } from '../ruleset-json.ts'
import { definitionOf, type SetInput, toSetJson } from './set-definition.ts'

/** 'constant': nothing is added later. 'interval': elements may be prefixes and ranges. 'timeout': elements may have one. 'dynamic': rules add elements. */
export type NftSetFlag = 'constant' | 'interval' | 'timeout' | 'dynamic'

/** A data type of nft's ('ipv4_addr'), several of a concatenation, or what has the type: `{ typeof: ip.saddr }`. */
export type NftSetType = string | readonly string[] | { typeof: Expr }

/** What set.add() takes; whatever list() gives fits. */
export interface NftSetInput {
  /** The default is 'ip'. */
  family?: NftFamily | undefined
  /** NFTA_SET_TABLE */
  table: string
  /** Up to 255 bytes, without '%'. NFTA_SET_NAME */
  name: string
  /** Of its elements, of a map their keys: 'ipv4_addr', ['ipv4_addr', 'inet_service']. NFTA_SET_KEY_TYPE */
  type: NftSetType
  /** Makes it a map: the type of its values, 'verdict', or a kind of objects ('counter'). NFTA_SET_DATA_TYPE */
  map?: NftSetType | undefined
  /** NFTA_SET_FLAGS */
  flags?: readonly NftSetFlag[] | undefined
  /** Seconds that elements stay, where they do not say; down to milliseconds (0.001). NFTA_SET_TIMEOUT */
  timeout?: number | undefined
  /** Seconds between the times that elements which are due are looked for; down to milliseconds. NFTA_SET_GC_INTERVAL */
  gcInterval?: number | undefined
  /** Most elements. NFTA_SET_DESC_SIZE */
  size?: number | undefined
  /** 'performance', which is the default, or 'memory'. NFTA_SET_POLICY */
  policy?: 'performance' | 'memory' | undefined
  /** Intervals that touch or overlap become one instead of an error: `auto-merge`. */
  autoMerge?: boolean | undefined
  /** Up to 128 bytes. NFTA_SET_USERDATA */
  comment?: string | undefined
  /** As libnftables-json(5) has them; of a map pairs of key and value. */
  elements?: readonly ElementJson[] | undefined
  /** What each element keeps: counter, limit, quota ... NFTA_SET_EXPR, NFTA_SET_EXPRESSIONS */
  statements?: readonly Statement[] | undefined
  /** Ignored by add(). */
  handle?: number | undefined
}

/** A set or map as list() gives it. */
export interface NftSet {
  family: NftFamily
  table: string
  name: string
  type: NftSetType
  map?: NftSetType
  /** NFTA_SET_HANDLE */
  handle: number
  flags?: readonly NftSetFlag[]
  timeout?: number
  gcInterval?: number
  size?: number
  policy?: 'performance' | 'memory'
  autoMerge?: boolean
  comment?: string
  elements: readonly ElementJson[]
  statements?: readonly Statement[]
}

/** What a rule's expressions look things up in, as the kernel has it. */
export interface NftSetWithElements {
  /** '__set0', '__map1': by which the expressions refer to it. */
  readonly name: string
  readonly message: SetMessage
  readonly elements: readonly SetElement[]
}

/** A set, and what is to be done to some of its elements. */
export interface NftElementsInput extends InFamily {
  /** NFTA_SET_ELEM_LIST_TABLE */
  table: string
  /** NFTA_SET_ELEM_LIST_SET */
  set: string
  /** As libnftables-json(5) has them: '10.0.0.1', 80, { prefix: { addr: '10.0.0.0', len: 8 } }, { concat: [...] }, { elem: { val, timeout, comment } }; of a map pairs of key and value. */
  elements: readonly ElementJson[]
}

/** A set whose elements are asked for. */
export interface NftSetPlace extends InFamily {
  table: string
  set: string
}

const setFlags = ['constant', 'interval', 'timeout', 'dynamic'] as const
const policies = ['performance', 'memory'] as const

/** What defines a set, checked, in the words of libnftables-json(5). */
export function definedBy(set: NftSetInput): SetInput {
  const { name, type, map, flags, timeout, gcInterval, size, policy, autoMerge, comment, statements } = set
  if (policy !== undefined && !policies.includes(policy))
    throw new EncodeError(`must be performance or memory, got ${show(policy)}`, 'policy')
  if (statements !== undefined) checkArray(statements, 'statements')
  return {
    name: checkSetName(name, 'name'),
    type: checkType(type, 'type'),
    ...(map !== undefined && { map: checkType(map, 'map') }),
    ...(flags !== undefined && { flags: [...checkFlags(flags, setFlags)] }),
    ...(timeout !== undefined && { timeout: seconds(timeout, 'timeout', Number.MAX_SAFE_INTEGER) }),
    ...(gcInterval !== undefined && { 'gc-interval': seconds(gcInterval, 'gcInterval', 0xffff_ffff) }),
    ...(size !== undefined && { size: checkInteger(size, 1, 0xffff_ffff, 'size') }),
    ...(policy !== undefined && { policy }),
    ...(checkSwitch(autoMerge, 'autoMerge') && { 'auto-merge': true }),
    ...(comment !== undefined && { comment: checkComment(comment) }),
    ...(statements !== undefined && statements.length > 0 && { stmt: [...statements] }),
  }
}

function checkType(type: NftSetType, path: string): SetInput['type'] {
  const names = typeof type === 'string' ? [type] : type
  if (Array.isArray(names) ? names.every((name) => typeof name === 'string') : isFields(names) && 'typeof' in names)
    return words(type)
  throw new EncodeError(`must be the name of a data type, several, or { typeof: ... }, got ${show(type)}`, path)
}

const words = (type: NftSetType): SetInput['type'] =>
  typeof type === 'object' && !('typeof' in type) ? [...type] : type

/** Seconds which the kernel has in milliseconds. */
function seconds(value: unknown, path: string, most: number): number {
  if (typeof value !== 'number' || !(value >= 0.001) || value * 1000 > most)
    throw new EncodeError(`must be at least 0.001 and at most ${most / 1000} seconds, got ${show(value)}`, path)
  return value
}

/** The set of a message and its elements. */
export function toSet(message: SetMessage, elements: readonly SetElement[], names: Names): NftSet | undefined {
  const family = familyOf(message.header)
  if (family === undefined) return undefined
  const definition = definitionOf(message)
  const {
    name,
    type,
    map,
    flags,
    timeout,
    'gc-interval': gcInterval,
    size,
    policy,
    comment,
    stmt,
    ...more
  } = toSetJson(definition)
  return {
    family,
    table: message.table ?? '',
    name,
    type,
    ...(map !== undefined && { map }),
    handle: Number(message.handle ?? 0),
    // toSetJson() has no other flags.
    ...(flags !== undefined && { flags: [flags].flat() as NftSetFlag[] }),
    ...(timeout !== undefined && { timeout }),
    ...(gcInterval !== undefined && { gcInterval }),
    ...(size !== undefined && { size }),
    ...(policy === 'memory' && { policy }),
    ...(more['auto-merge'] === true && { autoMerge: true }),
    ...(comment !== undefined && { comment }),
    // Of a map these are pairs.
    elements: decompileElements(definition, elements, names) as ElementJson[],
    ...(stmt !== undefined && { statements: stmt }),
  }
}

export function setJson(set: NftSet): NftJson {
  const { family, table, name, type, map, handle, flags, timeout, gcInterval, size, policy, autoMerge, comment } = set
  const { elements, statements } = set
  const json: SetJson = {
    family,
    name,
    table,
    type: words(type),
    handle,
    ...(comment !== undefined && { comment }),
    // nft -j has the types of keys as a list, those of values as one word.
    ...(map !== undefined && { map: Array.isArray(map) ? map.join(' . ') : words(map) }),
    ...(policy !== undefined && { policy }),
    ...(size !== undefined && { size }),
    ...(flags !== undefined && flags.length > 0 && { flags: [...flags] }),
    ...(timeout !== undefined && { timeout }),
    ...(gcInterval !== undefined && { 'gc-interval': gcInterval }),
    ...(autoMerge === true && { 'auto-merge': true }),
    ...(elements.length > 0 && { elem: [...elements] }),
    ...(statements !== undefined && { stmt: [...statements] }),
  }
  return map === undefined ? { set: json } : { map: json }
}
