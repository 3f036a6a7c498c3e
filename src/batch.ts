/** The requests of one write: how many fit, and their bytes. */
import { NLM_F_ACK, NLMSG_HDRLEN } from '../protocol/netlink/constants.ts'
import { aligned, hostLittleEndian } from '../protocol/wire/bytes.ts'
import type { Call } from './call.ts'
import { eachMessage, frame } from './frame.ts'
import type { Pending } from './pending.ts'
import type { KernelSocket } from './socket.ts'

/** What an error may be charged: 768 to 896 bytes for the skb here, and the kernel's text. */
const PER_ERROR = 1024
const PER_REPLY = 8192
/** More messages in one write gain nothing measurable and hold the pool's thread for long. */
const MOST = 4096

/** Where batches are encoded: one at a time, so one buffer a conversation. */
export class WriteBuffer {
  bytes = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)

  #part = this.bytes

  /** The first `length` bytes. Requests in a row are often of one length, and a view costs 90 ns of a round trip's 3 us. */
  part(length: number): Uint8Array {
    if (this.#part.length !== length || this.#part.buffer !== this.bytes.buffer)
      this.#part = this.bytes.subarray(0, length)
    return this.#part
  }

  grow(length: number): void {
    if (this.bytes.length >= length) return
    this.bytes = new Uint8Array(Math.max(length, this.bytes.length * 2, 4096))
    this.view = new DataView(this.bytes.buffer)
  }
}

export class Batch {
  readonly pendings: Pending[] = []
  length = 0
  firstSequence = 0
  /** Why answers may be missing: an errno, or 0. */
  why = 0
  #reserved = 0
  #full = false
  /** Something had to stay behind. */
  full = false
  readonly #sendLimit: number
  readonly #reservable: number

  constructor({ sendLimit, receiveBuffer }: KernelSocket) {
    this.#sendLimit = sendLimit
    // A batch in which every message fails has to leave room: half of it all, for what is charged beyond our estimate.
    this.#reservable = receiveBuffer / 2
  }

  /** The only request, where it is a transaction. */
  get transaction(): Pending | undefined {
    const first = this.pendings[0]
    return first?.call.transaction === true ? first : undefined
  }

  /** Adds a request if there is room for it and all it may be answered with. One is always let in. */
  add(pending: Pending): boolean {
    const { reply, replyBytes, transaction } = pending.call
    // What lost its answer once is asked again alone: more may have been answered than anybody expected.
    const alone = transaction === true || pending.attempts > 0
    this.full = true
    if (this.#full) return false
    const length = this.length + aligned(lengthOf(pending.call))
    const reserved = this.#reserved + PER_ERROR + (replyBytes ?? (reply === undefined ? 0 : PER_REPLY))
    if (this.pendings.length > 0) {
      if (alone || length > this.#sendLimit || reserved > this.#reservable) return false
    }
    this.#full = alone || this.pendings.length + 1 === MOST
    this.pendings.push(pending)
    this.length = length
    this.#reserved = reserved
    this.full = false
    return true
  }

  /** How many sequence numbers it takes. */
  get count(): number {
    const { transaction } = this
    return transaction === undefined
      ? this.pendings.length
      : (transaction.call.messages ?? countMessages(transaction.call.bytes))
  }

  /** Writes all of it, numbered from `firstSequence` on, an ACK asked for on the last. Returns what is to be sent. */
  encode(buffer: WriteBuffer, firstSequence: number): Uint8Array {
    this.firstSequence = firstSequence
    const { transaction } = this
    // Megabytes, perhaps: where they are.
    if (transaction !== undefined) {
      transaction.send()
      number(transaction, firstSequence)
      return transaction.call.bytes
    }
    buffer.grow(this.length)
    const { bytes, view } = buffer
    const last = this.pendings.length - 1
    let at = 0
    for (let i = 0; i <= last; i += 1) {
      const pending = this.pendings[i] as Pending
      const { call } = pending
      const length = lengthOf(call)
      const end = at + aligned(length)
      pending.send()
      copy(call.bytes, call.start ?? 0, length, bytes, at)
      if (at + length < end) bytes.fill(0, at + length, end)
      const flags = view.getUint16(at + 6, hostLittleEndian) & ~NLM_F_ACK
      const ack = call.ack === true || (i === last && call.answer !== 'reply')
      view.setUint16(at + 6, ack ? flags | NLM_F_ACK : flags, hostLittleEndian)
      view.setUint32(at + 8, firstSequence + i, hostLittleEndian)
      at = end
    }
    return buffer.part(this.length)
  }

  /** The request that a received sequence number answers, and which message of a transaction. */
  find(sequence: number): Pending | undefined {
    return this.transaction ?? this.pendings[this.index(sequence)]
  }

  index(sequence: number): number {
    return (sequence - this.firstSequence) >>> 0
  }
}

/** Numbers the messages of a transaction. */
function number(pending: Pending, firstSequence: number): void {
  const { bytes } = pending.call
  const { view } = frame(bytes)
  pending.lastAck = -1
  let index = 0
  for (let at = 0; at < bytes.length; index += 1) {
    view.setUint32(at + 8, firstSequence + index, hostLittleEndian)
    if ((view.getUint16(at + 6, hostLittleEndian) & NLM_F_ACK) !== 0) pending.lastAck = index
    at += aligned(view.getUint32(at, hostLittleEndian))
  }
  pending.messages = index
}

function countMessages(bytes: Uint8Array): number {
  let count = 0
  eachMessage(frame(bytes), bytes.length, () => {
    count += 1
  })
  return count
}

/** How long the message is (of a transaction: all of them). */
export function lengthOf({ bytes, start = 0, end = bytes.length }: Call<unknown>): number {
  return end - start
}

/** A view for set() costs as much as copying 200 bytes one by one. */
function copy(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): void {
  if (length > 200) to.set(from.subarray(start, start + length), at)
  else for (let i = 0; i < length; i += 1) to[at + i] = from[start + i] as number
}

/** Whether the bytes are the messages they say: others would make the kernel misread all that follows in the same write. */
export function wellFormed(call: Call<unknown>, transaction: boolean): boolean {
  const { bytes, start = 0 } = call
  const long = lengthOf(call)
  if (long < NLMSG_HDRLEN) return false
  if (transaction && call.messages !== undefined) return true
  if (transaction) return eachMessage(frame(bytes), bytes.length, () => {}) === bytes.length
  // Without a DataView, which would cost more than the rest of it.
  const a = bytes[start] ?? 0
  const b = bytes[start + 1] ?? 0
  const c = bytes[start + 2] ?? 0
  const d = bytes[start + 3] ?? 0
  const length = hostLittleEndian ? a | (b << 8) | (c << 16) | (d << 24) : d | (c << 8) | (b << 16) | (a << 24)
  return length === long
}
