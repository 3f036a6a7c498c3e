/** Multicast groups as streams of events. */
import { constants } from 'node:os'
import { forget, onAbort } from './abort.ts'
import { errnoName, NetlinkError } from './error.ts'
import { EventQueue } from './event-queue.ts'
import type { EventSocket } from './event-socket.ts'
import { EventReader } from './events.ts'
import type { Watch } from './poll.ts'
import { type NamedProtocol, schemaOf } from './schema.ts'
import { type AnySubscribeOptions, groupNumbers, limitOf } from './subscribe-options.ts'

/** How many times to read before others have their turn, a few dozen datagrams each: about 2 ms. */
const ROUNDS = 64
/** A socket that reports nothing but errors is broken. */
const ERRORS = 16
/** The least that a datagram is charged (SKB_TRUESIZE()): struct sk_buff 256, struct skb_shared_info 320, 128 of data; 832 a route event. */
const LEAST_CHARGE = 704

const { EAGAIN } = constants.errno
const operation = 'subscribe'

interface Settle<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

/** What a subscription is made of. */
export interface SubscriptionParts {
  protocol: NamedProtocol
  /** Opens the socket, which has not joined anything. */
  open(): Promise<EventSocket>
  /** Called once, when it is over. */
  ended?: (() => void) | undefined
}

/**
 * A stream of events, in the order in which the kernel sent them. Each goes to one taker: two loops over the same subscription share its
 * events. Leaving a loop closes it. The process is kept alive while an event is awaited, and not otherwise.
 *
 * In a Worker the socket is looked at every 20 ms: one that polls could not be terminated safely.
 */
export class Subscription<Event> implements AsyncIterableIterator<Event, undefined>, AsyncDisposable {
  readonly #signal: AbortSignal | undefined
  readonly #ended: SubscriptionParts['ended']
  /** There before the first event. */
  #reader: EventReader | undefined
  readonly #queue = new EventQueue()
  readonly #limit: number
  /** Resolves when all groups are joined: from then on it misses nothing. Rejects where that fails, or it is ended before. */
  readonly ready: Promise<void>
  #joined: Settle<void> | undefined
  /** Resolves when the socket has come, or never will. */
  readonly #opening: Promise<void>
  #socket: EventSocket | undefined
  #watch: Watch | undefined
  #waiting: Settle<IteratorResult<Event, undefined>>[] = []
  #referenced = false
  /** The queue is full: what comes waits in the kernel. */
  #paused = false
  /** The kernel had to drop something behind what waits in the receive buffer: this many datagrams at most. */
  #gap: number | undefined
  #drops = 0
  #closed = false
  /** Why it ended, until somebody has been told. */
  #error: unknown

  /** Throws NetlinkError 'EINVAL', its path naming the option. */
  constructor(options: AnySubscribeOptions, { protocol, open, ended }: SubscriptionParts) {
    const groups = groupNumbers(protocol, options.groups)
    this.#limit = limitOf(options)
    this.#signal = options.signal
    this.#ended = ended
    this.ready = new Promise((resolve, reject) => {
      this.#joined = { resolve, reject }
    })
    // next() tells as well.
    this.ready.catch(() => {})
    if (this.#signal?.aborted === true) this.#abort()
    else if (this.#signal !== undefined) onAbort(this.#signal, this.#abort)
    this.#opening = this.#closed ? Promise.resolve() : this.#open(protocol, open, groups)
  }

  async #open(protocol: NamedProtocol, open: SubscriptionParts['open'], groups: readonly number[]): Promise<void> {
    try {
      const schema = schemaOf(protocol)
      this.#reader = new EventReader(schema instanceof Promise ? await schema : schema)
      const socket = await open()
      if (this.#closed) return socket.close()
      this.#socket = socket
      this.#watch = socket.watch(this.#wake)
      this.#keepAlive()
      for (const group of groups) socket.join(group)
      this.#joined?.resolve()
    } catch (error) {
      this.#end(error)
    }
  }

  /** The next event; `done` after close(). Several may be awaited at a time. Rejects with 'ABORT_ERR' after an abort. */
  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#queue.next()) {
      return Promise.resolve({ done: false, value: this.#read() })
    }
    if (this.#closed) return this.#over()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#keepAlive()
    })
  }

  /** Leaving a loop: the same as close(). */
  async return(): Promise<IteratorResult<Event, undefined>> {
    await this.close()
    return { done: true, value: undefined }
  }

  /** Ends the stream; events that nobody took are dropped. Resolves when the socket is closed. Idempotent. */
  close(): Promise<void> {
    this.#end()
    return this.#opening
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** It has ended, one way or another. */
  get closed(): boolean {
    return this.#closed
  }

  #over(): Promise<IteratorResult<Event, undefined>> {
    const error = this.#error
    this.#error = undefined
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }

  readonly #abort = (): void => {
    const cause: unknown = this.#signal?.reason
    this.#end(new NetlinkError({ code: 'ABORT_ERR', operation, reason: 'aborted', outcome: 'unsent', cause }))
  }

