/**
 * One transaction of nf_tables: BEGIN, messages, END, in one buffer as they will be sent. The kernel does all of it or nothing
 * (nfnetlink_rcv_batch()), and says of every message that is wrong what is wrong with it.
 */

import { NFNL_SUBSYS } from '../../../protocol/netfilter/constants.ts'
import { NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END } from '../../../protocol/netfilter/operations.ts'
import { NLM_F_ACK, NLM_F_REQUEST, NLMSG_HDRLEN } from '../../../protocol/netlink/constants.ts'
import type { Operation } from '../../../protocol/netlink/operation.ts'
import { aligned, Sink } from '../../../protocol/wire/bytes.ts'
import { write } from '../../../protocol/wire/compile.ts'
import { finishAttribute, NLA_F_NESTED } from '../../../protocol/wire/nlattr.ts'

/** Bits of nlmsg_flags that messages in a transaction have. */
export const flag = { create: 0x400, exclusive: 0x200, append: 0x800, replace: 0x100, echo: 0x8 } as const

/** nla_len is 16 bits, padding aside. */
const LONGEST = 0xffff

/** Where a message came from. */
export interface Origin {
  /** Which command. */
  readonly command: number
  /** Where its bytes are, in the transaction's. */
  readonly start: number
  readonly end: number
}

/** A place to go back to. */
export interface Mark {
  readonly position: number
  readonly messages: number
  readonly setId: number
}

export class Transaction {
  #sink: Sink
  /** By message, BEGIN first: where it starts, and whose it is. Numbers in arrays of their own: ten thousand rules have as many. */
  #starts: number[] = []
  #commands: number[] = []
  #setId = 0
  /** The command that is being written. */
  command = 0
  /** NLM_F_ECHO or 0: whether the kernel is to say what became of what is added. */
  readonly echo: number
  /** How many bytes there are of what it says that of. */
  echoed = 0

  /** @param expected how many bytes it will be, roughly. */
  constructor(generation: number | undefined, echo: boolean, expected: number) {
    this.#sink = new Sink(undefined, expected)
    this.echo = echo ? flag.echo : 0
    const header = { resId: NFNL_SUBSYS.NFNL_SUBSYS_NFTABLES }
    this.message(NFNL_MSG_BATCH_BEGIN, generation === undefined ? { header } : { header, genid: generation })
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#sink.position
  }

  /** How many messages commands have made. */
  get messages(): number {
    return this.#starts.length - 1
  }

  /** A number for a set that is created here, by which others refer to it (NFTA_SET_ID). */
  nextSetId(): number {
    this.#setId += 1
    return this.#setId
  }

