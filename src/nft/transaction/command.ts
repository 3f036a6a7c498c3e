/** What a batch is made of: commands, noted by their verb and written into a transaction when all are known. */

import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { NftFamily } from '../ast.ts'
import type { Names } from '../datatype.ts'
import type { SetDefinition } from '../objects/set-definition.ts'
import type { Moulds } from './moulds.ts'
import type { Transaction } from './transaction.ts'

/** What verbs write with. */
export interface Writer {
  readonly transaction: Transaction
  /** In large batches: rules like those before. */
  readonly moulds: Moulds | undefined
  /** How many questions to the kernel the command has raised: it is written again when they are answered. */
  readonly missing: number
  /**
   * The definition of a named set: of one made in this batch, or of the kernel's; undefined where there is none. One that nobody has asked the kernel
   * for yet is noted as missing: what was written of the command is then thrown away, and written again when it is known.
   */
  set(family: NftFamily, table: string, name: string): SetDefinition | undefined
  /** Remembers a set that is made in this batch. */
  define(family: NftFamily, table: string, definition: SetDefinition): void
  /** Numbers of names that only the machine knows; a device is missing as sets are. */
  readonly names: Names
  /** A chain of this batch or of the kernel's, missing as sets are. */
  chain(family: NftFamily, table: string, name: string): KnownChain | undefined
  defineChain(family: NftFamily, table: string, name: string, chain: KnownChain): void
  /** Here a batch that is done in steps may be cut. */
  step(): void
}

/** What rules and renaming want to know of a chain. */
export interface KnownChain {
  readonly type?: string
  readonly hook?: string
  readonly handle?: number
}

/** What a command refers to is neither in its batch nor in the kernel. */
export class NotThere extends EncodeError {}

/** One of the messages that a command was written as. */
export interface Written {
  /** 'NFT_MSG_NEWRULE' */
  readonly operation: string
  /** How many sets the command had made before it, and with it. */
  readonly sets: number
  /** What it says. */
  value(): unknown
}

/** What can be done to a kind of object. */
export interface Verb<I> {
  /** 'rule.add' */
  readonly name: string
  /** What its caller gave as one object, where that is more than one. */
  input?(...given: readonly unknown[]): unknown
  /** What it is about, for errors. */
  subject(input: I): string
  write(input: I, writer: Writer, command: NftCommand): void
  /**
   * The caller's name of what the kernel points to, a path in one of the command's messages ('' where it points to nothing); without it, it is the
   * message's own.
   */
  path?(input: I, path: string, message: Written, writer: Writer): string | undefined
  /** Why an errno may be, where the kernel's text does not say. */
  hint?(code: string): string | undefined
}

/** Bytes of a rule with four expressions, and of an address in a set. */
const RULE = 224
const ELEMENT = 24

/** One command of a batch. */
export class NftCommand {
  readonly #verb: Verb<never>
  readonly #input: unknown
  /**
   * When the batch is done: the handle that the kernel gave to what was added, a rule above all. undefined before that, where nothing was
   * added, and in large batches (see `echo`).
   */
  handle: number | undefined
  /** NFTA_RULE_ID: where others of the batch name it as their position. @internal */
  id: number | undefined

  /** @internal */
  constructor(verb: Verb<never>, input: unknown) {
    this.#verb = verb
    this.#input = input
    this.handle = undefined
    this.id = undefined
  }

  /** 'rule.add' */
  get operation(): string {
    return this.#verb.name
  }

  get subject(): string | undefined {
    return isFields(this.#input) ? this.#verb.subject(this.#input as never) : undefined
  }

  /** How many bytes its messages will take, roughly. @internal */
  get expected(): number {
    const elements = isFields(this.#input) ? this.#input.elements : undefined
    return RULE + (Array.isArray(elements) ? elements.length * ELEMENT : 0)
  }

  /** @internal */
  write(writer: Writer): void {
    if (!isFields(this.#input)) throw new EncodeError(`must be an object, got ${show(this.#input)}`)
    this.#verb.write(this.#input as never, writer, this)
  }

  /** @internal */
  path(path: string, message: Written, writer: Writer): string | undefined {
    return this.#verb.path === undefined ? path : this.#verb.path(this.#input as never, path, message, writer)
  }

  /** @internal */
  hint(code: string): string | undefined {
    return this.#verb.hint?.(code)
  }
}