  #end(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#signal !== undefined) forget(this.#signal, this.#abort)
    this.#watch?.close()
    this.#socket?.close()
    this.#queue.clear()
    const reason = 'closed before it had joined'
    this.#joined?.reject(error ?? new NetlinkError({ code: 'ERR_CLOSED', operation, reason, outcome: 'unsent' }))
    const waiting = this.#waiting.splice(0)
    this.#error = error
    for (const each of waiting) this.#over().then(each.resolve, each.reject)
    this.#ended?.()
  }

  // What comes in.

  /** Reads what is there, for a while. True: there may be more. */
  readonly #wake = (): boolean => {
    const more = this.#drain()
    while (this.#waiting.length > 0 && this.#queue.next())
      this.#waiting.shift()?.resolve({ done: false, value: this.#read() })
    this.#keepAlive()
    return more
  }

  #drain(): boolean {
    const socket = this.#socket
    if (socket === undefined || this.#closed) return false
    let errors = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      if (this.#queue.size >= this.#limit) return this.#pause()
      const result = socket.receive(this.#queue)
      if (result > 0) {
        errors = 0
        if (this.#gap !== undefined) {
          this.#gap -= result
          if (this.#gap <= 0) this.#mark(socket)
        }
        continue
      }
      if (this.#gap !== undefined) this.#mark(socket)
      if (result === -EAGAIN) return false
      errors += 1
      if (errors === ERRORS) {
        this.#end(
          new NetlinkError({ code: errnoName(-result), operation, reason: 'the socket failed', outcome: 'unknown' }),
        )
        return false
      }
      // ENOBUFS. It is told ahead of what had been received before (sock_error() comes first in netlink_recvmsg()), and from then
      // on the kernel drops everything until all of that has been read (NETLINK_S_CONGESTED): the gap is behind it.
      this.#gap = Math.ceil(socket.receiveBuffer / LEAST_CHARGE)
    }
    return true
  }

  #mark(socket: EventSocket): void {
    const drops = socket.drops()
    this.#queue.gap((drops - this.#drops) >>> 0)
    this.#drops = drops
    this.#gap = undefined
  }

  #pause(): false {
    this.#paused = true
    this.#watch?.stop()
    return false
  }

  #read(): Event {
    // The protocol of the options is that of the type: Netlink.subscribe() sees to it.
    const event = this.#reader?.read(this.#queue) as Event
    if (this.#paused && this.#queue.size <= this.#limit / 2) {
      this.#paused = false
      // Looks at once: a gap may have to be told although nothing is there to be read.
      this.#watch?.start()
    }
    return event
  }

  #keepAlive(): void {
    const wanted = this.#waiting.length > 0
    if (wanted === this.#referenced || this.#watch === undefined) return
    this.#referenced = wanted
    if (wanted) this.#watch.ref()
    else this.#watch.unref()
  }
}

/**
 * What subscribe() returns: await it to have joined, or loop over it at once. Nothing happens before.
 *
 * @example
 * await using events = await nl.subscribe({ groups: ['link'] })
 * await nl.link.add({ kind: 'bridge', name: 'br0' })              // it will be seen
 */
export class Subscribing<Event> implements Promise<Subscription<Event>>, AsyncIterable<Event> {
  readonly #start: () => Subscription<Event>
  #started: Subscription<Event> | undefined

  constructor(start: () => Subscription<Event>) {
    this.#start = start
  }

  get [Symbol.toStringTag](): string {
    return 'Subscribing'
  }

  [Symbol.asyncIterator](): Subscription<Event> {
    this.#started ??= this.#start()
    return this.#started
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting is how to know that it has joined.
  then<A = Subscription<Event>, B = never>(
    fulfilled?: ((subscription: Subscription<Event>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#joined().then(fulfilled, rejected)
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Subscription<Event> | B> {
    return this.#joined().catch(rejected)
  }

  finally(done?: (() => void) | null): Promise<Subscription<Event>> {
    return this.#joined().finally(done)
  }

  async #joined(): Promise<Subscription<Event>> {
    const subscription = this[Symbol.asyncIterator]()
    await subscription.ready
    return subscription
  }
}
