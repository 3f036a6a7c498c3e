/** How a declared attribute set is read and written; what no row knows is kept in `unknown`. */
import type { AnyAttribute, Attributes, Keyed, Rows, UnknownAttribute } from './attributes.ts'
import { aligned, type Sink, type Source } from './bytes.ts'
import {
  type AnyCodec,
  DecodeError,
  EncodeError,
  type Fields,
  isFields,
  joinPath,
  type Part,
  show,
  within,
} from './codec.ts'
import { encodeKept, keepWhole, rawAttribute, reviveRaw } from './exact.ts'
import { reviveBytes } from './leaf.ts'
import { attributeType, finishAttribute, NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_TYPE_MASK, scan } from './nlattr.ts'
import { resolve } from './selected.ts'

export class AttributeSet<T, I> implements Attributes<T, I> {
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
