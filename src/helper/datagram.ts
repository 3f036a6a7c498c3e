/**
 * The channel over a unix datagram socket of unix-dgram. It is an optional dependency (it is compiled on installation), and this is the
 * only file that loads it.
 *
 * The sockets are two files in a private folder, mode 0700. What comes from any other socket than the peer's is dropped unread.
 */
import { chmodSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import type { Channel, Receive } from './channel.ts'
import { limits } from './protocol.ts'

/** What is used of unix-dgram, which ships no types. */
interface DatagramSocket {
  on(event: 'error', listener: (error: Error) => void): void
  bind(path: string): void
  send(bytes: Buffer, offset: number, length: number, path: string, done: (error?: { code?: unknown }) => void): void
  close(): void
}
export interface UnixDatagram {
  createSocket(type: 'unix_dgram', receive: (bytes: Buffer, from: { path: string | null }) => void): DatagramSocket
}

/** unix-dgram, or why it cannot be used. */
export function loadUnixDatagram(): UnixDatagram | Error {
  // Its addon is not context-aware.
  if (!isMainThread) return new Error('unix-dgram does not load in worker threads')
  try {
    return createRequire(import.meta.url)('unix-dgram') as UnixDatagram
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const { EAGAIN, ENOBUFS, ENOENT, ECONNREFUSED } = constants.errno
/**
 * What passes: the peer's queue is full (it reads slowly, or a stranger fills it), or its socket is closed while it awaits nothing.
 * unix-dgram gives negative errnos as codes.
 */
const passing: readonly unknown[] = [-EAGAIN, -ENOBUFS, -ENOENT, -ECONNREFUSED]
/** How often it is tried again. */
const retryMs = { first: 1, most: 20 } as const
/** How long an end that awaits nothing keeps its socket: opening one takes 0.1 ms. */
const lingerMs = 50

export class DatagramChannel implements Channel {
  readonly #library: UnixDatagram
  readonly #own: string
  readonly #peer: string
  readonly #receive: Receive
  #socket: DatagramSocket | undefined
  #outbox: Buffer[] = []
  #retry: NodeJS.Timeout | undefined
  #pause: number = retryMs.first
  #linger: NodeJS.Timeout | undefined
  #closed = false

  /** Throws where `own` cannot be bound. */
  constructor(library: UnixDatagram, { own, peer }: { own: string; peer: string }, receive: Receive) {
    this.#library = library
    this.#own = own
    this.#peer = peer
    this.#receive = receive
    this.#open()
  }

  send(message: string): void {
    if (this.#closed) return
    this.#outbox.push(Buffer.from(message))
    if (this.#outbox.length === 1) this.#flush()
  }

  /** unix-dgram cannot unref() a socket: so it is closed instead, and opened again. */
  awaiting(yes: boolean): void {
    if (this.#closed) return
    clearTimeout(this.#linger)
    if (yes) this.#open()
    else this.#linger = setTimeout(() => this.#shut(), lingerMs).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#linger)
    clearTimeout(this.#retry)
    this.#outbox = []
    this.#shut()
  }

  #open(): void {
    if (this.#socket) return
    const socket = this.#library.createSocket('unix_dgram', (bytes, { path }) => {
      if (path === this.#peer && bytes.length <= limits.message) this.#receive(bytes.toString())
    })
    let failed: Error | undefined
    socket.on('error', (error) => {
      failed = error
    })
    // Of an earlier socket of ours.
    rmSync(this.#own, { force: true })
    // It tells of a failure by the event, from inside of the call.
    socket.bind(this.#own)
    if (failed) {
      socket.close()
      throw failed
    }
    chmodSync(this.#own, 0o600)
    this.#socket = socket
  }

  #shut(): void {
    this.#socket?.close()
    this.#socket = undefined
    rmSync(this.#own, { force: true })
  }

  #flush(): void {
    for (let bytes = this.#outbox[0]; bytes && this.#socket; bytes = this.#outbox[0]) {
      let code: unknown
      this.#socket.send(bytes, 0, bytes.length, this.#peer, (error) => {
        code = error?.code
      })
      if (passing.includes(code)) {
        this.#retry = setTimeout(() => this.#flush(), this.#pause)
        this.#pause = Math.min(this.#pause * 2, retryMs.most)
        return
      }
      // Sent; or never to be sent, which the deadline of its call tells.
      this.#pause = retryMs.first
      this.#outbox.shift()
    }
  }
}
