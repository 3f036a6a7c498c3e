/** Keys and values of elements: constants, prefixes and ranges as bytes. */
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { BinaryOperator, Expr, Immediate } from '../ast.ts'
import { fitting, type Names, type Value } from '../datatype.ts'
import { bytesOf, compareBytes, inNetworkOrder, integerOf, prefixMask } from '../datatypes/bits.ts'
import { bytesOfPart, type SetPart } from '../objects/set-parts.ts'

/** First and last key of an element, in network order and not shifted. */
export interface Bounds {
  low: Uint8Array
  high: Uint8Array
}

function isImmediate(given: Expr): given is Immediate {
  return typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean'
}

/** The width of a value before it is shifted to its place. */
function widthOf({ bits, shift = 0 }: SetPart): number {
  return bits - shift
}

/** One constant in the type's own byte order; names with '*' give fewer bytes. */
function parse(part: SetPart, given: Expr, names: Names | undefined): Uint8Array {
  const { type } = part
  if (isImmediate(given)) return type.parse(given, widthOf(part), names)
  if (Array.isArray(given)) {
    if (given.every(isImmediate)) return type.parse(given as Value, widthOf(part), names) // each is one
    throw new EncodeError(`must be a constant, got ${show(given)}`)
  }
  if (!isFields(given)) throw new EncodeError(`must be a constant, got ${show(given)}`)
  const found = Object.entries(given).find(([operator]) => Object.hasOwn(operations, operator))
  if (!found) throw new EncodeError(`must be a constant, got ${show(Object.keys(given)[0] ?? given)}`)
  const [operator, operands] = found as [keyof typeof operations, readonly Expr[]] // of them, just asked
  if (!Array.isArray(operands) || operands.length < 2)
    throw new EncodeError(`must be an array of two, got ${show(operands)}`, operator)
  const numbers = operands.map((operand) => integerOf(parse(part, operand, names), type.byteorder))
  return bytesOf(fitting(numbers.reduce(operations[operator]), widthOf(part)), widthOf(part), type.byteorder)
}

const operations: Record<BinaryOperator, (a: bigint, b: bigint) => bigint> = {
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
}

/** One value as it lies in a register, where the set has no intervals. */
export function exact(part: SetPart, given: Expr, names: Names | undefined): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = parse(part, given, names)
  } catch (error) {
    if (interval(part, given)) throw new EncodeError(`must be one value: the set has no flag 'interval'`)
    throw error
  }
  if (part.type.chars && bytes.length < bytesOfPart(part))
    throw new EncodeError(`must be a whole name: '*' needs the flag 'interval'`)
  return part.shift ? shifted(part, bytes) : bytes
}

/** Moves a value to its place. */
export function shifted({ bits, shift = 0, type }: SetPart, bytes: Uint8Array, order = type.byteorder): Uint8Array {
  return shift === 0 ? bytes : bytesOf(integerOf(bytes, order) << BigInt(shift), bits, order)
}

/** First and last value of a constant, prefix, range or name with '*'. */
export function bounds(part: SetPart, given: Expr, names: Names | undefined): Bounds {
  const { type } = part
  const network = (value: Expr): Uint8Array => {
    const bytes = parse(part, value, names)
    if (bytes.length < bytesOfPart(part) && type.chars)
      throw new EncodeError(`must be a whole name, got ${show(value)}`)
    return inNetworkOrder(bytes, type.byteorder)
  }
  const found = interval(part, given)
  if (!found) {
    const bytes = inNetworkOrder(parse(part, given, names), type.byteorder)
    return type.chars && bytes.length < bytesOfPart(part) ? beginning(part, bytes) : { low: bytes, high: bytes }
  }
  if ('prefix' in found) {
    if (!isFields(found.prefix)) throw new EncodeError(`must be { addr, len }, got ${show(found.prefix)}`, 'prefix')
    const { addr, len } = found.prefix
    const width = widthOf(part)
    if (!Number.isInteger(len) || len < 0 || len > width)
      throw new EncodeError(`must be from 0 to ${width}, got ${show(len)}`, 'prefix.len')
    const mask = prefixMask(len, width)
    const address = network(addr)
    if (width % 8 !== 0) throw new EncodeError('has no prefixes: its width is no whole number of bytes', 'prefix')
    return {
      low: address.map((byte, i) => byte & at(mask, i)),
      high: address.map((byte, i) => byte | (~at(mask, i) & 0xff)),
    }
  }
  if (!Array.isArray(found.range) || found.range.length !== 2)
    throw new EncodeError(`must be an array of two, got ${show(found.range)}`, 'range')
  const [first, last] = found.range
  const low = network(first)
  const high = network(last)
  if (compareBytes(low, high) > 0)
    throw new EncodeError(`must go from the lower to the higher value, got ${show(first)} and ${show(last)}`, 'range')
  return { low, high }
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number // masks are as long as what they mask
}

function beginning(part: SetPart, bytes: Uint8Array): Bounds {
  const low = new Uint8Array(bytesOfPart(part))
  const high = new Uint8Array(bytesOfPart(part)).fill(0xff)
  low.set(bytes)
  high.set(bytes)
  return { low, high }
}

/** Types whose prefixes and ranges may be written in one word: '10.0.0.0/8', '80-90'. */
const written: Readonly<Record<string, RegExp>> = {
  ipv4_addr: /^([0-9.]+)(?:\/(\d+)|-([0-9.]+))$/,
  ipv6_addr: /^([0-9a-fA-F:.]+)(?:\/(\d+)|-([0-9a-fA-F:.]+))$/,
  inet_service: /^(\d+)(?:\/(\d+)|-(\d+))$/,
}

/** A prefix or range, also one in a word; undefined for one value. */
export function interval(
  { type }: Pick<SetPart, 'type'>,
  given: Expr,
): { prefix: { addr: Expr; len: number } } | { range: [Expr, Expr] } | undefined {
  if (typeof given === 'object') {
    if (given === null || Array.isArray(given)) return undefined
    return 'prefix' in given || 'range' in given ? given : undefined
  }
  if (typeof given !== 'string' || !(given.includes('/') || given.includes('-'))) return undefined
  const word = written[type.name]?.exec(given)
  if (!word) return undefined
  const [, first = '', length, last] = word
  return length === undefined ? { range: [first, last ?? ''] } : { prefix: { addr: first, len: Number(length) } }
}

/** Whether any of these keys or values, or a part of one, is a prefix, a range, or a name with '*'. */
export function needsInterval(elements: readonly unknown[]): boolean {
  return elements.some(inside)
}

function inside(given: unknown): boolean {
  if (typeof given === 'string') {
    if (/^[0-9a-fA-F.:]+[/-][0-9a-fA-F.:]+$/.test(given)) return Object.values(written).some((word) => word.test(given))
    return given.length > 1 && given.endsWith('*') && !given.endsWith('\\*')
  }
  // Of a pair, the key decides.
  if (Array.isArray(given)) return inside(given[0])
  if (!isFields(given)) return false
  if ('prefix' in given || 'range' in given) return true
  if (isFields(given.elem)) return inside(given.elem.val)
  return 'concat' in given && Array.isArray(given.concat) && given.concat.some(inside)
}
