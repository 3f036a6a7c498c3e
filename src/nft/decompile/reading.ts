/** A rule while it is read: registers, what is known of the packet, and the statements so far. */

import type { SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import type { Expr, MatchOperator, NftFamily, Statement } from '../ast.ts'
import type { DataType, Names, Value } from '../datatype.ts'
import { swapBytes } from '../datatypes/bits.ts'
import { inet_proto } from '../datatypes/index.ts'
import type { SetDefinition, SetPart } from '../objects/set-definition.ts'
import { decompileElements } from './elements.ts'
import { Registers, Untold } from './node.ts'
import { type Compared, type Entry, Protocols } from './protocol.ts'

export interface DecompileContext {
  /** Of the table. */
  readonly family: NftFamily
  /** Sets of the table, named and anonymous; the latter with their elements. */
  set(name: string): { definition: SetDefinition; elements: readonly SetElement[] } | undefined
  /** Names of interfaces and the like; without it, numbers. */
  readonly names?: Names | undefined
}

/** An expression, and what its constants are. */
export interface Typed {
  expr: Expr
  type: DataType
  size: number
  /** Its bytes are in the other order. */
  swapped?: boolean
}

export class Reading {
  readonly family: NftFamily
  readonly names: Names | undefined
  readonly registers: Registers = new Registers()
  readonly protocols: Protocols
  readonly #context: DecompileContext
  #entries: Entry[] = []

  constructor(context: DecompileContext) {
    this.#context = context
    this.family = context.family
    this.names = context.names
    this.protocols = new Protocols(context.family, (entry) => {
      this.#entries = this.#entries.filter((each) => each !== entry)
    })
  }

  /** A comparison: what implies it later may take it back. */
  compare(statement: Statement, compared?: Compared): Entry {
    const entry: Entry = compared === undefined ? { statement } : { statement, compared }
    this.#entries.push(entry)
    return entry
  }

  /** A statement that does something. */
  add(statement: Statement): void {
    this.#entries.push({ statement })
    this.protocols.reset()
  }

  /** The same; with the comparison before it may make a range: `>= a` and `<= b`, `< a` and `> b`. Undefined then. */
  compareWith(op: MatchOperator, left: Expr, right: Expr, compared?: Compared): Entry | undefined {
    const before = this.#entries.at(-1)?.statement
    const range = before === undefined ? undefined : rangeOf(before, op, left, right)
    if (range === undefined) return this.compare({ match: { op, left, right } }, compared)
    this.#entries.pop()
    this.#entries.push({ statement: range })
    return undefined
  }

  statements(): Statement[] {
    return this.#entries.map(({ statement }) => statement)
  }

  set(name: string | undefined): { definition: SetDefinition; elements: readonly SetElement[] } {
    const found = name === undefined ? undefined : this.#context.set(name)
    if (found === undefined) throw new Untold(`set ${name}`)
    return found
  }

  /** `@name`, or an anonymous set's elements. These have the types of what is looked up, which say more than the set's own. */
  reference(name: string | undefined, key: readonly SetPart[], data?: SetPart): Expr {
    const { definition, elements } = this.set(name)
    if (!definition.flags.includes('anonymous')) return `@${definition.name}`
    const values = data !== undefined &&
      Array.isArray(definition.data) &&
      definition.data.length === 1 && { data: [data] }
    const own = key.length === definition.key.length ? { ...definition, key, ...values } : definition
    return { set: decompileElements(own, elements, this.names) }
  }

  /** A constant as nft's JSON has it; of a bitmask with several bits, all of them together. */
  constant(bytes: Uint8Array, { type, swapped }: { type: DataType; swapped?: boolean }): Expr {
    return together(this.value(bytes, { type, ...(swapped && { swapped }) }))
  }

  /** An end of a range. */
  end(bytes: Uint8Array, typed: { type: DataType; swapped?: boolean }): Expr {
    return typed.type === inet_proto ? numbered(this.constant(bytes, typed)) : this.constant(bytes, typed)
  }

  /** The same as a constant, but as a list of bits. */
  value(bytes: Uint8Array, { type, swapped }: { type: DataType; swapped?: boolean }): Value {
    const ordered = swapped ? swapBytes(bytes) : bytes
    return ordered.length === 0 ? 0 : type.format(ordered, this.names)
  }
}

/** `syn | ack` as a tree, the way nft does. */
function together(value: Value): Expr {
  if (!Array.isArray(value)) return value
  return (
    value.reduce<Expr | undefined>((left, bit) => (left === undefined ? bit : { '|': [left, bit] }), undefined) ?? 0
  )
}

/** Two comparisons with the same, one after the other. */
function rangeOf(before: Statement, op: MatchOperator, left: Expr, right: Expr): Statement | undefined {
  if (!('match' in before) || (op !== '<=' && op !== '>')) return undefined
  if (JSON.stringify(before.match.left) !== JSON.stringify(left)) return undefined
  const range: Expr = { range: [numbered(before.match.right), numbered(right)] }
  if (before.match.op === '>=' && op === '<=') return { match: { op: '==', left, right: range } }
  return before.match.op === '<' && op === '>' ? { match: { op: '!=', left, right: range } } : undefined
}

/** Protocols have numbers in ranges. */
function numbered(end: Expr): Expr {
  return typeof end === 'string' ? (inet_proto.names[end as keyof typeof inet_proto.names] ?? end) : end // undefined for other words
}
