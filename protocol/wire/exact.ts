/**
 * The exact reader: whatever the value would not give back is kept as `raw` beside it (order that keys cannot show, duplicates,
 * nested flags, odd padding, short headers), found by encoding again what was just decoded.
 */
import type { AnyAttributes, Keyed } from './attributes.ts'
import { aligned, equalBytes, Sink, type Source, source as sourceOf } from './bytes.ts'
import { type AnyCodec, EncodeError, type Fields, isFields, show, within } from './codec.ts'
import { reviveBytes } from './leaf.ts'

/** Keeps the attribute at `at`, with header and padding, where its value encodes to other bytes. */
export function rawAttribute(
  set: AnyAttributes,
  entry: Keyed,
  value: Fields,
  source: Source,
  at: number,
  length: number,
  end: number,
): void {
  const bytes = source.bytes.subarray(at, Math.min(at + aligned(length), end))
  const sink = verifier(source)
  try {
    set.writeOne(entry, value[entry.key], value, sink)
    if (equalBytes(sink.bytes.subarray(0, sink.position), bytes)) return
  } catch (error) {
    // A value that can be read but not written, such as text of another character set: its bytes are kept.
    if (!(error instanceof EncodeError)) throw error
  }
  value.raw = { ...(isFields(value.raw) && value.raw), [entry.key]: bytes.slice() }
}

/** What is kept inside was read a moment ago: trusting it keeps the cost of nested sets linear in their depth. */
function verifier(source: Source): Sink {
  const sink = new Sink(source.littleEndian)
  sink.trustRaw = true
  sink.flat = source.flat
  return sink
}

/** Keeps all bytes of `start..end` where the value, its `raw` attributes included, encodes to others. */
export function keepWhole(codec: AnyCodec, value: Fields, source: Source, start: number, end: number): void {
  const bytes = source.bytes.subarray(start, end)
  const sink = verifier(source)
  try {
    codec.encode(value as never, sink)
    if (equalBytes(sink.bytes.subarray(0, sink.position), bytes)) return
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error
  }
  value.raw = bytes.slice()
}

/**
 * Writes `raw` if it still means the value beside it: of a whole set or message, or of the attribute `key`.
 * False where the value has changed since (or there is no `raw`): then the value counts.
 */
export function encodeKept(
  codec: AnyCodec,
  key: string | undefined,
  part: unknown,
  value: Fields,
  raw: unknown,
  sink: Sink,
): boolean {
  if (!(raw instanceof Uint8Array)) return false
  if (!sink.trustRaw && !stillMeans(codec, key, part, value, raw, sink)) return false
  sink.append(raw)
  return true
}

function stillMeans(
  codec: AnyCodec,
  key: string | undefined,
  part: unknown,
  value: Fields,
  raw: Uint8Array,
  { littleEndian, flat }: Sink,
): boolean {
  const reader = { ...sourceOf(raw, { littleEndian, exact: true }), flat }
  if (key === undefined) {
    const meant = codec.decode(reader, 0, raw.length) as Fields
    return equalValues({ ...meant, raw: undefined }, { ...value, raw: undefined })
  }
  const meant: Fields = { ...value, raw: undefined, [key]: undefined }
  // A key is given for attribute sets only.
  ;(codec as AnyAttributes).fill(reader, 0, raw.length, meant)
  return equalValues(meant[key], part)
}

/** Same value: bytes by content, keys that are undefined as absent, order of keys not regarded. */
export function equalValues(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Uint8Array && b instanceof Uint8Array) return equalBytes(a, b)
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => equalValues(item, b[i]))
  if (!isFields(a) || !isFields(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  for (const key of keys) if (!equalValues(a[key], b[key])) return false
  return true
}

export function reviveRaw(json: unknown): Uint8Array | Record<string, Uint8Array> {
  if (!isFields(json)) return reviveBytes(json)
  if (Object.keys(json).length === 0) throw new EncodeError(`must be bytes or an object of bytes, got ${show(json)}`)
  return Object.fromEntries(Object.entries(json).map(([key, bytes]) => [key, within(key, () => reviveBytes(bytes))]))
}
