/** Attribute sets: struct nlattr (len, type), payload, padding to 4 bytes; again and again. */
import { aligned, type Sink, type Source } from './bytes.ts'
import {
  type AnyCodec,
  type Codec,
  DecodeError,
  EncodeError,
  type Fields,
  type Infer,
  type Input,
  isFields,
  joinPath,
  type Part,
  show,
  within,
} from './codec.ts'
import { encodeKept, keepWhole, rawAttribute, reviveRaw } from './exact.ts'
import { reviveBytes } from './leaf.ts'
import { resolve, type Selected } from './selected.ts'

export const NLA_F_NESTED = 0x8000
export const NLA_F_NET_BYTEORDER = 0x4000
export const NLA_TYPE_MASK = 0x3fff

/** An attribute that the schema does not know, or whose bytes it cannot read. Written back as it came. */
export interface UnknownAttribute {
  /** The attribute's number, without flags. */
  type: number
  /** NLA_F_NESTED */
  nested?: true
  /** NLA_F_NET_BYTEORDER */
  netByteorder?: true
  /** The payload. */
  bytes: Uint8Array
  /** Why a known attribute could not be read. */
  error?: string
}

/** What the schema does not say, beside what it says. */
export interface Kept {
  /**
   * Exact reader only, of a message: its sender left out all NLA_F_NESTED that the schema has. The kernel does so in nf_tables, nft does not.
   */
  flat?: true | undefined
  unknown?: UnknownAttribute[] | undefined
  /** Bytes at the end which are no attribute. */
  tail?: Uint8Array | undefined
  /**
   * Exact reader only: bytes that the value alone would not give back, of the whole set or by attribute (with its header).
   * Encoding uses them as long as they still mean the value beside them.
   */
  raw?: Uint8Array | Record<string, Uint8Array> | undefined
}

/** One row: an attribute's name is its key in the set. */
export interface Attribute<T, I> {
  /** The kernel's constant, `IFLA_MTU`. */
  readonly constant: string
  readonly number: number
  readonly codec: AnyCodec | Selected
  /** Repeated: the value is an array. */
  readonly many: boolean
  /** NLA_F_NESTED is set on writing. */
  readonly nested: boolean
  /** NLA_F_NET_BYTEORDER is set on writing. */
  readonly netByteorder: boolean
  /** The kernel reports it and takes it in no request. */
  readonly readOnly: boolean
  readonly types?: (value: I) => T
}

export type AnyAttribute = Attribute<unknown, never>
type Rows = Record<string, AnyAttribute>

export interface AttributeOptions {
  readOnly?: boolean
  nested?: boolean
  /** ipset marks its big-endian numbers so, and takes no others. */
  netByteorder?: boolean
}

type Decoded<C> = C extends Selected<infer T, never> ? T : Infer<C>
type Encodable<C> = C extends Selected<unknown, infer I> ? I : Input<C>

function row(
  constant: string,
  number: number,
  codec: AnyCodec | Selected,
  many: boolean,
  options: AttributeOptions,
): AnyAttribute {
  const { nested = false, netByteorder = false, readOnly = false } = options
  return { constant, number, codec, many, nested, netByteorder, readOnly }
}

/** nla_type as it is written: the number with its flags. */
export function attributeType({ number, nested, netByteorder }: AnyAttribute, flat = false): number {
  return number | (nested && !flat ? NLA_F_NESTED : 0) | (netByteorder ? NLA_F_NET_BYTEORDER : 0)
}

/** @example mtu: attribute('IFLA_MTU', 4, u32) */
export function attribute<C extends AnyCodec | Selected>(
  constant: string,
  number: number,
  codec: C,
  options: AttributeOptions = {},
): Attribute<Decoded<C>, Encodable<C>> {
  return row(constant, number, codec, false, options) as Attribute<Decoded<C>, Encodable<C>>
}

/** An attribute that is written with NLA_F_NESTED. In rtnetlink that is the exception. */
export function nest<C extends AnyCodec | Selected>(
  constant: string,
  number: number,
  codec: C,
  options: AttributeOptions = {},
): Attribute<Decoded<C>, Encodable<C>> {
  return attribute(constant, number, codec, { ...options, nested: true })
}

/** An attribute that repeats: the value is an array. */
export function many<C extends AnyCodec>(
  constant: string,
  number: number,
  codec: C,
  options: AttributeOptions = {},
): Attribute<Infer<C>[], readonly Input<C>[]> {
  return row(constant, number, codec, true, options) as Attribute<Infer<C>[], readonly Input<C>[]>
}

export type AttributesValue<R> = {
  -readonly [K in keyof R]?: R[K] extends Attribute<infer T, never> ? T : never
} & Kept
export type AttributesInput<R> = {
  -readonly [K in keyof R]?: (R[K] extends Attribute<unknown, infer I> ? I : never) | undefined
} & Kept

