/** `match`: compares something of the packet with constants, ranges, prefixes and sets. */
import { EncodeError, isFields, show, within } from '../../../protocol/wire/codec.ts'
import type { Elem, Expr, Fib, MatchOperator, MatchStatement, Prefix, Range, SetExpr } from '../ast.ts'
import { bytesOf, compareBytes, inNetworkOrder, integerOf, numberOf } from '../datatypes/bits.ts'
import { choice } from './check.ts'
import { constant, constantAt, constantNumber, type Interval, interval, operation, prefix } from './constant.ts'
import type { Draft } from './draft.ts'
import { interval as inOneWord } from './element-value.ts'
import { evaluate, inOrder, learn, tells, widthOf } from './evaluate.ts'
import type { Constant, Node, Shape } from './node.ts'
import { registerNumber } from './registers.ts'
import { fibExists } from './select.ts'
import { anonymousSet, namedSet } from './sets.ts'
import { isText } from './shape.ts'
import { type Undone, undo } from './undo.ts'

const comparisons = {
  '==': 'eq',
  in: 'eq',
  '!=': 'neq',
  '!': 'eq',
  '<': 'lt',
  '<=': 'lte',
  '>': 'gt',
  '>=': 'gte',
} as const

const operators: ReadonlySet<unknown> = new Set(Object.keys(comparisons))

const isSet = (value: unknown): value is SetExpr => isFields(value) && 'set' in value
const isElem = (value: unknown): value is Elem => isFields(value) && 'elem' in value

export function match(draft: Draft, body: MatchStatement['match']): void {
  const op = operators.has(body.op) ? body.op : within('op', () => invalid(body.op))
  let left: Node
  try {
    left = leftOf(draft, body)
  } catch (error) {
    if (error instanceof EncodeError) error.within('left')
    throw error
  }
  try {
    if (left.kind === 'value') throw new EncodeError('must be something of the packet')
    against(draft, left, op, body.right, body.left)
  } catch (error) {
    if (error instanceof EncodeError) error.within('right')
    throw error
  }
}

/** A look-up of a route that is compared with true or false is one of whether there is one. */
function leftOf(draft: Draft, { left, right }: MatchStatement['match']): Node {
  if (typeof right === 'boolean' && isFields(left) && 'fib' in left) return fibExists(left as Fib, draft.known.family)
  return evaluate(draft, left)
}

function invalid(op: unknown): MatchOperator {
  choice(comparisons, op)
  throw new EncodeError(`must be an operator, got ${show(op)}`)
}

function against(draft: Draft, left: Node, op: MatchOperator, right: Expr, from: Expr): void {
  if (typeof right === 'string' && right.startsWith('@')) {
    inNamedSet(draft, left, op, right)
    return
  }
  if (isSet(right)) {
    inSet(draft, left, op, right, from)
    return
  }
  const spelt = typeof right === 'string' ? inOneWord(left, right) : undefined
  if (spelt !== undefined) {
    against(draft, left, op, spelt, from)
    return
  }
  if (left.kind === 'concat') throw new EncodeError('must be a set: concatenations are looked up, not compared')
  if (isFields(right)) {
    if ('range' in right) {
      inRange(draft, left, op, (right as Range).range)
      return
    }
    if ('prefix' in right) {
      hasPrefix(draft, left, op, right as Prefix)
      return
    }
  }
  if (op === '<' || op === '>' || op === '<=' || op === '>=') ordered(draft, left, op, right)
  else equal(draft, left, op, right)
}

/** The shape of the constants that a node is compared with. */
function shapeAgainst(left: Node): Shape {
  return { type: left.type, order: left.order, bits: widthOf(left) }
}

function limited(draft: Draft, left: Node, right: Expr, shape: Shape): Constant {
  const value = constant(draft, right, shape)
  const most = left.kind === 'load' || left.kind === 'hash' ? left.most : undefined
  if (most !== undefined && integerOf(value.bytes, shape.order) > BigInt(most)) {
    throw new EncodeError(`must be from 0 to ${most}, got ${show(right)}`)
  }
  return value
}

