/** A network namespace: what people hold. */

import { fstatSync } from 'node:fs'
import type { Descriptor } from '../descriptor.ts'
import { NetlinkError } from '../error.ts'
import { checkBoolean, checkFunction, checkInteger, checkObject, checkSignal } from '../input.ts'
import { Netlink } from '../netlink.ts'
import type { NetlinkOptions } from '../netlink-options.ts'
import { Departure } from './departure.ts'
import type { NamespaceHandle, NamespaceHost, NamespacePlace } from './host.ts'
import { assignId, idOf } from './ids.ts'
import { Inside } from './inside.ts'
import { joined } from './join.ts'
import { describe, identify, inEach, type NamespaceDetails, type NamespaceId, namedIds } from './names.ts'
import { checkDelete, type DeleteOptions, type HostOptions, hostOf, type IdOptions, viewOf } from './options.ts'
import { pidsOf } from './pids.ts'
import { mayEnter } from './stretch.ts'
import { NamespaceWatch } from './watch.ts'

/** One less than an int holds: rtnl_net_newid() passes id + 1 on, as the end of a range. */
const greatestId = 2 ** 31 - 2

/**
 * A network namespace. It lives as long as anything holds it: a name, this object, a process or a socket inside.
 *
 * @example
 * await using ns = await Namespace.create('ns1')
 * await ns.exec('ip', ['link'])
 */
export class Namespace extends Inside implements AsyncDisposable {
  readonly #handle: NamespaceHandle
  readonly #host: NamespaceHost
  /** Made by this object, which disposing therefore deletes. */
  readonly #made: boolean
  #named: boolean
  #inode: number | undefined

