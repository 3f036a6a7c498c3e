/** Integers. `u16` is host order, `be16` network order: the byte order is in the name. */
import { type Codec, DecodeError, EncodeError, show } from './codec.ts'

type Width = 'Uint8' | 'Uint16' | 'Uint32' | 'Int8' | 'Int16' | 'Int32' | 'BigUint64' | 'BigInt64'

/** An integer, perhaps with names for its values: `raw` is the number in the bytes. */
export interface Scalar<T, I = T> extends Codec<T, I> {
  readonly sort: 'scalar'
  readonly size: number
  /** Suffix of the DataView method. */
  readonly width: Width
  readonly networkOrder: boolean
  /** The value for a number; absent where they are the same. */
  readonly name?: (raw: number) => T
  /** The number for a value; throws EncodeError where there is none. */
  readonly number: (value: I) => number | bigint
}

interface Plain {
  type: string
  width: Width
  size: number
  networkOrder?: boolean
}

function integer(plain: Plain, min: number, max: number): Scalar<number> {
  const check = (value: unknown): number => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw new EncodeError(`must be an integer ${min}..${max}, got ${show(value)}`)
    }
    return value
  }
  return scalar(plain, undefined, check, check)
}

function bigInteger(plain: Plain, min: bigint, max: bigint): Scalar<bigint> {
  const check = (value: unknown): bigint => {
    if (typeof value !== 'bigint' || value < min || value > max) {
      throw new EncodeError(`must be a bigint ${min}..${max}, got ${show(value)}`)
    }
    return value
  }
  const revive = (json: unknown): bigint => {
    if (typeof json !== 'string' || !/^-?\d+$/.test(json))
      throw new EncodeError(`must be a decimal string, got ${show(json)}`)
    return check(BigInt(json))
  }
  return scalar(plain, undefined, check, revive)
}

function scalar<T, I>(
  plain: Plain,
  name: ((raw: number) => T) | undefined,
  number: (value: I) => number | bigint,
  revive: (json: unknown) => unknown,
): Scalar<T, I> {
  const { type, width, size, networkOrder = false } = plain
  const get = `get${width}` as const
  const set = `set${width}` as const
  return {
    sort: 'scalar',
    type,
    size,
    width,
    networkOrder,
    ...(name && { name }),
    number,
    revive,
    decode({ view, littleEndian }, start, end) {
      if (end - start !== size) throw new DecodeError(`${type} takes ${size} bytes, got ${end - start}`, start)
      const raw = view[get](start, littleEndian && !networkOrder)
      // Without names, T is the integer itself; with names the integer is never a bigint.
      return (name ? name(raw as number) : raw) as T
    },
    encode(value, sink) {
      const raw = number(value)
      const at = sink.reserve(size)
      // The width decides between number and bigint, for `number` as for `set`.
      sink.view[set](at, raw as never, sink.littleEndian && !networkOrder)
    },
  }
}

export const u8 = integer({ type: 'u8', width: 'Uint8', size: 1 }, 0, 0xff)
export const s8 = integer({ type: 's8', width: 'Int8', size: 1 }, -0x80, 0x7f)
export const u16 = integer({ type: 'u16', width: 'Uint16', size: 2 }, 0, 0xffff)
export const s16 = integer({ type: 's16', width: 'Int16', size: 2 }, -0x8000, 0x7fff)
export const u32 = integer({ type: 'u32', width: 'Uint32', size: 4 }, 0, 0xffffffff)
export const s32 = integer({ type: 's32', width: 'Int32', size: 4 }, -0x80000000, 0x7fffffff)
export const u64 = bigInteger({ type: 'u64', width: 'BigUint64', size: 8 }, 0n, 2n ** 64n - 1n)
export const s64 = bigInteger({ type: 's64', width: 'BigInt64', size: 8 }, -(2n ** 63n), 2n ** 63n - 1n)
export const be16 = integer({ type: 'u16be', width: 'Uint16', size: 2, networkOrder: true }, 0, 0xffff)
export const be32 = integer({ type: 'u32be', width: 'Uint32', size: 4, networkOrder: true }, 0, 0xffffffff)
/** be32 with a sign. */
export const sbe32 = integer({ type: 's32be', width: 'Int32', size: 4, networkOrder: true }, -0x80000000, 0x7fffffff)
export const be64 = bigInteger({ type: 'u64be', width: 'BigUint64', size: 8, networkOrder: true }, 0n, 2n ** 64n - 1n)