function undoConstant(value: Constant, undone: Undone): Constant {
  const { order } = undone.node
  const number = undone.undo(integerOf(value.bytes, value.order))
  return { ...value, order, bits: undone.bits, bytes: bytesOf(number, undone.bits, order) }
}

function equal(draft: Draft, left: Node, op: '==' | '!=' | 'in' | '!', right: Expr): void {
  const { type } = left
  if (op === '!' && (left.kind === 'operation' || !type.bitmask)) {
    throw new EncodeError(`the operator ! is for bits (tcp flags, ct state ...) only, these are ${type.name}`)
  }
  const value = limited(draft, left, right, shapeAgainst(left))
  if (op !== '!=' && op !== '!' && tells(left)) learn(draft, left, numberOf(value.bytes, left.order))
  if (type.bitmask && (op === '!' || (op === 'in' && left.kind !== 'operation'))) {
    anyBit(draft, left, op === '!' ? 'eq' : 'neq', value)
    return
  }
  const undone = undo(left)
  const compared = undone === undefined ? value : undoConstant(value, undone)
  draft.loadAndCompare(undone?.node ?? left, comparisons[op], compared.bytes)
}

/** Any of the bits, or none of them. */
function anyBit(draft: Draft, left: Node, op: 'eq' | 'neq', { bytes }: Constant): void {
  draft.withRegister(left, (index) => {
    draft.load(left, index)
    const register = registerNumber(index)
    const zero = new Uint8Array(bytes.length)
    draft.bitwise(register, bytes, zero)
    draft.compare(register, op, zero)
  })
}

/** Which is larger is compared byte by byte: in network order. */
function ordered(draft: Draft, left: Node, op: '<' | '>' | '<=' | '>=', right: Expr): void {
  if (isText(left.type)) throw new EncodeError(`a ${left.type.name} is not larger or smaller than another`)
  const value = limited(draft, left, right, shapeAgainst(left))
  const node = inOrder(left, 'big')
  const swapped: Constant = { ...value, order: 'big', bytes: inNetworkOrder(value.bytes, left.order) }
  const undone = undo(node)
  const compared = undone === undefined ? swapped : undoConstant(swapped, undone)
  draft.loadAndCompare(undone?.node ?? node, comparisons[op], compared.bytes)
}

function inRange(draft: Draft, left: Node, op: MatchOperator, ends: readonly Expr[]): void {
  if (op !== '==' && op !== 'in' && op !== '!=')
    throw new EncodeError(`a range is compared by == and !=, got ${show(op)}`)
  if (isText(left.type)) throw new EncodeError(`a ${left.type.name} has no ranges`)
  const shape = shapeAgainst(left)
  const across = acrossMidnight(draft, left, ends, shape)
  const { from, to } = across ?? interval(draft, ends, shape)
  const inside = (op !== '!=') === (across === undefined)
  const node = inOrder(left, 'big')
  const swapped = (value: Constant): Constant => ({
    ...value,
    order: 'big',
    bytes: inNetworkOrder(value.bytes, left.order),
  })
  const undone = undo(node)
  const finish = (value: Constant) =>
    (undone === undefined ? swapped(value) : undoConstant(swapped(value), undone)).bytes
  const least = finish(from)
  const most = finish(to)
  draft.withRegister(undone?.node ?? node, (index) => {
    draft.load(undone?.node ?? node, index)
    const register = registerNumber(index)
    if (!inside) {
      draft.add('range', { sreg: register, op: 'neq', fromData: { value: least }, toData: { value: most } })
      return
    }
    draft.compare(register, 'gte', least)
    draft.compare(register, 'lte', most)
  })
}

