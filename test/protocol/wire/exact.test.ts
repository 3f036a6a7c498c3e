import { describe, expect, test } from 'vitest'
import { attribute, attributes, many, nest } from '../../../protocol/wire/attributes.ts'
import { isFields } from '../../../protocol/wire/codec.ts'
import { equalValues } from '../../../protocol/wire/exact.ts'
import { bytes, pad, string } from '../../../protocol/wire/leaf.ts'
import { indexed } from '../../../protocol/wire/list.ts'
import { message } from '../../../protocol/wire/message.ts'
import { bool, u8, u32 } from '../../../protocol/wire/scalar.ts'
import { struct } from '../../../protocol/wire/struct.ts'
import { decode, encode } from './tools.ts'

const inner = attributes('test/inner', () => ({
  level: attribute('I_LEVEL', 1, u32),
  kind: attribute('I_KIND', 2, string()),
}))
const set = attributes('test/set', () => ({
  mtu: attribute('S_MTU', 1, u32),
  name: attribute('S_NAME', 2, string(16)),
  nested: nest('S_NESTED', 3, inner),
  list: many('S_LIST', 4, u8),
  on: attribute('S_ON', 5, bool(u8)),
  blob: attribute('S_BLOB', 6, bytes()),
  items: nest('S_ITEMS', 7, indexed(inner, { nested: true })),
}))
const whole = message(struct({ family: u8, pad: pad(3), index: u32 }), set)
const header = '02000000 07000000'
const exact = { exact: true }

describe('the exact reader', () => {
  // What the tools do that a canonical writer does not.
  test.each([
    ['a string without NUL', '06000200 6c6f0000', ['name']],
    ['a string with two', '08000200 6c6f0000', ['name']],
    ['padding that is not zero', '07000200 6c6f00ff', ['name']],
    ['no padding at the end', '07000200 6c6f00', ['name']],
    ['a nested flag where none belongs', '08000180 01000000', ['mtu']],
    ['true as 2', '05000500 02000000', ['on']],
    ['a duplicate', '08000100 01000000 08000100 02000000', undefined],
    ['repeated attributes apart', '05000400 01000000 08000100 01000000 05000400 02000000', undefined],
    ['an unknown attribute with odd padding', '05006300 010000ff', undefined],
    ['text that is no UTF-8', '06000200 ff410000', ['name']],
  ])('%s is kept', (_what, attributesHex, keys) => {
    const value = decode(whole, header + attributesHex, exact)
    if (keys) expect(isFields(value.raw) && Object.keys(value.raw)).toEqual(keys)
    else expect(value.raw).toBeInstanceOf(Uint8Array)
    expect(encode(whole, value)).toBe((header + attributesHex).replaceAll(' ', ''))
    // The fast reader gives the same value without it.
    const fast = decode(whole, header + attributesHex)
    expect(fast.raw).toBeUndefined()
    expect(equalValues({ ...value, raw: undefined }, fast)).toBe(true)
  })

  test('a sender that never sets the nested flag: one mark says so', () => {
    for (const attributesHex of [
      '0c000300 08000100 01000000',
      '08000100 01000000 0c000300 08000100 01000000 10000700 0c000100 08000100 01000000',
    ]) {
      const value = decode(whole, header + attributesHex, exact)
      expect(value).toMatchObject({ flat: true, nested: { level: 1 } })
      expect(JSON.stringify(value)).not.toContain('raw')
      expect(encode(whole, value)).toBe((header + attributesHex).replaceAll(' ', ''))
      // It is a mark, not bytes: another value is written likewise.
      expect(encode(whole, { ...value, nested: { level: 2 } })).toBe(
        (header + attributesHex).replaceAll(' ', '').replace('0c00030008000100010', '0c00030008000100020'),
      )
      expect(decode(whole, header + attributesHex).flat).toBeUndefined()
    }
  })

  test('one that sets it at times: bytes are kept', () => {
    for (const [attributesHex, flat] of [
      ['0c000300 08000100 01000000 10000780 0c000180 08000100 01000000', true],
      ['0c000380 08000100 01000000 10000700 0c000180 08000100 01000000', undefined],
      ['10000780 0c000100 08000100 01000000', undefined],
      ['10000700 0c000180 08000100 01000000', true],
    ] as const) {
      const value = decode(whole, header + attributesHex, exact)
      expect(value.flat).toBe(flat)
      expect(value.raw).toHaveProperty('items')
      expect(encode(whole, value)).toBe((header + attributesHex).replaceAll(' ', ''))
    }
  })

  test('inside a nest it is the nest that keeps', () => {
    const given = `${header} 0a000380 06000200 61620000`
    const value = decode(whole, given, exact)
    expect(value.nested).toMatchObject({ kind: 'ab', raw: { kind: expect.anything() } })
    expect(encode(whole, value)).toBe(given.replaceAll(' ', ''))
  })

  test('a header cut short, and one with bytes in its padding', () => {
    for (const given of ['02000000', '02', '', '02ffffff 07000000']) {
      const value = decode(whole, given, exact)
      expect(value.raw).toBeInstanceOf(Uint8Array)
      expect(encode(whole, value)).toBe(given.replaceAll(' ', ''))
    }
  })

  test('a malformed attribute inside what is kept, at another offset than it is kept at', () => {
    const given = `${header} 08000100 01000000 10000300 06000100 01000000 01020300`
    const value = decode(whole, given, exact)
    expect(value).toMatchObject({ nested: { unknown: [{ type: 1, error: 'u32 takes 4 bytes, got 2' }] } })
    expect(encode(whole, value)).toBe(given.replaceAll(' ', ''))
  })

  test('canonical bytes need nothing', () => {
    const value = decode(whole, `${header} 08000100 01000000 07000200 6c6f0000`, exact)
    expect(value).toEqual({ header: { family: 2, index: 7 }, mtu: 1, name: 'lo' })
  })
})

