/** Namespaces of another user namespace: a rootless container's, which its owner may enter through nsenter(1). */
import { closeSync, fstatSync, statSync } from 'node:fs'
import { ioctlRequest } from '../constants.ts'
import { NetlinkError } from '../error.ts'
import type { HelperHost } from '../helper/client.ts'
import { libc } from '../libc.ts'
import type { NamespaceHandle } from './host.ts'

/**
 * A handle through a helper in the user namespace that owns `handle`'s namespace, which takes over; or `handle` itself where that is
 * this process's own user namespace (then nobody helps) or may not be asked for.
 */
export async function joined(handle: NamespaceHandle): Promise<NamespaceHandle> {
  const network = handle.descriptor.retain()
  // EPERM: not a user namespace below ours.
  const user = libc().ioctl(network, ioctlRequest.NS_GET_USERNS, null)
  try {
    if (user < 0 || fstatSync(user).ino === statSync('/proc/self/ns/user').ino) return handle
    const host = await start(network, user)
    try {
      const inside = await host.open({ current: true })
      await handle.close()
      return new JoinedHandle(inside, host)
    } catch (error) {
      await host.close()
      throw error
    }
  } finally {
    if (user >= 0) closeSync(user)
    handle.descriptor.release()
  }
}

async function start(network: number, user: number): Promise<HelperHost> {
  // On first use, as in sandbox.ts.
  const { HelperHost } = await import('../helper/client.ts')
  const entrance = { kind: 'join', network, user } as const
  try {
    // Who is root in there stays who he is: others may not change their ids where setgroups(2) is denied.
    return await HelperHost.start({ ...entrance, keepIds: true })
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EPERM') throw error
    // Who is somebody else in there has no rights after an execve(2): he has to become root.
    return await HelperHost.start({ ...entrance, keepIds: false }).catch(() => {
      throw error
    })
  }
}

/** Its helper serves this namespace alone, and ends with it. */
class JoinedHandle implements NamespaceHandle {
  readonly name = undefined
  readonly #inside: NamespaceHandle
  readonly #host: HelperHost

  constructor(inside: NamespaceHandle, host: HelperHost) {
    this.#inside = inside
    this.#host = host
  }

  get descriptor(): NamespaceHandle['descriptor'] {
    return this.#inside.descriptor
  }

  get surroundings(): NamespaceHandle['surroundings'] {
    return this.#inside.surroundings
  }

  openSocket(domain: number, type: number, protocol: number): Promise<number> {
    return this.#inside.openSocket(domain, type, protocol)
  }

  openFile(path: string, flags: number): Promise<number> {
    return this.#inside.openFile(path, flags)
  }

  onLost(listener: () => unknown): void {
    this.#inside.onLost?.(listener)
  }

  async close(): Promise<void> {
    await this.#inside.close()
    await this.#host.close()
  }
}
