/**
 * The one place where a thread of this process is in another network namespace: from setns(2) to setns(2) back, synchronously.
 *
 * Inside the stretch there are system calls and nothing else: no callback, no error object, no file system call of Node's. A thread
 * that is created in the stretch (libuv starts its pool on first use) would inherit the foreign namespace for ever.
 */
import { constants, openSync, writeSync } from 'node:fs'
import { adopt } from '../adopt.ts'
import { cloneFlag, socketType } from '../constants.ts'
import { errnoName, NetlinkError } from '../error.ts'
import { type Libc, libc } from '../libc.ts'

const { CLONE_NEWNET } = cloneFlag

/** This thread's own namespace; a module is loaded once a thread, so that a Worker has its own. */
let home: number | undefined

/** The descriptor of the namespace this thread belongs to. */
export function homeNamespace(): number {
  home ??= openSync('/proc/thread-self/ns/net', constants.O_RDONLY)
  return home
}

/** socket(2) inside the namespace: about 5 us. SOCK_CLOEXEC is added. */
export function socketInside(namespace: number, domain: number, type: number, protocol: number): number {
  const calls = libc()
  const back = homeNamespace()
  const closing = type | socketType.SOCK_CLOEXEC
  enter(calls, namespace, back)
  const fd = calls.socket(domain, closing, protocol)
  const errno = fd < 0 ? calls.errno() : 0
  leave(calls, back)
  if (fd < 0)
    throw new NetlinkError({ code: errnoName(errno), operation: 'socket', subject: `${domain}/${type}/${protocol}` })
  return adopt(fd)
}

/** open(2) inside the namespace. O_CLOEXEC is added. */
export function fileInside(namespace: number, path: string, flags: number): number {
  const calls = libc()
  const back = homeNamespace()
  const closing = flags | O_CLOEXEC
  enter(calls, namespace, back)
  const fd = calls.open(path, closing, 0)
  const errno = fd < 0 ? calls.errno() : 0
  leave(calls, back)
  if (fd < 0) throw new NetlinkError({ code: errnoName(errno), operation: 'open', subject: path })
  return adopt(fd)
}

/** This process may go into the namespace and come back. */
export function mayEnter(namespace: number): boolean {
  const calls = libc()
  const back = homeNamespace()
  if (calls.setns(back, CLONE_NEWNET) !== 0 || calls.setns(namespace, CLONE_NEWNET) !== 0) return false
  leave(calls, back)
  return true
}

/** Not among Node's constants; the same on every architecture that Node runs on (asm-generic/fcntl.h). */
const O_CLOEXEC = 0o2000000

function enter(calls: Libc, namespace: number, back: number): void {
  // The first pass, home to home, changes nothing and proves that the way back will be allowed.
  if (calls.setns(back, CLONE_NEWNET) !== 0)
    throw refused(calls.errno(), 'this process may not return to its own network namespace')
  if (calls.setns(namespace, CLONE_NEWNET) !== 0)
    throw refused(calls.errno(), 'this process may not enter the network namespace')
}

/**
 * Going back was proven to be allowed. If it fails all the same, every later call of this thread would act on a stranger's network:
 * nothing is safe any more but to end.
 */
function leave(calls: Libc, back: number): void {
  if (calls.setns(back, CLONE_NEWNET) === 0) return
  writeSync(2, `netlink-ts: could not return to the home network namespace (${errnoName(calls.errno())}): aborting\n`)
  // Not process.abort(): Workers do not have it.
  calls.abort()
}

function refused(errno: number, what: string): NetlinkError {
  const code = errnoName(errno)
  const reason = code === 'EPERM' ? `${what}; ${permission}` : what
  return new NetlinkError({ code, operation: 'setns', reason, outcome: 'refused' })
}

/** What to do about EPERM. */
export const permission =
  'it needs CAP_SYS_ADMIN in the user namespaces of both: run as root, or make the namespaces in a Sandbox (`await Sandbox.create()` needs no rights), or run below `unshare --user --map-root-user --net --mount`'
