/** Named sets and maps in nft's syntax, with their elements. */

import type { Expr } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { dataTypes, string } from '../datatypes/index.ts'
import type { ElementJson, NftObjectKind, SetJson } from '../ruleset-json.ts'
import { type Entry, printEntry, printExpr } from './expression.ts'
import { objectKinds } from './object.ts'
import { stateless } from './statement.ts'
import { isObject, type Types, typesOf } from './types.ts'
import { name, quote, time } from './value.ts'

export type SetKind = 'set' | 'map' | 'meter'

/** How many elements nft writes on a line; of other types one. */
const perLine: Readonly<Record<string, number>> = {
  nf_proto: 5,
  integer: 5,
  arp_op: 5,
  inet_proto: 5,
  inet_service: 5,
  tcp_flag: 5,
  dccp_pkttype: 5,
  mark: 5,
  iface_index: 5,
  classid: 5,
  uid: 5,
  gid: 5,
  ct_dir: 5,
  ipv4_addr: 2,
  ct_state: 2,
  ct_status: 2,
  pkt_type: 2,
}

const list = (words: string | readonly string[] | undefined): readonly string[] =>
  words === undefined ? [] : typeof words === 'string' ? words.split(' . ') : words

/** By name; objects have names in quotes. */
function typeNamed(type: string): DataType | undefined {
  if (objectKinds.includes(type as NftObjectKind)) return string // whether it is one is what is asked
  return Object.hasOwn(dataTypes, type) ? dataTypes[type as keyof typeof dataTypes] : undefined // just asked
}

type Declared = NonNullable<SetJson['map']>

function isTypeof(declared: Declared): declared is { typeof: Expr } {
  return typeof declared === 'object' && 'typeof' in declared
}

/** The types of the constants in a set's keys or data. */
function constants(declared: Declared): Types {
  return isTypeof(declared) ? typesOf(declared.typeof) : list(declared).map(typeNamed)
}

const written = (declared: Declared): string =>
  isTypeof(declared) ? printExpr(declared.typeof) : list(declared).map(typeName).join(' . ')

const typeName = (type: string): string => type.split(' ').map(name).join(' ')

/** A whole set or map, elements included. */
export function printSet(kind: SetKind, set: SetJson): string[] {
  const elements = elementsOf(set.elem)
  const lines = [declaration(set, elements)]
  if (set.policy !== undefined && set.policy !== 'performance') lines.push(`policy ${set.policy}`)
  if (set.size !== undefined) lines.push(`size ${set.size}`)
  const flags = flagsOf(set)
  if (flags.length > 0) lines.push(`flags ${flags.join(',')}`)
  if (set.stmt !== undefined && set.stmt.length > 0) lines.push(set.stmt.map(stateless).join(' '))
  if (set['auto-merge'] === true) lines.push('auto-merge')
  if (set.timeout !== undefined) lines.push(`timeout ${time(set.timeout)}`)
  if (set['gc-interval'] !== undefined) lines.push(`gc-interval ${time(set['gc-interval'])}`)
  if (set.comment !== undefined) lines.push(`comment ${quote(set.comment)}`)
  if (elements.length > 0) lines.push(`elements = ${printElements(set, elements)}`)
  // an unnamed meter's set is declared like any other
  return [`${kind === 'meter' ? 'set' : kind} ${name(set.name)} {`, ...lines.map((line) => `\t${line}`), '}']
}

/** A single element may stand without the list. */
function elementsOf(elem: SetJson['elem']): readonly ElementJson[] {
  if (elem === undefined) return []
  return Array.isArray(elem) ? (elem as ElementJson[]) : [elem] // of an Expr, an array is a list too
}

/** `type ipv4_addr : interval ipv4_addr`: intervals as data are seen in the elements alone. */
function declaration({ type, map }: SetJson, elements: readonly ElementJson[]): string {
  const key = `${isTypeof(type) || (map !== undefined && isTypeof(map)) ? 'typeof' : 'type'} ${written(type)}`
  if (map === undefined) return key
  const intervals = elements.some((element) => Array.isArray(element) && isInterval(element[1] as Expr)) // a map's elements are pairs
  return `${key} : ${intervals ? 'interval ' : ''}${written(map)}`
}

function isInterval(expr: Expr | undefined): boolean {
  if (expr === undefined || !isObject(expr)) return false
  if ('concat' in expr) return expr.concat.some(isInterval)
  return 'range' in expr || 'prefix' in expr
}

/** A default timeout says alone that there are timeouts. */
function flagsOf({ flags, timeout }: SetJson): string[] {
  const words = list(flags)
  const known = ['constant', 'dynamic', 'interval', 'timeout'].filter((flag) => words.includes(flag))
  return timeout !== undefined && known.length === 1 && known[0] === 'timeout' ? [] : known
}

/** `{ a, b, ... }`, broken into lines as nft does. */
function printElements({ type, map }: Pick<SetJson, 'type' | 'map'>, elements: readonly ElementJson[]): string {
  const keys = constants(type)
  const data = map === undefined ? [] : constants(map)
  const single = keys.length === 1 ? keys[0]?.name : undefined
  const width = (single !== undefined && perLine[single]) || 1
  let text = ''
  elements.forEach((element, index) => {
    if (index > 0) text += index % width === 0 ? ',\n\t\t\t     ' : ', '
    text += printEntry(element as Entry, keys, data) // an array is a pair here
  })
  return `{ ${text} }`
}