export interface Attributes<T, I> extends Codec<T, I> {
  readonly sort: 'attributes'
  /** `family/set` of the kernel's specs: 'rt-link/link-attrs'. */
  readonly spec: string
  readonly rows: Rows
  readonly byNumber: ReadonlyMap<number, Keyed>
  /** Reads into an object that may already hold a header. */
  fill(source: Source, start: number, end: number, value: Fields): void
  /** Reads the one attribute at `at` into `value`; `start..end` is the whole set. */
  readOne(source: Source, at: number, length: number, start: number, end: number, value: Fields): void
  /** Writes the attributes of `value`, keeping the order of its keys; `skip` is a key that is no attribute. */
  write(value: Fields, sink: Sink, skip?: string): void
  /** Writes what `value` has under `key`: an attribute, repeated attributes, unknown ones, the tail. */
  writeEntry(key: string, part: unknown, value: Fields, sink: Sink): void
  writeOne(entry: Keyed, part: unknown, value: Fields, sink: Sink): void
  reviveInto(json: Fields, value: Fields, skip?: string): void
}

export interface Keyed {
  readonly key: string
  readonly row: AnyAttribute
}

/**
 * Declares an attribute set. `spec` names it as the kernel's specs do, 'family/set'. Its rows are made when they are first needed: a program
 * meets few of the sets, and an import would wait for all.
 *
 * @example attributes('rt-link/linkinfo-veth-attrs', () => ({ peer: attribute('VETH_INFO_PEER', 1, lazy(() => linkMessage)) }))
 */
export function attributes<R extends Rows>(
  spec: string,
  rows: () => R,
): Attributes<AttributesValue<R>, AttributesInput<R>> {
  return new AttributeSet<AttributesValue<R>, AttributesInput<R>>(spec, rows)
}

class AttributeSet<T, I> implements Attributes<T, I> {
  readonly sort = 'attributes'
  readonly type = 'nest'
  readonly size = undefined
  readonly spec: string
  readonly #declare: () => Rows
  #rows: Rows | undefined
  #byNumber: ReadonlyMap<number, Keyed> | undefined

  constructor(spec: string, declare: () => Rows) {
    this.spec = spec
    this.#declare = declare
  }

  get rows(): Rows {
    this.#rows ??= this.#declare()
    return this.#rows
  }

  get byNumber(): ReadonlyMap<number, Keyed> {
    this.#byNumber ??= new Map(Object.entries(this.rows).map(([key, row]) => [row.number, { key, row }]))
    return this.#byNumber
  }

  decode(source: Source, start: number, end: number): T {
    const value: Fields = {}
    this.fill(source, start, end, value)
    if (source.exact) keepWhole(this, value, source, start, end)
    // What the rows decode to, by their keys.
    return value as T
  }

  fill(source: Source, start: number, end: number, value: Fields): void {
    let at = start
    while (end - at >= 4) {
      const length = source.view.getUint16(at, source.littleEndian)
      if (length < 4 || at + length > end) break
      this.readOne(source, at, length, start, end, value)
      at += aligned(length)
    }
    if (at >= end) return
    if (source.strict) throw new DecodeError(`${end - at} bytes are no attribute`, at)
    value.tail = source.bytes.slice(at, end)
  }

  readOne(source: Source, at: number, length: number, start: number, end: number, value: Fields): void {
    const type = source.view.getUint16(at + 2, source.littleEndian)
    const entry = this.byNumber.get(type & NLA_TYPE_MASK)
    if (!entry) {
      keepUnknown(source, at, length, value)
      return
    }
    try {
      const codec = resolve(this, entry.row, value, source, start, end)
      const part = codec.decode(source, at + 4, at + length)
      if (entry.row.many) push(value, entry.key, part)
      else value[entry.key] = part
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      if (source.strict) throw error.within(entry.key)
      // Without the offset: the same bytes read from elsewhere (`raw`) must give the same value.
      keepUnknown(source, at, length, value, joinReason(error))
      return
    }
    if (source.exact && !entry.row.many) rawAttribute(this, entry, value, source, at, length, end)
  }

  encode(value: I, sink: Sink): void {
    const fields: unknown = value
    if (!isFields(fields)) throw new EncodeError(`must be an object, got ${show(value)}`)
    if (!encodeKept(this, undefined, undefined, fields, fields.raw, sink)) this.write(fields, sink)
  }

  write(value: Fields, sink: Sink, skip?: string): void {
    for (const key of Object.keys(value)) {
      const part = value[key]
      if (part !== undefined && key !== skip) this.writeEntry(key, part, value, sink)
    }
  }

