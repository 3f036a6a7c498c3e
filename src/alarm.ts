/**
 * One timer for many deadlines, set to the earliest. It keeps no process alive: whoever waits has a job in the libuv pool ahead
 * of him, and that does.
 */
export class Alarm {
  readonly #ring: (now: number) => number
  #timer: NodeJS.Timeout | undefined
  #at = Number.POSITIVE_INFINITY

  /** `ring` deals with what is due at `now` and returns the next time, Infinity for none. */
  constructor(ring: (now: number) => number) {
    this.#ring = ring
  }

  /** At the latest then, on the clock of performance.now(). */
  set(at: number): void {
    if (at >= this.#at) return
    clearTimeout(this.#timer)
    this.#at = at
    // setTimeout takes 31 bits; ringing too early does no harm.
    const wait = Math.min(Math.max(at - performance.now(), 0), 0x7fff_ffff)
    // By way of setImmediate, answers that came while this thread was busy are read first.
    this.#timer = setTimeout(() => setImmediate(() => this.#due()), wait).unref()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#at = Number.NEGATIVE_INFINITY
  }

  #due(): void {
    if (this.#at === Number.NEGATIVE_INFINITY) return
    this.#at = Number.POSITIVE_INFINITY
    this.set(this.#ring(performance.now()))
  }
}
