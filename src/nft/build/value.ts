/** Values of rules as people write them ('10.0.0.0/8', '1000-2000', a set's reference) and as libnftables-json(5) has them. */
import { parseIp, parsePrefix } from '../../../protocol/wire/address.ts'
import { show } from '../../../protocol/wire/codec.ts'
import { invalid } from '../../error.ts'
import type { Expr, Immediate, MapExpr, Range, SetExpr } from '../ast.ts'
import { MapRef, SetRef } from './reference.ts'

/** A data type as far as values depend on it: nft's name of it, and whether its names are bits. */
export interface ValueType {
  readonly name: string
  readonly bitmask?: boolean
}

/** A constant, or of a concatenation one of each part; `Range` and `SetExpr` come from range() and setOf(). */
export type Constant = Immediate | Range | readonly Constant[]

/** Types whose constants are words in which '-' and '/' mean nothing. */
const words: ReadonlySet<string> = new Set(['ifname', 'string', 'cgroupsv2', 'ct_label', 'ifkind', 'ct_helper'])

const number = /^(0x[0-9a-f]+|[0-9]+)$/i
const mac = /^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i
const isBound = (text: string): boolean => number.test(text) || mac.test(text) || parseIp(text) !== undefined

/** `tcp dport 80` in JSON is a number: '80' comes from the keys of objects, and out of ranges. */
const immediate = (text: string): Immediate => (/^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : text)

function textOf(text: string, type: ValueType | undefined): Expr {
  if (type !== undefined && words.has(type.name)) return text
  const dash = text.indexOf('-')
  if (dash > 0) {
    const [first, last] = [text.slice(0, dash), text.slice(dash + 1)]
    if (isBound(first) && isBound(last)) return { range: [immediate(first), immediate(last)] }
  }
  if (text.includes('/')) {
    const prefix = parsePrefix(text)
    if (prefix) return { prefix: { addr: prefix.address, len: prefix.length } }
  }
  return immediate(text)
}

/** `types`: one of a plain value, several of a concatenation, none where nothing is known (the values of a map). */
export function toExpr(value: unknown, types: readonly ValueType[], operation: string, path: string): Expr {
  if (value instanceof SetRef || value instanceof MapRef) return value.reference
  if (typeof value === 'string') return textOf(value, types.length === 1 ? types[0] : undefined)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) {
    // All bits of a mask together, as in `tcp flags { syn, syn | ack }`.
    const bits = types.length === 1 && types[0]?.bitmask === true
    if (types.length > 1 && value.length !== types.length)
      throw invalid(operation, path, `must have ${types.length} parts, got ${value.length}`)
    const parts = value.map((part, i) => {
      const type = bits ? types[0] : types[i]
      return toExpr(part, type ? [type] : [], operation, `${path}[${i}]`)
    })
    return bits ? { '|': parts } : { concat: parts }
  }
  // What range(), setOf(), map() and the selectors gave, or JSON of the caller's own.
  if (typeof value === 'object' && value !== null) return value as Expr
  throw invalid(operation, path, `must be a value, a range or a set, got ${show(value)}`)
}

/**
 * From one value to another: `1000-2000`. For numbers and addresses text does as well: '1000-2000'.
 *
 * @example meta.hour(range('08:00', '17:00'))     // meta hour "08:00"-"17:00"
 */
export function range(first: Immediate, last: Immediate): Range {
  return { range: [first, last] }
}

/** Entries of a map or verdict map: an object, or pairs where keys are ranges or have several parts. '*' is any other key. */
export type Entries<V, D> =
  | { readonly [K in (V & (string | number)) | '*']?: D }
  | readonly (readonly [key: V | Range | '*', value: D])[]

/** `{ 80 : ..., 443 : ... }` behind `map` and `vmap`. */
export function toMap(
  entries: unknown,
  types: readonly ValueType[],
  operation: string,
  dataOf: (value: unknown, path: string) => unknown,
): Expr {
  if (entries instanceof MapRef) return entries.reference
  if (typeof entries !== 'object' || entries === null)
    throw invalid(operation, 'entries', `must be an object, pairs, or a map's reference, got ${show(entries)}`)
  const pairs: readonly unknown[] = Array.isArray(entries) ? entries : Object.entries(entries)
  if (pairs.length === 0) throw invalid(operation, 'entries', 'is empty')
  const set = pairs.map((pair, i) => {
    const path = Array.isArray(entries) ? `entries[${i}]` : `entries.${Array.isArray(pair) ? pair[0] : ''}`
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid(operation, path, 'must be a pair')
    const [key, value] = pair
    return [toExpr(key, types, operation, path), dataOf(value, path)]
  })
  // Pairs, as both kinds of maps have them.
  return { set } as SetExpr
}

export type { Expr, MapExpr }
