/** A dump as people use it: an array to await, or one object after another. */
import type { CallOptions } from './call.ts'
import type { Chunk } from './chunk.ts'
import type { ChunkStream } from './chunks.ts'
import { NetlinkError } from './error.ts'
import type { Message } from './frame.ts'

/** A dump to be made. */
export interface DumpCall extends CallOptions {
  /** Codes of errors which say that what was asked for is not there: the list is empty then ('ENOENT', 'ENODEV'). */
  absent?: readonly string[] | undefined
}

export interface DumpOptions {
  /** For `for await`: collect and ask again until one dump was undisturbed, as awaiting the list does. */
  consistent?: boolean | undefined
}

/** How often a disturbed dump is made before it is given up. */
const ATTEMPTS = 5

/**
 * What was listed changed while it was (NLM_F_DUMP_INTR): objects may be missing, or there twice. Awaiting a list asks
 * again first; `for await` hands out each object and throws this at the end.
 */
export class DumpInterruptedError<T = unknown> extends NetlinkError {
  override readonly name = 'DumpInterruptedError'
  /** The last try of an awaited list; empty for `for await`, which has handed out everything. */
  readonly partial: readonly T[]

  constructor({ operation, subject }: Pick<CallOptions, 'operation' | 'subject'>, partial: readonly T[]) {
    super({ code: 'EINTR', operation, subject, reason: 'what was listed changed meanwhile', outcome: 'unknown' })
    this.partial = partial
  }
}

/** Where a dump comes from. */
export interface DumpSource<T> {
  /** The request; asynchronous where a name has to be looked up. Called for every try. */
  prepare(): DumpCall | Promise<DumpCall>
  chunks(call: CallOptions): ChunkStream
  /** The object in a message; undefined leaves it out. Called in place: copy what is kept. */
  decode(message: Message): T | undefined
  /** Adds what takes a look-up of its own (names of devices) to the objects of a whole dump, or of the datagram that a loop has come to. */
  complete?: ((values: T[]) => Promise<void>) | undefined
}

/**
 * Nothing is sent before it is awaited or iterated; each iteration is a dump of its own.
 *
 * @example
 * const links = await nl.link.list()
 * for await (const route of nl.route.list()) { ... }    // never all in memory; leaving the loop ends the dump
 */
export class Dump<T> implements Promise<T[]>, AsyncIterable<T> {
  readonly #sources: readonly DumpSource<T>[]
  readonly #consistent: boolean
  #array: Promise<T[]> | undefined

  constructor(sources: DumpSource<T> | readonly DumpSource<T>[], { consistent = false }: DumpOptions = {}) {
    this.#sources = [sources].flat()
    this.#consistent = consistent
  }

  /** What `make` makes; where it throws, a dump that fails so when it is awaited or iterated. */
  static of<T>(make: () => Dump<T>): Dump<T> {
    try {
      return make()
    } catch (error) {
      const fail = (): never => {
        throw error
      }
      return new Dump<T>({ prepare: fail, chunks: fail, decode: fail })
    }
  }

