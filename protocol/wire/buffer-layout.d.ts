/**
 * The part of buffer-layout 1.2 that is used here; the package ships no types. Everything decodes from and encodes
 * into a Uint8Array at an offset; `span` is the size in bytes, -1 where it varies.
 */
declare module 'buffer-layout' {
  export abstract class Layout<T> {
    constructor(span: number, property?: string)
    readonly span: number
    readonly property?: string
    decode(buffer: Uint8Array, offset?: number): T
    /** Returns the number of bytes written. */
    encode(source: T, buffer: Uint8Array, offset?: number): number
    getSpan(buffer?: Uint8Array, offset?: number): number
    replicate(property: string): this
    fromArray(values: unknown[]): T | undefined
  }
  export class Structure<T extends object = Record<string, unknown>> extends Layout<T> {
    constructor(fields: readonly Layout<unknown>[], property?: string, decodePrefixes?: boolean)
    readonly fields: readonly Layout<unknown>[]
    readonly decodePrefixes: boolean
    layoutFor(property: string): Layout<unknown> | undefined
    offsetOf(property: string): number | undefined
  }
  export class Sequence<T> extends Layout<T[]> {
    constructor(elementLayout: Layout<T>, count: number, property?: string)
  }
  export class Blob extends Layout<Uint8Array> {
    constructor(length: number, property?: string)
  }
  export class UInt extends Layout<number> {}
  export class UIntBE extends Layout<number> {}
  export class Int extends Layout<number> {}
  export class IntBE extends Layout<number> {}

  export function offset(layout: Layout<number>, offset?: number, property?: string): Layout<number>
  export function u8(property?: string): UInt
  export function u16(property?: string): UInt
  export function u24(property?: string): UInt
  export function u32(property?: string): UInt
  export function u16be(property?: string): UIntBE
  export function u24be(property?: string): UIntBE
  export function u32be(property?: string): UIntBE
  export function s8(property?: string): Int
  export function s16(property?: string): Int
  export function s32(property?: string): Int
  export function s16be(property?: string): IntBE
  export function s32be(property?: string): IntBE
  /** Rounded to a double: exact below 2^53 only. */
  export function nu64(property?: string): Layout<number>
  export function nu64be(property?: string): Layout<number>
  export function ns64(property?: string): Layout<number>
  export function ns64be(property?: string): Layout<number>
  export function struct<T extends object>(
    fields: readonly Layout<unknown>[],
    property?: string,
    decodePrefixes?: boolean,
  ): Structure<T>
  export function seq<T>(elementLayout: Layout<T>, count: number, property?: string): Sequence<T>
  export function blob(length: number, property?: string): Blob
}
