/** Expressions that look at the packet, as nodes: selectors with what they depend on, concatenations, operations, maps. */
import { EncodeError, isFields, show, within } from '../../../protocol/wire/codec.ts'
import type { Expr, MapExpr, NftFamily, Selector } from '../ast.ts'
import { hostInteger } from '../datatypes/basic.ts'
import { isSelector, resolveSelector } from '../selectors/index.ts'
import { integer } from './check.ts'
import { constant, constantNumber, isConstant, operation } from './constant.ts'
import { requireConntrack, requireHeader, requireNetwork } from './dependencies.ts'
import type { Draft } from './draft.ts'
import { checkSelector } from './hooks.ts'
import type { Concatenation, Exthdr, Load, Node, Operation, Operator, Payload, Shape } from './node.ts'
import { NETWORK } from './protocols.ts'
import { space } from './registers.ts'
import { conntrackKey, headerField, jhash, metaKey, numgen, otherKey, rawBytes, symhash } from './select.ts'
import { dataMap } from './sets.ts'
import { isText, shapeOf } from './shape.ts'

const number = shapeOf(hostInteger, 32)

/** Whose addresses `ct original saddr` and `rt nexthop` are. */
function packetFamily(draft: Draft): NftFamily {
  const network = draft.known.layers[NETWORK]?.name
  return network === 'ip' || network === 'ip6' ? network : draft.known.family
}

/** The value of a selector, a concatenation, an operation or a map; `wanted` is what it will be used as, where that matters. */
export function evaluate(draft: Draft, expr: Expr, wanted?: Shape): Node {
  if (!isFields(expr)) {
    if (wanted !== undefined) return constant(draft, expr, wanted)
    throw new EncodeError(`must be something of the packet (payload, meta, ct ...), got ${show(expr)}`)
  }
  if (isSelector(expr)) {
    checkBodies(expr)
    return selected(draft, expr, wanted)
  }
  if ('concat' in expr && Array.isArray(expr.concat)) return concatenation(draft, expr.concat)
  if ('map' in expr) return within('map', () => dataMap(draft, (expr as MapExpr).map, wanted))
  const found = operation(expr as Expr)
  if (found === undefined) throw new EncodeError(`cannot be used here: ${show(Object.keys(expr)[0])}`)
  if (isConstant(expr as Expr) && wanted !== undefined) return constant(draft, expr as Expr, wanted)
  return within(found.operator, () => operate(draft, found.operator, found.operands, wanted))
}

/** Selectors hold objects, whoever wrote them. */
export function checkBodies(selector: unknown): void {
  if (!isFields(selector)) return
  for (const word in selector) {
    if (!isFields(selector[word])) throw new EncodeError(`must be an object, got ${show(selector[word])}`, word)
  }
}

function selected(draft: Draft, selector: Selector, wanted: Shape | undefined): Node {
  if ('payload' in selector) {
    const { payload } = selector
    const node = 'base' in payload ? rawBytes(selector) : headerField(payload.protocol, payload.field)
    return wholeBytes(requireHeader(draft, node))
  }
  if ('meta' in selector) return metaKey(selector.meta.key)
  if ('ct' in selector) {
    const node = conntrackKey(selector.ct, packetFamily(draft))
    requireConntrack(draft, node)
    return node
  }
  if ('numgen' in selector) return within('numgen', () => usedAs(numgen(selector.numgen), wanted))
  if ('symhash' in selector) return within('symhash', () => usedAs(symhash(selector.symhash), wanted))
  if ('jhash' in selector) {
    return within('jhash', () => {
      const argument = within('expr', () => evaluate(draft, selector.jhash.expr))
      return usedAs({ kind: 'hash', ...number, argument, ...jhash(selector.jhash) }, wanted)
    })
  }
  if ('exthdr' in selector || 'tcp option' in selector || 'ip option' in selector || 'sctp chunk' in selector) {
    return wholeBytes(extension(draft, selector))
  }
  checkSelector(draft, selector)
  return otherKey(selector, packetFamily(draft))
}

/** Numbers of the kernel's making are whatever they are used as, of 4 bytes. */
function usedAs<N extends Node>(node: N, wanted: Shape | undefined): N {
  if (wanted === undefined || wanted.bits !== node.bits || isText(wanted.type)) return node
  return { ...node, type: wanted.type }
}

/** An extension header or option, and the IP that has it. */
export function extension(draft: Draft, selector: Selector): Exthdr {
  const resolved = resolveSelector(selector)
  if (resolved.kind !== 'exthdr') throw new EncodeError('is no extension header or option')
  const { op, number, offset, present } = resolved
  const option = 'tcp option' in selector ? selector['tcp option'] : undefined
  if (option !== undefined && !('name' in option)) {
    within('tcp option.base', () => integer(option.base, 0, 255))
    within('tcp option.offset', () => integer(option.offset, 0, 40 * 8))
    within('tcp option.len', () => integer(option.len, 0, 128))
  }
  if (op === 'ipv6') requireNetwork(draft, 'ip6')
  if (op === 'ipv4') requireNetwork(draft, 'ip')
  return { kind: 'exthdr', ...shapeOf(resolved.type, resolved.size), op, number, offset, present }
}