  /** One dump after another, as one list. */
  static joined<T>(dumps: readonly Dump<T>[]): Dump<T> {
    const consistent = dumps.some((dump) => dump.#consistent)
    return new Dump(
      dumps.flatMap((dump) => dump.#sources),
      { consistent },
    )
  }

  get [Symbol.toStringTag](): string {
    return 'Dump'
  }

  // biome-ignore lint/suspicious/noThenProperty: a list is awaited like any other call.
  then<A = T[], B = never>(
    fulfilled?: ((list: T[]) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#array ??= collectAll(this.#sources)
    return this.#array.then(fulfilled, rejected)
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T[] | B> {
    return this.then(undefined, rejected)
  }

  finally(done?: (() => void) | null): Promise<T[]> {
    return this.then().finally(done)
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    const cursors = this.#sources.map((source) => new Cursor(source, this.#consistent))
    return cursors.length === 1 && cursors[0] !== undefined ? cursors[0] : new Sequence(cursors)
  }
}

async function collectAll<T>(sources: readonly DumpSource<T>[]): Promise<T[]> {
  const lists: T[][] = []
  for (const source of sources) lists.push(await collect(source))
  return lists.length === 1 && lists[0] !== undefined ? lists[0] : lists.flat()
}

/** Cursors one after another. */
class Sequence<T> implements AsyncIterator<T, undefined> {
  readonly #cursors: Cursor<T>[]

  constructor(cursors: Cursor<T>[]) {
    this.#cursors = cursors
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (let cursor = this.#cursors[0]; cursor !== undefined; cursor = this.#cursors[0]) {
      const result = await cursor.next()
      if (result.done !== true) return result
      this.#cursors.shift()
    }
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    for (const cursor of this.#cursors.splice(0)) await cursor.return()
    return { done: true, value: undefined }
  }
}

async function collect<T>(source: DumpSource<T>): Promise<T[]> {
  for (let attempt = 1; ; attempt += 1) {
    const call = await source.prepare()
    const stream = source.chunks(call)
    const list: T[] = []
    try {
      for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next())
        addObjects(list, chunk, source)
      // Of 1,000 pairs of devices all have been named by then, and nobody has to be asked.
      if (source.complete !== undefined && list.length > 0) await source.complete(list)
    } catch (error) {
      stream.return()
      if (isAbsent(error, call)) return []
      if (attempt < ATTEMPTS && isLost(error)) continue
      throw error
    }
    stream.return()
    if (!stream.interrupted) return list
    if (attempt === ATTEMPTS) throw new DumpInterruptedError(call, list)
  }
}

function addObjects<T>(list: T[], chunk: Chunk, source: DumpSource<T>): void {
  chunk.forEach((message) => {
    const value = source.decode(message)
    if (value !== undefined) list.push(value)
  })
}

const isAbsent = (error: unknown, { absent }: DumpCall): boolean =>
  error instanceof NetlinkError && error.outcome === 'refused' && absent?.includes(error.code) === true

/** Part of the answer was lost or cut (buffers have grown since): asking again helps, and a dump changes nothing. */
const isLost = (error: unknown): boolean =>
  error instanceof NetlinkError &&
  error.outcome === 'unknown' &&
  ['ENOBUFS', 'EMSGSIZE', 'ERR_REPLY_LOST'].includes(error.code)

/** Written by hand: an async generator costs nearly twice as much an object (DESIGN measured 265-375 ns against 186). */
class Cursor<T> implements AsyncIterator<T, undefined> {
  readonly #source: DumpSource<T>
  readonly #consistent: boolean
  #values: T[] = []
  #at = 0
  #call: DumpCall | undefined
  #stream: ChunkStream | undefined
  #interrupted = false
  #ended = false
  /** Handed out before a dump had to be made again. */
  #given = 0
  #skip = 0
  #attempts = 0

  constructor(source: DumpSource<T>, consistent: boolean) {
    this.#source = source
    this.#consistent = consistent
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#at < this.#values.length) {
      // Below the length: it is there.
      const value = this.#values[this.#at] as T
      this.#at += 1
      return Promise.resolve({ done: false, value })
    }
    return this.#more()
  }

  async #more(): Promise<IteratorResult<T, undefined>> {
    while (!this.#ended) {
      this.#at = 0
      try {
        this.#values = this.#consistent ? await this.#all() : await this.#chunk()
      } catch (error) {
        if (this.#again(error)) continue
        this.#end()
        if (this.#call !== undefined && isAbsent(error, this.#call)) break
        throw error
      }
      if (this.#values.length > 0) return this.next()
    }
    if (this.#interrupted && this.#call !== undefined) {
      this.#interrupted = false
      throw new DumpInterruptedError<T>(this.#call, [])
    }
    return { done: true, value: undefined }
  }

  #all(): Promise<T[]> {
    this.#ended = true
    return collect(this.#source)
  }

  async #chunk(): Promise<T[]> {
    if (this.#stream === undefined) {
      this.#attempts += 1
      this.#call = await this.#source.prepare()
      this.#stream = this.#source.chunks(this.#call)
    }
    const stream = this.#stream
    const chunk = await stream.next()
    if (chunk === undefined) {
      this.#interrupted ||= stream.interrupted
      this.#end()
      return []
    }
    const values: T[] = []
    addObjects(values, chunk, this.#source)
    if (this.#source.complete !== undefined && values.length > 0) await this.#source.complete(values)
    if (this.#skip > 0) {
      const skipped = values.splice(0, this.#skip).length
      this.#skip -= skipped
    }
    this.#given += values.length
    return values
  }

  /**
   * A dump that lost a part is made again, and what was handed out already is passed over. Nothing says that it is still the same, so
   * the end of it counts as interrupted.
   */
  #again(error: unknown): boolean {
    if (this.#ended || this.#attempts >= ATTEMPTS || !isLost(error)) return false
    this.#stream?.return()
    this.#stream = undefined
    this.#skip = this.#given
    if (this.#given > 0) this.#interrupted = true
    return true
  }

  #end(): void {
    this.#ended = true
    this.#stream?.return()
    this.#stream = undefined
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#values = []
    this.#at = 0
    this.#interrupted = false
    this.#end()
    return Promise.resolve({ done: true, value: undefined })
  }
}
