/** Fixed C structs: a buffer-layout Structure underneath, with the type inferred from its fields. */
import type { Structure } from './buffer-layout.ts'
import type { Sink, Source } from './bytes.ts'
import {
  type AnyCodec,
  type Codec,
  EncodeError,
  type Fields,
  type Infer,
  type Input,
  isFields,
  type Part,
  show,
  within,
} from './codec.ts'
import { fixedSize, structLayout } from './layout.ts'
import { reviveBytes } from './leaf.ts'
import type { Scalar } from './scalar.ts'

type Members = Record<string, AnyCodec>
type Named<F extends Members> = { [K in keyof F as Infer<F[K]> extends undefined ? never : K]: F[K] }

/** What a struct decodes to. A field is missing where the bytes end before it (an older kernel, a short header). */
export type StructValue<F extends Members> = { -readonly [K in keyof Named<F>]: Infer<F[K]> } & {
  /** Bytes behind the last known field: a newer kernel's. Written back. */
  tail?: Uint8Array
}
/** What encodes to a struct: fields left out are zero. */
export type StructInput<F extends Members> = { -readonly [K in keyof Named<F>]?: Input<F[K]> | undefined } & {
  tail?: Uint8Array | undefined
}

export interface Field {
  readonly key: string
  readonly offset: number
  readonly size: number
  readonly codec: AnyCodec
}

export interface Struct<T, I> extends Codec<T, I> {
  readonly sort: 'struct'
  readonly size: number
  readonly fields: readonly Field[]
  /** Newer kernels append fields: those behind the last one given are not written. */
  readonly grows: boolean
  /** The struct in buffer-layout's terms, with its own decode and encode; fields that are no integers are blobs. */
  readonly layout: (littleEndian: boolean) => Structure
}

/**
 * @example
 * // struct ifaddrmsg
 * struct({ family: u8, prefixlen: u8, flags: u8, scope: u8, index: u32 })
 */
export function struct<const F extends Members>(
  members: F,
  { grows = false } = {},
): Struct<StructValue<F>, StructInput<F>> {
  const sizes = Object.entries(members).map(([key, codec]) => fixedSize(key, codec))
  const size = sizes.reduce((sum, each) => sum + each, 0)
  // Made on first use: buffer-layout takes 0.1 ms for it.
  let made: Field[] | undefined
  const fields = (): readonly Field[] => {
    made ??= fieldsOf(members)
    return made
  }

  const decode = (source: Source, start: number, end: number): StructValue<F> => {
    const value: Fields = {}
    for (const field of fields()) {
      const at = start + field.offset
      if (at + field.size > end) break
      if (field.codec.type === 'pad') continue
      value[field.key] = within(field.key, () => field.codec.decode(source, at, at + field.size))
    }
    if (end - start > size) value.tail = source.bytes.slice(start + size, end)
    return value as StructValue<F>
  }

  const encode = (value: StructInput<F>, sink: Sink): void => {
    const given: unknown = value
    if (!isFields(given)) throw new EncodeError(`must be an object, got ${show(value)}`)
    for (const key of Object.keys(given)) {
      if (members[key] === undefined && key !== 'tail')
        throw new EncodeError(`is none of ${Object.keys(members).join(', ')}`, key)
    }
    const all = fields()
    const last =
      grows && given.tail === undefined ? all.findLastIndex(({ key }) => given[key] !== undefined) : all.length
    for (const field of all.slice(0, last + 1)) {
      const part = given[field.key]
      if (part === undefined) sink.reserve(field.size)
      else within(field.key, () => field.codec.encode(part as never, sink))
    }
    if (given.tail !== undefined) sink.append(given.tail as Uint8Array)
  }

  return {
    sort: 'struct',
    layout: (littleEndian) => structLayout(members, littleEndian),
    type: 'struct',
    size,
    get fields() {
      return fields()
    },
    grows,
    decode,
    encode,
    revive(json) {
      if (!isFields(json)) throw new EncodeError(`must be an object, got ${show(json)}`)
      const value: Fields = {}
      for (const [key, part] of Object.entries(json)) {
        if (key === 'tail') value.tail = within('tail', () => reviveBytes(part))
        else value[key] = within(key, () => members[key]?.revive(part))
      }
      return value
    },
    parts(_source, start, end) {
      const parts: Part[] = []
      for (const { key, offset, size: length, codec } of fields()) {
        const at = start + offset
        if (at + length > end || codec.type === 'pad') continue
        parts.push({ key, start: at, payload: at, end: at + length, codec })
      }
      return parts
    },
  }
}

function fieldsOf(members: Members): Field[] {
  const layout = structLayout(members, true)
  return Object.entries(members).map(([key, codec]) => ({
    key,
    codec,
    // It has a layout for each member.
    offset: layout.offsetOf(key) ?? 0,
    size: fixedSize(key, codec),
  }))
}

export function isScalar(codec: AnyCodec): codec is Scalar<unknown, never> {
  return codec.sort === 'scalar'
}
