import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, flag, pad, string } from '../../../protocol/wire/leaf.ts'
import { decode, encode, encodeAny, refusal } from './tools.ts'

describe('string', () => {
  const name = string(16)

  test('is written with its NUL and read with or without', () => {
    expect(encode(name, 'lo')).toBe('6c6f00')
    expect(decode(name, '6c6f00')).toBe('lo')
    expect(decode(name, '6c6f')).toBe('lo')
    expect(decode(name, '6c6f0000000000')).toBe('lo')
    expect(decode(name, '')).toBe('')
  })

  test('the size is the kernel’s buffer, in bytes of UTF-8', () => {
    expect(encode(name, 'a'.repeat(15))).toHaveLength(32)
    expect(refusal(() => encode(name, 'a'.repeat(16))).reason).toMatch(/shorter than 16 bytes/)
    expect(refusal(() => encode(name, 'é'.repeat(8))).reason).toMatch(/shorter than 16 bytes/)
  })

  test('any text without NUL comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        fc.pre(!text.includes('\0'))
        expect(decode(string(), encode(string(), text))).toBe(text)
      }),
    )
  })

  test('a NUL inside, and what is no text, is refused', () => {
    for (const wrong of ['a\0b', 7, null, undefined, new Uint8Array(2)]) refusal(() => encodeAny(name, wrong))
  })
})

describe('bytes', () => {
  test('are handed out as a copy', () => {
    const datagram = Uint8Array.of(1, 2, 3)
    const read = decode(bytes(), datagram)
    datagram.fill(0)
    expect(read).toEqual(Uint8Array.of(1, 2, 3))
    expect(read.buffer.byteLength).toBe(3)
  })

  test('a Buffer is taken, and read as a plain Uint8Array', () => {
    expect(encode(bytes(), Buffer.from('0102', 'hex'))).toBe('0102')
    expect(decode(bytes(), Buffer.from('0102', 'hex')).constructor).toBe(Uint8Array)
  })

  test('a fixed size is kept to, both ways', () => {
    expect(refusal(() => encode(bytes(4), new Uint8Array(3))).reason).toBe('must be 4 bytes, got 3')
    expect(refusal(() => decode(bytes(4), '000000')).reason).toBe('takes 4 bytes, got 3')
    for (const wrong of ['00', [1, 2], 7]) refusal(() => encodeAny(bytes(), wrong))
  })

  test('are hex in JSON', () => {
    expect(bytes().revive('00fF')).toEqual(Uint8Array.of(0, 255))
    for (const wrong of ['0', 'xx', '0 0', 7, null]) refusal(() => bytes().revive(wrong))
  })
})

test('flag: presence is true; false cannot be said', () => {
  expect(decode(flag, '')).toBe(true)
  expect(encode(flag, true)).toBe('')
  refusal(() => encodeAny(flag, false))
  refusal(() => decode(flag, '00'))
})

test('pad: zero bytes, no value', () => {
  expect(encode(pad(3), undefined)).toBe('000000')
  expect(decode(pad(1), 'ff')).toBeUndefined()
})
