/** The requests of one write: how many fit, and their bytes. */
import { NLM_F_ACK, NLMSG_HDRLEN } from '../protocol/netlink/constants.ts'
import { aligned, hostLittleEndian } from '../protocol/wire/bytes.ts'
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
  #reserved = 0
  #full = false
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
    const { bytes, reply, replyBytes, transaction } = pending.call
    // What lost its answer once is asked again alone: more may have been answered than anybody expected.
    const alone = transaction === true || pending.attempts > 0
    if (this.#full) return false
    const length = this.length + aligned(bytes.length)
    const reserved = this.#reserved + PER_ERROR + (replyBytes ?? (reply === undefined ? 0 : PER_REPLY))
    if (this.pendings.length > 0) {
      if (alone || length > this.#sendLimit || reserved > this.#reservable) return false
    }
    this.#full = alone || this.pendings.length + 1 === MOST
    this.pendings.push(pending)
    this.length = length
    this.#reserved = reserved
    return true
  }

  /** How many sequence numbers it takes. */
  get count(): number {
    const { transaction } = this
    return transaction === undefined ? this.pendings.length : countMessages(transaction.call.bytes)
  }

  /** Writes all of it, numbered from `firstSequence` on, an ACK asked for on the last. */
  encode({ bytes, view }: WriteBuffer, firstSequence: number): void {
    this.firstSequence = firstSequence
    const last = this.pendings.length - 1
    let at = 0
    for (const [i, pending] of this.pendings.entries()) {
      const { call } = pending
      const end = at + aligned(call.bytes.length)
      pending.send()
      bytes.set(call.bytes, at)
      bytes.fill(0, at + call.bytes.length, end)
      if (call.transaction === true) number(pending, view, end, firstSequence)
      else {
        const flags = view.getUint16(at + 6, hostLittleEndian) & ~NLM_F_ACK
        const ack = call.ack === true || (i === last && call.answer !== 'reply')
        view.setUint16(at + 6, ack ? flags | NLM_F_ACK : flags, hostLittleEndian)
        view.setUint32(at + 8, firstSequence + i, hostLittleEndian)
      }
      at = end
    }
  }

  /** The request that a received sequence number answers, and which message of a transaction. */
  find(sequence: number): Pending | undefined {
    return this.transaction ?? this.pendings[this.index(sequence)]
  }

  index(sequence: number): number {
    return (sequence - this.firstSequence) >>> 0
  }
}

/** Numbers the messages of a transaction: it is alone in its buffer. */
function number(pending: Pending, view: DataView, end: number, firstSequence: number): void {
  pending.lastAck = -1
  for (let at = 0, index = 0; at < end; index += 1) {
    view.setUint32(at + 8, firstSequence + index, hostLittleEndian)
    if ((view.getUint16(at + 6, hostLittleEndian) & NLM_F_ACK) !== 0) pending.lastAck = index
    at += aligned(view.getUint32(at, hostLittleEndian))
  }
  pending.messages = countMessages(pending.call.bytes)
}

function countMessages(bytes: Uint8Array): number {
  let count = 0
  eachMessage(frame(bytes), bytes.length, () => {
    count += 1
  })
  return count
}

/** Whether the bytes are the messages they say: others would make the kernel misread all that follows in the same write. */
export function wellFormed(bytes: Uint8Array, transaction: boolean): boolean {
  if (bytes.length < NLMSG_HDRLEN) return false
  if (transaction) return eachMessage(frame(bytes), bytes.length, () => {}) === bytes.length
  // Without a DataView, which would cost more than the rest of it.
  const a = bytes[0] ?? 0
  const b = bytes[1] ?? 0
  const c = bytes[2] ?? 0
  const d = bytes[3] ?? 0
  const length = hostLittleEndian ? a | (b << 8) | (c << 16) | (d << 24) : d | (c << 8) | (b << 16) | (a << 24)
  return length === bytes.length
}
