/** Bytes of registers and set elements as numbers of any width, and what prefixes and ranges need of them. */
import { hostLittleEndian } from '../../../protocol/wire/bytes.ts'

/** How a value lies in a register: network order, or the machine's own (marks, conntrack states, interface indexes). */
export type ByteOrder = 'big' | 'host'

const isReversed = (order: ByteOrder): boolean => order === 'host' && hostLittleEndian

/** A copy with the bytes in the opposite order. */
export function swapBytes(bytes: Uint8Array): Uint8Array {
  return bytes.slice().reverse()
}

/** A copy in network order, in which ranges are compared; and back again, the same function. */
export function inNetworkOrder(bytes: Uint8Array, order: ByteOrder): Uint8Array {
  return isReversed(order) ? swapBytes(bytes) : bytes
}

/** The lower `bits` of a number in as many bytes as they need. Higher ones are dropped. */
export function bytesOf(value: bigint | number, bits: number, order: ByteOrder = 'big'): Uint8Array {
  const size = (bits + 7) >> 3
  const bytes = new Uint8Array(size)
  const reversed = isReversed(order)
  if (bits <= 32) {
    let rest = Number(value)
    for (let i = 0; i < size; i++) {
      bytes[reversed ? i : size - 1 - i] = rest & 0xff
      rest >>>= 8
    }
  } else {
    let rest = BigInt.asUintN(bits, BigInt(value))
    for (let i = 0; i < size; i++) {
      bytes[reversed ? i : size - 1 - i] = Number(rest & 0xffn)
      rest >>= 8n
    }
  }
  return bytes
}

export function integerOf(bytes: Uint8Array, order: ByteOrder = 'big'): bigint {
  const reversed = isReversed(order)
  let value = 0n
  for (let i = 0; i < bytes.length; i++) {
    value = (value << 8n) | BigInt(bytes[reversed ? bytes.length - 1 - i : i] as number)
  }
  return value
}

/** The same as a number, for at most 6 bytes. */
export function numberOf(bytes: Uint8Array, order: ByteOrder = 'big'): number {
  const reversed = isReversed(order)
  let value = 0
  for (let i = 0; i < bytes.length; i++) {
    value = value * 256 + (bytes[reversed ? bytes.length - 1 - i : i] as number)
  }
  return value
}

/** `length` one bits at the front of `bits`, in network order. */
export function prefixMask(length: number, bits: number): Uint8Array {
  const mask = new Uint8Array((bits + 7) >> 3)
  for (let i = 0; i < length; i++) mask[i >> 3] = (mask[i >> 3] as number) | (0x80 >> (i & 7))
  return mask
}

/** How many one bits a mask in network order starts with; undefined where others follow behind a zero. */
export function prefixLength(mask: Uint8Array): number | undefined {
  let length = 0
  for (const byte of mask) {
    if (length % 8 !== 0 && byte !== 0) return undefined
    if (length % 8 !== 0) continue
    const ones = Math.clz32(~(byte << 24))
    if (((byte << ones) & 0xff) !== 0) return undefined
    length += ones
    if (ones === 0) return mask.subarray(length >> 3).every((rest) => rest === 0) ? length : undefined
  }
  return length
}

/** -1, 0 or 1: bytes in network order compare as numbers do. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  return Math.sign(a.length - b.length)
}

/** The next number, in network order; undefined behind the last one. */
export function successor(bytes: Uint8Array): Uint8Array | undefined {
  const next = bytes.slice()
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = (next[i] as number) + 1
    if (next[i] !== 0) return next
  }
  return undefined
}

/** The number before, in network order; undefined before zero. */
export function predecessor(bytes: Uint8Array): Uint8Array | undefined {
  const next = bytes.slice()
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = (next[i] as number) - 1
    if (next[i] !== 0xff) return next
  }
  return undefined
}

/** The prefix length of the range first..last, in network order; undefined where it is no prefix. */
export function prefixOf(first: Uint8Array, last: Uint8Array): number | undefined {
  const length = prefixLength(first.map((byte, i) => ~(byte ^ (last[i] as number))))
  if (length === undefined) return undefined
  for (let i = length; i < first.length * 8; i++) {
    const bit = 0x80 >> (i & 7)
    if (((first[i >> 3] as number) & bit) !== 0 || ((last[i >> 3] as number) & bit) === 0) return undefined
  }
  return length
}