/** How far the last bit of a field is from the end of the bytes that have it, and how many bits more than its own these take. */
export function place(bits: number, offset: number): { shift: number; extra: number } {
  let shift = Math.ceil(bits / 8) * 8 - ((offset % 8) + bits)
  let extra = 0
  while (shift < 0) {
    shift += 8
    extra += 8
  }
  return { shift, extra }
}

/** A field that does not fill its bytes: loads these, and leaves its own bits only. */
function wholeBytes(node: Payload | Exthdr): Node {
  const { bits, offset, type, order } = node
  if (offset % 8 === 0 && bits % 8 === 0) return node
  const { shift, extra } = place(bits, offset)
  const shape = { type, order, bits: bits + shift, width: bits }
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(shift)
  const left: Node = extra === 0 ? node : { ...node, bits: bits + extra }
  const masked: Operation = { kind: 'operation', ...shape, operator: '&', left, right: mask }
  return shift === 0 ? masked : { kind: 'operation', ...shape, operator: '>>', left: masked, right: BigInt(shift) }
}

function concatenation(draft: Draft, parts: readonly Expr[], wanted?: readonly Shape[]): Concatenation | Node {
  const nodes = [...parts].map((part, index) =>
    within(`concat[${index}]`, () => evaluate(draft, part, wanted?.[index])),
  )
  const [first] = nodes
  if (first === undefined) throw new EncodeError('must have parts', 'concat')
  if (nodes.length === 1) return first
  return concatenated(nodes)
}

function concatenated(nodes: readonly Node[]): Concatenation {
  const [first] = nodes
  if (first === undefined) throw new EncodeError('must have parts', 'concat')
  const bits = nodes.reduce((sum, node) => sum + space(node.bits) * 32, 0)
  return { kind: 'concat', type: first.type, order: 'big', bits, parts: nodes }
}

/** The width of what a node is compared with: that of the field, not of the bytes around it. */
export function widthOf(node: Node): number {
  return node.kind === 'operation' ? node.width : node.bits
}

/** Shifts work on numbers in the machine's order; masks do not care. */
function operate(draft: Draft, operator: Operator, operands: readonly Expr[], wanted: Shape | undefined): Node {
  const [first, ...rest] = operands
  if (first === undefined) throw new EncodeError('needs operands')
  let node = within('[0]', () => evaluate(draft, first, wanted))
  rest.forEach((operand, index) => {
    node = within(`[${index + 1}]`, () => {
      if (!isConstant(operand)) throw new EncodeError('must be a constant: only the first operand is of the packet')
      if (operator === '<<' || operator === '>>') return shifted(draft, node, operator, operand)
      const { type, order, bits } = node
      if (isText(type)) throw new EncodeError(`text has no ${operator}`)
      const width = widthOf(node)
      const right = constantNumber(draft, operand, { type, order, bits: width })
      return { kind: 'operation', type, order, bits, width, operator, left: node, right }
    })
  })
  return node
}

function shifted(draft: Draft, node: Node, operator: '<<' | '>>', operand: Expr): Node {
  const right = constantNumber(draft, operand, number)
  if (right >= BigInt(node.bits))
    throw new EncodeError(`must be less than the ${node.bits} bits of the value, got ${right}`)
  const left = inOrder(node, 'host')
  return {
    kind: 'operation',
    type: node.type,
    order: 'host',
    bits: left.bits,
    width: widthOf(left),
    operator,
    left,
    right,
  }
}

/** The same value in another byte order. One byte, and text, have none. */
export function inOrder(node: Node, order: 'big' | 'host'): Node {
  if (node.kind === 'concat') {
    if (order === 'host') throw new EncodeError('a concatenation has no byte order')
    return { ...node, parts: node.parts.map((part) => inOrder(part, order)) }
  }
  if (node.order === order || isText(node.type)) return node
  if (node.bits / 8 < 2) return { ...node, order }
  return {
    kind: 'swap',
    type: node.type,
    bits: node.bits,
    order,
    op: order === 'big' ? 'hton' : 'ntoh',
    argument: node,
  }
}

/** What a load that tells a protocol says when it is compared with a number. */
export function learn(draft: Draft, node: Node, number: number): void {
  if (node.kind === 'payload' && node.tells && node.protocol !== undefined) draft.known.header(node.protocol, number)
  if (node.kind !== 'load' || node.tells === undefined) return
  if (node.name === 'meta') draft.known.meta(node.tells, number)
  else draft.known.conntrack(node.tells, number)
}

export function tells(node: Node): node is Load | Payload {
  return (node.kind === 'payload' && node.tells) || (node.kind === 'load' && node.tells !== undefined)
}
