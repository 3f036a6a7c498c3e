/**
 * nft's data types: how a constant in a rule or a set ('192.168.1.1', 'established', 22) looks in a register, in `nft -j` and in nft's text.
 * `nft describe TYPE` is what they are held to.
 */
import { EncodeError, show } from '../../protocol/wire/codec.ts'
import type { Immediate } from './ast.ts'
import { type ByteOrder, bytesOf, integerOf } from './datatypes/bits.ts'

/** A constant; of a bitmask, a list of its bits. */
export type Value = Immediate | Immediate[]

/** What only the machine knows: names of interfaces, users, control groups. All optional; numbers are always taken. */
export interface Names {
  ifindex?(name: string): number | undefined
  ifname?(index: number): string | undefined
  uid?(name: string): number | undefined
  gid?(name: string): number | undefined
  /** /etc/services; the well-known ones are built in. */
  service?(name: string): number | undefined
  /** /etc/iproute2/rt_realms */
  realm?(name: string): number | undefined
  realmName?(realm: number): string | undefined
  /** /etc/iproute2/group */
  devgroup?(name: string): number | undefined
  devgroupName?(group: number): string | undefined
  /** /etc/connlabel.conf */
  label?(name: string): number | undefined
  labelName?(bit: number): string | undefined
  /** A path below /sys/fs/cgroup: its inode. */
  cgroup?(path: string): bigint | undefined
  cgroupPath?(id: bigint): string | undefined
}

export interface DataType<In extends Immediate = Immediate, Name extends string = string> {
  /** 'ipv4_addr', 'ct_state' ... */
  readonly name: Name
  /** nft's number of the type, kept in sets; six bits of it in a concatenation. */
  readonly id: number
  /** Bits; 0 where the selector says it ('integer', 'string', 'bitmask', 'll_addr'). */
  readonly size: number
  readonly byteorder: ByteOrder
  /** Text: its bytes are in order, though nft says 'host' of it. */
  readonly chars?: boolean
  /** `a,b` means bits: `ct state established,related` asks for any of them. */
  readonly bitmask?: boolean
  /** Several names may have one number: the first is printed. */
  readonly names?: Readonly<Record<string, number>>
  /**
   * The bytes in a register, ceil(bits / 8) of them. Fewer than a whole byte lie to the right. A name of an interface with '*' behind gives
   * fewer bytes than its size: only these are compared. Throws an EncodeError with the reason, without a path.
   */
  parse(value: Value, bits: number, names?: Names): Uint8Array
  /** As `nft -j` prints it. Takes what parse gives. */
  format(bytes: Uint8Array, names?: Names): Value
  /** As nft's own text prints it. */
  text(bytes: Uint8Array, names?: Names): string
  /** What the builder takes. Exists for the type checker only. */
  readonly $in?: In
}

/** The constants of a data type: what a builder's function takes. */
export type InputOf<T> = T extends DataType<infer In> ? In : never

/** The number in a decimal or hexadecimal word. */
export function parseInteger(value: Immediate): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined
  if (typeof value === 'boolean') return value ? 1n : 0n
  return /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(value) ? BigInt(value) : undefined
}

/** Throws where a number does not fit. */
export function fitting(value: bigint, bits: number): bigint {
  if (value < 0n || value >> BigInt(bits) !== 0n) {
    const most = (1n << BigInt(bits)) - 1n
    throw new EncodeError(`must be from 0 to ${bits > 64 ? `2^${bits} - 1` : most}, got ${value}`)
  }
  return value
}

/** A number where it is exact, else in hexadecimal (as nft has it from 65 bits on). */
export function plain(value: bigint): number | string {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : `0x${value.toString(16)}`
}

/** One constant out of a value: only bitmasks take lists. */
export function single(value: Value): Immediate {
  if (!Array.isArray(value)) return value
  if (value.length === 1) return value[0] as Immediate
  throw new EncodeError(`must be one value, got ${show(value)}`)
}

interface Numeric<S extends string = string> {
  readonly name: S
  readonly id: number
  readonly size: number
  readonly byteorder: ByteOrder
  /** Text in hexadecimal, with at least so many digits. */
  readonly hex?: number
}

function numberText(value: bigint, hex: number | undefined): string {
  return hex === undefined ? String(value) : `0x${value.toString(16).padStart(hex, '0')}`
}

