/**
 * Requests in flight on one socket: coalesced, answered by sequence number, each promise settled.
 *
 * A netlink write runs the requests inside the kernel before it returns, so it is done in the libuv pool, one at a time; when
 * it has returned, all answers are waiting and are read at once. An answer that is not there then never comes: that is a lost
 * reply, and never a wait. What a request without an answer costs: one failed read, no time-out.
 *
 * Outcomes: 'unsent' (own checks; abort, deadline and close before the write; a write that failed), 'refused' (the kernel said
 * so), 'unknown' (abort, deadline and close after the write began; answers lost to an overrun, or cut).
 */
import { Alarm } from './alarm.ts'
import { lengthOf, wellFormed } from './batch.ts'
import { aborted, type Call, type CallOptions, closed, failure } from './call.ts'
import { ChunkStream } from './chunks.ts'
import { DumpSockets } from './dump-sockets.ts'
import type { NetlinkError } from './error.ts'
import type { Extack } from './frame.ts'
import { Outbox } from './outbox.ts'
import { type Lane, Marker, Pending, Task, type TaskOptions } from './pending.ts'
import type { KernelSocket } from './socket.ts'

export interface ConversationOptions {
  /** Opens a socket: one for the requests at once, more for dumps when they are needed. */
  open(): Promise<KernelSocket>
  /** Everything on the calling thread: about 2 us a round trip, and as long as the kernel takes. */
  blocking?: boolean | undefined
  /** Default deadline of a call in milliseconds; 30 s. */
  deadline?: number | undefined
}

export const DEADLINE = 30_000

export class Conversation {
  readonly #socket: KernelSocket
  readonly #outbox: Outbox
  readonly #blocking: boolean
  readonly #deadline: number
  readonly #alarm = new Alarm((now) => this.#expire(now))
  #closed = false
  #closing: Promise<void> | undefined
  readonly #dumpSockets: DumpSockets
  readonly #streams = new Set<ChunkStream>()

  static async open(options: ConversationOptions): Promise<Conversation> {
    return new Conversation(options, await options.open())
  }

  private constructor(options: ConversationOptions, socket: KernelSocket) {
    this.#dumpSockets = new DumpSockets(() => options.open())
    this.#socket = socket
    this.#blocking = options.blocking ?? false
    this.#outbox = new Outbox(socket, this.#blocking)
    this.#deadline = options.deadline ?? DEADLINE
  }

  get closed(): boolean {
    return this.#closed
  }

  /** What the device with this index is called now; undefined where the kernel must be asked in a message. */
  ifname(index: number): string | undefined {
    return this.#socket.ifname(index)
  }

