/** A namespace that a helper holds open for this process. */
import { adopt } from '../adopt.ts'
import { addressFamily } from '../constants.ts'
import { Descriptor } from '../descriptor.ts'
import { NetlinkError } from '../error.ts'
import type { NamespaceHandle, Surroundings } from '../namespace/host.ts'
import type { Opened } from './protocol.ts'
import type { Rpc } from './rpc.ts'

/** What it needs of its host. */
interface Host {
  readonly rpc: Rpc
  /** A descriptor of the helper, as one of this process. */
  fetch(fd: number): number
  forget(handle: HelperHandle): void
  readonly surroundings: Surroundings
}

export class HelperHandle implements NamespaceHandle {
  readonly name: string | undefined
  readonly descriptor: Descriptor
  readonly surroundings: Surroundings
  readonly #host: Host
  readonly #handle: number
  #listeners: (() => unknown)[] = []

  /** Takes over `fd`, which has been fetched. */
  constructor({ handle, name }: Opened, fd: number, host: Host) {
    this.name = name
    this.descriptor = new Descriptor(fd, name === undefined ? 'namespace' : `namespace ${name}`)
    this.surroundings = host.surroundings
    this.#host = host
    this.#handle = handle
  }

  async openSocket(domain: number, type: number, protocol: number): Promise<number> {
    this.#check()
    const lent = await this.#host.rpc.call('socket', { handle: this.#handle, domain, type, protocol })
    return this.#take(lent, domain !== addressFamily.AF_NETLINK)
  }

  async openFile(path: string, flags: number): Promise<number> {
    this.#check()
    return this.#take(await this.#host.rpc.call('file', { handle: this.#handle, path, flags }), false)
  }

  onLost(listener: () => unknown): void {
    this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    if (this.descriptor.closed) return
    this.descriptor.close()
    this.#listeners = []
    this.#host.forget(this)
    try {
      await this.#host.rpc.call('close', { handle: this.#handle })
    } catch (error) {
      // A helper that has gone holds nothing.
      if (!(error instanceof NetlinkError)) throw error
    }
  }

  /** The helper is gone. */
  async lose(): Promise<void> {
    const listeners = this.#listeners
    this.#listeners = []
    this.descriptor.close()
    await Promise.allSettled(listeners.map(async (listener) => listener()))
  }

  /** Throws EBADF after close(). */
  #check(): void {
    void this.descriptor.fd
  }

  /**
   * Fetches a descriptor, and has the helper close its own. It is worth waiting for where it would be noticed: a TCP socket that is closed
   * here would go on there, and keep its port.
   */
  async #take({ fd }: { fd: number }, noticed: boolean): Promise<number> {
    try {
      return adopt(this.#host.fetch(fd))
    } finally {
      const released = this.#host.rpc.call('release', { fd }).catch(() => undefined)
      if (noticed) await released
    }
  }
}