/** `meta hour 23:00-04:00` is not what is outside: all but the hours between. */
function acrossMidnight(draft: Draft, left: Node, ends: readonly Expr[], shape: Shape): Interval | undefined {
  if (left.type.name !== 'hour' && left.type.name !== 'day') return undefined
  const [first, last] = Array.isArray(ends) ? ends : []
  if (first === undefined || last === undefined || ends.length !== 2) return undefined
  const from = constantAt(draft, first, shape, 'range[0]')
  const to = constantAt(draft, last, shape, 'range[1]')
  const later = compareBytes(inNetworkOrder(from.bytes, shape.order), inNetworkOrder(to.bytes, shape.order)) > 0
  return later ? { from: to, to: from } : undefined
}

function hasPrefix(draft: Draft, left: Node, op: MatchOperator, right: Prefix): void {
  if (op !== '==' && op !== 'in' && op !== '!=')
    throw new EncodeError(`a prefix is compared by == and !=, got ${show(op)}`)
  const shape = shapeAgainst(left)
  if (isText(left.type)) throw new EncodeError(`a ${left.type.name} has no prefixes: write 'eth*'`)
  const { base, mask } = prefix(draft, right.prefix, shape)
  const { len } = right.prefix
  const { order } = left
  // Whole bytes: no more are loaded than the prefix has
  if (order === 'big' && len > 0 && len % 8 === 0 && left.kind !== 'operation') {
    const index = draft.take(left)
    draft.load({ ...left, bits: len } as Node, index) // the same kind with another width
    draft.compare(registerNumber(index), comparisons[op], base.bytes.slice(0, len / 8))
    draft.registers.release(index)
    return
  }
  draft.withRegister(left, (index) => {
    draft.load(left, index)
    const register = registerNumber(index)
    draft.bitwise(register, mask, new Uint8Array(mask.length))
    draft.compare(register, comparisons[op], base.bytes)
  })
}

function lookedUp(op: MatchOperator): readonly 'inv'[] {
  if (op === '!=') return ['inv']
  if (op !== '==' && op !== 'in') throw new EncodeError(`a set is compared by == and !=, got ${show(op)}`)
  return []
}

function lookup(draft: Draft, node: Node, op: MatchOperator, set: { set: string; setId?: number }): void {
  const flags = lookedUp(op)
  draft.withRegister(node, (index) => {
    draft.load(node, index)
    draft.lookup(set, { sreg: registerNumber(index), ...(flags.length > 0 && { flags }) })
  })
}

function inNamedSet(draft: Draft, left: Node, op: MatchOperator, name: string): void {
  const { definition, ...reference } = namedSet(draft, name, left)
  if (definition?.data !== undefined) throw new EncodeError(`${name} is a map: it is looked up by map or vmap`)
  const interval = definition?.flags.includes('interval') ?? false
  lookup(draft, interval ? inOrder(left, 'big') : left, op, reference)
}

function inSet(draft: Draft, left: Node, op: MatchOperator, right: SetExpr, from: Expr): void {
  const { set } = right
  if (typeof set === 'string' && set.startsWith('@')) {
    inNamedSet(draft, left, op, set)
    return
  }
  const elements = Array.isArray(set) ? set : [set]
  const [first] = elements
  if (first === undefined) throw new EncodeError('must have elements', 'set')
  // A set of one is compared, unless it is a concatenation
  const only = isElem(first) ? first.elem.val : (first as Expr)
  if (elements.length === 1 && left.kind !== 'concat' && !isSet(only)) {
    within('set[0]', () => against(draft, left, op, only, from))
    return
  }
  if (op !== '!=' && tells(left)) learnAll(draft, left, elements as readonly Expr[])
  within('set', () => {
    const { node, reference } = anonymousSet(draft, left, elements as readonly Expr[], from)
    lookup(draft, node, op, reference)
  })
}

function learnAll(draft: Draft, left: Node, elements: readonly Expr[]): void {
  const shape = shapeAgainst(left)
  elements.forEach((element, index) => {
    const value = isElem(element) ? element.elem.val : element
    if (isFields(value) && operation(value) === undefined) return
    within(`set[${index}]`, () => learn(draft, left, Number(constantNumber(draft, value, shape))))
  })
}
