/** Constants: names, numbers and addresses as bytes in the order in which the register has them. */
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { Expr, Immediate } from '../ast.ts'
import type { Value } from '../datatype.ts'
import { bytesOf, compareBytes, inNetworkOrder, integerOf, prefixMask, swapBytes } from '../datatypes/bits.ts'
import type { Draft } from './draft.ts'
import type { Constant, Operator, Shape } from './node.ts'

/** A range of constants, both ends included. */
export interface Interval {
  readonly from: Constant
  readonly to: Constant
}

export function isInterval(value: object): value is Interval {
  return 'from' in value && 'to' in value
}

const operators: readonly Operator[] = ['&', '|', '^', '<<', '>>']

/** The operands of `{ '&': [...] }`, and which operation it is. */
export function operation(expr: Expr): { operator: Operator; operands: readonly Expr[] } | undefined {
  if (!isFields(expr)) return undefined
  for (const operator of operators) {
    const operands: unknown = (expr as Partial<Record<Operator, unknown>>)[operator]
    if (operands === undefined) continue
    if (!Array.isArray(operands) || operands.length < 2) throw new EncodeError('needs two operands', operator)
    return { operator, operands }
  }
  return undefined
}

const isImmediate = (value: unknown): value is Immediate =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** Whether an expression is a value without looking at the packet. */
export function isConstant(expr: Expr): boolean {
  if (isImmediate(expr)) return true
  if (Array.isArray(expr)) return expr.every(isConstant)
  return operation(expr)?.operands.every(isConstant) ?? false
}

/** As a number: for masks, shifts and other arithmetic. */
export function constantNumber(draft: Draft, expr: Expr, shape: Shape): bigint {
  const { type } = shape
  const found = operation(expr)
  if (found === undefined)
    return integerOf(type.parse(plainValue(expr), shape.bits, draft.context.names), type.byteorder)
  const [first, ...rest] = [...found.operands].map((operand) => constantNumber(draft, operand, shape))
  return rest.reduce((left, right) => apply(found.operator, left, right), first ?? 0n)
}

function apply(operator: Operator, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '&':
      return left & right
    case '|':
      return left | right
    case '^':
      return left ^ right
    case '<<':
      return left << right
    case '>>':
      return left >> right
  }
}

function plainValue(expr: Expr): Value {
  if (isImmediate(expr)) return expr
  if (Array.isArray(expr) && expr.every(isImmediate)) return expr
  throw new EncodeError(`must be a constant, got ${show(isFields(expr) ? Object.keys(expr)[0] : expr)}`)
}

/** A constant in the shape of what it is compared with or given to. */
export function constant(draft: Draft, expr: Expr, shape: Shape): Constant {
  const { type, bits, order } = shape
  let bytes: Uint8Array
  if (isImmediate(expr) || operation(expr) === undefined) {
    bytes = type.parse(plainValue(expr), bits, draft.context.names)
    if (order !== type.byteorder) bytes = inOrder(bytes, type.byteorder, order)
  } else {
    const value = constantNumber(draft, expr, shape)
    if (value >> BigInt(bits) !== 0n) throw new EncodeError(`must fit into ${bits} bits, got ${value}`)
    bytes = bytesOf(value, bits, order)
  }
  return { kind: 'value', type, bits, order, bytes }
}

function inOrder(bytes: Uint8Array, from: 'big' | 'host', to: 'big' | 'host'): Uint8Array {
  const big = inNetworkOrder(bytes, from)
  return to === 'big' || big === bytes ? big : swapBytes(big)
}

/** `{ range: [from, to] }`. */
export function interval(draft: Draft, ends: readonly Expr[], shape: Shape): Interval {
  const [first, last] = Array.isArray(ends) ? ends : []
  if (first === undefined || last === undefined || ends.length !== 2)
    throw new EncodeError('must be the two ends', 'range')
  const from = constantAt(draft, first, shape, 'range[0]')
  const to = constantAt(draft, last, shape, 'range[1]')
  if (compareBytes(inNetworkOrder(from.bytes, shape.order), inNetworkOrder(to.bytes, shape.order)) > 0) {
    throw new EncodeError(`must go from the lower to the higher value, got ${show(first)} and ${show(last)}`, 'range')
  }
  return { from, to }
}

export function constantAt(draft: Draft, expr: Expr, shape: Shape, path: string): Constant {
  try {
    return constant(draft, expr, shape)
  } catch (error) {
    if (error instanceof EncodeError) error.within(path)
    throw error
  }
}

/** `{ prefix: { addr, len } }`: its first address, its last one, and its mask. */
export function prefix(
  draft: Draft,
  given: { addr: Expr; len: number },
  shape: Shape,
): { base: Constant; last: Uint8Array; mask: Uint8Array } {
  const { bits, order } = shape
  if (!isFields(given)) throw new EncodeError(`must have addr and len, got ${show(given)}`, 'prefix')
  const { addr, len } = given
  if (!Number.isInteger(len) || len < 0 || len > bits) {
    throw new EncodeError(`must be from 0 to ${bits}, got ${show(len)}`, 'prefix.len')
  }
  const address = constantAt(draft, addr, shape, 'prefix.addr')
  // Of a width that is no whole number of bytes, the first bits are none of the value
  const unused = address.bytes.length * 8 - bits
  const mask = inNetworkOrder(prefixMask(len + unused, bits + unused), order)
  const bytes = address.bytes.map((byte, index) => byte & (mask[index] ?? 0))
  const last = bytes.map((byte, index) => byte | (~(mask[index] ?? 0) & 0xff))
  return { base: { ...address, bytes }, last, mask }
}
