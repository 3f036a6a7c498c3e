/** Fields that are no whole bytes: they are loaded with their neighbours, masked, and for look-ups shifted to the right. */

import { integerOf } from '../datatypes/bits.ts'
import { extensionAt } from '../selectors/index.ts'
import { fieldOf } from './field.ts'
import type { ExtensionNode, Node, PayloadNode } from './node.ts'
import type { Protocols } from './protocol.ts'

export interface Narrowed {
  node: PayloadNode | ExtensionNode
  /** How far constants beside it stand to the left. */
  shift: number
}

/** The field that a mask leaves of a payload; undefined where it is none. */
export function narrow(node: Node, protocols: Protocols): Narrowed | undefined {
  if (node.kind === 'shift' && node.operator === '>>') {
    const inner = narrow(node.left, protocols)
    return inner && inner.shift >= node.by ? { node: inner.node, shift: inner.shift - node.by } : undefined
  }
  if (node.kind !== 'binary' || node.operator !== '&') return undefined
  const { left, right } = node
  if (left.kind !== 'payload' && left.kind !== 'extension') return undefined
  return masked(left, right, protocols)
}

/** The field below the bits of a mask. */
export function masked(
  node: PayloadNode | ExtensionNode,
  mask: Uint8Array,
  protocols: Protocols,
): Narrowed | undefined {
  const bits = integerOf(mask, 'big').toString(2)
  const first = bits.indexOf('1')
  const last = bits.lastIndexOf('1')
  if (first < 0 || bits.slice(first, last + 1).includes('0')) return undefined
  const shift = bits.length - 1 - last
  const inside = { ...node, offset: node.offset + mask.length * 8 - bits.length, size: last - first + 1 }
  return isField(inside, protocols) ? { node: inside, shift } : undefined
}

function isField(node: PayloadNode | ExtensionNode, protocols: Protocols): boolean {
  if (node.kind === 'payload') return fieldOf(node, protocols) !== undefined
  return extensionAt(node.extension, node.number, node.offset, node.size) !== undefined
}
