/** What a register holds as an expression, with the names that the matches so far allow. */

import type { Expr, Selector } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { swapBytes } from '../datatypes/bits.ts'
import { hostInteger, ipv4_addr, ipv6_addr, rawInteger } from '../datatypes/index.ts'
import type { SetPart } from '../objects/set-definition.ts'
import type { Base, ExtensionKind, HeaderName } from '../selectors/index.ts'
import { extensionOf, fieldOf, rawField, type Selected, type SelectedField } from './field.ts'
import { narrow } from './narrow.ts'
import { type BinaryNode, type ExtensionNode, type MapNode, type Node, type PayloadNode, Untold } from './node.ts'
import type { Reading, Typed } from './reading.ts'

/** An expression for what is to be compared, looked up or written. */
export function resolve(reading: Reading, node: Node): Typed {
  switch (node.kind) {
    case 'payload':
      return payload(reading, node)
    case 'extension':
      return extension(reading, node)
    case 'selector':
      return { expr: node.selector, type: node.type, size: node.size }
    case 'ct address':
      return ctAddress(reading, node.key, node.dir)
    case 'value':
      return { expr: reading.constant(node.bytes, { type: rawInteger }), type: rawInteger, size: node.size }
    case 'binary':
      return binary(reading, node)
    case 'pair': {
      const left = resolve(reading, node.left)
      return { ...left, expr: { [node.operator]: [left.expr, resolve(reading, node.right).expr] } as unknown as Expr } // one of the operators
    }
    case 'shift': {
      const left = resolve(reading, node.left)
      return { ...left, expr: { [node.operator]: [left.expr, node.by] } as unknown as Expr } // one of the operators
    }
    case 'swapped': {
      const of = resolve(reading, node.of)
      return { ...of, swapped: of.swapped !== true }
    }
    case 'map':
      return map(reading, node)
    case 'concat': {
      const parts = node.parts.map((part) => key(reading, part).expr)
      return { expr: { concat: parts }, type: rawInteger, size: node.size }
    }
    case 'hash': {
      const { of, mod, offset, seed } = node
      const { expr } = key(reading, of)
      const jhash = { mod, ...(seed !== undefined && { seed }), ...(offset > 0 && { offset }), expr }
      return { expr: { jhash }, type: hostInteger, size: 32 }
    }
  }
}

function payload(reading: Reading, node: PayloadNode): Typed {
  const field: Selected | SelectedField = fieldOf(node, reading.protocols) ?? rawField(node, reading.protocols)
  // ports of any protocol do not say which one there is, though nft thinks so
  if (isNamed(field) && field.protocol !== 'th')
    reading.protocols.impliedByField(field.protocol, field.field, node.base)
  return { expr: field.selector, type: field.type, size: field.size }
}

function isNamed(selected: Selected | SelectedField): selected is SelectedField {
  return 'protocol' in selected
}

/** The headers that have extensions. nft keeps what was asked for before an SCTP chunk. */
const bearers = {
  'tcp option': ['transport_header', 'tcp'],
  exthdr: ['network_header', 'ip6'],
  'ip option': ['network_header', 'ip'],
  'sctp chunk': ['inner_header', 'sctp'],
} as const satisfies Record<ExtensionKind, readonly [Base, HeaderName]>

function extension(reading: Reading, node: ExtensionNode): Typed {
  const found = extensionOf(node)
  if (found === undefined) throw new Untold(`${node.extension} ${node.number}`)
  const [layer, protocol] = bearers[node.extension]
  reading.protocols.impliedByExtension(layer, protocol)
  return { expr: found.selector, type: found.type, size: found.size }
}

/** nft leaves the family out of its JSON where it had it from a match that it takes back. */
function ctAddress(reading: Reading, key: 'saddr' | 'daddr', dir: 'original' | 'reply' | undefined): Typed {
  const known = reading.protocols.known('network_header')
  const six = known === 'ip6'
  const family =
    reading.family === 'ip' || reading.family === 'ip6' ? {} : { family: six ? ('ip6' as const) : ('ip' as const) }
  const selector: Selector = { ct: { key, ...(dir !== undefined && { dir }), ...family } }
  return { expr: selector, type: six ? ipv6_addr : ipv4_addr, size: six ? 128 : 32 }
}

function binary(reading: Reading, node: BinaryNode): Typed {
  const left = resolve(reading, node.left)
  const right = reading.constant(node.right, left)
  return { ...left, expr: { [node.operator]: [left.expr, right] } as unknown as Expr } // one of the operators
}

/** A map's values have the type of what they are for. */
function map(reading: Reading, { key: node, set, size }: MapNode, wanted?: DataType): Typed {
  const { expr, parts } = keyWithParts(reading, node)
  const { definition } = reading.set(set)
  const [data] = Array.isArray(definition.data) ? definition.data : []
  const values = data && wanted && { type: wanted, bits: data.bits }
  return {
    expr: { map: { key: expr, data: reading.reference(set, parts, values) } },
    type: data?.type ?? rawInteger,
    size,
  }
}

/** What is looked up or counted: a field that is no whole bytes stands there without its mask. */
function key(reading: Reading, node: Node): Typed {
  const narrowed = narrow(node, reading.protocols)
  return resolve(reading, narrowed === undefined || narrowed.shift > 0 ? node : narrowed.node)
}

/** A key, and the types of its parts. */
export function keyWithParts(reading: Reading, node: Node): { expr: Expr; parts: SetPart[] } {
  const nodes = node.kind === 'concat' ? node.parts : [node]
  const typed = nodes.map((part) => shiftedKey(reading, part))
  const exprs = typed.map(({ expr }) => expr)
  return { expr: node.kind === 'concat' ? { concat: exprs } : (exprs[0] ?? 0), parts: typed.map(({ part }) => part) }
}

/** Where a mask is not followed by a shift, the set's elements stand to the left. */
function shiftedKey(reading: Reading, node: Node): { expr: Expr; part: SetPart } {
  const narrowed = narrow(node, reading.protocols)
  const { expr, type, size } = resolve(reading, narrowed?.node ?? node)
  const shift = narrowed?.shift ?? 0
  return { expr, part: { type, bits: size + shift, ...(shift > 0 && { shift }) } }
}

/** A constant as one of the type; whatever else is in the register as it is. */
export function valueAs(reading: Reading, node: Node, typed: Pick<Typed, 'type' | 'swapped'>): Expr {
  if (node.kind === 'swapped' && node.of.kind === 'value') return reading.constant(swapBytes(node.of.bytes), typed)
  if (node.kind === 'map') return map(reading, node, typed.type).expr
  return node.kind === 'value' ? reading.constant(node.bytes, typed) : key(reading, node).expr
}
