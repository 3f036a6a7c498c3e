/** Values of variable length without parts: strings, bytes, flags. */
import { encodeText, type Sink, type Source, unhex } from './bytes.ts'
import { type Codec, DecodeError, EncodeError, show } from './codec.ts'

/** A codec from its two halves; `check` refuses what is no value. */
export function leaf<T>(
  type: string,
  size: number | undefined,
  read: (source: Source, start: number, end: number) => T,
  write: (value: T, sink: Sink) => void,
  revive: (json: unknown) => unknown = (json) => json,
): Codec<T> {
  return {
    sort: 'other',
    type,
    size,
    decode(source, start, end) {
      if (size !== undefined && end - start !== size)
        throw new DecodeError(`takes ${size} bytes, got ${end - start}`, start)
      return read(source, start, end)
    },
    encode: write,
    revive,
  }
}

/**
 * NUL-terminated text. The terminator is written; text without one, as some tools send it, is read too.
 * `max` is the kernel's buffer with the terminator (IFNAMSIZ 16: 15 bytes of text).
 */
export function string(max = 0xfffb): Codec<string> {
  return leaf(
    'string',
    undefined,
    ({ bytes, text }, start, end) => {
      let stop = end
      while (stop > start && bytes[stop - 1] === 0) stop--
      return text(start, stop)
    },
    (value, sink) => {
      if (writeAscii(value, max, sink)) return
      const text = encodeText(checkText(value))
      if (text.length >= max) throw new EncodeError(`must be shorter than ${max} bytes, got ${show(value)}`)
      const at = sink.reserve(text.length + 1)
      sink.bytes.set(text, at)
    },
  )
}

/** Names are short and ASCII: in place, 20 ns instead of TextEncoder's 150. False, and nothing written, where the text is no such name. */
function writeAscii(value: unknown, max: number, sink: Sink): boolean {
  if (typeof value !== 'string' || value.length > 64 || value.length >= max) return false
  const at = sink.reserve(value.length + 1)
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === 0 || code > 0x7f) {
      sink.rewind(at)
      return false
    }
    sink.bytes[at + i] = code
  }
  return true
}

function checkText(value: unknown): string {
  if (typeof value !== 'string') throw new EncodeError(`must be a string, got ${show(value)}`)
  if (value.includes('\0')) throw new EncodeError('must not contain a NUL character')
  return value
}

/** Opaque bytes; `size` where the kernel takes just one length. Decoded bytes are a copy. JSON: hex. */
export function bytes(size?: number): Codec<Uint8Array> {
  return leaf(
    'binary',
    size,
    (source, start, end) => source.bytes.slice(start, end),
    (value, sink) => {
      if (!(value instanceof Uint8Array)) throw new EncodeError(`must be a Uint8Array, got ${show(value)}`)
      if (size !== undefined && value.length !== size)
        throw new EncodeError(`must be ${size} bytes, got ${value.length}`)
      sink.append(value)
    },
    reviveBytes,
  )
}

export function reviveBytes(json: unknown): Uint8Array {
  const found = typeof json === 'string' ? unhex(json) : undefined
  if (!found) throw new EncodeError(`must be bytes in hex, got ${show(json)}`)
  return found
}

/** NLA_FLAG: present is true. `false` cannot be encoded: leave the property out. */
export const flag: Codec<true> = leaf(
  'flag',
  0,
  () => true,
  (value) => {
    if (value !== true) throw new EncodeError(`must be true or left out, got ${show(value)}`)
  },
)

/** Zero bytes of a struct that mean nothing; not part of the value. */
export function pad(size: number): Codec<undefined> {
  return leaf(
    'pad',
    size,
    () => undefined,
    (_value, sink) => {
      sink.reserve(size)
    },
  )
}
