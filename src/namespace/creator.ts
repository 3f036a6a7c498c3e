/**
 * Makes a network namespace: the steps of iproute2's netns_add (ip/ipnetns.c), synchronously, on the calling thread.
 * For creator-worker.ts only: unshare(2) waits for the RTNL lock and moves the thread that calls it.
 */
import { chmodSync, closeSync, constants, lstatSync, mkdirSync, openSync, unlinkSync } from 'node:fs'
import { cloneFlag, lockFlag, mountFlag } from '../constants.ts'
import { errnoName, type NetlinkErrorOptions } from '../error.ts'
import { libc } from '../libc.ts'
import { isNamespace } from './mounts.ts'
import { homeNamespace, permission } from './stretch.ts'

const operation = 'namespace.create'
const own = '/proc/thread-self/ns/net'
/**
 * The mode of the file below the mount. iproute2 makes it with mode 0, so this tells whose it is when it is left over from a crash
 * between the file and its mount.
 */
const ourMode = 0o400
/** iproute2 does not hold the lock between its file and its mount, so only age tells that its maker is dead. */
const foreignAgeMs = 10_000
/** How long another process may hold the lock of the directory. */
const lockTimeoutMs = 10_000

/** Why it failed, as data: a NetlinkError does not travel between threads. */
export class CreateFailure extends Error {
  readonly options: NetlinkErrorOptions
  stranded = false
  constructor(options: NetlinkErrorOptions) {
    super(options.reason)
    this.options = options
  }
}

/** Creates a namespace and returns its descriptor, which is the calling thread's: Node closes it when that ends. The calling thread is back in its own namespace, or `stranded` is true. */
export function createNamespace(directory: string, name: string | undefined): { fd: number; stranded: boolean } {
  const calls = libc()
  const back = homeNamespace()
  if (name !== undefined) prepareDirectory(directory, name)
  if (calls.unshare(cloneFlag.CLONE_NEWNET) !== 0) throw failure(calls.errno(), 'unshare', name)
  let fd = -1
  let problem: CreateFailure | undefined
  try {
    fd = openSync(own, constants.O_RDONLY)
    if (name !== undefined) publish(directory, name)
  } catch (error) {
    if (fd >= 0) closeSync(fd)
    problem = error instanceof CreateFailure ? error : nodeFailure(error, name)
  }
  // Not restoring is harmless here (this thread ends then), yet an idle thread in there would keep the namespace alive.
  const stranded = calls.setns(back, cloneFlag.CLONE_NEWNET) !== 0
  if (problem) {
    problem.stranded = stranded
    throw problem
  }
  return { fd, stranded }
}

/** What can be known before there is a namespace. */
function prepareDirectory(directory: string, name: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
  } catch (error) {
    throw nodeFailure(error, name, `cannot create ${directory}: ${directoryHelp(directory)}`)
  }
  if (isNamespace(`${directory}/${name}`)) throw taken(name)
}

/** Gives the namespace of this thread its name: a bind mount on a file. */
function publish(directory: string, name: string): void {
  const calls = libc()
  const path = `${directory}/${name}`
  const lock = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    takeLock(lock, directory)
    share(directory)
    try {
      closeSync(openSync(path, constants.O_RDONLY | constants.O_CREAT | constants.O_EXCL, ourMode))
    } catch (error) {
      if (codeOf(error) !== 'EEXIST')
        throw nodeFailure(error, name, `cannot create ${path}: ${directoryHelp(directory)}`)
      if (!isLeftOver(path)) throw taken(name)
      // From here on it is ours: a crash now leaves what a later creator recognizes at once.
      chmodSync(path, ourMode)
    }
    if (calls.mount(own, path, 'none', mountFlag.MS_BIND, null) !== 0) {
      const error = failure(calls.errno(), `mount ${path}`, name)
      unlinkSync(path)
      throw error
    }
  } finally {
    // Closing it releases the lock.
    closeSync(lock)
  }
}

/**
 * Makes mounts in the directory reach the other mount namespaces, as iproute2 does: unmounting then unmounts everywhere, and
 * the namespace dies. Under the lock, because creators that do this at the same time stack mounts without end.
 */
function share(directory: string): void {
  const calls = libc()
  const propagate = () => calls.mount('', directory, 'none', mountFlag.MS_SHARED | mountFlag.MS_REC, null)
  if (propagate() === 0) return
  // EINVAL: not a mount point yet.
  if (calls.errno() !== 22) throw failure(calls.errno(), `mount --make-shared ${directory}`)
  if (calls.mount(directory, directory, 'none', mountFlag.MS_BIND | mountFlag.MS_REC, null) !== 0)
    throw failure(calls.errno(), `mount --bind ${directory}`)
  if (propagate() !== 0) throw failure(calls.errno(), `mount --make-shared ${directory}`)
}

function takeLock(fd: number, directory: string): void {
  const calls = libc()
  const deadline = Date.now() + lockTimeoutMs
  while (calls.flock(fd, lockFlag.LOCK_EX | lockFlag.LOCK_NB) !== 0) {
    const code = errnoName(calls.errno())
    if (code !== 'EAGAIN' && code !== 'EINTR') throw failure(calls.errno(), `flock ${directory}`)
    if (Date.now() > deadline)
      throw new CreateFailure({
        code: 'ETIMEDOUT',
        operation,
        reason: `another process has kept ${directory} locked for ${lockTimeoutMs} ms`,
      })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
  }
}

/** An empty file whose maker died before the mount. Asked under the directory's lock, which our own creators hold between the two. */
function isLeftOver(path: string): boolean {
  const file = lstatSync(path)
  if (!file.isFile() || file.size !== 0 || isNamespace(path)) return false
  const mode = file.mode & 0o777
  return mode === ourMode || (mode === 0 && Date.now() - file.mtimeMs > foreignAgeMs)
}

function taken(name: string): CreateFailure {
  return new CreateFailure({
    code: 'EEXIST',
    operation,
    subject: name,
    path: 'name',
    reason: 'there is a namespace of this name',
  })
}

function failure(errno: number, call: string, subject?: string): CreateFailure {
  const code = errnoName(errno)
  return new CreateFailure({ code, operation, subject, reason: code === 'EPERM' ? `${call}: ${permission}` : call })
}

function nodeFailure(error: unknown, subject: string | undefined, reason?: string): CreateFailure {
  const text = reason ?? (error instanceof Error ? error.message : String(error))
  return new CreateFailure({ code: codeOf(error) ?? 'EIO', operation, subject, reason: text })
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function directoryHelp(directory: string): string {
  return `named namespaces need it writable. Without root make them in a Sandbox (\`await Sandbox.create()\`), which has one of its own. In a user namespace of your own, mount a tmpfs first (mount -t tmpfs tmpfs ${directory}, or on /run where ${directory} is missing), or create the namespace without a name`
}
