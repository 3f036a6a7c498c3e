import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ipv6, mac } from '../../../protocol/wire/address.ts'
import { bytes, pad } from '../../../protocol/wire/leaf.ts'
import { array } from '../../../protocol/wire/list.ts'
import { be16, be32, be64, oneOf, s8, s16, s32, s64, u8, u16, u32, u64 } from '../../../protocol/wire/scalar.ts'
import { struct } from '../../../protocol/wire/struct.ts'
import { decode, encode, encodeAny, refusal } from './tools.ts'

const ifaddrmsg = struct({ family: u8, prefixlen: u8, flags: u8, scope: u8, index: u32 })
const all = struct({ a: u8, b: s8, c: u16, d: s16, e: be16, f: u32, g: s32, h: be32, i: u64, j: s64, k: be64 })

describe('struct', () => {
  test('is what buffer-layout reads, in both byte orders', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: all.size, maxLength: all.size }), fc.boolean(), (given, littleEndian) => {
        const value = decode(all, given, { littleEndian })
        expect(value).toEqual({ ...all.layout(littleEndian).decode(Buffer.from(given)) })
        expect(encode(all, value, littleEndian)).toBe(Buffer.from(given).toString('hex'))
      }),
    )
    expect(all.size).toBe(all.layout(true).span)
    expect(all.fields.map(({ offset }) => offset)).toEqual([0, 1, 2, 4, 6, 8, 12, 16, 20, 28, 36])
  })

  test('what is left out is zero', () => {
    expect(encode(ifaddrmsg, { index: 2 })).toBe('0000000002000000')
    expect(encode(ifaddrmsg, { index: 2, family: undefined })).toBe('0000000002000000')
    expect(encode(ifaddrmsg, {})).toBe('0000000000000000')
  })

  test('shorter bytes: the fields that are there, no others', () => {
    expect(decode(ifaddrmsg, '021800')).toEqual({ family: 2, prefixlen: 24, flags: 0 })
    expect(decode(ifaddrmsg, '02180000030000')).toEqual({ family: 2, prefixlen: 24, flags: 0, scope: 0 })
    expect(decode(ifaddrmsg, '')).toEqual({})
  })

  test('longer bytes: kept behind, written back, a copy', () => {
    const value = decode(ifaddrmsg, '0218000003000000 aabbcc')
    expect(value).toEqual({
      family: 2,
      prefixlen: 24,
      flags: 0,
      scope: 0,
      index: 3,
      tail: Uint8Array.of(0xaa, 0xbb, 0xcc),
    })
    expect(encode(ifaddrmsg, value)).toBe('0218000003000000aabbcc')
    expect(ifaddrmsg.revive(JSON.parse('{"family":2,"tail":"aabbcc"}'))).toEqual({
      family: 2,
      tail: Uint8Array.of(0xaa, 0xbb, 0xcc),
    })
  })

  test('padding is no part of the value', () => {
    const padded = struct({ a: u8, pad: pad(3), b: u32 })
    expect(decode(padded, '01ffffff02000000')).toEqual({ a: 1, b: 2 })
    expect(encode(padded, { a: 1, b: 2 })).toBe('0100000002000000')
  })

  test('fields may be more than integers', () => {
    const entry = struct({ kind: oneOf(u8, 'K_', { K_ONE: 1 } as const), address: ipv6, rest: bytes(2) })
    const value = { kind: 'one', address: 'fe80::1', rest: Uint8Array.of(1, 2) } as const
    expect(decode(entry, encode(entry, value))).toEqual(value)
    expect(entry.size).toBe(19)
    expect(() => struct({ mac })).toThrow(/mac has no fixed size/)
  })

  test('an error names the field; a field of another struct is refused', () => {
    expect(refusal(() => encode(ifaddrmsg, { prefixlen: 256 }))).toMatchObject({ path: 'prefixlen' })
    expect(refusal(() => encodeAny(ifaddrmsg, { ifindex: 2 }))).toMatchObject({ path: 'ifindex' })
    for (const wrong of [null, 7, 'x', [], new Uint8Array(8)]) refusal(() => encodeAny(ifaddrmsg, wrong))
    const inner = array(struct({ a: u8, b: struct({ c: u16 }) }))
    expect(refusal(() => encode(inner, [{}, { b: { c: -1 } }]))).toMatchObject({ path: '[1].b.c' })
  })
})
