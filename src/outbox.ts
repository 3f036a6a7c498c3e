/**
 * The way out: what waits, what the kernel works on, and what becomes of it. One write at a time, in the pool or, of questions that the kernel answers at
 * once, here; while it is out, more collect.
 */
import { answered, collect, settle } from './answers.ts'
import { Batch, WriteBuffer } from './batch.ts'
import type { Item, Marker, Pending, Task } from './pending.ts'
import { pool } from './pool.ts'
import { drop, Queue } from './queue.ts'
import type { KernelSocket } from './socket.ts'

/** So many requests that wait are written though the caller goes on; looked at once in so many. */
const EAGER = 1024
const LOOK = 256
/** So many writes on this thread before the event loop has its turn: else who asks again and again would be all that it hears of. */
const QUICK = 32
const nothing = new Uint8Array(0)

export class Outbox {
  readonly #socket: KernelSocket
  readonly #blocking: boolean
  readonly #queue = new Queue()
  readonly #buffer = new WriteBuffer()
  #sequence = 0
  #scheduled = false
  /** What #take() has encoded. */
  #bytes: Uint8Array = nothing
  /** The batch that the kernel works on, and how its job leaves the pool. */
  #flight: Batch | undefined
  #leave: (() => void) | undefined
  /** #job waits for room in the pool. */
  #waiting = false
  /** Writes on this thread since the event loop had its turn. */
  #quick = 0
  #added = 0
  #passed: Marker[] = []
  /** Look-ups that wait to be sent, with nothing behind them that changes what they ask. */
  readonly asked = new Map<string, Promise<unknown>>()
  #closed = false
  // Made once, not for every request and write.
  readonly #job = (done: () => void): boolean => this.#write(done)
  readonly #reached = (marker: Marker): number => this.#passed.push(marker)
  readonly #start = (task: Task): void => task.start(this.#left)
  readonly #left = (): void => this.schedule()
  readonly #submit = (): void => {
    if (this.#waiting) return
    this.#waiting = true
    // Not behind others in the pool, who may wait for the kernel's lock.
    if (!this.#queue.quick) pool.submit(this.#job)
    else if (this.#quick < QUICK) this.#writeQuick()
    else setImmediate(this.#again)
  }
  readonly #again = (): void => {
    this.#waiting = false
    this.#submit()
  }
  readonly #turn = (): void => {
    this.#quick = 0
  }
  readonly #afterMicrotasks = (): void => process.nextTick(this.#submit)

  constructor(socket: KernelSocket, blocking: boolean) {
    this.#socket = socket
    this.#blocking = blocking
  }

  /** Nothing waits, and nothing is out. */
  get idle(): boolean {
    return this.#flight === undefined && this.#queue.empty
  }

  /** Behind all that waits. */
  readonly inLine = (item: Item): void => this.#queue.push(item)

  /** Ahead of all that waits. */
  readonly ahead = (pending: Pending): void => {
    // What is asked behind it may have another answer.
    if (pending.call.idempotent !== true) this.asked.clear()
    this.#queue.pushUrgent(pending)
  }

  /** One more waits. */
  added(): void {
    this.schedule()
    this.#added += 1
    if (this.#added % LOOK === 0 && this.#queue.length >= EAGER && !this.#blocking) this.#hurry()
  }

  /** All that has not been settled, for whoever looks after deadlines. */
  *items(): Generator<Item> {
    yield* this.#flight?.pendings ?? []
    yield* this.#queue.items()
  }

  /** A task that gave up its place may have been what the others waited for. */
  lookAgain(): void {
    if (!this.#queue.empty) this.schedule()
  }

  /** Rejects all. */
  close(): void {
    this.#closed = true
    for (const item of this.#queue.clear()) drop(item)
    // Their bytes are still with the kernel: #written() releases what they hold.
    for (const pending of this.#flight?.pendings ?? []) pending.close()
  }

  /** Writes what may leave, when all requests of this tick have been made. */
  schedule(): void {
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
    const batch = this.#next()
    if (batch === undefined) return false
    this.#leave = done
    this.#socket.send(this.#bytes, (result) => {
      done()
      this.#written(batch, result)
    })
    return true
  }

  #writeQuick(): void {
    const batch = this.#next()
    if (batch === undefined) return
    if (this.#quick === 0) setImmediate(this.#turn)
    this.#quick += 1
    this.#sendSync(batch)
    if (!this.#queue.empty) this.schedule()
  }

  /** What is written now, where anything is ready and nothing is out. */
  #next(): Batch | undefined {
    this.#waiting = false
    const batch = this.#closed || this.#flight !== undefined ? undefined : this.#take()
    this.#scheduled = false
    return batch
  }

  #writeSync(): void {
    for (let batch = this.#take(); batch !== undefined; batch = this.#closed ? undefined : this.#take()) {
      this.#sendSync(batch)
    }
    this.#scheduled = false
  }

  #sendSync(batch: Batch): void {
    const result = this.#socket.sendSync(this.#bytes)
    const why = result < 0 ? -result : this.#collected(batch)
    this.#flight = undefined
    this.#settle(batch, result, why)
  }

  /** The next batch, encoded; undefined where nothing is ready. Tasks that are started in here find #scheduled set. */
  #take(): Batch | undefined {
    const batch = new Batch(this.#socket)
    const add = (pending: Pending): boolean => {
      if (this.asked.size > 0) this.asked.clear()
      return batch.add(pending)
    }
    this.#queue.take(add, this.#reached, this.#start)
    if (batch.length === 0) {
      this.#pass()
      return undefined
    }
    if (batch.length > this.#socket.sendLimit) this.#socket.growSend(batch.length)
    this.#bytes = batch.encode(this.#buffer, this.nextSequence(batch.count))
    this.#flight = batch
    return batch
  }

  /** The first of `count` numbers in a row, none of them 0: that is what events carry. */
  nextSequence(count: number): number {
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
    // Nor for questions that are written here: those before them are settled first.
    if (batch.full && !this.#queue.quick && result >= 0 && why === 0 && answered(batch)) {
      this.#scheduled = true
      this.#submit()
    }
    this.#settle(batch, result, why)
    if (!this.#queue.empty) this.schedule()
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
}
