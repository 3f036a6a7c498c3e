/** What stands in a conversation's queue: requests, and tasks which hold a place for a request that is not known yet. */
import { constants } from 'node:os'
import { forget, onAbort } from './abort.ts'
import { aborted, type Call, closed, lost, type Refusal, refusal, timedOut, unsent } from './call.ts'
import type { Extack } from './frame.ts'

/** Settles once; what is left of it in the queue is skipped. */
abstract class Entry {
  readonly names: boolean
  /** On the clock of performance.now(). */
  readonly expires: number
  readonly deadline: number
  settled = false
  readonly #signal: AbortSignal | undefined
  /** Only where there is a signal: a closure for each of 100,000 requests is seen in the total. */
  readonly #abort: (() => void) | undefined

  constructor(names: boolean, deadline: number, signal: AbortSignal | undefined) {
    this.names = names
    this.deadline = deadline
    // Whole: V8 keeps a fraction in an object of its own.
    this.expires = Math.ceil(performance.now() + deadline)
    this.#signal = signal
    this.#abort = undefined
    if (signal !== undefined) {
      this.#abort = () => this.abort(signal.reason)
      onAbort(signal, this.#abort)
    }
  }

  /** What it sends the kernel answers at once. */
  get unlocked(): boolean {
    return false
  }

  /** Marks it settled; false if it was already. */
  protected settle(): boolean {
    if (this.settled) return false
    this.settled = true
    if (this.#signal !== undefined && this.#abort !== undefined) forget(this.#signal, this.#abort)
    return true
  }

  abstract abort(reason: unknown): void
  abstract expire(): void
  abstract close(): void
}

/** How far the answer to a request has come. */
export const answer = { none: 0, replied: 1, done: 2, refused: 3 } as const

/** A request until its promise settles, and its bytes have left the pool. */
export class Pending extends Entry {
  readonly call: Call<unknown>
  readonly #resolve: (result: unknown) => void
  readonly #reject: (error: unknown) => void
  #retained = false
  #sent = false
  attempts = 0
  state: number = answer.none
  /** A reply was longer than the buffer. */
  cut = false
  /** Of a transaction: the last message that asks for an ACK; -1 where none does. */
  lastAck = -1
  /** Of a transaction: how many messages it has. */
  messages = 1
  warning: Extack | undefined
  /** What reply() threw: the answer is there but useless. */
  thrown: { error: unknown } | undefined
  refusals: Refusal[] | undefined

  constructor(
    call: Call<unknown>,
    deadline: number,
    signal: AbortSignal | undefined,
    resolve: (result: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super(call.names ?? call.idempotent !== true, deadline, signal)
    this.call = call
    this.#resolve = resolve
    this.#reject = reject
    // Before the first await of anybody: from here on the caller may close the namespace whose number is inside.
    if (call.keepAlive !== undefined) {
      for (const descriptor of call.keepAlive) descriptor.retain()
      this.#retained = true
    }
  }

  override get unlocked(): boolean {
    return this.call.unlocked === true
  }

  /** Whether the kernel may have seen it. */
  get sent(): boolean {
    return this.#sent
  }

  /** Its bytes go to the kernel now, not for the first time perhaps. */
  send(): void {
    this.#sent = true
    this.attempts += 1
    this.state = answer.none
    this.cut = false
    this.refusals = undefined
    this.thrown = undefined
    this.warning = undefined
  }

  /** The write has returned: the kernel has read the bytes, or never will. */
  written(): void {
    if (this.#retained) for (const descriptor of this.call.keepAlive ?? []) descriptor.release()
    this.#retained = false
  }

  succeed(): void {
    if (this.settle()) this.#resolve(this.call.result === undefined ? this.warning : this.call.result())
  }

  refuse(): void {
    this.fail(refusal(this.call, this.refusals ?? []))
  }

  /** The answer is lost. True: ask again. */
  lose(errno: number): boolean {
    if (this.settled) return false
    if (this.call.idempotent === true && this.attempts < 3) return true
    this.fail(lost(this.call, errno))
    return false
  }

  unsent(errno: number, limit: number): void {
    this.fail(unsent(this.call, errno, limit))
  }

  override abort(reason: unknown): void {
    this.fail(aborted(this.call, this.#sent, reason))
  }

  override expire(): void {
    this.fail(timedOut(this.call, this.#sent, this.deadline))
  }

  override close(): void {
    this.fail(closed(this.call, this.#sent))
  }

  fail(error: unknown): void {
    if (!this.settle()) return
    // A sent one keeps its descriptors until the write has returned.
    if (!this.#sent) this.written()
    this.#reject(error)
  }
}

/** What a task may do: see Conversation.ordered(). */
export interface Lane {
  /** Sends ahead of everything that is queued, while the task keeps its place: a look-up. */
  ask<R = Extack | undefined>(call: Call<R>): Promise<R>
  /**
   * Like ask(), of what others ask too: where the same `key` waits to be sent, its answer is shared. Ending the task does not reach it.
   */
  askOnce<R>(key: string, make: () => Call<R>): Promise<R>
  /** Sends in the place of the task, which gives the place up. */
  send<R = Extack | undefined>(call: Call<R>): Promise<R>
  /** Sends ahead of everything that is queued, also when the task was aborted or is late. */
  regardless<R = Extack | undefined>(call: Call<R>): Promise<R>
  /** Sends in the place of the task, also when the task was aborted or is late; more of them follow each other. */
  place<R = Extack | undefined>(call: Call<R>): Promise<R>
}

export interface TaskOptions {
  /** For the error when it is aborted or late. */
  operation: string
  subject?: string | undefined
  /** As in Call: false where the request to come cannot change a name. Then look-ups of neighbours travel together. */
  names?: boolean | undefined
  /** As in Call: all that the task sends is such. */
  unlocked?: boolean | undefined
  /** All names that the request to come may change, where these are known: look-ups of others need not wait for it. */
  creates?: readonly string[] | undefined
  /** All names that the task looks up, where these are known. */
  looksUp?: readonly string[] | undefined
  signal?: AbortSignal | undefined
  deadline?: number | undefined
}

/** A place in the queue for a request whose bytes depend on a look-up. */
export class Task extends Entry {
  readonly #options: TaskOptions
  readonly #run: () => Promise<unknown>
  readonly #reject: (error: unknown) => void
  readonly #resolve: (value: unknown) => void
  started = false
  /** All that it asked for and sent. */
  readonly requests: Pending[] = []
  /** Its place in the queue has been used: what it sends from now on goes ahead. */
  placed = false
  /** What lane.send() put into its place. */
  readonly pending: Pending[] = []

  constructor(
    options: TaskOptions,
    deadline: number,
    run: (task: Task) => Promise<unknown>,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    super(options.creates === undefined && (options.names ?? true), deadline, options.signal)
    this.#options = options
    // One that throws at once is a call that fails, not the end of the process.
    this.#run = async () => run(this)
    this.#resolve = resolve
    this.#reject = reject
  }

  override get unlocked(): boolean {
    return this.#options.unlocked === true
  }

  get creates(): readonly string[] {
    return this.#options.creates ?? []
  }

  /** Whether what `creator` makes may be what this one looks up. */
  mayLookUp(creator: Task): boolean {
    return this.#options.looksUp?.some((name) => creator.creates.includes(name)) ?? true
  }

  /** `left` is called when it needs its place no longer. */
  start(left: () => void): void {
    this.started = true
    this.#run().then(
      (value) => {
        if (this.settle()) this.#resolve(value)
        left()
      },
      (error: unknown) => {
        this.#fail(error)
        left()
      },
    )
  }

  override abort(reason: unknown): void {
    this.#fail(aborted(this.#options, this.#touched, reason))
  }

  override expire(): void {
    this.#fail(timedOut(this.#options, this.#touched, this.deadline))
  }

  override close(): void {
    this.#fail(closed(this.#options, this.#touched))
  }

  /** Something that cannot be taken back was sent. */
  get #touched(): boolean {
    return this.requests.some(({ sent, call }) => sent && call.idempotent !== true)
  }

  #fail(error: unknown): void {
    if (this.settle()) this.#reject(error)
  }
}

/** Waits until everything queued before it has been sent. */
export class Marker extends Entry {
  readonly passed: () => void

  constructor(passed: () => void) {
    super(false, Number.POSITIVE_INFINITY, undefined)
    this.passed = passed
  }

  // Whoever waits behind it has a deadline and a signal of its own.
  override abort(): void {}
  override expire(): void {}
  override close(): void {
    if (this.settle()) this.passed()
  }
}

export type Item = Pending | Task | Marker

export const errno = constants.errno
