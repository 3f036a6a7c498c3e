/** What is in the registers while a rule is read: nothing is named yet, because what a payload is depends on the matches before it. */

import type { Selector } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import type { Base, ExtensionKind } from '../selectors/index.ts'

/** Sizes and offsets are bits. */
export interface PayloadNode {
  kind: 'payload'
  base: Base
  offset: number
  size: number
}
/** Of an IPv6 extension header, a TCP or IP option, an SCTP chunk. */
export interface ExtensionNode {
  kind: 'extension'
  extension: ExtensionKind
  number: number
  offset: number
  size: number
  present: boolean
}
/** meta, ct, rt, fib ...: known at once. */
export interface SelectorNode {
  kind: 'selector'
  selector: Selector
  type: DataType
  size: number
}
/** `ct original saddr` by its old key: whose address depends on the protocol. */
export interface CtAddressNode {
  kind: 'ct address'
  key: 'saddr' | 'daddr'
  dir: 'original' | 'reply' | undefined
  size: number
}
export interface ValueNode {
  kind: 'value'
  bytes: Uint8Array
  size: number
}
export interface BinaryNode {
  kind: 'binary'
  operator: '&' | '^' | '|'
  left: Node
  right: Uint8Array
  size: number
}
/** Two registers combined (Linux 6.13). */
export interface PairNode {
  kind: 'pair'
  operator: '&' | '^' | '|'
  left: Node
  right: Node
  size: number
}
export interface ShiftNode {
  kind: 'shift'
  operator: '<<' | '>>'
  left: Node
  by: number
  size: number
}
/** In the other byte order. */
export interface SwappedNode {
  kind: 'swapped'
  of: Node
  size: number
}
/** What a map gives for a key. */
export interface MapNode {
  kind: 'map'
  key: Node
  set: string
  size: number
}
export interface ConcatNode {
  kind: 'concat'
  parts: Node[]
  size: number
}
export interface HashNode {
  kind: 'hash'
  of: Node
  mod: number
  offset: number
  seed: number | undefined
  size: number
}

export type Node =
  | PayloadNode
  | ExtensionNode
  | SelectorNode
  | CtAddressNode
  | ValueNode
  | BinaryNode
  | PairNode
  | ShiftNode
  | SwappedNode
  | MapNode
  | ConcatNode
  | HashNode

/** An expression that cannot be told in nft's language: its rule keeps a mark in its place. */
export class Untold extends Error {}

const NFT_REG32_00 = 8

/** 16 registers of 4 bytes, which four older ones of 16 bytes share. */
export class Registers {
  readonly #slots = new Map<number, Node>()

  static #slot(register: number): number {
    return register < NFT_REG32_00 ? (register - 1) * 4 : register - NFT_REG32_00
  }

  put(register: number | undefined, node: Node): void {
    if (register === undefined) throw new Untold('no destination')
    this.#slots.set(Registers.#slot(register), node)
  }

  /** Nothing is known any more. */
  clear(): void {
    this.#slots.clear()
  }

  /** What a register holds, whatever is behind it. */
  take(register: number | undefined): Node {
    const node = register === undefined ? undefined : this.#slots.get(Registers.#slot(register))
    if (node === undefined) throw new Untold('an empty register')
    return node
  }

  /** So many bytes of it: a concatenation, where more was put behind. */
  takeBytes(register: number | undefined, bytes: number): Node {
    const first = this.take(register)
    if (first.size >= bytes * 8 || register === undefined) return first
    const parts: Node[] = []
    let slot = Registers.#slot(register)
    for (let left = bytes; left > 0; ) {
      const part = this.#slots.get(slot)
      if (part === undefined || part.size === 0) throw new Untold('a concatenation of which a part is missing')
      parts.push(part)
      const words = Math.ceil(part.size / 32)
      slot += words
      left -= words * 4
    }
    return { kind: 'concat', parts, size: bytes * 8 }
  }
}
