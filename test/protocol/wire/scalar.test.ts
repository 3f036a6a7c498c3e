import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError, EncodeError } from '../../../protocol/wire/codec.ts'
import { structLayout } from '../../../protocol/wire/layout.ts'
import {
  be16,
  be32,
  be64,
  bool,
  flags,
  oneOf,
  s8,
  s16,
  s32,
  s64,
  u8,
  u16,
  u32,
  u64,
} from '../../../protocol/wire/scalar.ts'
import { bytesOf, decode, encode, encodeAny, refusal } from './tools.ts'

const integers = [
  ['u8', u8, 0, 0xff],
  ['s8', s8, -0x80, 0x7f],
  ['u16', u16, 0, 0xffff],
  ['s16', s16, -0x8000, 0x7fff],
  ['u32', u32, 0, 0xffffffff],
  ['s32', s32, -0x80000000, 0x7fffffff],
  ['be16', be16, 0, 0xffff],
  ['be32', be32, 0, 0xffffffff],
] as const
const bigs = [
  ['u64', u64, 0n, 2n ** 64n - 1n],
  ['s64', s64, -(2n ** 63n), 2n ** 63n - 1n],
  ['be64', be64, 0n, 2n ** 64n - 1n],
] as const

/** The bytes by definition: two's complement, most significant byte first, turned round for little-endian. */
function reference(value: bigint, size: number, networkOrder: boolean, littleEndian: boolean): string {
  const digits = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0')
  return littleEndian && !networkOrder ? (digits.match(/../g) ?? []).reverse().join('') : digits
}

describe.each(integers)('%s', (_name, codec, min, max) => {
  test('every value in range, in both byte orders, and back', () => {
    fc.assert(
      fc.property(fc.integer({ min, max }), fc.boolean(), (value, littleEndian) => {
        const bytes = encode(codec, value, littleEndian)
        expect(bytes).toBe(reference(BigInt(value), codec.size, codec.networkOrder, littleEndian))
        expect(decode(codec, bytes, { littleEndian })).toBe(value)
        expect(structLayout({ value: codec }, littleEndian).decode(Buffer.from(bytes, 'hex'))).toEqual({ value })
      }),
      {
        examples: [
          [min, true],
          [max, true],
          [max, false],
        ],
      },
    )
  })

  test('nothing else is taken', () => {
    for (const wrong of [min - 1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, null, true, {}]) {
      expect(refusal(() => encodeAny(codec, wrong))).toBeInstanceOf(EncodeError)
    }
    expect(refusal(() => encodeAny(codec, max + 1)).reason).toBe(`must be an integer ${min}..${max}, got ${max + 1}`)
  })

  test('another length is no value', () => {
    for (const size of [codec.size - 1, codec.size + 1]) {
      expect(refusal(() => decode(codec, new Uint8Array(size)))).toBeInstanceOf(DecodeError)
    }
  })
})

describe.each(bigs)('%s', (_name, codec, min, max) => {
  test('every value in range, in both byte orders, through JSON and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min, max }), fc.boolean(), (value, littleEndian) => {
        const bytes = encode(codec, value, littleEndian)
        expect(bytes).toBe(reference(value, 8, codec.networkOrder, littleEndian))
        expect(decode(codec, bytes, { littleEndian })).toBe(value)
        expect(structLayout({ value: codec }, littleEndian).decode(Buffer.from(bytes, 'hex'))).toEqual({ value })
        expect(codec.revive(String(value))).toBe(value)
      }),
      {
        examples: [
          [min, true],
          [max, false],
        ],
      },
    )
  })

  test('nothing else is taken, of JSON only decimal strings', () => {
    for (const wrong of [min - 1n, max + 1n, 1, '1', null])
      expect(refusal(() => encodeAny(codec, wrong))).toBeInstanceOf(EncodeError)
    for (const wrong of [1, '', '1.5', '0x10', '1n', String(max + 1n)])
      expect(refusal(() => codec.revive(wrong))).toBeInstanceOf(EncodeError)
  })
})

describe('oneOf', () => {
  const type = oneOf(u8, 'RTN_', { RTN_UNSPEC: 0, RTN_UNICAST: 1, RTN_BLACKHOLE: 6 } as const)

  test('names in lower case without prefix, unknown numbers pass through', () => {
    expect(decode(type, '01')).toBe('unicast')
    expect(decode(type, 'c8')).toBe(200)
    expect(encode(type, 'blackhole')).toBe('06')
    expect(encode(type, 200)).toBe('c8')
    expect(encode(type, 1)).toBe('01')
  })

  test('a wrong name is refused with those that there are', () => {
    expect(refusal(() => encodeAny(type, 'blackhol')).reason).toBe(
      "must be one of unspec, unicast, blackhole or a number, got 'blackhol'",
    )
    for (const wrong of [256, -1, 'toString', '__proto__', null]) refusal(() => encodeAny(type, wrong))
    expect(refusal(() => type.revive('nope'))).toBeInstanceOf(EncodeError)
  })
})

describe('flags', () => {
  const ntf = flags(u8, 'NTF_', { NTF_USE: 1, NTF_SELF: 2, NTF_BOTH: 0x30, NTF_ONE: 0x10 } as const)

  test('names, then unknown bits as one number', () => {
    expect(decode(ntf, '00')).toEqual([])
    expect(decode(ntf, '03')).toEqual(['use', 'self'])
    expect(decode(ntf, '82')).toEqual(['self', 0x80])
    expect(decode(ntf, '30')).toEqual(['both'])
    expect(decode(ntf, '10')).toEqual(['one'])
    expect(encode(ntf, ['both', 'one', 0x80])).toBe('b0')
  })

  test('every byte comes back, every 32 bits too', () => {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = byte.toString(16).padStart(2, '0')
      expect(encode(ntf, decode(ntf, bytes))).toBe(bytes)
    }
    const wide = flags(u32, 'F_', { F_LOW: 1, F_HIGH: 0x80000000 } as const)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
        const bytes = encode(u32, bits)
        expect(encode(wide, decode(wide, bytes))).toBe(bytes)
      }),
    )
    expect(decode(wide, 'ffffffff')).toEqual(['low', 'high', 0x7ffffffe])
  })

  test('a caller cannot change what the next one reads', () => {
    expect(Object.isFrozen(decode(ntf, '03'))).toBe(true)
  })

  test('wrong names and no arrays are refused', () => {
    for (const wrong of ['self', ['nope'], [256], [null], 2]) refusal(() => encodeAny(ntf, wrong))
  })
})

test('bool: every number but 0 is true, and true is written as 1', () => {
  const on = bool(u8)
  expect([decode(on, '00'), decode(on, '01'), decode(on, '02')]).toEqual([false, true, true])
  expect([encode(on, false), encode(on, true)]).toEqual(['00', '01'])
  for (const wrong of [0, 1, 'true', null]) refusal(() => encodeAny(on, wrong))
})

test('an error names the offset in the bytes', () => {
  const error = refusal(() => decode(u32, bytesOf('0102')))
  expect(error).toMatchObject({ offset: 0, path: '', message: 'u32 takes 4 bytes, got 2 (at byte 0)' })
})
