/** A file descriptor that stays open until nobody needs its number any more. */
import { closeSync } from 'node:fs'
import { NetlinkError } from './error.ts'

/**
 * A counted descriptor. Closing it while jobs still use the number (a read queued in the libuv pool, a message that carries
 * IFLA_NET_NS_FD) only marks it; the last release() closes. A number reused too early would make such a job act on a
 * stranger's descriptor.
 */
export class Descriptor {
  readonly #fd: number
  readonly #what: string
  readonly #close: (fd: number) => void
  #users = 0
  #closing = false

  /** Takes over `fd`. `what` names it in errors ("namespace ns1"). */
  constructor(fd: number, what: string, close: (fd: number) => void = closeSync) {
    this.#fd = fd
    this.#what = what
    this.#close = close
  }

  /** The number. Throws NetlinkError 'EBADF' after close(). For anything that outlives this tick, retain() it. */
  get fd(): number {
    if (this.#closing)
      throw new NetlinkError({
        code: 'EBADF',
        operation: 'use',
        subject: this.#what,
        reason: 'it was closed',
        outcome: 'unsent',
      })
    return this.#fd
  }

  /** close() was called; the number may still be open for those who retained it. */
  get closed(): boolean {
    return this.#closing
  }

  /** Keeps the number open until the matching release(), and returns it. Throws NetlinkError 'EBADF' after close(). */
  retain(): number {
    const fd = this.fd
    this.#users += 1
    return fd
  }

  /** Undoes one retain(). */
  release(): void {
    if (this.#users === 0) throw new Error(`${this.#what}: release() without retain()`)
    this.#users -= 1
    if (this.#users === 0 && this.#closing) this.#close(this.#fd)
  }

  /** Closes now, or with the last release(). Idempotent. */
  close(): void {
    if (this.#closing) return
    this.#closing = true
    if (this.#users === 0) this.#close(this.#fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
