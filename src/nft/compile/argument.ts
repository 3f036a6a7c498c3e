/** What a statement takes: a constant, a range, or something of the packet. */
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { Expr, Prefix, Range } from '../ast.ts'
import { constant, type Interval, interval, isConstant, isInterval, prefix } from './constant.ts'
import type { Draft } from './draft.ts'
import { interval as inOneWord } from './element-value.ts'
import { evaluate } from './evaluate.ts'
import type { Node, Shape } from './node.ts'
import { isText } from './shape.ts'

export { type Interval, isInterval }

/** A value of the shape that is wanted, or a range of these. Sets are none: which of their values would it be? */
export function argument(draft: Draft, expr: Expr, shape: Shape): Node | Interval {
  if (typeof expr === 'string' && expr.startsWith('@'))
    throw new EncodeError(`must be one value, not the set ${show(expr)}`)
  const spelt = typeof expr === 'string' ? inOneWord(shape, expr) : undefined
  if (spelt !== undefined) return argument(draft, spelt, shape)
  if (isConstant(expr)) return constant(draft, expr, shape)
  if (isFields(expr)) {
    if ('set' in expr) throw new EncodeError('must be one value, not a set')
    if ('range' in expr) return interval(draft, (expr as Range).range, shape)
    if ('prefix' in expr) return prefixInterval(draft, expr as Prefix, shape)
  }
  const node = evaluate(draft, expr, shape)
  checkType(node, shape)
  // The route's values come in another order than the one in which they are used
  return node.kind === 'load' && node.name === 'rt' ? inShape(node, shape) : node
}

function inShape(node: Node, { order }: Shape): Node {
  if (node.order === order || isText(node.type) || node.bits < 16) return node
  const op = order === 'big' ? 'hton' : 'ntoh'
  return { kind: 'swap', type: node.type, bits: node.bits, order, op, argument: node }
}

/** All addresses of a prefix. */
function prefixInterval(draft: Draft, expr: Prefix, shape: Shape): Interval {
  const { base, last } = prefix(draft, expr.prefix, shape)
  return { from: base, to: { ...base, bytes: last } }
}

/** Numbers without meaning fit everything; anything else only what is of its own type. */
function checkType(node: Node, { type, bits }: Shape): void {
  if (node.kind === 'concat') throw new EncodeError(`must be a ${type.name}, got a concatenation`)
  if (node.type.name === type.name) return
  if (node.type.name !== 'integer') throw new EncodeError(`must be a ${type.name}, got a ${node.type.name}`)
  if (node.kind === 'payload' && node.bits !== bits) {
    throw new EncodeError(`must be a ${type.name} of ${bits} bits, got a number of ${node.bits} bits`)
  }
}
