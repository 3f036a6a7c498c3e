/** Bytes and values of a codec, in the few words that a table of tests has room for. */
import { hex, type ReadOptions, Sink, source, unhex } from '../../../protocol/wire/bytes.ts'
import { type AnyCodec, DecodeError, EncodeError, type Infer, type Input } from '../../../protocol/wire/codec.ts'

/** Bytes of hex with spaces. */
export function bytesOf(text: string): Uint8Array {
  const bytes = unhex(text.replaceAll(' ', ''))
  if (!bytes) throw new Error(`no hex: ${text}`)
  return bytes
}

/** Little-endian unless the options say otherwise, so that tables read the same on every machine. */
export function decode<C extends AnyCodec>(codec: C, given: string | Uint8Array, options: ReadOptions = {}): Infer<C> {
  const bytes = typeof given === 'string' ? bytesOf(given) : given
  return codec.decode(source(bytes, { littleEndian: true, ...options }), 0, bytes.length) as Infer<C>
}

export function encode<C extends AnyCodec>(codec: C, value: Input<C>, littleEndian = true): string {
  const sink = new Sink(littleEndian)
  codec.encode(value as never, sink)
  return hex(sink.finish())
}

/** What a caller who does not listen to the compiler might pass. */
export function encodeAny(codec: AnyCodec, value: unknown): string {
  return encode(codec, value as never)
}

/** The error of `action`; fails where there is none. */
export function refusal(action: () => unknown): DecodeError | EncodeError {
  try {
    action()
  } catch (error) {
    if (error instanceof DecodeError || error instanceof EncodeError) return error
    throw error
  }
  throw new Error('was not refused')
}
