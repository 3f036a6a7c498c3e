/** A schema with everything in it, for the tests which compare readers; and bytes and values for it. */
import * as fc from 'fast-check'
import { ip, mac } from '../../../protocol/wire/address.ts'
import { attribute, attributes, many, nest } from '../../../protocol/wire/attributes.ts'
import type { Codec } from '../../../protocol/wire/codec.ts'
import { bytes, flag, pad, string } from '../../../protocol/wire/leaf.ts'
import { array, indexed, lazy, records } from '../../../protocol/wire/list.ts'
import { message } from '../../../protocol/wire/message.ts'
import { be16, be32, be64, bool, flags, oneOf, s8, s32, u8, u16, u32, u64 } from '../../../protocol/wire/scalar.ts'
import { selected } from '../../../protocol/wire/selected.ts'
import { struct } from '../../../protocol/wire/struct.ts'

const kind = oneOf(u8, 'K_', { K_NONE: 0, K_ONE: 1, K_TWO: 2 } as const)
const bits = flags(u16, 'B_', { B_LOW: 1, B_HIGH: 0x8000 } as const)
const header = struct({ kind, pad: pad(1), bits, index: s32 })
const pair = struct({ a: u8, b: be16, c: u64 })
const inner = attributes('test/inner', () => ({
  level: attribute('I_LEVEL', 1, u16),
  tag: attribute('I_TAG', 2, string(8)),
  wide: attribute('I_WIDE', 3, be64),
}))
const hop = struct({ len: pad(2), weight: u16 })

export interface Everything {
  header: unknown
  [key: string]: unknown
}

export const everything: Codec<Everything> = message(
  header,
  attributes('test/everything', () => ({
    byte: attribute('E_BYTE', 1, u8),
    signed: attribute('E_SIGNED', 2, s8),
    half: attribute('E_HALF', 3, u16),
    word: attribute('E_WORD', 4, u32),
    wide: attribute('E_WIDE', 5, u64),
    net: attribute('E_NET', 6, be32, { netByteorder: true }),
    kind: attribute('E_KIND', 7, kind),
    bits: attribute('E_BITS', 8, bits),
    on: attribute('E_ON', 9, bool(u8)),
    present: attribute('E_PRESENT', 10, flag),
    name: attribute('E_NAME', 11, string(16)),
    blob: attribute('E_BLOB', 12, bytes()),
    address: attribute('E_ADDRESS', 13, ip),
    mac: attribute('E_MAC', 14, mac),
    pair: attribute('E_PAIR', 15, pair),
    plain: attribute('E_PLAIN', 16, inner),
    nested: nest('E_NESTED', 17, inner),
    list: many('E_LIST', 18, u16),
    nests: many('E_NESTS', 19, inner),
    numbers: attribute('E_NUMBERS', 20, array(u32)),
    entries: attribute('E_ENTRIES', 21, indexed(inner)),
    hops: attribute('E_HOPS', 22, records(hop, 'len', message(hop, inner))),
    data: attribute('E_DATA', 23, selected('name', { one: inner, two: u32 })),
    self: attribute(
      'E_SELF',
      24,
      lazy((): Codec<Everything> => everything),
    ),
  })),
) as unknown as Codec<Everything>

const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })
const text = (max: number): fc.Arbitrary<string> => fc.string({ unit: 'grapheme-ascii', maxLength: max })
const innerValue = fc.record(
  { level: int(0, 0xffff), tag: text(7), wide: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { requiredKeys: [] },
)
const kinds = fc.constantFrom<string | number>('none', 'one', 'two', 200)
const bitSet = fc.constantFrom<(string | number)[]>([], ['low'], ['low', 'high'], ['high', 0x10])

const { whole } = fc.letrec<{ whole: Everything; deeper: Everything }>((tie) => ({
  whole: fc.record(
    {
      header: fc.record({ kind: kinds, bits: bitSet, index: int(-0x80000000, 0x7fffffff) }),
      byte: int(0, 255),
      signed: int(-128, 127),
      half: int(0, 0xffff),
      word: int(0, 0xffffffff),
      wide: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      net: int(0, 0xffffffff),
      kind: kinds,
      bits: bitSet,
      on: fc.boolean(),
      present: fc.constant(true),
      name: fc.oneof(text(15), fc.constant('three')),
      blob: fc.uint8Array({ maxLength: 20 }),
      address: fc.constantFrom('192.0.2.1', '::', 'fe80::1'),
      mac: fc.constantFrom('02:00:00:00:00:01', ''),
      pair: fc.record({ a: int(0, 255), b: int(0, 0xffff), c: fc.bigInt({ min: 0n, max: 9n }) }),
      plain: innerValue,
      nested: innerValue,
      list: fc.array(int(0, 0xffff), { minLength: 1, maxLength: 3 }),
      nests: fc.array(innerValue, { minLength: 1, maxLength: 3 }),
      numbers: fc.array(int(0, 0xffffffff), { maxLength: 3 }),
      entries: fc.array(innerValue, { maxLength: 3 }),
      hops: fc.array(
        fc.tuple(int(0, 9), innerValue).map(([weight, rest]) => ({ header: { weight }, ...rest })),
        { maxLength: 3 },
      ),
      self: tie('deeper') as fc.Arbitrary<Everything>,
    },
    { requiredKeys: ['header'] },
  ) as fc.Arbitrary<Everything>,
  deeper: fc.option(tie('whole') as fc.Arbitrary<Everything>, { nil: { header: {} } as Everything, maxDepth: 2 }),
}))

/** Values that encode, with properties in any order; `data` is there where `name` selects it. */
export const values: fc.Arbitrary<Everything> = fc
  .tuple(whole, fc.constantFrom('one', 'two', undefined), fc.infiniteStream(fc.nat()))
  .map(([value, selector, order]) => {
    const chosen = { ...value }
    if (selector !== undefined) {
      chosen.name = selector
      chosen.data = selector === 'one' ? { level: 1 } : 7
    }
    const keyed = Object.entries(chosen).map((entry) => [order.next().value ?? 0, entry] as const)
    return Object.fromEntries(keyed.sort(([a], [b]) => a - b).map(([, entry]) => entry)) as unknown as Everything
  })

/** What goes wrong with bytes: single ones changed, some cut out, some put in. */
export const damage: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .array(
    fc.tuple(
      fc.constantFrom('set', 'cut', 'insert', 'end'),
      fc.nat(),
      fc.constantFrom(0, 1, 2, 4, 8, 0x40, 0x80, 0xff),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((steps) => (bytes) => {
    const list = Array.from(bytes)
    for (const [what, where, byte] of steps) {
      const at = list.length === 0 ? 0 : where % list.length
      if (what === 'set') list[at] = byte
      else if (what === 'cut') list.splice(at, 1 + (byte & 7))
      else if (what === 'insert') list.splice(at, 0, byte)
      else list.length = at
    }
    return Uint8Array.from(list)
  })
