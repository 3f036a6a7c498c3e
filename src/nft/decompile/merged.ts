/** Payloads beside constants: nft loads neighbouring fields at once, and of a prefix only the bytes that matter. */

import type { Expr, MatchOperator } from '../ast.ts'
import { bytesOf, integerOf, numberOf } from '../datatypes/bits.ts'
import { fieldAtStart, rawField, type Selected, type SelectedField } from './field.ts'
import type { PayloadNode } from './node.ts'
import type { Compared } from './protocol.ts'
import type { Reading, Typed } from './reading.ts'

/** One match for each field that the bytes belong to. */
export function matchPayload(reading: Reading, op: MatchOperator, payload: PayloadNode, bytes: Uint8Array): void {
  const { base } = payload
  let { offset, size } = payload
  const end = payload.offset + payload.size
  for (let first = true; size > 0 || first; first = false) {
    const rest: PayloadNode = { kind: 'payload', base, offset, size }
    const field = fieldAtStart(rest, reading.protocols)
    const whole = field === undefined || field.size >= size
    const selected = field ?? rawField(rest, reading.protocols)
    const taken = whole ? size : selected.size
    const part = bitsOf(bytes, offset - payload.offset, taken)
    matchField(reading, op, base, selected, part, taken)
    offset += taken
    size = end - offset
  }
}

export function matchField(
  reading: Reading,
  op: MatchOperator,
  base: PayloadNode['base'],
  selected: Selected | SelectedField,
  bytes: Uint8Array,
  bits = selected.size,
): void {
  const { selector, ...typed } = selected
  const value = bytes.length <= 2 ? numberOf(bytes) : undefined
  const constant = prefixOrConstant(reading, { expr: selector, ...typed }, bytes, bits)
  // several bits at once are a number to nft here
  const right = value !== undefined && typed.type.bitmask === true && typeof constant === 'object' ? value : constant
  const field = 'protocol' in selected ? selected : undefined
  const compared: Compared = { op, protocol: field?.protocol, key: field?.field ?? '', base, value }
  const { protocols } = reading
  protocols.settle(compared)
  // ports of any protocol do not say which one there is, though nft thinks so
  if (field !== undefined && field.protocol !== 'th') protocols.impliedByField(field.protocol, field.field, base)
  protocols.remember(reading.compare({ match: { op, left: selector, right } }, compared))
}

/** Fewer bits than there are to compare: a prefix, or the beginning of a name. */
export function prefixOrConstant(
  reading: Reading,
  { type, size, swapped }: Typed,
  bytes: Uint8Array,
  bits = bytes.length * 8,
): Expr {
  const typed = { type, ...(swapped && { swapped }) }
  if (bits >= size || type.chars === true) return reading.constant(bytes, typed)
  const whole = bytesOf(integerOf(bytes) << BigInt(size - bits), size)
  return { prefix: { addr: reading.constant(whole, typed), len: bits } }
}

/** So many bits of a value; fewer than whole bytes lie to the right. */
function bitsOf(bytes: Uint8Array, offset: number, size: number): Uint8Array {
  if (offset % 8 === 0 && size % 8 === 0) return bytes.slice(offset / 8, (offset + size) / 8)
  const part = new Uint8Array(Math.ceil(size / 8))
  for (let i = 0; i < size; i++) {
    const from = offset + size - 1 - i
    const bit = ((bytes[from >> 3] ?? 0) >> (7 - (from & 7))) & 1
    const to = part.length - 1 - (i >> 3)
    part[to] = (part[to] ?? 0) | (bit << (i & 7))
  }
  return part
}
