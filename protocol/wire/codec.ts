/** What every codec is, and the errors that codecs throw. */
import type { Sink, Source } from './bytes.ts'

/** An object under construction, or being written: attribute sets look their selectors up in it. */
export type Fields = Record<string, unknown>

/** A named stretch of bytes inside a codec's bytes, for printing and for finding the property at an offset. */
export interface Part {
  /** The property's name, or the index in a list. */
  readonly key: string
  /** The kernel's constant (`IFLA_MTU`), where the part has one. */
  readonly constant?: string | undefined
  /** Where the part starts (an attribute's header) and ends, without padding. */
  readonly start: number
  readonly end: number
  /** Where its value starts. */
  readonly payload: number
  /** undefined: unknown bytes. */
  readonly codec: AnyCodec | undefined
}

/**
 * One declaration of how a value looks in bytes: everything else (type, reader, writer, debug print, table) comes from it.
 * `T` is what decoding gives, `I` what encoding takes (headers may be partial there).
 */
export interface Codec<T, I = T> {
  /** How the compiler sees it. */
  readonly sort: 'scalar' | 'struct' | 'attributes' | 'message' | 'list' | 'other'
  /** Type word of the kernel's netlink specs: 'u32', 'string', 'binary', 'nest' ... */
  readonly type: string
  /** Length in bytes, where it is fixed. */
  readonly size: number | undefined
  /** Reads the value in `start..end`; throws DecodeError where the bytes cannot be one. */
  decode(source: Source, start: number, end: number): T
  /** Appends the value; throws EncodeError where it cannot be one. */
  encode(value: I, sink: Sink): void
  /** The value of its JSON form, in which bytes are hex and bigints decimal strings. */
  revive(json: unknown): unknown
  /** The named parts, for codecs that have some. `known` holds what is already decoded (a header). */
  parts?(source: Source, start: number, end: number, known: Fields): Part[]
  /** Codecs inside, for tables. */
  readonly inner?: () => readonly AnyCodec[]
}

export type AnyCodec = Codec<unknown, never>

/** What decoding gives. */
export type Infer<C> = C extends { decode(...args: never[]): infer T } ? T : never
/** What encoding takes. */
export type Input<C> = C extends { encode(value: infer I, sink: never): void } ? I : never

/** An error about one property; each set and list that it passes on its way out puts its own name in front. */
abstract class PropertyError extends Error {
  /** The property, outermost first. */
  path: string
  readonly reason: string

  constructor(reason: string, path: string) {
    super(reason)
    this.reason = reason
    this.path = path
  }

  within(key: string): this {
    this.path = joinPath(key, this.path)
    this.describe()
    return this
  }

  protected describe(where = ''): void {
    this.message = `${this.path === '' ? '' : `${this.path}: `}${this.reason}${where}`
  }
}

/** Bytes that cannot be what the schema says. */
export class DecodeError extends PropertyError {
  override readonly name = 'DecodeError'
  /** Offset in the bytes that were given. */
  readonly offset: number

  constructor(reason: string, offset: number, path = '') {
    super(reason, path)
    this.offset = offset
    this.describe()
  }

  protected override describe(): void {
    super.describe(` (at byte ${this.offset})`)
  }
}

/** A value that the schema cannot encode. */
export class EncodeError extends PropertyError {
  override readonly name = 'EncodeError'

  constructor(reason: string, path = '') {
    super(reason, path)
    this.describe()
  }
}

export function joinPath(key: string, rest: string): string {
  if (rest === '') return key
  return rest.startsWith('[') ? key + rest : `${key}.${rest}`
}

/** Runs `action`; an error of a codec inside gets `key` in front of its path. */
export function within<T>(key: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof PropertyError) error.within(key)
    throw error
  }
}

/** How a value is named in an error: short, and never a whole object. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `'${value.slice(0, 60)}…'` : `'${value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}
