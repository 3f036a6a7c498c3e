/** Where the events of NamespaceWatch come from: inotify(7) on the folder of names, or a look at the list every now and then. */
import { existsSync, type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { NetlinkError } from '../error.ts'
import { isNamespace } from './mounts.ts'
import type { NamespaceEvent } from './watch.ts'

export interface Source {
  readonly ready: Promise<void>
  /** Keeps the process alive until unref(). */
  ref(): void
  unref(): void
  close(): void
}

type Tell = (action: NamespaceEvent['action'], name: string) => void
type Fail = (error: unknown) => void

/**
 * A file is there before a namespace is mounted on it, and the mount is no event: it is looked at again, after 1 ms, 2, 4 ... 500, for a
 * minute. `ip netns add` takes some milliseconds, and longer while others hold the RTNL lock.
 */
const slowest = 500
const patience = 60_000

/** Throws NetlinkError where the folder above it cannot be watched. */
export function watchDirectory(directory: string, tell: Tell, fail: Fail): Source {
  return new Directory(directory, tell, fail)
}

class Directory implements Source {
  readonly ready: Promise<void> = Promise.resolve()
  readonly #directory: string
  readonly #tell: Tell
  readonly #fail: Fail
  /** What tells a namespace from the next of the same name. */
  readonly #known = new Map<string, string>()
  readonly #making = new Map<string, NodeJS.Timeout>()
  /** Names of this turn, and how often their file came or went. */
  #touched = new Map<string, number>()
  readonly #above: FSWatcher
  #inner: FSWatcher | undefined
  #referenced = false
  #closed = false

  constructor(directory: string, tell: Tell, fail: Fail) {
    this.#directory = directory
    this.#tell = tell
    this.#fail = fail
    // The folder may not be there yet (the first `ip netns add` makes it), and may go and come again.
    const own = basename(directory)
    this.#above = this.#watch(dirname(directory), (type, name) => {
      if (type === 'rename' && name === own) this.#enter()
    })
    this.#enter()
    for (const name of this.#names()) {
      const identity = identityOf(`${directory}/${name}`)
      if (identity === undefined) this.#again(name, 1)
      else this.#known.set(name, identity)
    }
  }

  ref(): void {
    this.#referenced = true
    this.#above.ref()
    this.#inner?.ref()
  }

  unref(): void {
    this.#referenced = false
    this.#above.unref()
    this.#inner?.unref()
  }

  close(): void {
    this.#closed = true
    this.#above.close()
    this.#inner?.close()
    for (const timer of this.#making.values()) clearTimeout(timer)
    this.#making.clear()
  }

  #watch(path: string, listener: (type: string, name: string | null) => void): FSWatcher {
    try {
      const watcher = watch(path, { persistent: false }, listener)
      watcher.on('error', (error) => this.#fail(failed(path, error)))
      if (this.#referenced) watcher.ref()
      return watcher
    } catch (error) {
      throw failed(path, error)
    }
  }

  /** Watches the folder, where there is one by now, and looks at all that is in it. */
  #enter(): void {
    if (this.#closed) return
    this.#inner?.close()
    this.#inner = undefined
    try {
      this.#inner = this.#watch(this.#directory, (type, name) => {
        if (name !== null) this.#touch(name, type === 'rename' ? 1 : 0)
      })
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') {
        this.#fail(error)
        return
      }
    }
    for (const name of new Set([...this.#names(), ...this.#known.keys()])) this.#touch(name, 0)
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory)
    } catch {
      return []
    }
  }

  /** All events that inotify has are told in one go; what became of the names is looked at behind them. */
  #touch(name: string, times: number): void {
    if (this.#touched.size === 0)
      setImmediate(() => {
        const touched = this.#touched
        this.#touched = new Map()
        if (!this.#closed) for (const [each, count] of touched) this.#look(each, count)
      })
    this.#touched.set(name, (this.#touched.get(name) ?? 0) + times)
  }

  /** `times`: how often its file came or went since the last look. */
  #look(name: string, times: number): void {
    const path = `${this.#directory}/${name}`
    const known = this.#known.get(name)
    const identity = identityOf(path)
    // It went and came: the kernel gives the inode number of a namespace that is gone to the next one.
    const replaced = identity !== known || times > 1
    if (known !== undefined && replaced) {
      this.#known.delete(name)
      this.#tell('delete', name)
    }
    clearTimeout(this.#making.get(name))
    this.#making.delete(name)
    if (identity === undefined) this.#again(name, 1)
    else if (replaced) {
      this.#known.set(name, identity)
      this.#tell('add', name)
    }
  }

  /** Looks again later, as long as there is a file. */
  #again(name: string, delay: number, since = performance.now()): void {
    const path = `${this.#directory}/${name}`
    if (this.#closed || !existsSync(path) || performance.now() - since > patience) return
    const look = () => {
      this.#making.delete(name)
      if (identityOf(path) === undefined) this.#again(name, Math.min(delay * 2, slowest), since)
      else this.#look(name, 0)
    }
    this.#making.set(name, setTimeout(look, delay).unref())
  }
}

/** Undefined: no namespace is mounted there. The inode's ctime is when the namespace got a file for the first time. */
function identityOf(path: string): string | undefined {
  if (!isNamespace(path)) return undefined
  try {
    const { ino, ctimeNs } = statSync(path, { bigint: true })
    return `${ino} ${ctimeNs}`
  } catch {
    return undefined
  }
}

function failed(path: string, cause: unknown): NetlinkError {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'EIO'
  const reason =
    code === 'ENOSPC' || code === 'EMFILE'
      ? 'too many files are watched: sysctl fs.inotify.max_user_watches, fs.inotify.max_user_instances'
      : undefined
  return new NetlinkError({ code, operation: 'namespace.watch', subject: path, reason, cause })
}

/** How often a list is looked at that this process cannot watch, in milliseconds. */
const interval = 250

/** Names that only a helper sees. One that goes and comes again between two looks is not noticed. */
export function watchList(list: () => Promise<string[]>, tell: Tell, fail: Fail): Source {
  let known: Set<string> | undefined
  let timer: NodeJS.Timeout | undefined
  let referenced = false
  let closed = false
  const look = async (): Promise<void> => {
    const names = new Set(await list())
    if (closed) return
    const before = known ?? names
    known = names
    for (const name of before) if (!names.has(name)) tell('delete', name)
    for (const name of names) if (!before.has(name)) tell('add', name)
    timer = setTimeout(() => look().catch(fail), interval)
    if (!referenced) timer.unref()
  }
  const ready = look()
  ready.catch(fail)
  return {
    ready,
    ref: () => {
      referenced = true
      timer?.ref()
    },
    unref: () => {
      referenced = false
      timer?.unref()
    },
    close: () => {
      closed = true
      clearTimeout(timer)
    },
  }
}
