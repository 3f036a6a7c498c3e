/** Rows of value and bytes: each is read and written by the interpreter and by the compiled code. */
import { expect, test } from 'vitest'
import { hex, Sink, source, unhex } from '../../../protocol/wire/bytes.ts'
import type { Codec } from '../../../protocol/wire/codec.ts'
import { read, write } from '../../../protocol/wire/compile.ts'

export interface Row {
  /** Id of the fixture that the bytes are of, a message's body or a part of it. */
  fixture: string
  hex: string
  value: unknown
}

export function bytesOf(text: string): Uint8Array {
  const bytes = unhex(text.replaceAll(' ', ''))
  if (!bytes) throw new Error(`no hex: ${text}`)
  return bytes
}

export function rows<T, I>(codec: Codec<T, I>, list: readonly Row[]): void {
  test.each(list)('$fixture', ({ hex: text, value }) => {
    const bytes = bytesOf(text)
    const exact = source(bytes, { littleEndian: true, exact: true, strict: true })
    expect(codec.decode(exact, 0, bytes.length)).toEqual(value)
    expect(read(codec, source(bytes, { littleEndian: true }), 0, bytes.length)).toEqual(value)
    const interpreted = new Sink(true)
    codec.encode(value as I, interpreted)
    const compiled = new Sink(true)
    write(codec, value as I, compiled)
    expect([hex(interpreted.finish()), hex(compiled.finish())]).toEqual([hex(bytes), hex(bytes)])
  })
}

/** What encoding says of a value: 'path: reason'. */
export function refusal<I>(codec: Codec<unknown, I>, value: unknown): string {
  try {
    codec.encode(value as I, new Sink(true))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'taken'
}
