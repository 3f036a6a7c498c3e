/**
 * The share of the libuv pool that netlink may take. The pool has 4 threads for all of fs, dns and crypto; a netlink job
 * waits as long as somebody else holds the RTNL lock, which may be seconds. So at most 2 are in it at a time, and the rest
 * wait here, where abort and close still work.
 */
import { isMainThread } from 'node:worker_threads'

/** Starts a job which calls `done` once when it has left the pool. Returns false if there is nothing to do any more. */
export type Job = (done: () => void) => boolean

export class Pool {
  readonly #limit: number
  #running = 0
  /** First in, first out, from #head on. */
  #queue: Job[] = []
  #head = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Jobs in the libuv pool now. */
  get running(): number {
    return this.#running
  }

  /** Runs `job` as soon as there is room: now, or when earlier ones have left. What it does is decided then, not now. */
  submit(job: Job): void {
    if (this.#running < this.#limit && this.#head === this.#queue.length) this.#start(job)
    else this.#queue.push(job)
  }

  #start(job: Job): void {
    this.#running += 1
    let left = false
    const leave = () => {
      if (left) return
      left = true
      this.#running -= 1
      this.#next()
    }
    if (!job(leave)) leave()
  }

  #next(): void {
    while (this.#running < this.#limit) {
      const job = this.#queue[this.#head]
      if (job === undefined) break
      this.#head += 1
      if (this.#head === this.#queue.length || this.#head > 1024) {
        this.#queue = this.#queue.slice(this.#head)
        this.#head = 0
      }
      this.#start(job)
    }
  }
}

/** The libuv pool is one for all threads of the process, this count is one a thread: Workers take half. */
export const pool = new Pool(isMainThread ? 2 : 1)
