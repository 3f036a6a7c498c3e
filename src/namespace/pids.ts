/** Who is in which network namespace. */
import { readdir, stat } from 'node:fs/promises'

/** A few at a time: thousands of jobs at once would fill the queue of the libuv pool. */
const together = 64

/** The processes of each namespace by its inode, sorted. Those that may not be looked at are left out. */
export async function pidsByInode(): Promise<ReadonlyMap<number, readonly number[]>> {
  const found = new Map<number, number[]>()
  const all = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  for (let from = 0; from < all.length; from += together) {
    await Promise.all(
      all.slice(from, from + together).map(async (pid) => {
        const its = await stat(`/proc/${pid}/ns/net`).catch(() => undefined)
        if (its === undefined) return
        const known = found.get(its.ino)
        if (known) known.push(Number(pid))
        else found.set(its.ino, [Number(pid)])
      }),
    )
  }
  for (const pids of found.values()) pids.sort((a, b) => a - b)
  return found
}

let looking: Promise<ReadonlyMap<number, readonly number[]>> | undefined

/** Whether a process is in the namespace with this inode. Who asks at the same time looks together: 100 namespaces that are deleted at once do. */
export async function isInhabited(inode: number): Promise<boolean> {
  looking ??= pidsByInode().finally(() => {
    looking = undefined
  })
  return (await looking).has(inode)
}

/** The processes in the namespace with this inode. */
export async function pidsOf(inode: number): Promise<number[]> {
  return [...((await pidsByInode()).get(inode) ?? [])]
}
