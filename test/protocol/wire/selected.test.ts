import { describe, expect, test } from 'vitest'
import { attribute, attributes } from '../../../protocol/wire/attributes.ts'
import { source } from '../../../protocol/wire/bytes.ts'
import { read } from '../../../protocol/wire/compile.ts'
import { string } from '../../../protocol/wire/leaf.ts'
import { message } from '../../../protocol/wire/message.ts'
import { oneOf, u8, u32 } from '../../../protocol/wire/scalar.ts'
import { selected } from '../../../protocol/wire/selected.ts'
import { struct } from '../../../protocol/wire/struct.ts'
import { bytesOf, decode, encode, refusal } from './tools.ts'

const vlan = attributes('test/vlan', () => ({ id: attribute('VLAN_ID', 1, u32) }))
const vxlan = attributes('test/vxlan', () => ({ vni: attribute('VXLAN_ID', 1, u32) }))
const info = attributes('test/info', () => ({
  kind: attribute('INFO_KIND', 1, string()),
  data: attribute('INFO_DATA', 2, selected('kind', { vlan, vxlan })),
}))
const kindVlan = '09000100 766c616e 00000000'
const dataOf = '0c000200 08000100 07000000'

describe('selected', () => {
  test('the sibling says which codec it is', () => {
    expect(decode(info, kindVlan + dataOf)).toEqual({ kind: 'vlan', data: { id: 7 } })
    expect(encode(info, { kind: 'vlan', data: { id: 7 } })).toBe((kindVlan + dataOf).replaceAll(' ', ''))
    expect(encode(info, { kind: 'vxlan', data: { vni: 7 } })).toContain(dataOf.replaceAll(' ', ''))
  })

  test('also where the sibling comes last, for both readers', () => {
    expect(decode(info, dataOf + kindVlan)).toEqual({ data: { id: 7 }, kind: 'vlan' })
    const bytes = bytesOf(dataOf + kindVlan)
    expect(read(info, source(bytes, { littleEndian: true }), 0, bytes.length)).toEqual({
      data: { id: 7 },
      kind: 'vlan',
    })
    expect(encode(info, { data: { id: 7 }, kind: 'vlan' })).toBe((dataOf + kindVlan).replaceAll(' ', ''))
  })

  test('an unknown or absent selector: bytes', () => {
    const opaque = Uint8Array.of(8, 0, 1, 0, 7, 0, 0, 0)
    expect(decode(info, dataOf)).toEqual({ data: opaque })
    expect(decode(info, `08000100 666f6f00 ${dataOf}`)).toEqual({ kind: 'foo', data: opaque })
    expect(encode(info, { kind: 'foo', data: opaque })).toBe(`0800010066 6f6f00${dataOf}`.replaceAll(' ', ''))
    // No property of every object is taken for a kind.
    expect(decode(info, `0d000100 746f5374 72696e67 00000000 ${dataOf}`)).toEqual({ kind: 'toString', data: opaque })
  })

  test('data of another kind is refused, with the path', () => {
    expect(refusal(() => encode(info, { kind: 'vlan', data: { vni: 7 } }))).toMatchObject({ path: 'data.vni' })
    expect(refusal(() => encode(info, { kind: 'foo', data: { id: 7 } }))).toMatchObject({ path: 'data' })
    expect(refusal(() => info.revive({ data: { vni: 1 }, kind: 'vlan' }))).toMatchObject({ path: 'data.vni' })
  })

  test('a header’s field selects too', () => {
    const family = oneOf(u8, 'AF_', { AF_INET: 2 } as const)
    const codec = message(
      struct({ family }),
      attributes('test/by-header', () => ({ data: attribute('D', 1, selected('header.family', { inet: u32 })) })),
    )
    expect(decode(codec, '02000000 08000100 07000000')).toEqual({ header: { family: 'inet' }, data: 7 })
    expect(decode(codec, '0a000000 08000100 07000000')).toMatchObject({ data: Uint8Array.of(7, 0, 0, 0) })
    expect(encode(codec, { header: { family: 'inet' }, data: 7 })).toBe('020000000800010007000000')
  })
})
