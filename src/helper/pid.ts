/** The numbers by which a helper knows what this process means: a process, a namespace. */
import { fstatSync, readFileSync, statSync } from 'node:fs'
import { NetlinkError } from '../error.ts'

/**
 * `pid` is a process as this process sees it; `namespaces` the folder /proc/PID/ns of the helper. Throws NetlinkError EINVAL (path 'pid')
 * where the helper cannot see the process, ENOENT where there is none.
 */
export function innerPid(pid: number, namespaces: string): number {
  const fail = (code: string, reason: string) =>
    new NetlinkError({
      code,
      operation: 'namespace.open',
      subject: `of process ${pid}`,
      path: 'pid',
      reason,
      outcome: 'unsent',
    })
  try {
    if (statSync(`/proc/${pid}/ns/pid`).ino !== statSync(`${namespaces}/pid`).ino)
      throw fail('EINVAL', 'the process is not in the sandbox')
    // "NSpid: OUTER ... INNER": a line of every kernel since 4.1.
    const inner = /^NSpid:.*?(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    if (inner === undefined) throw fail('EINVAL', 'the kernel does not tell its pid in the sandbox')
    return Number(inner)
  } catch (error) {
    if (error instanceof NetlinkError) throw error
    throw fail('ENOENT', 'there is no such process, or it may not be looked at')
  }
}

/** Of a namespace that this process has open as `fd`. Throws NetlinkError EBADF where nothing is. */
export function inodeOf(fd: number): number {
  try {
    return fstatSync(fd).ino
  } catch (cause) {
    const subject = `of descriptor ${fd}`
    throw new NetlinkError({
      code: 'EBADF',
      operation: 'namespace.open',
      subject,
      path: 'fd',
      outcome: 'unsent',
      cause,
    })
  }
}
