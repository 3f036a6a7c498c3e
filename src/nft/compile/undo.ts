/** A field that does not end with its byte is not shifted but masked, and what it is compared with shifted instead. */
import type { Node } from './node.ts'

/** What is done to the packet's side is undone on the constant's, where that can be: no shift, a mask instead. */
export interface Undone {
  readonly node: Node
  readonly bits: number
  readonly undo: (value: bigint) => bigint
}

export function undo(node: Node): Undone | undefined {
  if (node.kind !== 'operation') return undefined
  const { operator, left, right, width } = node
  // A shift that a rule asks for may lose bits: only those that bring a field into place can be undone
  if (operator === '>>' && width + Number(right) <= left.bits) {
    const mask = ((1n << BigInt(left.bits)) - 1n) & (-1n << right)
    const masked: Node = { ...node, operator: '&', order: left.order, bits: left.bits, left, right: mask }
    return { node: masked, bits: width + Number(right), undo: (value) => value << right }
  }
  if (operator === '^') return { node: left, bits: width, undo: (value) => value ^ right }
  return undefined
}