  /** Makes room for a datagram of so many bytes, as far as the kernel allows; returns how long one may be. */
  room(bytes: number): number {
    if (bytes > this.#socket.sendLimit) this.#socket.growSend(bytes)
    return this.#socket.sendLimit
  }

  /** SO_RCVBUF: what answers may take, as the kernel counts it. */
  get receiveBuffer(): number {
    return this.#socket.receiveBuffer
  }

  /** Sends a request behind all earlier ones. Resolves with the call's result: the kernel's warning, where the ACK carried one. */
  request<R = Extack | undefined>(call: Call<R>): Promise<R> {
    return this.#add(call, this.#outbox.inLine)
  }

  /**
   * Holds a place in the order of calls for a request which needs a look-up first, so that a later request never overtakes it.
   * The task is started when no earlier unsent request could change a name any more.
   *
   * @example
   * conversation.ordered({ operation: 'RTM_NEWADDR', names: false }, async (lane) => {
   *   const index = await lookUp(lane, 'br0')           // lane.ask(...)
   *   return lane.send(newAddress(index))
   * })
   */
  ordered<T>(options: TaskOptions, task: (lane: Lane) => Promise<T>): Promise<T> {
    const early = this.#refuse(options)
    if (early !== undefined) return Promise.reject(early)
    return new Promise<T>((resolve, reject) => {
      const run = (self: Task) => task(this.#lane(self, options))
      // What comes back is what `task` returned: T.
      const item = new Task(options, options.deadline ?? this.#deadline, run, (value) => resolve(value as T), reject)
      this.#alarm.set(item.expires)
      this.#outbox.inLine(item)
      this.#outbox.schedule()
    })
  }

  /** A dump on a socket of its own, behind the requests made so far, datagram by datagram. Dump makes objects of it. */
  chunks(call: CallOptions): ChunkStream {
    const early = this.#refuse(call) ?? malformed(call, false)
    const stream: ChunkStream = new ChunkStream(
      call,
      {
        blocking: this.#blocking,
        deadline: call.deadline ?? this.#deadline,
        sequence: this.#outbox.nextSequence(1),
        lease: () => this.#lease(),
        giveBack: (socket, reusable) => this.#dumpSockets.giveBack(socket, reusable),
        ended: () => this.#streams.delete(stream),
      },
      early,
    )
    if (early === undefined) this.#streams.add(stream)
    return stream
  }

  /** Rejects everything at once. Resolves when the descriptors are closed, which a write inside the kernel may delay. */
  close(): Promise<void> {
    this.#closed = true
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#alarm.clear()
    this.#outbox.close()
    for (const stream of [...this.#streams]) stream.close()
    await Promise.all([this.#socket.close(), this.#dumpSockets.close()])
  }

  #refuse(call: CallOptions | TaskOptions, signal = call.signal): NetlinkError | undefined {
    if (this.#closed) return closed(call, false)
    if (signal?.aborted === true) return aborted(call, false, signal.reason)
    return undefined
  }

  #add<R>(
    call: Call<R>,
    place: (pending: Pending) => void,
    signal: AbortSignal | undefined = call.signal,
    left = Number.POSITIVE_INFINITY,
  ): Promise<R> {
    const early = this.#refuse(call, signal) ?? malformed(call, call.transaction === true)
    if (early !== undefined) return Promise.reject(early)
    return new Promise<unknown>((resolve, reject) => {
      const deadline = Math.min(call.deadline ?? this.#deadline, left)
      const pending = new Pending(call, deadline, signal, resolve, reject)
      this.#alarm.set(pending.expires)
      place(pending)
      this.#outbox.added()
      // Pending resolves with the call's own result.
    }) as Promise<R>
  }

  #lane(task: Task, options: TaskOptions): Lane {
    const add = <R>(call: Call<R>, place: (pending: Pending) => void): Promise<R> => {
      if (task.settled && !this.#closed) return Promise.reject(aborted(call, false, options.signal?.reason))
      const placed = (pending: Pending) => {
        task.requests.push(pending)
        place(pending)
      }
      // What is left of the task's time is all that its requests have.
      const left = Math.max(task.expires - performance.now(), 0)
      return this.#add(call, placed, call.signal ?? options.signal, left)
    }
    const inPlace = (pending: Pending): void => {
      // A task that has settled is skipped, with its place.
      if (task.placed || task.settled) this.#outbox.ahead(pending)
      else task.pending.push(pending)
    }
    return {
      ask: (call) => add(call, this.#outbox.ahead),
      askOnce: <R>(key: string, make: () => Call<R>) => {
        if (task.settled && !this.#closed) return Promise.reject(aborted(make(), false, options.signal?.reason))
        // What was asked under this key gives the same R.
        const waiting = this.#outbox.asked.get(key) as Promise<R> | undefined
        if (waiting !== undefined) return waiting
        // Those who wait for it have deadlines and signals of their own.
        const asked = this.#add(make(), this.#outbox.ahead, undefined, Number.POSITIVE_INFINITY)
        this.#outbox.asked.set(key, asked)
        return asked
      },
      send: (call) => add(call, inPlace),
      regardless: (call) => this.#add(call, this.#outbox.ahead),
      place: (call) => this.#add(call, inPlace),
    }
  }

  /** A socket nobody uses, once the requests made so far have been sent; now, where none wait and one is idle. */
  #lease(): KernelSocket | Promise<KernelSocket> {
    if (this.#outbox.idle) return this.#dumpSockets.take()
    return new Promise<void>((resolve) => {
      this.#outbox.inLine(new Marker(resolve))
      this.#outbox.schedule()
    }).then(() => this.#dumpSockets.take())
  }

  /** Settles what is late; returns when the next will be. */
  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const item of this.#outbox.items()) {
      if (item.settled) continue
      if (item.expires <= now) item.expire()
      else next = Math.min(next, item.expires)
    }
    this.#outbox.lookAgain()
    return next
  }
}

/** Bytes that are not what they say are our caller's mistake, and must not reach the kernel. */
function malformed(call: Call<unknown>, transaction: boolean): NetlinkError | undefined {
  if (wellFormed(call, transaction)) return undefined
  return failure(call, 'EINVAL', 'unsent', `nlmsg_len does not fit the ${lengthOf(call)} bytes of the message`)
}
