import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { source } from '../../../protocol/wire/bytes.ts'
import type { AnyCodec } from '../../../protocol/wire/codec.ts'
import { partAt, partsOf } from '../../../protocol/wire/walk.ts'
import { damage, everything, values } from './schema.ts'
import { bytesOf, encode } from './tools.ts'

const value = {
  header: { kind: 'one', bits: [], index: 2 },
  word: 7,
  name: 'one',
  data: { level: 3 },
  nests: [{ level: 1 }, { tag: 'x' }],
  entries: [{ level: 1 }],
  hops: [{ header: { weight: 1 } }, { header: { weight: 2 }, level: 9 }],
  self: { header: { index: 1 }, byte: 1 },
}
const bytes = bytesOf(encode(everything, value))
const at = (offset: number): string | undefined => {
  const found = partAt(everything, source(bytes, { littleEndian: true }), 0, bytes.length, offset)
  return found && `${found.path} ${found.part.constant ?? ''}`.trim()
}

describe('partAt', () => {
  // Offsets of the attributes' headers, which is what the kernel reports.
  test.each([
    [0, 'header.kind'],
    [4, 'header.index'],
    [8, 'word E_WORD'],
    [12, 'word E_WORD'],
    [16, 'name E_NAME'],
    [24, 'data E_DATA'],
    [28, 'data.level I_LEVEL'],
    [36, 'nests[0] E_NESTS'],
    [40, 'nests[0].level I_LEVEL'],
    [48, 'nests[1] E_NESTS'],
    [60, 'entries E_ENTRIES'],
    [64, 'entries[0]'],
    [68, 'entries[0].level I_LEVEL'],
    [76, 'hops E_HOPS'],
    [82, 'hops[0].header.weight'],
    [88, 'hops[1].level I_LEVEL'],
    [96, 'self E_SELF'],
    [100, 'self.header.kind'],
    [108, 'self.byte E_BYTE'],
  ])('byte %i is %s', (offset, path) => {
    expect(at(offset)).toBe(path)
  })

  test('outside of all parts: undefined', () => {
    expect(at(bytes.length)).toBeUndefined()
    expect(at(-1)).toBeUndefined()
    expect(at(1e9)).toBeUndefined()
  })

  test('an unknown attribute is named by its number', () => {
    const given = bytesOf('0000000000000000 08006300 01020304')
    expect(partAt(everything, source(given, { littleEndian: true }), 0, given.length, 8)?.path).toBe('[99]')
  })
})

test('damaged bytes have parts inside their bounds, at every depth', () => {
  const walk = (
    codec: AnyCodec,
    reader: ReturnType<typeof source>,
    start: number,
    end: number,
    depth: number,
  ): void => {
    let last = start
    for (const part of partsOf(codec, reader, start, end)) {
      expect(part.start).toBeGreaterThanOrEqual(last)
      expect(part.payload).toBeGreaterThanOrEqual(part.start)
      expect(part.end).toBeGreaterThanOrEqual(part.payload)
      expect(part.end).toBeLessThanOrEqual(end)
      last = part.end
      if (part.codec && depth < 8) walk(part.codec, reader, part.payload, part.end, depth + 1)
    }
  }
  fc.assert(
    fc.property(values, damage, (given, damaged) => {
      const broken = damaged(bytesOf(encode(everything, given)))
      walk(everything, source(broken, { littleEndian: true }), 0, broken.length, 0)
    }),
    { numRuns: 500 },
  )
})
