/**
 * User data: what nft keeps with its objects for itself (comments, the byte order of keys), which the kernel does not look into.
 * libnftnl's form of it: type (u8), length (u8), value; again and again.
 *
 * It is whatever a program likes, so bytes that are no such records, or would not be written back as they came, stay bytes.
 */
import { type AttributesInput, type AttributesValue, attribute, type UnknownAttribute } from '../../wire/attributes.ts'
import { equalBytes, Sink, type Source } from '../../wire/bytes.ts'
import { type Codec, DecodeError, EncodeError, type Fields, isFields, show, within } from '../../wire/codec.ts'
import { reviveBytes, string } from '../../wire/leaf.ts'
import { u32 } from '../../wire/scalar.ts'

/** One record. */
export interface Tlv {
  type: number
  bytes: Uint8Array
}

/** The records of `start..end`; undefined where it does not hold records only. */
function recordsOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): { type: number; at: number; end: number }[] | undefined {
  const found: { type: number; at: number; end: number }[] = []
  for (let at = start; at < end; ) {
    const stop = at + 2 + (bytes[at + 1] ?? end)
    if (stop > end) return undefined
    // Both lie before `stop`.
    found.push({ type: bytes[at] as number, at: at + 2, end: stop })
    at = stop
  }
  return found
}

function writeRecord(sink: Sink, type: number, action: () => void): void {
  const start = sink.reserve(2)
  action()
  const length = sink.position - start - 2
  if (length > 0xff) throw new EncodeError(`is ${length} bytes long, user data holds at most 255 of one kind`)
  sink.bytes[start] = type
  sink.bytes[start + 1] = length
}

/** Reads with `read`, and keeps the bytes where `write` would give back others. */
function orBytes<T, I>(
  read: (source: Source, start: number, end: number) => T | undefined,
  write: (value: I, sink: Sink) => void,
  revive: (json: unknown) => unknown,
): Codec<T | Uint8Array, I | Uint8Array> {
  const lossless = (source: Source, start: number, end: number): T | undefined => {
    try {
      const value = read(source, start, end)
      if (value === undefined) return undefined
      const sink = new Sink(source.littleEndian)
      // What was read can be written: the input types are the wider ones.
      write(value as unknown as I, sink)
      return equalBytes(sink.bytes.subarray(0, sink.position), source.bytes.subarray(start, end)) ? value : undefined
    } catch (error) {
      if (error instanceof DecodeError || error instanceof EncodeError) return undefined
      throw error
    }
  }
  return {
    sort: 'other',
    type: 'binary',
    size: undefined,
    decode: (source, start, end) => lossless(source, start, end) ?? source.bytes.slice(start, end),
    encode(value, sink) {
      if (value instanceof Uint8Array) sink.append(value)
      else write(value, sink)
    },
    revive: (json) => (typeof json === 'string' ? reviveBytes(json) : revive(json)),
  }
}

/** Records as they are, for what has no names here. */
const tlvs = orBytes<Tlv[], readonly Tlv[]>(
  ({ bytes }, start, end) =>
    recordsOf(bytes, start, end)?.map((record) => ({ type: record.type, bytes: bytes.slice(record.at, record.end) })),
  (value, sink) => {
    if (!Array.isArray(value)) throw new EncodeError(`must be an array or bytes, got ${show(value)}`)
    for (const { type, bytes } of value as Tlv[]) writeRecord(sink, type, () => sink.append(bytes))
  },
  (json) => (json as Tlv[]).map(({ type, bytes }) => ({ type, bytes: reviveBytes(bytes) })),
)

/** The records in `bytes`, such as those inside a Tlv; undefined where there are others than records. */
export function readTlvs(bytes: Uint8Array): Tlv[] | undefined {
  return recordsOf(bytes, 0, bytes.length)?.map(({ type, at, end }) => ({ type, bytes: bytes.slice(at, end) }))
}

type Rows = Parameters<typeof rowsOf>[0]

function rowsOf(rows: Record<string, { readonly number: number; readonly codec: unknown }>) {
  return Object.entries(rows).map(([key, { number, codec }]) => ({
    key,
    number,
    // Rows are made by attribute() with codecs here, never with `selected`.
    codec: codec as Codec<unknown, unknown>,
  }))
}

