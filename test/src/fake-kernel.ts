/**
 * A kernel that is a function, request => answers, behind the same seam as a socket. It sends acknowledgements as the real one does
 * (asked for, or in case of an error), and charges its receive buffer so that it can run over.
 */
import { constants } from 'node:os'
import { NLM_F_ACK, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_MULTI, NLMSG } from '../../protocol/netlink/constants.ts'
import { hostLittleEndian } from '../../protocol/wire/bytes.ts'
import { eachMessage, frame } from '../../src/frame.ts'
import type { Receiver } from '../../src/receiver.ts'
import type { KernelSocket, Result } from '../../src/socket.ts'

export const { errno } = constants

export interface FakeRequest {
  type: number
  flags: number
  seq: number
  payload: Uint8Array
}

export interface Answer {
  /** Datagrams that are there when the write returns; the error, or the ACK that was asked for, is added. */
  replies?: Uint8Array[]
  /** Positive: the request fails. */
  errno?: number
  text?: string
  offset?: number
  /** Neither ACK nor error. */
  silent?: boolean
  /** The datagrams of a dump: one more becomes available with every receive. A number is a negative errno of receive(). */
  dump?: (Uint8Array | number)[]
  /** Answers of receive() itself, before everything else (-ENOBUFS). */
  failures?: number[]
}

export type Handler = (request: FakeRequest, socket: FakeSocket) => Answer

export interface FakeOptions {
  receiveBuffer?: number
  sendLimit?: number
  /** How long a job stays in the pool: calls back some time later. */
  delay?: (job: () => void) => void
  /** The pool's threads are done before whoever asked goes on, and only their end is told later. */
  early?: boolean
  /** Result of the next writes instead of their length, oldest first. */
  writeErrors?: number[]
}

export class FakeKernel {
  readonly sockets: FakeSocket[] = []
  /** What each write carried. */
  readonly writes: FakeRequest[][] = []
  readonly #handler: Handler
  readonly options: FakeOptions

  constructor(handler: Handler = () => ({}), options: FakeOptions = {}) {
    this.#handler = handler
    this.options = options
  }

  readonly open = (): Promise<FakeSocket> => {
    const socket = new FakeSocket(this, this.#handler)
    this.sockets.push(socket)
    return Promise.resolve(socket)
  }

  get openSockets(): number {
    return this.sockets.filter((socket) => !socket.reallyClosed).length
  }
}

export class FakeSocket implements KernelSocket {
  readonly receiveBuffer: number
  sendLimit: number
  closed = false
  reallyClosed = false
  jobs = 0
  readonly #kernel: FakeKernel
  readonly #handler: Handler
  #queue: Uint8Array[] = []
  #failures: number[] = []
  #dump: (Uint8Array | number)[] = []
  #charged = 0
  readonly #whenClosed: (() => void)[] = []

  constructor(kernel: FakeKernel, handler: Handler) {
    this.#kernel = kernel
    this.#handler = handler
    this.receiveBuffer = kernel.options.receiveBuffer ?? 4 << 20
    this.sendLimit = kernel.options.sendLimit ?? 212_960
  }

  send(bytes: Uint8Array, done: (result: Result) => void): void {
    this.#job(() => this.sendSync(bytes), done)
  }

  receive(into: Receiver, most: number, done: (result: Result) => void): void {
    this.#job(() => {
      for (let slot = 0; slot < most; slot += 1) {
        // As recvmmsg(2) does: an error behind datagrams is the next call's.
        if (slot > 0 && (this.#failures.length > 0 || this.#queue.length === 0)) return slot
        const start = into.start(slot)
        const result = this.receiveSync(into.bytes.subarray(start, start + into.size))
        if (result < 0) return result
        into.put(slot, result)
      }
      return most
    }, done)
  }

  #job(work: () => number, done: (result: Result) => void): void {
    if (this.closed) throw new Error('used after close')
    this.jobs += 1
    const { delay = setImmediate, early } = this.#kernel.options
    const at = early === true ? work() : undefined
    delay(() => {
      const result = at ?? work()
      this.jobs -= 1
      if (this.closed && this.jobs === 0) this.#reallyClose()
      done(result)
    })
  }

  /** Its devices are asked for in messages. */
  ifname(): undefined {}

  sendSync(bytes: Uint8Array): Result {
    if (this.reallyClosed) throw new Error('the descriptor was closed under a job')
    const failure = this.#kernel.options.writeErrors?.shift()
    if (failure !== undefined) return failure
    if (bytes.length > this.sendLimit) return -errno.EMSGSIZE
    const requests: FakeRequest[] = []
    const copy = bytes.slice()
    const end = eachMessage(frame(copy), copy.length, ({ type, flags, seq, offset, end }) => {
      requests.push({ type, flags, seq, payload: copy.slice(offset, end) })
    })
    if (end !== copy.length) throw new Error('bytes that are no messages were sent')
    this.#kernel.writes.push(requests)
    for (const request of requests) this.#process(request)
    return bytes.length
  }

