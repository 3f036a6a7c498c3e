import { describe, expect, test } from 'vitest'
import { attribute, attributes } from '../../../protocol/wire/attributes.ts'
import { maxDepth, Sink, source } from '../../../protocol/wire/bytes.ts'
import { type Codec, DecodeError, EncodeError } from '../../../protocol/wire/codec.ts'
import { read, write } from '../../../protocol/wire/compile.ts'
import { pad, string } from '../../../protocol/wire/leaf.ts'
import { array, indexed, lazy, records } from '../../../protocol/wire/list.ts'
import { message } from '../../../protocol/wire/message.ts'
import { u8, u16, u32 } from '../../../protocol/wire/scalar.ts'
import { struct } from '../../../protocol/wire/struct.ts'
import { partAt } from '../../../protocol/wire/walk.ts'
import { decode, encode, encodeAny, refusal } from './tools.ts'

describe('array', () => {
  const pairs = array(struct({ a: u8, b: u8 }))
  test('items packed, a whole number of them', () => {
    expect(decode(pairs, '01020304')).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ])
    expect(encode(pairs, [{ a: 1 }, { b: 4 }])).toBe('01000004')
    expect(decode(pairs, '')).toEqual([])
    expect(refusal(() => decode(pairs, '010203')).reason).toBe('takes a multiple of 2 bytes, got 3')
    expect(() => array(string())).toThrow(TypeError)
    refusal(() => encodeAny(pairs, {}))
  })
})

describe('indexed', () => {
  const list = indexed(u16)
  test('numbers from 1 on when written, any when read', () => {
    expect(encode(list, [7, 8])).toBe('06000100070000000600020008000000')
    expect(decode(list, '06000100 07000000 06000100 08000000')).toEqual([7, 8])
    expect(encode(indexed(u8, { first: 0, nested: true }), [7])).toBe('0500008007000000')
  })
  test('errors name the index', () => {
    expect(refusal(() => decode(list, '06000100 07000000 05000200 08000000'))).toMatchObject({
      path: '[1]',
      offset: 12,
    })
    expect(refusal(() => decode(list, '06000100 07000000 0102'))).toBeInstanceOf(DecodeError)
    expect(refusal(() => encode(list, [1, 70000]))).toMatchObject({ path: '[1]' })
  })
})

describe('records', () => {
  // struct rtnexthop
  const rtnexthop = struct({ len: pad(2), flags: u8, hops: u8, ifindex: u32 })
  const hop = message(
    rtnexthop,
    attributes('test/hop', () => ({ gateway: attribute('RTA_GATEWAY', 5, u32) })),
  )
  const hops = records(rtnexthop, 'len', hop)
  const two = '1000000300000000 0800050001000000 0800000002000000'

  test('each carries its length, which is no part of the value', () => {
    const value = [
      { header: { flags: 0, hops: 3, ifindex: 0 }, gateway: 1 },
      { header: { flags: 0, hops: 0, ifindex: 2 } },
    ]
    expect(decode(hops, two)).toEqual(value)
    expect(encode(hops, value)).toBe(two.replaceAll(' ', ''))
  })
  test.each(['0700000000000000', '0900000000000000', '00000000', '0000000000000000', 'ffff000000000000'])(
    'a record of a wrong length is refused: %s',
    (bytes) => {
      expect(refusal(() => decode(hops, bytes))).toBeInstanceOf(DecodeError)
    },
  )
  test('the length must be two bytes of padding', () => {
    expect(() => records(struct({ len: u16 }), 'len', hop)).toThrow(TypeError)
  })
})

describe('lazy', () => {
  interface Link {
    header: { index?: number }
    mtu?: number | undefined
    peer?: Link | undefined
  }
  const link: Codec<Link> = message(
    struct({ index: u32 }),
    attributes('test/link', () => ({
      mtu: attribute('L_MTU', 1, u32),
      peer: attribute(
        'L_PEER',
        2,
        lazy((): Codec<Link> => link),
      ),
    })),
  ) as Codec<Link>

  /** A link in a link ..., 8 bytes a level. */
  function hostile(levels: number): Uint8Array {
    const bytes = new Uint8Array(4 + levels * 8)
    const view = new DataView(bytes.buffer)
    for (let level = 0; level < levels; level++) {
      view.setUint16(4 + level * 8, bytes.length - 4 - level * 8, true)
      view.setUint16(6 + level * 8, 2, true)
    }
    return bytes
  }
  const depthOf = (value: Link | undefined): number => (value?.peer ? 1 + depthOf(value.peer) : 0)

  test('a codec may contain itself', () => {
    const value = { header: { index: 1 }, peer: { header: { index: 2 }, peer: { header: { index: 3 }, mtu: 4 } } }
    expect(decode(link, encode(link, value))).toEqual(value)
  })

  test('hostile depth is kept as bytes below the bound, quickly, by every reader', () => {
    // As deep as the 16 bits of an attribute's length allow.
    const bytes = hostile(8190)
    const started = performance.now()
    for (const options of [{}, { exact: true }]) {
      const value = decode(link, bytes, options)
      expect(depthOf(value)).toBe(maxDepth)
      expect(encode(link, value)).toBe(Buffer.from(bytes).toString('hex'))
    }
    expect(depthOf(read(link, source(bytes, { littleEndian: true }), 0, bytes.length))).toBe(maxDepth)
    expect(refusal(() => decode(link, bytes, { strict: true })).reason).toMatch(/nested more than/)
    expect(partAt(link, source(bytes, { littleEndian: true }), 0, bytes.length, bytes.length - 1)?.path).toMatch(
      /^peer\.peer/,
    )
    // Measured 14 ms; a reader that were not linear in the depth would take minutes.
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('a value that contains itself is refused, by both writers', () => {
    const value: Link = { header: {} }
    value.peer = value
    expect(refusal(() => encode(link, value))).toBeInstanceOf(EncodeError)
    expect(refusal(() => write(link, value, new Sink(true)))).toBeInstanceOf(EncodeError)
  })
})