/** Declares user data with the rows of an attribute set. Records without a row are `unknown`. */
function userdata<const R extends Rows>(
  rows: R,
): Codec<AttributesValue<R> | Uint8Array, AttributesInput<R> | Uint8Array> {
  const declared = rowsOf(rows)
  const byNumber = new Map(declared.map((row) => [row.number, row]))
  const byKey = new Map(declared.map((row) => [row.key, row]))

  const read = (source: Source, start: number, end: number): AttributesValue<R> | undefined => {
    const records = recordsOf(source.bytes, start, end)
    if (!records) return undefined
    const value: Fields = {}
    const unknown: UnknownAttribute[] = []
    for (const record of records) {
      const row = byNumber.get(record.type)
      if (row) value[row.key] = row.codec.decode(source, record.at, record.end)
      else unknown.push({ type: record.type, bytes: source.bytes.slice(record.at, record.end) })
    }
    if (unknown.length > 0) value.unknown = unknown
    return value as AttributesValue<R>
  }

  const write = (value: AttributesInput<R>, sink: Sink): void => {
    if (!isFields(value)) throw new EncodeError(`must be an object or bytes, got ${show(value)}`)
    for (const [key, part] of Object.entries(value as Fields)) {
      if (part === undefined) continue
      if (key === 'unknown')
        for (const { type, bytes } of part as Tlv[]) writeRecord(sink, type, () => sink.append(bytes))
      else within(key, () => writeRecord(sink, rowAt(key).number, () => rowAt(key).codec.encode(part, sink)))
    }
  }

  const rowAt = (key: string) => {
    const row = byKey.get(key)
    if (!row) throw new EncodeError(`is none of ${Array.from(byKey.keys()).join(', ')}`)
    return row
  }

  return orBytes(read, write, (json) => {
    if (!isFields(json)) throw new EncodeError(`must be an object or bytes, got ${show(json)}`)
    return Object.fromEntries(
      Object.entries(json).map(([key, part]) => [
        key,
        key === 'unknown'
          ? (part as Tlv[]).map(({ type, bytes }) => ({ type, bytes: reviveBytes(bytes) }))
          : within(key, () => rowAt(key).codec.revive(part)),
      ]),
    )
  })
}

export type Userdata<C> = Exclude<C extends Codec<infer T, never> ? T : never, Uint8Array>

export const tableUserdata = userdata({ comment: attribute('NFTNL_UDATA_TABLE_COMMENT', 0, string()) })
export const chainUserdata = userdata({ comment: attribute('NFTNL_UDATA_CHAIN_COMMENT', 0, string()) })
export const objectUserdata = userdata({ comment: attribute('NFTNL_UDATA_OBJ_COMMENT', 0, string()) })

export const ruleUserdata = userdata({
  comment: attribute('NFTNL_UDATA_RULE_COMMENT', 0, string()),
  /** Of ebtables-nft: whether the rule stands for a chain's policy. */
  ebtablesPolicy: attribute('NFTNL_UDATA_RULE_EBTABLES_POLICY', 1, u32),
})

export const elementUserdata = userdata({
  comment: attribute('NFTNL_UDATA_SET_ELEM_COMMENT', 0, string()),
  /** 1: the interval has no end of its own (NFTNL_SET_ELEM_F_INTERVAL_OPEN). */
  flags: attribute('NFTNL_UDATA_SET_ELEM_FLAGS', 1, u32),
})

/** `typeof` of a set: nft's number of an expression, and the records that say which. */
const typeOf = userdata({
  expr: attribute('NFTNL_UDATA_SET_TYPEOF_EXPR', 0, u32),
  data: attribute('NFTNL_UDATA_SET_TYPEOF_DATA', 1, tlvs),
})

export const setUserdata = userdata({
  /** 1: the host's, 2: big-endian (nft's enum byteorder). */
  keybyteorder: attribute('NFTNL_UDATA_SET_KEYBYTEORDER', 0, u32),
  databyteorder: attribute('NFTNL_UDATA_SET_DATABYTEORDER', 1, u32),
  /** `auto-merge` */
  mergeElements: attribute('NFTNL_UDATA_SET_MERGE_ELEMENTS', 2, u32),
  keyTypeof: attribute('NFTNL_UDATA_SET_KEY_TYPEOF', 3, typeOf),
  dataTypeof: attribute('NFTNL_UDATA_SET_DATA_TYPEOF', 4, typeOf),
  expr: attribute('NFTNL_UDATA_SET_EXPR', 5, tlvs),
  /** The map's values are intervals. */
  dataInterval: attribute('NFTNL_UDATA_SET_DATA_INTERVAL', 6, u32),
  comment: attribute('NFTNL_UDATA_SET_COMMENT', 7, string()),
})
export interface SetUserdata extends Userdata<typeof setUserdata> {}
export interface RuleUserdata extends Userdata<typeof ruleUserdata> {}
export interface ElementUserdata extends Userdata<typeof elementUserdata> {}

/** The comment in user data of any kind, as far as it is nft's. */
export function commentOf(given: { comment?: string } | Uint8Array | undefined): string | undefined {
  return given === undefined || given instanceof Uint8Array ? undefined : given.comment
}