  private constructor(handle: NamespaceHandle, host: NamespaceHost, made: boolean) {
    super(handle)
    this.#handle = handle
    this.#host = host
    this.#made = made
    this.#named = handle.name !== undefined
    Departure.opened(this)
    handle.onLost?.(() => this.#lost())
  }

  /**
   * A new namespace: `ip netns add NAME`. Without a name only this object (and what is put into it) keeps it alive.
   * Disposing deletes it. Throws NetlinkError: EINVAL (path 'name', 'options' or 'host'), EEXIST, EPERM.
   */
  static async create(name?: string, options: HostOptions = {}): Promise<Namespace> {
    const host = hostOf('namespace.create', options)
    return new Namespace(await host.create(name), host, true)
  }

  /**
   * An existing namespace, by the name that `ip netns list` shows, or by path, process or descriptor. Disposing only lets go of it.
   * One that belongs to another user namespace of the caller's (a rootless container's) is entered by a helper process.
   * Throws NetlinkError: ENOENT, EACCES, or EINVAL where it is not a network namespace, or where `place` is none (path 'place', 'name', 'pid' ...).
   */
  static async open(place: string | NamespacePlace, options: HostOptions = {}): Promise<Namespace> {
    const host = hostOf('namespace.open', options)
    const where = typeof place === 'string' ? { name: place } : place
    const handle = await host.open(where)
    if (options.host !== undefined || 'current' in where || mayEnter(handle.descriptor.fd))
      return new Namespace(handle, host, false)
    try {
      return new Namespace(await joined(handle), host, false)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** The namespace of the calling thread. */
  static current(options: HostOptions = {}): Promise<Namespace> {
    return Namespace.open({ current: true }, options)
  }

  /** The names that can be opened, sorted: `ip netns list`. Throws NetlinkError EINVAL (path 'options', 'host', 'details'), as its siblings do. */
  static list(options?: HostOptions & { details?: false }): Promise<string[]>
  /** With what is in them: inode, id and processes. */
  static list(options: HostOptions & { details: true }): Promise<NamespaceDetails[]>
  static async list(options: HostOptions & { details?: boolean } = {}): Promise<string[] | NamespaceDetails[]> {
    const operation = 'namespace.list'
    const host = hostOf(operation, options)
    checkBoolean(operation, 'details', options.details)
    if (!options.details) return host.list()
    return seenFrom(undefined, host, (netlink) => describe(host, netlink))
  }

  /** The ids of other namespaces that are valid in the caller's (or in `in`), with the names of those that have one: `ip netns list-id`. */
  static async ids(options: HostOptions & IdOptions = {}): Promise<NamespaceId[]> {
    const operation = 'namespace.ids'
    const host = hostOf(operation, options)
    return seenFrom(viewOf(operation, options), host, (netlink) => namedIds(host, netlink))
  }

  /**
   * The names of the namespace that a process is in, sorted: `ip netns identify PID`. Without `pid`, this process.
   * Throws NetlinkError: ENOENT (path 'pid') where there is no such process, EACCES where it may not be looked at, EINVAL.
   */
  static async identify(pid: number = process.pid, options: HostOptions = {}): Promise<string[]> {
    return identify(hostOf('namespace.identify', options), pid)
  }

  /**
   * Names that come and go, from now on: `ip netns monitor`. An 'add' is told when the namespace can be opened; one that is gone before that is
   * not told. What has no name is not seen, nor a namespace that is unmounted while its file stays. In a Sandbox the names are looked at every
   * 250 ms. Options that cannot be right are told by `ready` and in the loop: EINVAL.
   *
   * @example
   * for await (const { action, name } of Namespace.watch({ signal })) console.log(action, name)
   */
  static watch(options: HostOptions & { signal?: AbortSignal | undefined } = {}): NamespaceWatch {
    return new NamespaceWatch(() => {
      const host = hostOf('namespace.watch', options)
      const { signal } = options
      checkSignal('namespace.watch', signal)
      return { directory: host.directory, list: () => host.list(), signal }
    })
  }

  /**
   * Runs `fn` for each namespace that has a name, and gives the results by name: `ip -all netns exec`. At most `concurrency` at a time, 8 by
   * default. One that fails stops no other. The namespace is closed when `fn` is done with it.
   * Throws NetlinkError EINVAL (path 'fn', 'concurrency' ...) before any is opened.
   *
   * @example
   * const results = await Namespace.all(async (ns) => (await ns.exec('ip', ['-br', 'link'])).stdout)
   * for (const [name, result] of results) console.log(name, result.status === 'fulfilled' ? result.value : result.reason)
   */
  static async all<T>(
    fn: (ns: Namespace) => T | Promise<T>,
    options: HostOptions & { concurrency?: number | undefined } = {},
  ): Promise<Map<string, PromiseSettledResult<T>>> {
    const operation = 'namespace.all'
    checkFunction(operation, 'fn', fn)
    const host = hostOf(operation, options)
    const { concurrency = 8 } = options
    checkInteger(operation, 'concurrency', concurrency, 1, Number.POSITIVE_INFINITY)
    return inEach(host, concurrency, async (name) => {
      const ns = await Namespace.open(name, { host })
      try {
        return await fn(ns)
      } finally {
        await ns.close()
      }
    })
  }

  /** Takes a name away without waiting for the devices: `ip netns del NAME`. Throws NetlinkError ENOENT, EINVAL (path 'name'). */
  static async delete(name: string, options: HostOptions = {}): Promise<void> {
    await hostOf('namespace.delete', options).delete(name)
  }

  /** Its name below /run/netns; undefined where it was made without one, or opened otherwise. */
  get name(): string | undefined {
    return this.#handle.name
  }

  /** The namespace as a descriptor, valid until close(). Throws NetlinkError EBADF after. */
  get fd(): number {
    return this.descriptor.fd
  }

  /** The same, counted: retain() it while its number is inside a message that is not yet sent. */
  get descriptor(): Descriptor {
    return this.#handle.descriptor
  }

  /** close() was called, or it was deleted. */
  get closed(): boolean {
    return this.descriptor.closed
  }

  /** The inode of the namespace, which tells whether two are the same: the number in `readlink /proc/self/ns/net`. */
  get inode(): number {
    const { fd } = this
    // It never changes: 100 namespaces that are deleted at once compare theirs 5,000 times.
    this.#inode ??= fstatSync(fd).ino
    return this.#inode
  }

  /**
   * The id that another namespace knows this one by, undefined where it has none: what `linkNetnsid` of a link means.
   * The kernel gives ids when devices of the two first refer to each other. Throws NetlinkError EINVAL (path 'in').
   */
  async id(options: IdOptions = {}): Promise<number | undefined> {
    return seenFrom(viewOf('namespace.id', options), this.#host, (netlink) => idOf(netlink, this))
  }

  /**
   * Gives it an id, the next that is free where none is given: `ip netns set NAME ID`, `ip netns set NAME auto`. Returns the id. It cannot be
   * changed or taken back.
   * Throws NetlinkError: EEXIST where it has one, or (path 'id') where the id is another's; EPERM; EINVAL.
   */
  async setId(id?: number, options: IdOptions = {}): Promise<number> {
    const operation = 'namespace.setId'
    if (id !== undefined) checkInteger(operation, 'id', id, 0, greatestId)
    return seenFrom(viewOf(operation, options), this.#host, (netlink) => assignId(netlink, this, id))
  }

  /** A client of this namespace, which is closed when the namespace is deleted. Throws as Netlink.open() does. */
  async netlink(options: Omit<NetlinkOptions, 'namespace'> = {}): Promise<Netlink> {
    checkObject('netlink.open', 'options', options)
    return Netlink.open({ ...options, namespace: this })
  }

  /** The processes inside, sorted: `ip netns pids NAME`. Those that this process may not look at are left out. */
  async pids(): Promise<number[]> {
    const { inode } = this
    return pidsOf(inode)
  }

  /** Its host has gone, and what was opened inside would only keep the namespace alive. */
  async #lost(): Promise<void> {
    Departure.closed(this)
    await this.closeOwned()
  }

  /** Lets go of the namespace, nothing more: its name stays, and sockets opened inside stay. Idempotent. */
  async close(): Promise<void> {
    Departure.closed(this)
    await this.#handle.close()
  }

  /**
   * Deletes: `ip netns del NAME`, after closing what this object opened inside (clients, servers, sockets), and lets go of it.
   * A process inside keeps the namespace alive without its name, as with `ip netns del`; there is no waiting then.
   * Throws NetlinkError: EBADF after close(), ENOENT where the name is gone or another's by now, ETIMEDOUT where something unknown holds the namespace,
   * EINVAL (path 'wait', 'timeout').
   */
  async delete(options: DeleteOptions = {}): Promise<void> {
    checkDelete('namespace.delete', options)
    const { wait = true, timeout = 5_000 } = options
    const departure = wait ? await Departure.of(this) : undefined
    try {
      await this.closeOwned()
      const { name } = this
      const { inode } = this
      const named = this.#named
      this.#named = false
      // First the descriptor: where the name turns out to be gone, the namespace goes all the same.
      await this.close()
      if (named && name !== undefined) await this.#host.delete(name, inode)
      await departure?.wait(timeout)
    } finally {
      departure?.close()
    }
  }

  /** What was created is deleted, what was opened is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closed) return
    if (!this.#made) return this.close()
    try {
      await this.delete()
    } catch (error) {
      // Somebody else took the name away: that is what was wanted.
      if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error
    } finally {
      await this.close()
    }
  }
}

/** Runs `action` with a client of `from`, or of the namespace that the host is in. */
async function seenFrom<T>(
  from: Namespace | undefined,
  host: NamespaceHost,
  action: (netlink: Netlink) => Promise<T>,
): Promise<T> {
  const place = from ?? (await Namespace.current({ host }))
  try {
    const netlink = await place.netlink()
    try {
      return await action(netlink)
    } finally {
      await netlink.close()
    }
  } finally {
    if (!from) await place.close()
  }
}
