/** Codecs made of other codecs: arrays, indexed nests, records that carry their own length, recursion. */

import { aligned, maxDepth, type Sink, type Source, source as sourceOf } from './bytes.ts'
import {
  type AnyCodec,
  type Codec,
  DecodeError,
  EncodeError,
  type Fields,
  type Infer,
  type Input,
  type Part,
  show,
  within,
} from './codec.ts'
import { finishAttribute, NLA_F_NESTED, scan } from './nlattr.ts'
import type { Struct } from './struct.ts'

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new EncodeError(`must be an array, got ${show(value)}`)
  return value
}

/** Runs `encode` for every item; errors name the index. */
function encodeItems(value: unknown, encode: (item: never) => void): void {
  for (const [index, item] of listOf(value).entries()) within(`[${index}]`, () => encode(item as never))
}

function reviveItems(json: unknown, item: AnyCodec): unknown[] {
  return listOf(json).map((entry, index) => within(`[${index}]`, () => item.revive(entry)))
}

/** A C array: items of one fixed size, packed. */
export function array<C extends AnyCodec>(item: C): Codec<Infer<C>[], readonly Input<C>[]> {
  const size = item.size
  if (size === undefined) throw new TypeError('array items need a fixed size')
  const starts = (start: number, end: number): number[] =>
    Array.from({ length: Math.floor((end - start) / size) }, (_, i) => start + i * size)
  return {
    sort: 'other',
    type: 'binary',
    size: undefined,
    decode(source, start, end) {
      if ((end - start) % size !== 0)
        throw new DecodeError(`takes a multiple of ${size} bytes, got ${end - start}`, start)
      const items: Infer<C>[] = []
      for (let at = start; at < end; at += size) items.push(item.decode(source, at, at + size) as Infer<C>)
      return items
    },
    encode: (value, sink) => encodeItems(value, (entry) => item.encode(entry, sink)),
    revive: (json) => reviveItems(json, item),
    parts: (_source, start, end) =>
      starts(start, end).map((at, i) => ({ key: `[${i}]`, start: at, payload: at, end: at + size, codec: item })),
    inner: () => [item],
  }
}

/** A nest whose attributes are the items of an array, numbered from `first` on by `step`. */
export interface List<T, I> extends Codec<T, I> {
  readonly sort: 'list'
  readonly item: AnyCodec
  /** nla_type of the first item, with its flags. */
  readonly first: number
  readonly step: number
}

/**
 * A nest whose attributes are numbered items (indexed-array), written from number `first` on; `nested` sets the items' flag. With
 * `step` 0 all have the same number.
 */
export function indexed<C extends AnyCodec>(
  item: C,
  { first = 1, step = 1, nested = false } = {},
): List<Infer<C>[], readonly Input<C>[]> {
  const firstType = first | (nested ? NLA_F_NESTED : 0)
  return {
    sort: 'list',
    type: 'indexed-array',
    size: undefined,
    item,
    first: firstType,
    step,
    decode(source, start, end) {
      const items: Infer<C>[] = []
      let at = start
      for (const found of scan(source, start, end)) {
        items.push(
          within(`[${items.length}]`, () => item.decode(source, found.at + 4, found.at + found.length) as Infer<C>),
        )
        at = found.at + aligned(found.length)
      }
      if (at < end) throw new DecodeError(`${end - at} bytes are no attribute`, at)
      return items
    },
    encode(value, sink) {
      let type = sink.flat ? firstType & ~NLA_F_NESTED : firstType
      encodeItems(value, (entry) => {
        const start = sink.reserve(4)
        item.encode(entry, sink)
        finishAttribute(sink, start, type)
        type += step
      })
    },
    revive: (json) => reviveItems(json, item),
    parts: (source, start, end) =>
      Array.from(scan(source, start, end), ({ at, length }, i) => ({
        key: `[${i}]`,
        start: at,
        payload: at + 4,
        end: at + length,
        codec: item,
      })),
    inner: () => [item],
  }
}

/**
 * Messages one after another, each beginning with a struct whose field `length` counts the whole record (struct rtnexthop),
 * padded to 4 bytes. The length is no part of the value.
 */
export function records<C extends AnyCodec>(
  header: Struct<unknown, never>,
  length: string,
  item: C,
): Codec<Infer<C>[], readonly Input<C>[]> {
  const field = header.fields.find(({ key }) => key === length)
  if (field?.codec.type !== 'pad' || field.size !== 2)
    throw new TypeError(`${length} must be two bytes of padding in the header`)
  const offset = field.offset
  const split = (source: Source, start: number, end: number): { at: number; end: number }[] => {
    const found: { at: number; end: number }[] = []
    for (let at = start; at < end; ) {
      const size = at + header.size <= end ? source.view.getUint16(at + offset, source.littleEndian) : 0
      if (size < header.size || at + size > end)
        throw new DecodeError(`record of ${size} bytes, ${end - at} are left`, at)
      found.push({ at, end: at + size })
      at += aligned(size)
    }
    return found
  }
  /** The exact reader compares an item's bytes with what it would write, which is before its length is known. */
  const decodeItem = (source: Source, at: number, end: number): Infer<C> => {
    if (!source.exact) return item.decode(source, at, end) as Infer<C>
    const bytes = source.bytes.slice(at, end)
    bytes.fill(0, offset, offset + 2)
    const { littleEndian, strict, exact, depth, flat } = source
    return item.decode(
      { ...sourceOf(bytes, { littleEndian, strict, exact }), depth, flat },
      0,
      bytes.length,
    ) as Infer<C>
  }
  return {
    sort: 'other',
    type: 'binary',
    size: undefined,
    decode: (source, start, end) =>
      split(source, start, end).map((found, i) => within(`[${i}]`, () => decodeItem(source, found.at, found.end))),
    encode: (value, sink) =>
      encodeItems(value, (entry) => {
        const start = sink.position
        item.encode(entry, sink)
        const size = sink.position - start
        if (size > 0xffff) throw new EncodeError(`is ${size} bytes long, a record holds at most 65535`)
        sink.view.setUint16(start + offset, size, sink.littleEndian)
        sink.align(start)
      }),
    revive: (json) => reviveItems(json, item),
    parts: (source, start, end) =>
      split(source, start, end).map((found, i) => ({
        key: `[${i}]`,
        start: found.at,
        payload: found.at,
        end: found.end,
        codec: item,
      })),
    inner: () => [item],
  }
}

/** A codec that is declared later, or that contains itself. */
export function lazy<T, I = T>(get: () => Codec<T, I>): Codec<T, I> {
  function deeper<R>(at: Source | Sink, refuse: () => Error, action: () => R): R {
    if (at.depth >= maxDepth) throw refuse()
    at.depth++
    try {
      return action()
    } finally {
      at.depth--
    }
  }
  return {
    sort: 'other',
    type: 'nest',
    size: undefined,
    decode: (source, start, end) =>
      deeper(
        source,
        () => new DecodeError(`nested more than ${maxDepth} times`, start),
        () => get().decode(source, start, end),
      ),
    encode: (value, sink) =>
      deeper(
        sink,
        () => new EncodeError(`nested more than ${maxDepth} times`),
        () => get().encode(value, sink),
      ),
    revive: (json) => get().revive(json),
    parts: (source, start, end, known: Fields): Part[] => get().parts?.(source, start, end, known) ?? [],
    inner: () => [get() as AnyCodec],
  }
}
