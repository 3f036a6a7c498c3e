/** The named namespaces of a host, together: what is in them, whose name is which, and something done in each. */
import { fstatSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { NetlinkError } from '../error.ts'
import type { Netlink } from '../netlink.ts'
import type { NamespaceHandle, NamespaceHost } from './host.ts'
import { allIds, idOf } from './ids.ts'
import { checkPid } from './name.ts'
import { pidsByInode } from './pids.ts'

/** A named namespace and what is in it. */
export interface NamespaceDetails {
  name: string
  /** Two names with one inode are one namespace. */
  inode: number
  /** Its id as seen from the caller's namespace; undefined where it has none. */
  id: number | undefined
  /** The processes inside, sorted; those that this process may not look at are left out. */
  pids: number[]
}

/** An id, and the names of the namespace that it belongs to. */
export interface NamespaceId {
  id: number
  names: string[]
}

/** How many namespaces are held open at a time. */
const together = 8

/** What became of `work` for each of `items`, in their order; at most `limit` at a time, and none stops the others. */
async function settle<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<[T, PromiseSettledResult<R>][]> {
  const results: [T, PromiseSettledResult<R>][] = new Array(items.length)
  const entries = items.entries()
  const worker = async () => {
    for (const [index, item] of entries) {
      const [result] = await Promise.allSettled([work(item)])
      results[index] = [item, result]
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}

/** See Namespace.all(). */
export async function inEach<T>(
  host: NamespaceHost,
  concurrency: number,
  work: (name: string) => Promise<T>,
): Promise<Map<string, PromiseSettledResult<T>>> {
  return new Map(await settle(await host.list(), concurrency, work))
}

/** What `look` finds in each; a name that is gone before it is looked at is left out. */
async function each<R>(host: NamespaceHost, look: (handle: NamespaceHandle, name: string) => Promise<R>): Promise<R[]> {
  const results = await settle(await host.list(), together, async (name) => {
    const handle = await opened(host, name)
    if (!handle) return []
    try {
      return [await look(handle, name)]
    } finally {
      await handle.close()
    }
  })
  return results.flatMap(([, result]) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

async function opened(host: NamespaceHost, name: string): Promise<NamespaceHandle | undefined> {
  try {
    return await host.open({ name })
  } catch (error) {
    // EINVAL: its file is still there, the mount is gone.
    if (error instanceof NetlinkError && (error.code === 'ENOENT' || error.code === 'EINVAL')) return undefined
    throw error
  }
}

const inodeOf = ({ descriptor }: NamespaceHandle) => fstatSync(descriptor.fd).ino

/** See Namespace.list({ details: true }). The ids are those that `netlink` sees. */
export async function describe(host: NamespaceHost, netlink: Netlink): Promise<NamespaceDetails[]> {
  const within = await pidsByInode()
  return each(host, async (handle, name) => {
    const inode = inodeOf(handle)
    return { name, inode, id: await idOf(netlink, handle), pids: [...(within.get(inode) ?? [])] }
  })
}

/** See Namespace.ids(). */
export async function namedIds(host: NamespaceHost, netlink: Netlink): Promise<NamespaceId[]> {
  const named = await each(host, async (handle, name) => ({ name, id: await idOf(netlink, handle) }))
  const ids = await allIds(netlink)
  return ids.map((id) => ({ id, names: named.flatMap((one) => (one.id === id ? [one.name] : [])) }))
}

/** See Namespace.identify(). */
export async function identify(host: NamespaceHost, pid: number): Promise<string[]> {
  const operation = 'namespace.identify'
  checkPid(operation, pid)
  const its = await stat(`/proc/${pid}/ns/net`).catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code ?? 'EIO'
    const reason = code === 'ENOENT' ? 'there is no such process' : 'this process may not look at it'
    throw new NetlinkError({ code, operation, subject: `process ${pid}`, path: 'pid', reason, cause })
  })
  const names = await each(host, async (handle, name) => (inodeOf(handle) === its.ino ? [name] : []))
  return names.flat()
}