  #process(request: FakeRequest): void {
    const answer = this.#handler(request, this)
    this.#failures.push(...(answer.failures ?? []))
    for (const reply of answer.replies ?? []) this.deliver(reply)
    if (answer.dump !== undefined) {
      this.#dump = [...answer.dump]
      this.#continue()
      return
    }
    if (answer.silent === true) return
    if (answer.errno !== undefined || (request.flags & NLM_F_ACK) !== 0) this.deliver(acknowledgement(request, answer))
  }

  #continue(): void {
    const next = this.#dump.shift()
    if (typeof next === 'number') this.#failures.push(next)
    else if (next !== undefined) this.#queue.push(next)
  }

  /** Puts a datagram into the receive buffer, or overruns it. */
  deliver(datagram: Uint8Array): void {
    const charge = 704 + Math.ceil(datagram.length / 128) * 128
    if (this.#charged + charge > this.receiveBuffer) {
      if (!this.#failures.includes(-errno.ENOBUFS)) this.#failures.push(-errno.ENOBUFS)
      return
    }
    this.#charged += charge
    this.#queue.push(datagram)
  }

  receiveSync(buffer: Uint8Array): Result {
    if (this.reallyClosed) throw new Error('the descriptor was closed under a job')
    const failure = this.#failures.shift()
    if (failure !== undefined) return failure
    const datagram = this.#queue.shift()
    if (datagram === undefined) return -errno.EAGAIN
    this.#charged = Math.max(0, this.#charged - 704 - Math.ceil(datagram.length / 128) * 128)
    const length = Math.min(datagram.length, buffer.length)
    buffer.set(datagram.subarray(0, length))
    this.#continue()
    return length
  }

  growSend(bytes: number): void {
    this.sendLimit = Math.max(this.sendLimit, bytes)
  }

  close(): Promise<void> {
    this.closed = true
    if (this.jobs === 0) this.#reallyClose()
    return this.reallyClosed ? Promise.resolve() : new Promise((resolve) => this.#whenClosed.push(resolve))
  }

  #reallyClose(): void {
    this.reallyClosed = true
    for (const resolve of this.#whenClosed.splice(0)) resolve()
  }
}

/** A message: header and payload. */
export function message(type: number, payload: Uint8Array | string = '', flags = 0, seq = 0): Uint8Array {
  const body = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload
  const bytes = new Uint8Array(16 + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length, hostLittleEndian)
  view.setUint16(4, type, hostLittleEndian)
  view.setUint16(6, flags, hostLittleEndian)
  view.setUint32(8, seq, hostLittleEndian)
  bytes.set(body, 16)
  return bytes
}

/** One datagram of several messages. */
export function datagram(...messages: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(messages.reduce((sum, { length }) => sum + ((length + 3) & ~3), 0))
  let at = 0
  for (const message of messages) {
    bytes.set(message, at)
    at += (message.length + 3) & ~3
  }
  return bytes
}

/** A reply of type 16 which carries text. */
export function reply(request: FakeRequest, payload: Uint8Array | string, flags = 0): Uint8Array {
  return message(16, payload, flags, request.seq)
}

/** The end of a dump. */
export function done(request: FakeRequest, flags = 0, status = 0): Uint8Array {
  return message(NLMSG.NLMSG_DONE, new Uint8Array(Int32Array.of(status).buffer), NLM_F_MULTI | flags, request.seq)
}

/** NLMSG_ERROR as with CAP_ACK and EXT_ACK. */
export function acknowledgement(request: FakeRequest, { errno = 0, text, offset }: Answer = {}): Uint8Array {
  const parts: Uint8Array[] = [
    new Uint8Array(Int32Array.of(-errno).buffer),
    message(request.type, '', request.flags, request.seq),
  ]
  if (text !== undefined) parts.push(attribute(1, new TextEncoder().encode(`${text}\0`)))
  if (offset !== undefined) parts.push(attribute(2, new Uint8Array(Uint32Array.of(offset).buffer)))
  const tlvs = text !== undefined || offset !== undefined ? NLM_F_ACK_TLVS : 0
  return message(NLMSG.NLMSG_ERROR, datagram(...parts), NLM_F_CAPPED | tlvs, request.seq)
}

function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + value.length)
  bytes.set(new Uint8Array(Uint16Array.of(bytes.length, type).buffer))
  bytes.set(value, 4)
  return bytes
}

export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload)
