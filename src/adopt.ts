/**
 * Descriptors in worker threads.
 *
 * Node closes what a Worker opened when the Worker ends, `worker.terminate()` included, and warns of numbers closed that it did not open: it
 * keeps a list (Environment::AddUnmanagedFd() in Node's src/env.cc). No other code runs when a Worker is terminated, so a descriptor that is not
 * in the list would stay open as long as the process. What fs opens is in it: so the others are put onto such a number, by whoever made the
 * system call and before anything is awaited (with an await in between, five sockets of twelve Workers were left on a busy machine). Some
 * microseconds remain between the two.
 */
import { openSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { fcntlCommand } from './constants.ts'
import { dup3, fcntl, libc } from './libc.ts'

/** Makes a descriptor that libc gave one of this thread, to be closed with Node's close; returns its number, which may be another. */
export function adopt(fd: number): number {
  if (isMainThread) return fd
  try {
    return copy(fd)
  } finally {
    libc().close(fd)
  }
}

/** A copy that is this thread's. */
export function copy(fd: number): number {
  return isMainThread ? fcntl(fd, fcntlCommand.F_DUPFD_CLOEXEC) : dup3(fd, openSync('/dev/null', 'r'))
}
