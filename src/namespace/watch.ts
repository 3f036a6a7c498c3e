/** Names that come and go: `ip netns monitor`. */
import { forget, onAbort } from '../abort.ts'
import { NetlinkError } from '../error.ts'
import { type Source, watchDirectory, watchList } from './watch-source.ts'

/** What happened to a name. */
export interface NamespaceEvent {
  /** 'add': it can be opened now. 'delete': it is gone; processes may still be inside. */
  action: 'add' | 'delete'
  name: string
}

/** What is watched. */
export interface Watched {
  /** Where the names are files; without one `list` is asked again and again. */
  directory: string | undefined
  list: () => Promise<string[]>
  signal: AbortSignal | undefined
}

interface Waiting {
  resolve(result: IteratorResult<NamespaceEvent, undefined>): void
  reject(error: unknown): void
}

/**
 * A stream of NamespaceEvents, each to one taker. Leaving a loop closes it. The process is kept alive while an event is awaited, and not
 * otherwise.
 */
export class NamespaceWatch implements AsyncIterableIterator<NamespaceEvent, undefined>, AsyncDisposable {
  /** Resolves when it watches: from then on nothing is missed. Rejects where that is impossible. Of names in /run/netns: at once. */
  readonly ready: Promise<void>
  #signal: AbortSignal | undefined
  #source: Source | undefined
  readonly #queue: NamespaceEvent[] = []
  #waiting: Waiting[] = []
  #closed = false
  /** Why it ended, until somebody has been told. */
  #error: unknown

  /** Where `wanted` throws, that is how it ends. */
  constructor(wanted: () => Watched) {
    let started: Promise<void> = Promise.resolve()
    try {
      const { directory, list, signal } = wanted()
      this.#signal = signal
      if (signal?.aborted) this.#abort()
      else {
        if (signal) onAbort(signal, this.#abort)
        const fail = (error: unknown) => this.#end(error)
        this.#source =
          directory === undefined ? watchList(list, this.#tell, fail) : watchDirectory(directory, this.#tell, fail)
        started = this.#source.ready
        // It may have failed while it was made.
        if (this.#closed) this.#source.close()
      }
    } catch (error) {
      this.#end(error)
    }
    const reason = this.#error
    this.ready = reason === undefined ? started : Promise.reject(reason)
    // next() tells as well.
    this.ready.catch(() => {})
  }

  /** The next event; `done` after close(). Rejects with NetlinkError: 'ABORT_ERR' after an abort, or why names cannot be watched (once). */
  next(): Promise<IteratorResult<NamespaceEvent, undefined>> {
    const value = this.#queue.shift()
    if (value) return Promise.resolve({ done: false, value })
    if (this.#closed) return this.#over()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#source?.ref()
    })
  }

  /** Leaving a loop: the same as close(). */
  async return(): Promise<IteratorResult<NamespaceEvent, undefined>> {
    await this.close()
    return { done: true, value: undefined }
  }

  /** Ends the stream; events that nobody took are dropped. Idempotent. */
  async close(): Promise<void> {
    this.#end()
  }

  get closed(): boolean {
    return this.#closed
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #tell = (action: NamespaceEvent['action'], name: string): void => {
    if (this.#closed) return
    const event: NamespaceEvent = { action, name }
    const first = this.#waiting.shift()
    if (!first) {
      this.#queue.push(event)
      return
    }
    if (this.#waiting.length === 0) this.#source?.unref()
    first.resolve({ done: false, value: event })
  }

  readonly #abort = (): void => {
    const cause: unknown = this.#signal?.reason
    this.#end(new NetlinkError({ code: 'ABORT_ERR', operation: 'namespace.watch', reason: 'aborted', cause }))
  }

  #end(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    if (this.#signal) forget(this.#signal, this.#abort)
    this.#source?.close()
    this.#queue.length = 0
    for (const each of this.#waiting.splice(0)) this.#over().then(each.resolve, each.reject)
  }

  #over(): Promise<IteratorResult<NamespaceEvent, undefined>> {
    const error = this.#error
    this.#error = undefined
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }
}
