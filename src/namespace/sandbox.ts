/** A sandbox: networking for a user without rights, in namespaces of its own. */

import type { Result } from 'execa'
import { NetlinkError } from '../error.ts'
import type { HelperHost, HelperOptions } from '../helper/client.ts'
import { checkMilliseconds, checkObject, checkOneOf } from '../input.ts'
import type { Netlink } from '../netlink.ts'
import type { NetlinkOptions } from '../netlink-options.ts'
import type { ExecOptions } from './exec.ts'
import type { NamespaceHost } from './host.ts'
import { Namespace } from './namespace.ts'

export type SandboxOptions = HelperOptions

/**
 * A user, network, mount and pid namespace, made by a small process of ours; no rights are needed. Inside, the user is root: namespaces
 * with names of their own (a private /run/netns), links, routes, firewalls, programs. What is outside cannot be touched from in there.
 *
 * It is where namespaces are made: give it to Namespace.create() and its siblings. All of it ends with close(), and with this process,
 * however that ends.
 *
 * @example
 * await using sandbox = await Sandbox.create()
 * await using ns1 = await Namespace.create('ns1', sandbox)
 * await using nl = await sandbox.netlink()
 * await nl.link.add({ kind: 'veth', name: 'veth0', data: { peer: { name: 'ceth0', namespace: ns1 } } })
 */
export class Sandbox implements AsyncDisposable {
  /** Who enters the namespaces of the sandbox: what makes a Sandbox fit for HostOptions. */
  readonly host: NamespaceHost
  /** The sandbox's own network namespace: the "host" of a network inside. Its lo is down, as that of every new namespace. */
  readonly namespace: Namespace
  /** How its helper is talked to: 'unix-dgram' where that is built, else 'ipc'. */
  readonly transport: 'unix-dgram' | 'ipc'

  private constructor(host: HelperHost, namespace: Namespace) {
    this.host = host
    this.namespace = namespace
    this.transport = host.transport
  }

  /**
   * Starts a sandbox: one start of Node, some 100 ms.
   * Throws NetlinkError: EPERM or ENOSPC where user namespaces are forbidden here, ENOENT where unshare (util-linux) is missing; the
   * message says what to do, and `npx netlink-ts doctor` looks closer. EINVAL (path 'transport', 'deadline').
   */
  static async create(options: SandboxOptions = {}): Promise<Sandbox> {
    const operation = 'sandbox.create'
    checkObject(operation, 'options', options)
    if (options.transport !== undefined) checkOneOf(operation, 'transport', options.transport, ['unix-dgram', 'ipc'])
    checkMilliseconds(operation, 'deadline', options.deadline)
    const host = await start(options)
    try {
      return new Sandbox(host, await Namespace.current({ host }))
    } catch (error) {
      await host.close()
      throw error
    }
  }

  /** A client of the sandbox's own network namespace. */
  netlink(options: Omit<NetlinkOptions, 'namespace'> = {}): Promise<Netlink> {
    return this.namespace.netlink(options)
  }

  /** Runs a program in the sandbox, as root there: see Namespace.exec(). */
  exec<O extends ExecOptions = Record<never, never>>(
    file: string,
    args: readonly string[] = [],
    options?: O,
  ): Promise<Result<O>> {
    return this.namespace.exec<O>(file, args, options)
  }

  /** close() was called, or the helper has ended. */
  get closed(): boolean {
    return this.namespace.closed
  }

  /** Ends everything in the sandbox: clients, servers, programs, namespaces. Idempotent. */
  async close(): Promise<void> {
    await this.host.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

async function start(options: SandboxOptions): Promise<HelperHost> {
  // On first use: a dozen modules and node:crypto, which everybody else need not wait for.
  const { HelperHost, procRefused } = await import('../helper/client.ts')
  try {
    return await HelperHost.start({ kind: 'fresh', proc: true }, options)
  } catch (error) {
    if (!(error instanceof NetlinkError) || !procRefused(error.message)) throw error
    // Then programs inside see the processes outside, and may not do anything to them.
    return await HelperHost.start({ kind: 'fresh', proc: false }, options)
  }
}
