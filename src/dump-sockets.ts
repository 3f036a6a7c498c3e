/** The sockets of one conversation's dumps: as many as run at the same time, and some that are kept for the next. */
import { closed } from './call.ts'
import type { KernelSocket } from './socket.ts'

/** Sockets of finished dumps that are kept. */
const KEPT = 2

export class DumpSockets {
  readonly #make: () => Promise<KernelSocket>
  readonly #all = new Set<KernelSocket>()
  #idle: KernelSocket[] = []
  #closed = false

  constructor(make: () => Promise<KernelSocket>) {
    this.#make = make
  }

  /** One that nobody uses: now, where one is idle. */
  take(): KernelSocket | Promise<KernelSocket> {
    return this.#idle.pop() ?? this.#open()
  }

  /** Its stream is told by the conversation's close() itself: what is opened too late is only closed. */
  async #open(): Promise<KernelSocket> {
    if (this.#closed) throw closed({ operation: 'open' }, false)
    const socket = await this.#make()
    if (this.#closed) await socket.close()
    else this.#all.add(socket)
    return socket
  }

  /** `reusable`: nothing of a dump is left in it. */
  giveBack(socket: KernelSocket, reusable: boolean): void {
    if (reusable && !this.#closed && this.#idle.length < KEPT) this.#idle.push(socket)
    else void socket.close().then(() => this.#all.delete(socket))
  }

  /** Resolves when all are closed, which a job in the pool may delay. */
  async close(): Promise<void> {
    this.#closed = true
    this.#idle = []
    await Promise.all([...this.#all].map((socket) => socket.close()))
  }
}
