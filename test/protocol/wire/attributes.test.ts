import { describe, expect, test } from 'vitest'
import { attribute, attributes, many, nest } from '../../../protocol/wire/attributes.ts'
import { DecodeError, EncodeError } from '../../../protocol/wire/codec.ts'
import { flag, string } from '../../../protocol/wire/leaf.ts'
import { be32, u8, u16, u32, u64 } from '../../../protocol/wire/scalar.ts'
import { decode, encode, encodeAny, refusal } from './tools.ts'

const inner = attributes('test/inner', () => ({ level: attribute('I_LEVEL', 1, u16), on: attribute('I_ON', 2, flag) }))
const set = attributes('test/set', () => ({
  mtu: attribute('S_MTU', 1, u32),
  name: attribute('S_NAME', 2, string(16)),
  plain: attribute('S_PLAIN', 3, inner),
  nested: nest('S_NESTED', 4, inner),
  list: many('S_LIST', 5, u8),
  big: attribute('S_BIG', 6, u64),
  net: attribute('S_NET', 7, be32, { netByteorder: true }),
}))

const mtu = '08000100 dc050000'
const name = '07000200 6c6f0000'

describe('attributes', () => {
  test('struct nlattr: length, number, value, padding; in the order of the keys', () => {
    expect(encode(set, { mtu: 1500, name: 'lo' })).toBe((mtu + name).replaceAll(' ', ''))
    expect(encode(set, { name: 'lo', mtu: 1500 })).toBe((name + mtu).replaceAll(' ', ''))
    expect(Object.keys(decode(set, name + mtu))).toEqual(['name', 'mtu'])
    expect(encode(set, { mtu: undefined })).toBe('')
  })

  test('host order is a parameter', () => {
    expect(encode(set, { mtu: 1500 }, false)).toBe('00080001000005dc')
    expect(decode(set, '00080001 000005dc', { littleEndian: false })).toEqual({ mtu: 1500 })
  })

  test('nest() sets NLA_F_NESTED, attribute() does not; both are read either way', () => {
    expect(encode(set, { plain: { on: true } })).toBe('0800030004000200')
    expect(encode(set, { nested: { on: true } })).toBe('0800048004000200')
    expect(decode(set, '08000380 04000200')).toEqual({ plain: { on: true } })
    expect(decode(set, '08000400 04000200')).toEqual({ nested: { on: true } })
  })

  test('netByteorder sets NLA_F_NET_BYTEORDER; it is read either way', () => {
    expect(encode(set, { net: 1 })).toBe('0800074000000001')
    expect(decode(set, '08000740 00000001')).toEqual({ net: 1 })
    expect(decode(set, '08000700 00000001')).toEqual({ net: 1 })
  })

  test('many() repeats', () => {
    expect(encode(set, { list: [1, 2] })).toBe('05000500010000000500050002000000')
    expect(decode(set, '05000500 01000000 08000100 dc050000 05000500 02000000')).toEqual({ list: [1, 2], mtu: 1500 })
    expect(refusal(() => encode(set, { list: [1, 256] }))).toMatchObject({ path: 'list[1]' })
    expect(refusal(() => encodeAny(set, { list: 1 }))).toMatchObject({ path: 'list' })
  })

  test('the last of duplicates counts, as for the kernel', () => {
    expect(decode(set, '08000100 01000000 08000100 02000000')).toEqual({ mtu: 2 })
  })

  test('unknown attributes are kept with their flags, wherever they are', () => {
    const value = decode(set, `${mtu} 0700639f aabbcc00 0c000300 08004740 00000001`)
    expect(value).toEqual({
      mtu: 1500,
      unknown: [{ type: 0x1f63, nested: true, bytes: Uint8Array.of(0xaa, 0xbb, 0xcc) }],
      plain: { unknown: [{ type: 0x47, netByteorder: true, bytes: Uint8Array.of(0, 0, 0, 1) }] },
    })
    expect(encode(set, value)).toBe('08000100dc0500000700639faabbcc000c0003000800474000000001')
    expect(set.revive(JSON.parse('{"unknown":[{"type":99,"bytes":"aabb"}]}'))).toEqual({
      unknown: [{ type: 99, bytes: Uint8Array.of(0xaa, 0xbb) }],
    })
  })

  test('a malformed attribute spoils itself only', () => {
    const value = decode(set, `06000100 dc050000 ${name}`)
    expect(value.name).toBe('lo')
    expect(value.mtu).toBeUndefined()
    expect(value.unknown).toEqual([
      { type: 1, bytes: Uint8Array.of(0xdc, 5), error: expect.stringMatching(/u32 takes 4 bytes/) },
    ])
    expect(encode(set, decode(set, `${name} 06000100 dc050000`))).toBe('070002006c6f000006000100dc050000')
  })

  test('what is no attribute at the end is the tail', () => {
    for (const tail of ['01', '010203', '03000100', 'ff000100 00000000']) {
      const value = decode(set, `${mtu} ${tail}`)
      expect(Buffer.from(value.tail ?? []).toString('hex')).toBe(tail.replace(' ', ''))
      expect(encode(set, value)).toBe((mtu + tail).replaceAll(' ', ''))
    }
  })

  test('strict: the first malformed thing, with path and offset', () => {
    const strict = { strict: true }
    expect(refusal(() => decode(set, `${name} 06000100 dc050000`, strict))).toMatchObject({ path: 'mtu', offset: 12 })
    expect(refusal(() => decode(set, `${name} 0c000300 05000100 07000000`, strict))).toMatchObject({
      path: 'plain.level',
      offset: 16,
    })
    expect(refusal(() => decode(set, `${name} 0102`, strict))).toMatchObject({ path: '', offset: 8 })
    expect(refusal(() => decode(set, '06000100 dc050000', strict))).toBeInstanceOf(DecodeError)
    // Unknown numbers are no mistake.
    expect(decode(set, '08006300 00000000', strict).unknown).toHaveLength(1)
  })

  test('what cannot be encoded names its path', () => {
    expect(refusal(() => encode(set, { plain: { level: 70000 } }))).toMatchObject({
      path: 'plain.level',
      message: 'plain.level: must be an integer 0..65535, got 70000',
    })
    expect(refusal(() => encodeAny(set, { mut: 1 }))).toMatchObject({
      path: 'mut',
      reason: 'is no attribute of test/set',
    })
    expect(refusal(() => encodeAny(set, { toString: 1 }))).toMatchObject({ path: 'toString' })
    expect(refusal(() => encode(set, { unknown: [{ type: 9, bytes: new Uint8Array(70000) }] }))).toBeInstanceOf(
      EncodeError,
    )
    for (const wrong of [null, 7, 'x', [], new Uint8Array(8)]) refusal(() => encodeAny(set, wrong))
    for (const wrong of [{ unknown: 7 }, { plain: 7 }]) refusal(() => encodeAny(set, wrong))
  })

  test('JSON: bigints and nests, unknown keys refused with their path', () => {
    expect(set.revive(JSON.parse('{"big":"18446744073709551615","plain":{"level":1},"list":[1]}'))).toEqual({
      big: 2n ** 64n - 1n,
      plain: { level: 1 },
      list: [1],
    })
    expect(refusal(() => set.revive({ plain: { levle: 1 } }))).toMatchObject({ path: 'plain.levle' })
    expect(refusal(() => set.revive({ big: 'x' }))).toMatchObject({ path: 'big' })
  })
})
