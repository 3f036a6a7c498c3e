/**
 * Being told that a descriptor can be read: the one place that touches koffi.node.poll(), a uv_poll_t with sharp edges (koffi 3.3.4,
 * src/koffi/src/uv.cc; each was tried):
 * - start(), stop(), ref() and unref() after close() follow a null pointer: SIGSEGV;
 * - a handle that is collected closes itself: it is kept reachable here;
 * - a Worker that is terminated while the callback is called aborts the whole process (napi_throw has nowhere to throw to), so a Worker
 *   is served by a timer;
 * - what the callback throws is dropped, and promises that it resolves wait for some later callback of Node's: so it does nothing but
 *   setImmediate();
 * - an error of the socket (ENOBUFS: the receive buffer ran over) comes as status -9 whatever it was, and stops polling
 *   (libuv's uv__poll_io()).
 */
import { isMainThread } from 'node:worker_threads'
import { libc, type PollHandle } from './libc.ts'

/** Looks at the descriptor. True: there may be more, look again soon. */
export type Wake = () => boolean

/** Started, and keeping no process alive, when it is made. Every call is allowed at any moment, after close() too. */
export interface Watch {
  /** After stop(). Wakes once in any case. */
  start(): void
  stop(): void
  /** Keeps the process alive until unref(). */
  ref(): void
  unref(): void
  /** No call of `wake` after that. The descriptor may be closed then, not before. */
  close(): void
}

/**
 * How often a Worker looks, in milliseconds. A look at nothing takes 1 us, an idle Worker 1 % of a core, of which the bare timer is most. A
 * receive buffer of 32 MiB holds 80,000 route events: 4 million a second.
 */
export const WORKER_INTERVAL = 20

/** Calls `wake` whenever `fd` can be read or has an error; in a Worker, every 20 ms. */
export function watch(fd: number, wake: Wake): Watch {
  return isMainThread ? new Poll(fd, wake) : new Ticker(wake)
}

const readable = { readable: true } as const
/** Of handles that only libuv knows the callback never comes. */
const open = new Set<Poll>()

class Poll implements Watch {
  readonly #wake: Wake
  #handle: PollHandle | undefined
  /** Neither stop() nor close() was called. */
  #started = true
  /** libuv polls. */
  #polling = true
  #scheduled = false

  constructor(fd: number, wake: Wake) {
    this.#wake = wake
    this.#handle = libc().poll(fd, readable, this.#ready)
    this.#handle.unref()
    open.add(this)
  }

  start(): void {
    if (this.#handle === undefined || this.#started) return
    this.#started = true
    this.#schedule()
  }

  stop(): void {
    if (!this.#started) return
    this.#started = false
    this.#polling = false
    this.#handle?.stop()
  }

  ref(): void {
    this.#handle?.ref()
  }

  unref(): void {
    this.#handle?.unref()
  }

  close(): void {
    this.stop()
    this.#handle?.close()
    this.#handle = undefined
    open.delete(this)
  }

  readonly #ready = (status: number): void => {
    if (status < 0) this.#polling = false
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    if (!this.#started) return
    const more = this.#wake()
    if (!this.#started) return
    if (more) this.#schedule()
    else this.#poll()
  }

  #poll(): void {
    if (this.#polling) return
    this.#polling = true
    this.#handle?.start(readable, this.#ready)
  }
}

class Ticker implements Watch {
  readonly #wake: Wake
  #timer: NodeJS.Timeout | undefined
  #referenced = false
  #closed = false

  constructor(wake: Wake) {
    this.#wake = wake
    this.start()
  }

  start(): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = setInterval(this.#run, WORKER_INTERVAL)
    if (!this.#referenced) this.#timer.unref()
    setImmediate(this.#run)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  ref(): void {
    this.#referenced = true
    this.#timer?.ref()
  }

  unref(): void {
    this.#referenced = false
    this.#timer?.unref()
  }

  close(): void {
    this.#closed = true
    this.stop()
  }

  readonly #run = (): void => {
    if (this.#timer !== undefined && this.#wake()) setImmediate(this.#run)
  }
}