/** An integer of four bytes, or of eight where it needs them (nla_put_uint, since Linux 6.7). */
export const uint: Codec<bigint> = {
  sort: 'other',
  type: 'uint',
  size: undefined,
  decode: (source, start, end) =>
    end - start === 8 ? u64.decode(source, start, end) : BigInt(u32.decode(source, start, end)),
  encode(value, sink) {
    u64.number(value)
    if (value <= 0xffffffffn) u32.encode(Number(value), sink)
    else u64.encode(value, sink)
  },
  revive: u64.revive,
}

/** Names are the same in JSON; only what can be encoded is taken. */
function checked(number: (value: unknown) => number): (json: unknown) => unknown {
  return (json) => {
    number(json)
    return json
  }
}

/** A switch: 0 is false, everything else true. */
export function bool(base: Scalar<number>): Scalar<boolean> {
  const number = (value: unknown): number => {
    if (typeof value !== 'boolean') throw new EncodeError(`must be true or false, got ${show(value)}`)
    return value ? 1 : 0
  }
  return scalar(base, (raw) => raw !== 0, number, checked(number))
}

/** `RTN_UNICAST` with prefix `RTN_` is 'unicast'. */
export type NameOf<K, Prefix extends string> = K extends `${Prefix}${infer Name}` ? Lowercase<Name> : never

/** Made when first asked for: most programs need few of the names, and an import would wait for all. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Names of values: the kernel's constants, without `prefix` and in lower case. */
export function names(prefix: string, constants: Record<string, number>): Map<string, number> {
  return new Map(Object.entries(constants).map(([key, value]) => [key.slice(prefix.length).toLowerCase(), value]))
}

/**
 * An enumeration: reads as the kernel's name without prefix, in lower case; an unknown number passes through.
 *
 * @example oneOf(u8, 'RTN_', { RTN_UNSPEC: 0, RTN_UNICAST: 1 } as const)  // 'unspec' | 'unicast' | number
 */
export function oneOf<const E extends Record<string, number>, P extends string>(
  base: Scalar<number>,
  prefix: P,
  constants: E,
): Scalar<NameOf<keyof E, P> | number> {
  type Name = NameOf<keyof E, P>
  const numbers = once(() => names(prefix, constants))
  const texts = once(() => new Map(Array.from(numbers(), ([text, value]) => [value, text])))
  const number = (value: unknown): number => {
    if (typeof value === 'number') return Number(base.number(value))
    const found = typeof value === 'string' ? numbers().get(value) : undefined
    if (found !== undefined) return found
    throw new EncodeError(`must be one of ${Array.from(numbers().keys()).join(', ')} or a number, got ${show(value)}`)
  }
  // The map's texts are the names of E's keys.
  return scalar(base, (raw) => (texts().get(raw) as Name | undefined) ?? raw, number, checked(number))
}

/**
 * A set of bits: reads as names without prefix, in lower case, lowest bit first; the value of unknown bits follows as one number.
 *
 * @example flags(u8, 'NTF_', { NTF_USE: 1, NTF_SELF: 2 } as const)  // ['self'], ['use', 0x80]
 */
export function flags<const E extends Record<string, number>, P extends string>(
  base: Scalar<number>,
  prefix: P,
  constants: E,
): Scalar<readonly (NameOf<keyof E, P> | number)[]> {
  type Names = readonly (NameOf<keyof E, P> | number)[]
  const numbers = once(() => names(prefix, constants))
  const read = (raw: number): Names => {
    const found: (string | number)[] = []
    let rest = raw
    for (const [text, bit] of numbers()) {
      if ((raw & bit) >>> 0 !== bit || (rest & bit) === 0) continue
      found.push(text)
      rest = (rest & ~bit) >>> 0
    }
    if (rest !== 0) found.push(rest)
    return Object.freeze(found) as Names
  }
  const number = (value: unknown): number => {
    if (!Array.isArray(value)) throw new EncodeError(`must be an array of flags, got ${show(value)}`)
    let bits = 0
    for (const item of value as unknown[]) {
      const bit = typeof item === 'number' ? Number(base.number(item)) : numbers().get(String(item))
      if (bit === undefined)
        throw new EncodeError(`must hold only ${Array.from(numbers().keys()).join(', ')} or numbers, got ${show(item)}`)
      bits = (bits | bit) >>> 0
    }
    return bits
  }
  // One frozen array per combination that was seen: a dump repeats few of them.
  const seen = new Map<number, Names>()
  const name = (raw: number): Names => {
    const known = seen.get(raw)
    if (known) return known
    const made = read(raw)
    if (seen.size < 1024) seen.set(raw, made)
    return made
  }
  return scalar(base, name, number, checked(number))
}
