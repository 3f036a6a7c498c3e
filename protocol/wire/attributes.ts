/** Attribute sets as they are declared: struct nlattr (len, type), payload, padding to 4 bytes; again and again. */
import { AttributeSet } from './attribute-set.ts'
import type { Sink, Source } from './bytes.ts'
import type { AnyCodec, Codec, Fields, Infer, Input } from './codec.ts'
import type { Selected } from './selected.ts'

/** An attribute that the schema does not know, or whose bytes it cannot read. Written back as it came. */
export interface UnknownAttribute {
  /** The attribute's number, without flags. */
  type: number
  /** NLA_F_NESTED */
  nested?: true
  /** NLA_F_NET_BYTEORDER */
  netByteorder?: true
  /** The payload. */
  bytes: Uint8Array
  /** Why a known attribute could not be read. */
  error?: string
}

/** What the schema does not say, beside what it says. */
export interface Kept {
  /**
   * Exact reader only, of a message: its sender left out all NLA_F_NESTED that the schema has. The kernel does so in nf_tables, nft does not.
   */
  flat?: true | undefined
  unknown?: UnknownAttribute[] | undefined
  /** Bytes at the end which are no attribute. */
  tail?: Uint8Array | undefined
  /**
   * Exact reader only: bytes that the value alone would not give back, of the whole set or by attribute (with its header).
   * Encoding uses them as long as they still mean the value beside them.
   */
  raw?: Uint8Array | Record<string, Uint8Array> | undefined
}

/** One row: an attribute's name is its key in the set. */
export interface Attribute<T, I> {
  /** The kernel's constant, `IFLA_MTU`. */
  readonly constant: string
  readonly number: number
  readonly codec: AnyCodec | Selected
  /** Repeated: the value is an array. */
  readonly many: boolean
  /** NLA_F_NESTED is set on writing. */
  readonly nested: boolean
  /** NLA_F_NET_BYTEORDER is set on writing. */
  readonly netByteorder: boolean
  /** The kernel reports it and takes it in no request. */
  readonly readOnly: boolean
  readonly types?: (value: I) => T
}

export type AnyAttribute = Attribute<unknown, never>
export type Rows = Record<string, AnyAttribute>

export interface AttributeOptions {
  readOnly?: boolean
  nested?: boolean
  /** ipset marks its big-endian numbers so, and takes no others. */
  netByteorder?: boolean
}

type Decoded<C> = C extends Selected<infer T, never> ? T : Infer<C>
type Encodable<C> = C extends Selected<unknown, infer I> ? I : Input<C>

function row(
  constant: string,
  number: number,
  codec: AnyCodec | Selected,
  many: boolean,
  options: AttributeOptions,
): AnyAttribute {
  const { nested = false, netByteorder = false, readOnly = false } = options
  return { constant, number, codec, many, nested, netByteorder, readOnly }
}

/** @example mtu: attribute('IFLA_MTU', 4, u32) */
export function attribute<C extends AnyCodec | Selected>(
  constant: string,
  number: number,
  codec: C,
  options: AttributeOptions = {},
): Attribute<Decoded<C>, Encodable<C>> {
  return row(constant, number, codec, false, options) as Attribute<Decoded<C>, Encodable<C>>
}

/** An attribute that is written with NLA_F_NESTED. In rtnetlink that is the exception. */
export function nest<C extends AnyCodec | Selected>(
  constant: string,
  number: number,
  codec: C,
  options: AttributeOptions = {},
): Attribute<Decoded<C>, Encodable<C>> {
  return attribute(constant, number, codec, { ...options, nested: true })
}

/** An attribute that repeats: the value is an array. */
export function many<C extends AnyCodec>(
  constant: string,
  number: number,
  codec: C,
  options: AttributeOptions = {},
): Attribute<Infer<C>[], readonly Input<C>[]> {
  return row(constant, number, codec, true, options) as Attribute<Infer<C>[], readonly Input<C>[]>
}

export type AttributesValue<R> = {
  -readonly [K in keyof R]?: R[K] extends Attribute<infer T, never> ? T : never
} & Kept
export type AttributesInput<R> = {
  -readonly [K in keyof R]?: (R[K] extends Attribute<unknown, infer I> ? I : never) | undefined
} & Kept

export interface Attributes<T, I> extends Codec<T, I> {
  readonly sort: 'attributes'
  /** `family/set` of the kernel's specs: 'rt-link/link-attrs'. */
  readonly spec: string
  readonly rows: Rows
  readonly byNumber: ReadonlyMap<number, Keyed>
  /** Reads into an object that may already hold a header. */
  fill(source: Source, start: number, end: number, value: Fields): void
  /** Reads the one attribute at `at` into `value`; `start..end` is the whole set. */
  readOne(source: Source, at: number, length: number, start: number, end: number, value: Fields): void
  /** Writes the attributes of `value`, keeping the order of its keys; `skip` is a key that is no attribute. */
  write(value: Fields, sink: Sink, skip?: string): void
  /** Writes what `value` has under `key`: an attribute, repeated attributes, unknown ones, the tail. */
  writeEntry(key: string, part: unknown, value: Fields, sink: Sink): void
  writeOne(entry: Keyed, part: unknown, value: Fields, sink: Sink): void
  reviveInto(json: Fields, value: Fields, skip?: string): void
}

export interface Keyed {
  readonly key: string
  readonly row: AnyAttribute
}

/**
 * Declares an attribute set. `spec` names it as the kernel's specs do, 'family/set'. Its rows are made when they are first needed: a program
 * meets few of the sets, and an import would wait for all.
 *
 * @example attributes('rt-link/linkinfo-veth-attrs', () => ({ peer: attribute('VETH_INFO_PEER', 1, lazy(() => linkMessage)) }))
 */
export function attributes<R extends Rows>(
  spec: string,
  rows: () => R,
): Attributes<AttributesValue<R>, AttributesInput<R>> {
  return new AttributeSet<AttributesValue<R>, AttributesInput<R>>(spec, rows)
}

export type AnyAttributes = Attributes<unknown, never>

export function isAttributes(codec: AnyCodec): codec is AnyAttributes {
  return codec.sort === 'attributes'
}
