/** Comparisons: cmp, range and lookup as match statements, with what they settle for the rest of the rule. */

import type { NftCmp } from '../../../protocol/netfilter/nftables/expressions/cmp.ts'
import type { NftLookup } from '../../../protocol/netfilter/nftables/expressions/lookup.ts'
import type { NftRange } from '../../../protocol/netfilter/nftables/expressions/range.ts'
import type { Expr, MatchOperator } from '../ast.ts'
import { bytesOf, integerOf, numberOf } from '../datatypes/bits.ts'
import { matchBinary } from './flags.ts'
import { matchPayload, prefixOrConstant } from './merged.ts'
import { narrow } from './narrow.ts'
import { type Node, Untold } from './node.ts'
import type { Compared, Entry } from './protocol.ts'
import type { Reading, Typed } from './reading.ts'
import { keyWithParts, resolve } from './resolve.ts'

const operators: Readonly<Record<string, MatchOperator>> = {
  eq: '==',
  neq: '!=',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
}

export function readCmp(reading: Reading, { sreg, op = 'eq', data }: NftCmp): void {
  const bytes = data?.value
  const operator = operators[op]
  if (bytes === undefined || operator === undefined) throw new Untold('a comparison')
  const left = reading.registers.takeBytes(sreg, bytes.length)
  const constant = (operator === '==' || operator === '!=') && left.kind !== 'concat'
  if (left.kind === 'payload' && constant) matchPayload(reading, operator, left, bytes)
  else if (left.kind === 'concat') matchConcat(reading, operator, left.parts, bytes)
  else if ((left.kind === 'binary' && left.operator === '&') || left.kind === 'shift')
    matchBinary(reading, operator, left, bytes)
  else matchConstant(reading, operator, left, bytes)
}

/** Register by register, each a part of the constant. */
function matchConcat(reading: Reading, op: MatchOperator, nodes: readonly Node[], bytes: Uint8Array): void {
  const left: Expr[] = []
  const right: Expr[] = []
  let at = 0
  for (const node of nodes) {
    const { parts, expr } = keyWithParts(reading, node)
    const [part] = parts
    const length = Math.ceil(node.size / 8)
    left.push(expr)
    right.push(reading.constant(bytes.subarray(at, at + length), part ?? { type: resolve(reading, node).type }))
    at += Math.ceil(length / 4) * 4
  }
  reading.compare({ match: { op, left: { concat: left }, right: { concat: right } } })
}

function matchConstant(reading: Reading, op: MatchOperator, node: Node, bytes: Uint8Array): void {
  const typed = resolve(reading, node)
  const right = prefixOrConstant(reading, typed, bytes)
  const compared = comparedOf(op, typed, bytes)
  const entry = reading.compareWith(op, typed.expr, right, compared)
  if (entry !== undefined && compared !== undefined && op === '==') settle(reading, entry, compared)
}

/** A comparison of meta or ct that may settle a protocol. */
function comparedOf(op: string, { expr, type, swapped }: Typed, bytes: Uint8Array): Compared | undefined {
  if (typeof expr !== 'object' || Array.isArray(expr)) return undefined
  const value = bytes.length <= 2 ? numberOf(bytes, swapped ? 'big' : type.byteorder) : undefined
  if ('meta' in expr) return { op, protocol: 'meta', key: expr.meta.key, base: undefined, value }
  if ('ct' in expr) return { op, protocol: 'ct', key: expr.ct.key, base: undefined, value }
  return undefined
}

function settle(reading: Reading, entry: Entry, compared: Compared): void {
  const { protocols } = reading
  protocols.settle(compared)
  if (compared.protocol === 'ct' && (compared.key === 'saddr' || compared.key === 'daddr')) protocols.impliedByAddress()
  protocols.impliedByMeta(compared)
  protocols.remember(entry)
}

export function readRange(reading: Reading, { sreg, op, fromData, toData }: NftRange): void {
  const from = fromData?.value
  const to = toData?.value
  if (from === undefined || to === undefined) throw new Untold('a range')
  const node = reading.registers.takeBytes(sreg, from.length)
  const narrowed = narrow(node, reading.protocols)
  const { expr: left, ...typed } = resolve(reading, narrowed?.node ?? node)
  const end = (bytes: Uint8Array): Expr => {
    const own = narrowed === undefined ? bytes : bytesOf(integerOf(bytes) >> BigInt(narrowed.shift), narrowed.node.size)
    return reading.end(own, typed)
  }
  reading.compare({ match: { op: op === 'neq' ? '!=' : '==', left, right: { range: [end(from), end(to)] } } })
}

const VERDICT_REGISTER = 0

/** A set, a verdict map, or a map, whose value goes to a register. */
export function readLookup(reading: Reading, { set, sreg, dreg, flags }: NftLookup): void {
  const { definition } = reading.set(set)
  const bytes = definition.key.length === 1 ? Math.ceil((definition.key[0]?.bits ?? 0) / 8) : keyBytes(definition.key)
  const node = reading.registers.takeBytes(sreg, bytes)
  if (dreg !== undefined && dreg !== VERDICT_REGISTER) {
    const data = Array.isArray(definition.data) ? definition.data : []
    const size = keyBytes(data) * 8 * (definition.dataInterval ? 2 : 1)
    reading.registers.put(dreg, { kind: 'map', key: node, set: definition.name, size })
    return
  }
  const { expr, parts } = keyWithParts(reading, node)
  const right = reading.reference(set, parts)
  if (node.kind === 'payload') knowIcmpType(reading, expr, set)
  if (dreg === VERDICT_REGISTER) reading.add({ vmap: { key: expr, data: right } })
  else reading.compare({ match: { op: flags?.includes('inv') ? '!=' : '==', left: expr, right } })
}

/** Each part begins at a register. */
function keyBytes(parts: readonly { bits: number }[]): number {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return Math.ceil(only.bits / 8)
  return parts.reduce((sum, { bits }) => sum + Math.ceil(bits / 32) * 4, 0)
}

/** `icmp type { echo-request, ... }`: the fields behind are those of the first. */
function knowIcmpType(reading: Reading, expr: Expr, set: string | undefined): void {
  const { definition, elements } = reading.set(set)
  const first = elements[0]?.key?.value?.[0]
  if (!definition.flags.includes('anonymous') || first === undefined || reading.protocols.icmpType !== undefined) return
  if (typeof expr !== 'object' || Array.isArray(expr) || !('payload' in expr) || !('field' in expr.payload)) return
  const { protocol, field } = expr.payload
  if (field === 'type' && (protocol === 'icmp' || protocol === 'icmpv6')) reading.protocols.icmpType = first
}
