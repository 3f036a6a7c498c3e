/** Objects of node:net and node:dgram that are made of a descriptor: they start, or are closed and the descriptor with them. */
import type { Socket as DatagramSocket } from 'node:dgram'
import { fstatSync } from 'node:fs'
import { type Server, Socket } from 'node:net'
import { forget, onAbort } from '../abort.ts'
import { invalid, NetlinkError, type Outcome } from '../error.ts'
import { libc } from '../libc.ts'

/** Runs `make`, which takes over `fd`; closes it where that throws. */
export async function owning<T>(operation: string, fd: number, make: () => T): Promise<T> {
  try {
    return make()
  } catch (error) {
    // Not closeSync: in a Worker it warns of descriptors that Node did not open.
    libc().close(fd)
    throw told(operation, error)
  }
}

/** What Node says of an option of its own. */
function told(operation: string, error: unknown): unknown {
  return error instanceof TypeError || error instanceof RangeError
    ? invalid(operation, 'options', error.message, error)
    : error
}

/** What is made, of which descriptor. */
interface Making {
  operation: string
  subject: string
  fd: number
}

/** Starts, and waits for `event` or an error. */
export function settled<T extends Server | Socket | DatagramSocket>(
  { operation, subject, fd }: Making,
  object: T,
  event: 'listening' | 'connect',
  signal: AbortSignal | undefined,
  start: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      object.off(event, done)
      object.off('error', failed)
      if (signal !== undefined) forget(signal, abort)
    }
    const done = () => {
      end()
      resolve(object)
    }
    const failed = (cause: NodeJS.ErrnoException) => {
      end()
      reject(new NetlinkError({ code: cause.code ?? 'EIO', operation, subject, cause }))
    }
    const abort = () => {
      end()
      if (object instanceof Socket) object.destroy()
      reject(aborted(operation, subject, signal, 'unknown'))
    }
    // Before the start: dgram emits 'listening' from inside of bind().
    object.on(event, done)
    object.on('error', failed)
    if (signal !== undefined) onAbort(signal, abort)
    // While the socket was opened.
    if (signal?.aborted) {
      discard(object, fd)
      return abort()
    }
    try {
      start()
    } catch (error) {
      end()
      discard(object, fd)
      reject(told(operation, error))
    }
  })
}

/** Closes what did not start. Whether it had taken its descriptor over depends on where it failed. */
function discard(object: Server | Socket | DatagramSocket, fd: number): void {
  const inode = inodeOf(fd)
  try {
    if (object instanceof Socket) object.destroy()
    else object.close()
  } catch {
    // A datagram socket that its own signal has closed.
  }
  // libuv closes at once.
  if (inode !== undefined && inodeOf(fd) === inode) libc().close(fd)
}

function inodeOf(fd: number): number | undefined {
  try {
    return fstatSync(fd).ino
  } catch {
    return undefined
  }
}

export function aborted(
  operation: string,
  subject: string,
  signal: AbortSignal | undefined,
  outcome: Outcome,
): NetlinkError {
  return new NetlinkError({ code: 'ABORT_ERR', operation, subject, reason: 'aborted', outcome, cause: signal?.reason })
}
