/** Who is in a network namespace. */
import { readdir, stat } from 'node:fs/promises'

/** A few at a time: thousands of jobs at once would fill the queue of the libuv pool. */
const together = 64

/** The processes in the namespace with this inode, sorted. Those that may not be looked at are left out. */
export async function pidsOf(inode: number): Promise<number[]> {
  const found: number[] = []
  const all = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  for (let from = 0; from < all.length; from += together) {
    await Promise.all(
      all.slice(from, from + together).map(async (pid) => {
        const its = await stat(`/proc/${pid}/ns/net`).catch(() => undefined)
        if (its?.ino === inode) found.push(Number(pid))
      }),
    )
  }
  return found.sort((a, b) => a - b)
}
