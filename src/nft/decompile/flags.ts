/** Comparisons of masked values: bits (`ct state established,related`), prefixes, fields of a few bits, and what stays a binary operation. */

import type { Expr, MatchOperator } from '../ast.ts'
import { bytesOf, integerOf, prefixLength, swapBytes } from '../datatypes/bits.ts'
import { fieldOf } from './field.ts'
import { matchField } from './merged.ts'
import { type Narrowed, narrow } from './narrow.ts'
import type { BinaryNode, ShiftNode } from './node.ts'
import type { Reading, Typed } from './reading.ts'
import { resolve } from './resolve.ts'

/** nft takes constants of these types as prefixes. */
const prefixed: ReadonlySet<string> = new Set(['ipv4_addr', 'ipv6_addr', 'mark', 'devgroup', 'realm'])

export function matchBinary(
  reading: Reading,
  op: MatchOperator,
  node: BinaryNode | ShiftNode,
  bytes: Uint8Array,
): void {
  const inner = node.left
  const masks = node.kind === 'binary' && node.operator === '&' ? node : undefined
  // a field of a few bits has no name before its mask is gone
  const field =
    masks && (inner.kind === 'payload' || inner.kind === 'extension') ? narrow(node, reading.protocols) : undefined
  if (masks === undefined || (op !== '==' && op !== '!=')) matchPlain(reading, op, node, bytes)
  else if (field !== undefined && field.node.size < inner.size) matchNarrow(reading, op, field, bytes)
  else matchMasked(reading, op, masks, bytes)
}

function matchMasked(reading: Reading, op: '==' | '!=', node: BinaryNode, bytes: Uint8Array): void {
  const typed = resolve(reading, node.left)
  const length = prefixed.has(typed.type.name) ? maskLength(node.right, typed) : undefined
  if (typed.type.bitmask === true) matchFlags(reading, op, typed, node.right, bytes)
  else if (length === undefined) matchPlain(reading, op, node, bytes)
  else {
    const right: Expr = { prefix: { addr: reading.constant(bytes, typed), len: length } }
    reading.compare({ match: { op, left: typed.expr, right } })
  }
}

function maskLength(mask: Uint8Array, { type, swapped }: Typed): number | undefined {
  const host = type.byteorder === 'host' && swapped !== true
  return prefixLength(host ? swapBytes(mask) : mask)
}

function matchPlain(reading: Reading, op: MatchOperator, node: BinaryNode | ShiftNode, bytes: Uint8Array): void {
  const narrowed = narrow(node, reading.protocols)
  if (narrowed !== undefined) {
    matchNarrow(reading, op, narrowed, bytes)
    return
  }
  const typed = resolve(reading, node)
  reading.compareWith(op, typed.expr, reading.constant(bytes, typed))
}

/** The mask goes without saying, and the constant moves to the right with the field. */
function matchNarrow(reading: Reading, op: MatchOperator, { node, shift }: Narrowed, bytes: Uint8Array): void {
  const shifted = bytesOf(integerOf(bytes, 'big') >> BigInt(shift), node.size, 'big')
  const field = node.kind === 'payload' ? fieldOf(node, reading.protocols) : undefined
  if (node.kind === 'payload' && field !== undefined && (op === '==' || op === '!=')) {
    matchField(reading, op, node.base, field, shifted)
    return
  }
  const typed = resolve(reading, node)
  reading.compareWith(op, typed.expr, reading.constant(shifted, typed))
}

/** `in`: any of these bits; `!`: none of them; else the bits that are left are compared. */
function matchFlags(
  reading: Reading,
  op: MatchOperator,
  { expr, ...typed }: Typed,
  mask: Uint8Array,
  bytes: Uint8Array,
): void {
  const bits = reading.value(mask, typed)
  if (bytes.every((byte) => byte === 0)) {
    reading.compare({ match: { op: op === '!=' ? 'in' : '!', left: expr, right: bits } })
    return
  }
  const right = reading.value(bytes, typed)
  reading.compare({ match: { op, left: { '&': [expr, bits] }, right } })
}