  /** Appends a message. */
  message<I>({ type, body }: Pick<Operation<unknown, I>, 'type' | 'body'>, value: I, flags = 0): void {
    const start = this.#begin(type, flags)
    write(body, value, this.#sink)
    this.#finish(start)
    if ((flags & flag.echo) !== 0) this.echoed += this.#sink.position - start
  }

  /**
   * Appends as many messages as `count` items take: a message's own attributes, then the items in the nest `number`, as many in each message as a
   * nest of 64 KiB holds. `some` writes items from `at` on while they end before `end`, and returns the next one; `ended` is called behind each message.
   */
  listMessages<I>(
    { type, body }: Pick<Operation<unknown, I>, 'type' | 'body'>,
    value: I,
    flags: number,
    number: number,
    count: number,
    some: (sink: Sink, at: number, end: number) => number,
    ended: () => void,
  ): void {
    for (let at = 0; at < count; ) {
      // Where `ended` splits it goes on in another.
      const sink = this.#sink
      const start = this.#begin(type, flags)
      write(body, value, sink)
      const nest = sink.reserve(4)
      at = some(sink, at, nest + LONGEST)
      finishAttribute(sink, nest, number | NLA_F_NESTED)
      this.#finish(start)
      ended()
    }
  }

  /** Appends a message that is written already, but for its flags the same as one before. */
  copy(message: Uint8Array): { view: DataView; start: number } {
    const start = this.#sink.position
    this.#sink.append(message)
    this.#starts.push(start)
    this.#commands.push(this.command)
    return { view: this.#sink.view, start }
  }

  /** The bytes of the last message. */
  last(): Uint8Array {
    return this.#sink.bytes.slice(this.#starts[this.#starts.length - 1], this.#sink.position)
  }

  /** Where things stand, for rewind(). */
  mark(): Mark {
    return { position: this.#sink.position, messages: this.#starts.length, setId: this.#setId }
  }

  /** Drops what was written since. */
  rewind({ position, messages, setId }: Mark): void {
    this.#sink.rewind(position)
    this.#sink.depth = 0
    this.#starts.length = messages
    this.#commands.length = messages
    this.#setId = setId
  }

  /** Ends before what was written since `mark`, which becomes the beginning of this one; what was before is a transaction of its own, and returned. */
  split(mark: Mark): Transaction {
    const { position, messages } = mark
    const full = new Transaction(undefined, this.echo !== 0, 0)
    const rest = new Transaction(undefined, this.echo !== 0, this.#sink.position)
    const shift = rest.length - position
    rest.#sink.append(this.#sink.bytes.subarray(position, this.#sink.position))
    for (const start of this.#starts.slice(messages)) rest.#starts.push(start + shift)
    rest.#commands.push(...this.#commands.slice(messages))
    this.rewind({ ...mark, setId: this.#setId })
    full.#move(this)
    this.#move(rest)
    full.command = this.command
    return full
  }

  #move(from: Transaction): void {
    this.#sink = from.#sink
    this.#starts = from.#starts
    this.#commands = from.#commands
  }

  /** All of it, an acknowledgement asked for on the last command: on END the kernel takes that from 6.10 on only. */
  finish(): Uint8Array {
    const last = this.#starts[this.#starts.length - 1] ?? 0
    const { littleEndian } = this.#sink
    const flags = this.#sink.view.getUint16(last + 6, littleEndian)
    this.#sink.view.setUint16(last + 6, flags | NLM_F_ACK, littleEndian)
    this.message(NFNL_MSG_BATCH_END, { header: { resId: NFNL_SUBSYS.NFNL_SUBSYS_NFTABLES } })
    return this.#sink.bytes.subarray(0, this.#sink.position)
  }

  /** Where message `index` came from; undefined of BEGIN and END: these are about all of it. */
  origin(index: number): Origin | undefined {
    const start = this.#starts[index]
    const command = this.#commands[index]
    if (index === 0 || start === undefined || command === undefined || index === this.#starts.length - 1)
      return undefined
    const length = this.#sink.view.getUint32(start, this.#sink.littleEndian)
    return { command, start, end: start + length }
  }

  /** How many messages of a type its command had made when it made this one. */
  countUntil(index: number, type: number): number {
    const { view, littleEndian } = this.#sink
    let count = 0
    for (let at = index; at > 0 && this.#commands[at] === this.#commands[index]; at -= 1)
      if (view.getUint16((this.#starts[at] ?? 0) + 4, littleEndian) === type) count += 1
    return count
  }

  /** A message's type and bytes. */
  part({ start, end }: Origin): { type: number; bytes: Uint8Array } {
    return {
      type: this.#sink.view.getUint16(start + 4, this.#sink.littleEndian),
      bytes: this.#sink.bytes.subarray(start, end),
    }
  }

  #begin(type: number, flags: number): number {
    const sink = this.#sink
    sink.align(0)
    const start = sink.reserve(NLMSG_HDRLEN)
    sink.view.setUint16(start + 4, type, sink.littleEndian)
    sink.view.setUint16(start + 6, flags | NLM_F_REQUEST, sink.littleEndian)
    return start
  }

  #finish(start: number): void {
    const sink = this.#sink
    sink.view.setUint32(start, sink.position - start, sink.littleEndian)
    if (aligned(sink.position) !== sink.position) sink.align(0)
    this.#starts.push(start)
    this.#commands.push(this.command)
  }
}