/** Numbers without names. */
export function numeric<const S extends string>(declared: Numeric<S>): DataType<number | string, S> {
  const { byteorder, hex, size } = declared
  return {
    name: declared.name,
    id: declared.id,
    size,
    byteorder,
    parse(value, bits) {
      const number = parseInteger(single(value))
      if (number === undefined) throw new EncodeError(`must be a number, got ${show(value)}`)
      return bytesOf(fitting(number, bits || size), bits || size, byteorder)
    },
    format: (bytes) => plain(integerOf(bytes, byteorder)),
    text: (bytes) => numberText(integerOf(bytes, byteorder), hex),
  }
}

function reversed(names: Readonly<Record<string, number>>): Map<number, string> {
  const found = new Map<number, string>()
  for (const [name, number] of Object.entries(names)) if (!found.has(number)) found.set(number, name)
  return found
}

function unknownName(value: unknown, names: Readonly<Record<string, number>>): EncodeError {
  const known = Object.keys(names)
  const shown = known.length > 16 ? `${known.slice(0, 16).join(', ')} ...` : known.join(', ')
  return new EncodeError(`must be a number or one of ${shown}, got ${show(value)}`)
}

export interface Symbolic<N extends Readonly<Record<string, number>>, S extends string = string> extends Numeric<S> {
  readonly names: N
  /** Names that are understood and never printed. */
  readonly aliases?: Readonly<Record<string, number>>
  /** Text has names in quotes. */
  readonly quoted?: boolean
}

/** Numbers of which some have names. */
export function symbolic<const N extends Readonly<Record<string, number>>, const S extends string>(
  declared: Symbolic<N, S>,
): DataType<(keyof N & string) | number, S> & { readonly names: N } {
  const { names, aliases = {}, byteorder, hex, size, quoted } = declared
  const words = new Map(Object.entries({ ...names, ...aliases }))
  const byNumber = reversed(names)
  return {
    name: declared.name,
    id: declared.id,
    size,
    byteorder,
    names,
    parse(value, bits) {
      const word = single(value)
      const named = typeof word === 'string' ? words.get(word) : undefined
      const number = named === undefined ? parseInteger(word) : BigInt(named)
      if (number === undefined) throw unknownName(value, names)
      return bytesOf(fitting(number, bits || size), bits || size, byteorder)
    },
    format(bytes) {
      const number = integerOf(bytes, byteorder)
      return byNumber.get(Number(number)) ?? plain(number)
    },
    text(bytes) {
      const number = integerOf(bytes, byteorder)
      const name = byNumber.get(Number(number))
      if (name !== undefined) return quoted ? `"${name}"` : name
      return numberText(number, hex)
    },
  }
}

/** Numbers whose bits have names; the value of several is a list. */
export function bitmask<const N extends Readonly<Record<string, number>>, const S extends string>(
  declared: Omit<Symbolic<N, S>, 'hex' | 'quoted'>,
): DataType<(keyof N & string) | number, S> & { readonly names: N; readonly bitmask: true } {
  const { names, byteorder, size } = declared
  const words = new Map(Object.entries(names))
  const byNumber = reversed(names)
  const bit = (value: Immediate): bigint => {
    const named = typeof value === 'string' ? words.get(value) : undefined
    const number = named === undefined ? parseInteger(value) : BigInt(named)
    if (number === undefined) throw unknownName(value, names)
    return number
  }
  const parts = (bytes: Uint8Array): (string | number)[] => {
    const value = integerOf(bytes, byteorder)
    const list: (string | number)[] = []
    for (let mask = 1n; mask <= value; mask <<= 1n) {
      if ((value & mask) !== 0n) list.push(byNumber.get(Number(mask)) ?? Number(mask))
    }
    return list
  }
  return {
    name: declared.name,
    id: declared.id,
    size,
    byteorder,
    bitmask: true,
    names,
    parse(value, bits) {
      const all = Array.isArray(value) ? value.reduce((sum: bigint, each) => sum | bit(each), 0n) : bit(value)
      return bytesOf(fitting(all, bits || size), bits || size, byteorder)
    },
    format(bytes) {
      const list = parts(bytes)
      return list.length === 0 ? 0 : list.length === 1 ? (list[0] as string | number) : list
    },
    text(bytes) {
      const list = parts(bytes).map((part) => (typeof part === 'string' ? part : `0x${part.toString(16)}`))
      return list.length === 0 ? '0x0' : list.join(',')
    },
  }
}
