/**
 * The part of buffer-layout 1.2 that is used here, with types: the package ships none, and an ambient declaration would not reach who
 * uses our own types. Everything decodes from and encodes into a Uint8Array at an offset.
 */
// @ts-expect-error: untyped, see above. (Not expect-error: somebody's project may declare it.)
import * as untyped from 'buffer-layout'

export interface Layout<T> {
  /** Size in bytes; -1 where it varies. */
  readonly span: number
  readonly property?: string
  decode(buffer: Uint8Array, offset?: number): T
  /** Returns the number of bytes written. */
  encode(source: T, buffer: Uint8Array, offset?: number): number
  getSpan(buffer?: Uint8Array, offset?: number): number
  /** The same under another name. */
  replicate(property: string): this
}

export interface Structure<T extends object = Record<string, unknown>> extends Layout<T> {
  readonly fields: readonly Layout<unknown>[]
  offsetOf(property: string): number | undefined
}

type Integer = (property?: string) => Layout<number>

interface BufferLayout {
  readonly Layout: abstract new <T>(span: number, property?: string) => Layout<T>
  readonly u8: Integer
  readonly u16: Integer
  readonly u32: Integer
  readonly u16be: Integer
  readonly u32be: Integer
  readonly s8: Integer
  readonly s16: Integer
  readonly s32: Integer
  readonly s16be: Integer
  readonly s32be: Integer
  struct<T extends object>(fields: readonly Layout<unknown>[], property?: string): Structure<T>
  blob(length: number, property?: string): Layout<Uint8Array>
}

const typed: BufferLayout = untyped

export const { Layout, u8, u16, u32, u16be, u32be, s8, s16, s32, s16be, s32be, struct, blob } = typed