describe('an edited value wins over the bytes kept beside it', () => {
  test('of one attribute', () => {
    const value = decode(whole, `${header} 06000200 6c6f0000 08000100 01000000`, exact)
    expect(encode(whole, { ...value, name: 'eth0' })).toContain('6574683000')
    // Others stay as they were.
    expect(encode(whole, { ...value, mtu: 9 })).toBe(
      `${header} 06000200 6c6f0000 08000100 09000000`.replaceAll(' ', ''),
    )
    const { name: _, ...without } = value
    expect(encode(whole, without)).toBe(`${header} 08000100 01000000`.replaceAll(' ', ''))
  })

  test('of a whole message', () => {
    const value = decode(whole, `${header} 08000100 01000000 08000100 02000000`, exact)
    expect(encode(whole, { ...value, mtu: 3 })).toBe(`${header} 08000100 03000000`.replaceAll(' ', ''))
    expect(encode(whole, { ...value, header: { family: 2, index: 8 } })).toBe(
      '02000000 08000000 08000100 02000000'.replaceAll(' ', ''),
    )
  })

  test('deep inside a nest that was kept', () => {
    const value = decode(whole, `${header} 14000300 06000200 61620000 08000100 01000000`, exact)
    const edited = { ...value, nested: { ...value.nested, level: 2 } }
    expect(decode(whole, encode(whole, edited)).nested).toEqual({ kind: 'ab', level: 2 })
  })

  test('bytes that mean something else altogether are not used', () => {
    expect(encode(whole, { header: { index: 1 }, mtu: 5, raw: Uint8Array.of(1, 2, 3) })).toBe(
      '00000000 01000000 08000100 05000000'.replaceAll(' ', ''),
    )
    expect(encode(set, { mtu: 5, raw: { mtu: Uint8Array.of(8, 0, 2, 0, 0, 0, 0, 0) } })).toBe('0800010005000000')
  })
})

test('equalValues: bytes by content, undefined as absent, order of keys aside', () => {
  expect(equalValues({ a: 1, b: Uint8Array.of(1) }, { b: Uint8Array.of(1), a: 1, c: undefined })).toBe(true)
  for (const [a, b] of [
    [1, 1n],
    [[1], [1, 2]],
    [{ a: 1 }, { a: 1, b: 0 }],
    [Uint8Array.of(1), Uint8Array.of(2)],
    [Uint8Array.of(1), [1]],
    [null, {}],
  ])
    expect(equalValues(a, b)).toBe(false)
})
