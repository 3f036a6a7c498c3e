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
import { answered, collect, settle } from './answers.ts'
import { Batch, lengthOf, WriteBuffer, wellFormed } from './batch.ts'
import { aborted, type Call, type CallOptions, closed, failure } from './call.ts'
import { ChunkStream } from './chunks.ts'
import { DumpSockets } from './dump-sockets.ts'
import type { NetlinkError } from './error.ts'
import type { Extack } from './frame.ts'
import { type Item, type Lane, Marker, Pending, Task, type TaskOptions } from './pending.ts'
import { pool } from './pool.ts'
import { Queue } from './queue.ts'
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
/** So many requests that wait are written though the caller goes on; looked at once in so many. */
const EAGER = 1024
const LOOK = 256
const nothing = new Uint8Array(0)

export class Conversation {
  readonly #socket: KernelSocket
  readonly #blocking: boolean
  readonly #deadline: number
  readonly #queue = new Queue()
  readonly #buffer = new WriteBuffer()
  readonly #alarm = new Alarm((now) => this.#expire(now))
  #sequence = 0
  #scheduled = false
  /** What #take() has encoded. */
  #bytes: Uint8Array = nothing
  /** The batch that the kernel works on, and how its job leaves the pool. */
  #flight: Batch | undefined
  #leave: (() => void) | undefined
  /** #job waits for room in the pool. */
  #waiting = false
  #added = 0
  #passed: Marker[] = []
  /** Look-ups that wait to be sent, with nothing behind them that changes what they ask. */
  readonly #asked = new Map<string, Promise<unknown>>()
  #closed = false
  #closing: Promise<void> | undefined
  readonly #dumpSockets: DumpSockets
  readonly #streams = new Set<ChunkStream>()
  // Made once, not for every request and write.
  readonly #ahead = (pending: Pending): void => {
    // What is asked behind it may have another answer.
    if (pending.call.idempotent !== true) this.#asked.clear()
    this.#queue.pushUrgent(pending)
  }
  readonly #inLine = (pending: Pending): void => this.#queue.push(pending)
  readonly #job = (done: () => void): boolean => this.#write(done)
  readonly #reached = (marker: Marker): number => this.#passed.push(marker)
  readonly #start = (task: Task): void => task.start(this.#left)
  readonly #left = (): void => this.#schedule()
  readonly #submit = (): void => {
    if (this.#waiting) return
    this.#waiting = true
    pool.submit(this.#job)
  }
  readonly #afterMicrotasks = (): void => process.nextTick(this.#submit)

  static async open(options: ConversationOptions): Promise<Conversation> {
    return new Conversation(options, await options.open())
  }

  private constructor(options: ConversationOptions, socket: KernelSocket) {
    this.#dumpSockets = new DumpSockets(() => options.open())
    this.#socket = socket
    this.#blocking = options.blocking ?? false
    this.#deadline = options.deadline ?? DEADLINE
  }

  get closed(): boolean {
    return this.#closed
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
    return this.#add(call, this.#inLine)
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
      this.#queue.push(item)
      this.#schedule()
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
        sequence: this.#nextSequence(1),
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
    for (const item of this.#queue.clear()) drop(item)
    // Their bytes are still with the kernel: #written() releases what they hold.
    for (const pending of this.#flight?.pendings ?? []) pending.close()
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
      this.#schedule()
      this.#added += 1
      if (this.#added % LOOK === 0 && this.#queue.length >= EAGER && !this.#blocking) this.#hurry()
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
      if (task.placed || task.settled) this.#ahead(pending)
      else task.pending.push(pending)
    }
    return {
      ask: (call) => add(call, this.#ahead),
      askOnce: <R>(key: string, make: () => Call<R>) => {
        if (task.settled && !this.#closed) return Promise.reject(aborted(make(), false, options.signal?.reason))
        // What was asked under this key gives the same R.
        const waiting = this.#asked.get(key) as Promise<R> | undefined
        if (waiting !== undefined) return waiting
        // Those who wait for it have deadlines and signals of their own.
        const asked = this.#add(make(), this.#ahead, undefined, Number.POSITIVE_INFINITY)
        this.#asked.set(key, asked)
        return asked
      },
      send: (call) => add(call, inPlace),
      regardless: (call) => this.#add(call, this.#ahead),
      place: (call) => this.#add(call, inPlace),
    }
  }

  // The way out.

  #schedule(): void {
    if (this.#scheduled || this.#flight !== undefined || this.#closed) return
    this.#scheduled = true
    if (this.#blocking) this.#writeSync()
    // From a microtask, nextTick runs when all microtasks have: requests of one tick, awaits in between included, travel
    // together.
    else queueMicrotask(this.#afterMicrotasks)
  }

  /**
   * Who makes 100,000 requests in one go keeps the event loop from its turn: the kernel begins meanwhile, and what it has answered is settled. As the
   * last answer is there, the pool's thread is on its way out. A third of the time of 100,000 routes in one Promise.all.
   */
  #hurry(): void {
    const batch = this.#flight
    if (batch === undefined) this.#submit()
    else if (this.#collected(batch) === 0 && answered(batch)) {
      this.#flight = undefined
      this.#leave?.()
      this.#submit()
      this.#settle(batch, 0, 0)
    }
  }

  /** Reads what answers there are. Returns why some may be missing, now or before: an errno, or 0. */
  #collected(batch: Batch): number {
    batch.why = collect(this.#socket, batch) || batch.why
    return batch.why
  }

  #write(done: () => void): boolean {
    this.#waiting = false
    const batch = this.#closed || this.#flight !== undefined ? undefined : this.#take()
    this.#scheduled = false
    if (batch === undefined) return false
    this.#leave = done
    this.#socket.send(this.#bytes, (result) => {
      done()
      this.#written(batch, result)
    })
    return true
  }

  #writeSync(): void {
    for (let batch = this.#take(); batch !== undefined; batch = this.#closed ? undefined : this.#take()) {
      const result = this.#socket.sendSync(this.#bytes)
      const why = result < 0 ? -result : this.#collected(batch)
      this.#flight = undefined
      this.#settle(batch, result, why)
    }
    this.#scheduled = false
  }

  /** The next batch, encoded; undefined where nothing is ready. Tasks that are started in here find #scheduled set. */
  #take(): Batch | undefined {
    const batch = new Batch(this.#socket)
    const add = (pending: Pending): boolean => {
      if (this.#asked.size > 0) this.#asked.clear()
      return batch.add(pending)
    }
    this.#queue.take(add, this.#reached, this.#start)
    if (batch.length === 0) {
      this.#pass()
      return undefined
    }
    if (batch.length > this.#socket.sendLimit) this.#socket.growSend(batch.length)
    this.#bytes = batch.encode(this.#buffer, this.#nextSequence(batch.count))
    this.#flight = batch
    return batch
  }

  /** The first of `count` numbers in a row, none of them 0: that is what events carry. */
  #nextSequence(count: number): number {
    if (this.#sequence + count > 0xffff_ffff) this.#sequence = 0
    const first = this.#sequence + 1
    this.#sequence += count
    return first
  }

  /** The write has returned: the kernel is done with the batch, or never saw it. */
  #written(batch: Batch, result: number): void {
    // Settled already.
    if (batch !== this.#flight) return
    this.#flight = undefined
    if (this.#closed) {
      for (const pending of batch.pendings) drop(pending)
      return
    }
    // Megabytes of a transaction are not held longer than needed.
    this.#bytes = nothing
    const why = result < 0 ? -result : this.#collected(batch)
    // Where more was ready than fitted, the kernel works on that while this thread settles promises: 100,000 routes in one
    // Promise.all take 0.85 of the time. Not where a GET may have to be asked again, which nothing may overtake.
    if (batch.full && result >= 0 && why === 0 && answered(batch)) {
      this.#scheduled = true
      this.#submit()
    }
    this.#settle(batch, result, why)
    if (!this.#queue.empty) this.#schedule()
  }

  #settle(batch: Batch, result: number, why: number): void {
    const { pendings } = batch
    if (result < 0) for (const pending of pendings) pending.unsent(-result, this.#socket.sendLimit)
    else settle(batch, why, (pending) => this.#queue.pushUrgent(pending))
    for (const pending of pendings) if (pending.settled) pending.written()
    this.#pass()
  }

  #pass(): void {
    if (this.#passed.length > 0) for (const marker of this.#passed.splice(0)) marker.passed()
  }

  /** A socket nobody uses, once the requests made so far have been sent; now, where none wait and one is idle. */
  #lease(): KernelSocket | Promise<KernelSocket> {
    if (this.#flight === undefined && this.#queue.empty) return this.#dumpSockets.take()
    return new Promise<void>((resolve) => {
      this.#queue.push(new Marker(resolve))
      this.#schedule()
    }).then(() => this.#dumpSockets.take())
  }

  /** Settles what is late; returns when the next will be. */
  #expire(now: number): number {
    let next = Number.POSITIVE_INFINITY
    const look = (item: Item): void => {
      if (item.settled) return
      if (item.expires <= now) item.expire()
      else next = Math.min(next, item.expires)
    }
    for (const pending of this.#flight?.pendings ?? []) look(pending)
    for (const item of this.#queue.items()) look(item)
    // A task that gave up its place may have been what the others waited for.
    if (!this.#queue.empty) this.#schedule()
    return next
  }
}

/** Rejects what never reaches the kernel, or whose answer nobody reads any more. */
function drop(item: Item): void {
  if (item instanceof Task) for (const pending of item.pending) drop(pending)
  item.close()
  if (item instanceof Pending) item.written()
}

/** Bytes that are not what they say are our caller's mistake, and must not reach the kernel. */
function malformed(call: Call<unknown>, transaction: boolean): NetlinkError | undefined {
  if (wellFormed(call, transaction)) return undefined
  return failure(call, 'EINVAL', 'unsent', `nlmsg_len does not fit the ${lengthOf(call)} bytes of the message`)
}