  writeEntry(key: string, part: unknown, value: Fields, sink: Sink): void {
    if (key === 'raw' || key === 'flat') return
    if (key === 'unknown') writeUnknown(part, sink)
    else if (key === 'tail') sink.append(part as Uint8Array)
    else within(key, () => this.#writeKey(key, part, value, sink, isFields(value.raw) ? value.raw[key] : undefined))
  }

  #writeKey(key: string, part: unknown, value: Fields, sink: Sink, raw: unknown): void {
    const entry = { key, row: this.#row(key) }
    if (raw instanceof Uint8Array && encodeKept(this, key, part, value, raw, sink)) return
    if (!entry.row.many) {
      this.writeOne(entry, part, value, sink)
      return
    }
    if (!Array.isArray(part)) throw new EncodeError(`must be an array, got ${show(part)}`)
    for (const [index, item] of part.entries()) within(`[${index}]`, () => this.writeOne(entry, item, value, sink))
  }

  writeOne({ row }: Keyed, part: unknown, value: Fields, sink: Sink): void {
    const start = sink.reserve(4)
    resolve(this, row, value).encode(part as never, sink)
    finishAttribute(sink, start, attributeType(row, sink.flat))
  }

  revive(json: unknown): Fields {
    if (!isFields(json)) throw new EncodeError(`must be an object, got ${show(json)}`)
    const value: Fields = {}
    this.reviveInto(json, value)
    return value
  }

  reviveInto(json: Fields, value: Fields, skip?: string): void {
    for (const [key, part] of Object.entries(json)) {
      if (key !== skip) value[key] = within(key, () => this.#revive(key, part, json))
    }
  }

  #revive(key: string, part: unknown, json: Fields): unknown {
    if (key === 'tail') return reviveBytes(part)
    if (key === 'raw') return reviveRaw(part)
    if (key === 'flat') return part
    if (key === 'unknown')
      return (part as UnknownAttribute[]).map((kept) => ({ ...kept, bytes: reviveBytes(kept.bytes) }))
    const row = this.#row(key)
    const codec = resolve(this, row, json)
    if (!row.many) return codec.revive(part)
    if (!Array.isArray(part)) throw new EncodeError(`must be an array, got ${show(part)}`)
    return part.map((item, index) => within(`[${index}]`, () => codec.revive(item)))
  }

  #row(key: string): AnyAttribute {
    const row = Object.hasOwn(this.rows, key) ? this.rows[key] : undefined
    if (row === undefined) throw new EncodeError(`is no attribute of ${this.spec}`)
    return row
  }

  parts(source: Source, start: number, end: number, known: Fields): Part[] {
    const parts: Part[] = []
    const counts = new Map<string, number>()
    for (const { at, length, number } of scan(source, start, end)) {
      const entry = this.byNumber.get(number)
      const key = entry?.key ?? `[${number}]`
      const index = counts.get(key) ?? 0
      counts.set(key, index + 1)
      parts.push({
        key: entry?.row.many ? joinPath(key, `[${index}]`) : key,
        constant: entry?.row.constant,
        start: at,
        payload: at + 4,
        end: at + length,
        codec: entry && resolve(this, entry.row, known, source, start, end),
      })
    }
    return parts
  }

  inner(): readonly AnyCodec[] {
    return Object.values(this.rows).flatMap(({ codec }) => (codec.sort === 'selected' ? codec.inner() : [codec]))
  }
}

/** The attributes in `start..end`, as long as their headers make sense. */
export function* scan(
  source: Source,
  start: number,
  end: number,
): Generator<{ at: number; length: number; number: number }> {
  for (let at = start; end - at >= 4; ) {
    const length = source.view.getUint16(at, source.littleEndian)
    if (length < 4 || at + length > end) return
    yield { at, length, number: source.view.getUint16(at + 2, source.littleEndian) & NLA_TYPE_MASK }
    at += aligned(length)
  }
}

/** Writes the header of the attribute whose payload follows `start`, and the padding behind it. */
export function finishAttribute(sink: Sink, start: number, type: number): void {
  const length = sink.position - start
  if (length > 0xffff) throw new EncodeError(`is ${length - 4} bytes long, an attribute holds at most 65531`)
  sink.view.setUint16(start, length, sink.littleEndian)
  sink.view.setUint16(start + 2, type, sink.littleEndian)
  sink.align(start)
}

function joinReason({ path, reason }: DecodeError): string {
  return path === '' ? reason : `${path}: ${reason}`
}

function push(value: Fields, key: string, part: unknown): void {
  const list = value[key]
  if (Array.isArray(list)) list.push(part)
  else value[key] = [part]
}

function keepUnknown(
  { view, bytes, littleEndian }: Source,
  at: number,
  length: number,
  value: Fields,
  error?: string,
): void {
  const type = view.getUint16(at + 2, littleEndian)
  const kept: UnknownAttribute = {
    type: type & NLA_TYPE_MASK,
    ...(type & NLA_F_NESTED && { nested: true }),
    ...(type & NLA_F_NET_BYTEORDER && { netByteorder: true }),
    bytes: bytes.slice(at + 4, at + length),
    ...(error !== undefined && { error }),
  }
  push(value, 'unknown', kept)
}

function writeUnknown(list: unknown, sink: Sink): void {
  if (!Array.isArray(list)) throw new EncodeError(`must be an array, got ${show(list)}`, 'unknown')
  for (const { type, nested, netByteorder, bytes } of list as UnknownAttribute[]) {
    const start = sink.reserve(4)
    sink.append(bytes)
    finishAttribute(sink, start, type | (nested ? NLA_F_NESTED : 0) | (netByteorder ? NLA_F_NET_BYTEORDER : 0))
  }
}

export type AnyAttributes = Attributes<unknown, never>

export function isAttributes(codec: AnyCodec): codec is AnyAttributes {
  return codec.sort === 'attributes'
}
