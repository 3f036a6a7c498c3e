/**
 * A socket that hears what a test delivers. It runs over as the kernel's does: the error is told first, and everything is dropped until
 * what had been received before was read (netlink_overrun(), NETLINK_S_CONGESTED).
 */
import { constants } from 'node:os'
import { protocols } from '../../protocol/protocols.ts'
import { hostLittleEndian } from '../../protocol/wire/bytes.ts'
import type { DatagramSink, EventSocket } from '../../src/event-socket.ts'
import type { RouteEvent } from '../../src/events.ts'
import type { Wake, Watch } from '../../src/poll.ts'
import type { Result } from '../../src/socket.ts'
import type { AnySubscribeOptions } from '../../src/subscribe-options.ts'
import { Subscribing, Subscription } from '../../src/subscription.ts'
import { message } from './fake-kernel.ts'

const { errno } = constants
const CHARGE = 832

export class FakeEvents implements EventSocket {
  readonly receiveBuffer: number
  readonly groups: number[] = []
  closed = 0
  /** How often it was read from. */
  reads = 0
  watching: FakeWatch | undefined
  /** Datagrams a call of receive(). */
  readonly #batch: number
  #queue: { bytes: Uint8Array; nsid: number | undefined; cut: boolean }[] = []
  #errors: number[] = []
  #congested = false
  #dropped = 0
  again = false
  /** Thrown by the next join(). */
  refuse: Error | undefined

  constructor({ receiveBuffer = 1 << 20, batch = 4 } = {}) {
    this.receiveBuffer = receiveBuffer
    this.#batch = batch
  }

  get waiting(): number {
    return this.#queue.length
  }

  deliver(bytes: Uint8Array, nsid?: number, cut = false): void {
    if (this.#congested || (this.#queue.length + 1) * CHARGE > this.receiveBuffer) {
      if (!this.#congested) this.#errors.push(errno.ENOBUFS)
      this.#congested = true
      this.#dropped += 1
    } else this.#queue.push({ bytes, nsid, cut })
    this.watching?.poll()
  }

  /** sk_err, as netlink_set_err() sets it. */
  fail(...errors: number[]): void {
    this.#errors.push(...errors)
    this.watching?.poll()
  }

  receive(sink: DatagramSink): Result {
    if (this.closed > 0) throw new Error('read after close')
    this.reads += 1
    const error = this.#errors.shift()
    if (error !== undefined) return -error
    const some = this.#queue.splice(0, this.#batch)
    if (this.#queue.length === 0) this.#congested = false
    for (const { bytes, nsid, cut } of some) {
      if (cut) sink.cut()
      else {
        // In the middle of something, and gone afterwards.
        const shared = new Uint8Array(bytes.length + 24)
        shared.set(bytes, 12)
        sink.datagram(shared, 12, 12 + bytes.length, nsid)
        shared.fill(0xff)
      }
    }
    return some.length === 0 ? -errno.EAGAIN : some.length
  }

  drops(): number {
    return this.#dropped
  }

  join(group: number): void {
    if (this.refuse !== undefined) throw this.refuse
    this.groups.push(group)
  }

  /** As poll sees it, or because the reader said that there may be more. */
  get readable(): boolean {
    const { again } = this
    this.again = false
    return again || this.#queue.length > 0 || this.#errors.length > 0
  }

  watch(wake: Wake): Watch {
    this.watching = new FakeWatch(this, wake)
    return this.watching
  }

  close(): void {
    if (this.watching?.closed === false) throw new Error('closed under the poll')
    this.closed += 1
  }
}

/** Wakes as poll does: as long as there is something. */
export class FakeWatch implements Watch {
  readonly #socket: FakeEvents
  readonly #wake: Wake
  #scheduled = false
  started = true
  referenced = false
  closed = false

  constructor(socket: FakeEvents, wake: Wake) {
    this.#socket = socket
    this.#wake = wake
    this.poll()
  }

  poll(): void {
    if (this.#scheduled || !this.started || this.closed || !this.#socket.readable) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (!this.started || this.closed) return
      if (this.#wake()) this.#socket.again = true
      this.poll()
    })
  }

  start(): void {
    this.started = true
    this.#socket.again = true
    this.poll()
  }

  stop(): void {
    this.started = false
  }

  ref(): void {
    if (this.closed) throw new Error('ref() after close()')
    this.referenced = true
  }

  unref(): void {
    this.referenced = false
  }

  close(): void {
    this.closed = true
  }
}

/** An RTM_NEWLINK with this index. */
export function link(index: number, seq = 0): Uint8Array {
  const header = new Uint8Array(16)
  new DataView(header.buffer).setInt32(4, index, hostLittleEndian)
  return message(16, header, 0, seq)
}

type Options = Partial<AnySubscribeOptions>

/** What nl.subscribe() returns, and how often it has ended. */
export function subscribe(
  socket: FakeEvents,
  options: Options = {},
  open: () => Promise<EventSocket> = async () => socket,
) {
  let ended = 0
  const parts = { protocol: protocols.route, open, ended: () => (ended += 1) }
  const subscribing = new Subscribing(() => new Subscription<RouteEvent>({ groups: ['link'], ...options }, parts))
  return { subscribing, ended: () => ended }
}

export async function joined(socket: FakeEvents, options: Options = {}) {
  return subscribe(socket, options).subscribing
}

/** The index of a link; 'gap LOST' of an overrun. */
export function brief(event: RouteEvent | undefined): number | string {
  if (event === undefined) return 'done'
  if (event.type === 'overrun') return `gap ${event.lost}`
  return event.type === 'RTM_NEWLINK' ? (event.message.header.index ?? 0) : String(event.type)
}

/** The next events, in brief. */
export async function take(events: AsyncIterator<RouteEvent, undefined>, count: number): Promise<(number | string)[]> {
  const taken: (number | string)[] = []
  for (let i = 0; i < count; i += 1) taken.push(brief((await events.next()).value))
  return taken
}

/** Lets the event loop turn. */
export const idle = async (turns = 3): Promise<void> => {
  for (let i = 0; i < turns; i += 1) await new Promise(setImmediate)
}
/** first, first + 1 ... last */
export const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
