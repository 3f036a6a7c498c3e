/** What the compiler must and must not take; `tsc -p .` checks this file, and a wrong line fails it. */
import { describe, expectTypeOf, test } from 'vitest'
import { operation } from '../../protocol/netlink/operation.ts'
import { RTM_NEWLINK } from '../../protocol/route/operations.ts'
import { attribute, attributes, many, nest } from '../../protocol/wire/attributes.ts'
import type { Codec, Infer, Input } from '../../protocol/wire/codec.ts'
import { type bytes, flag, pad, string } from '../../protocol/wire/leaf.ts'
import { array, lazy } from '../../protocol/wire/list.ts'
import { message } from '../../protocol/wire/message.ts'
import { bool, flags, oneOf, u8, u16, u32, u64 } from '../../protocol/wire/scalar.ts'
import { selected } from '../../protocol/wire/selected.ts'
import { struct } from '../../protocol/wire/struct.ts'

const kind = oneOf(u8, 'K_', { K_ONE: 1, K_TWO_PARTS: 2 } as const)
const header = struct({ kind, pad: pad(1), port: u16, bytes: u64 })
const vlan = attributes('test/vlan', () => ({ id: attribute('V_ID', 1, u16) }))
const set = attributes('test/set', () => ({
  name: attribute('S_NAME', 1, string(16)),
  kind: attribute('S_KIND', 2, string()),
  data: attribute('S_DATA', 3, selected('kind', { vlan })),
  list: many('S_LIST', 4, vlan),
  nested: nest('S_NESTED', 5, vlan),
  on: attribute('S_ON', 6, bool(u8)),
  present: attribute('S_PRESENT', 7, flag),
}))
const whole = message(header, set)

/** Never called: only its types count. */
const encodes = <I>(_codec: Codec<unknown, I>, _value: I): void => {}

describe('struct', () => {
  test('decodes to all fields but padding', () => {
    type Value = Infer<typeof header>
    expectTypeOf<Value['kind']>().toEqualTypeOf<'one' | 'two_parts' | number>()
    expectTypeOf<Value['port']>().toEqualTypeOf<number>()
    expectTypeOf<Value['bytes']>().toEqualTypeOf<bigint>()
    expectTypeOf<keyof Value>().toEqualTypeOf<'kind' | 'port' | 'bytes' | 'tail'>()
  })
  test('encodes from any part of them, of the right types', () => {
    expectTypeOf<{ port: number }>().toExtend<Input<typeof header>>()
    expectTypeOf<Record<string, never>>().toExtend<Input<typeof header>>()
    encodes(header, { port: undefined })
    // @ts-expect-error: a bigint is no number
    encodes(header, { port: 1n })
    // @ts-expect-error: a number is no bigint
    encodes(header, { bytes: 1 })
    // @ts-expect-error: no such field
    encodes(header, { prot: 1 })
    // @ts-expect-error: no such name
    encodes(header, { kind: 'two' })
  })
})

describe('names', () => {
  test('oneOf: a union; flags: an array of it', () => {
    expectTypeOf<Infer<typeof kind>>().toEqualTypeOf<'one' | 'two_parts' | number>()
    const set = flags(u8, 'F_', { F_A: 1, F_B: 2 } as const)
    expectTypeOf<Infer<typeof set>>().toEqualTypeOf<readonly ('a' | 'b' | number)[]>()
    encodes(set, ['a', 4])
    // @ts-expect-error: no such flag
    encodes(set, ['c'])
  })
})

describe('attributes', () => {
  type Value = Infer<typeof set>
  test('are optional, each of its codec’s type', () => {
    expectTypeOf<Value['name']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Value['on']>().toEqualTypeOf<boolean | undefined>()
    expectTypeOf<Value['present']>().toEqualTypeOf<true | undefined>()
    expectTypeOf<NonNullable<Value['list']>[number]['id']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<NonNullable<Value['nested']>['id']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<NonNullable<NonNullable<Value['unknown']>[number]['bytes']>>().toEqualTypeOf<Uint8Array>()
    encodes(set, { name: undefined, list: [{ id: 1 }] })
    // @ts-expect-error: no such attribute
    encodes(set, { nmae: 'x' })
    // @ts-expect-error: a repeated attribute is an array
    encodes(set, { list: { id: 1 } })
    // @ts-expect-error: absent is undefined, never null
    encodes(set, { name: null })
    // @ts-expect-error: a flag is true or absent
    encodes(set, { present: false })
  })

  test('selected: one of the cases, or bytes', () => {
    type Data = NonNullable<Value['data']>
    expectTypeOf<Infer<typeof vlan>>().toExtend<Data>()
    expectTypeOf<Uint8Array>().toExtend<Data>()
    // @ts-expect-error: data of no kind
    encodes(set, { data: { nothing: 1 } })
  })
})

describe('message', () => {
  test('the header is there when decoded, optional and partial when encoded', () => {
    expectTypeOf<Infer<typeof whole>['header']>().toEqualTypeOf<Infer<typeof header>>()
    encodes(whole, {})
    encodes(whole, { header: { port: 1 }, name: 'x' })
    // @ts-expect-error: the header's fields are checked
    encodes(whole, { header: { prot: 1 } })
    // @ts-expect-error: the attributes too
    encodes(whole, { nmae: 'x' })
  })

  test('an operation carries both types', () => {
    const RTM_TEST = operation('route', 'RTM_NEWTEST', 4000, whole)
    expectTypeOf<Infer<(typeof RTM_TEST)['body']>['name']>().toEqualTypeOf<string | undefined>()
    encodes(RTM_TEST.body, { header: { kind: 'one' } })
    encodes(RTM_NEWLINK.body, { header: { index: 2 }, mtu: 1400 })
    // @ts-expect-error: the kernel's word is mtu
    encodes(RTM_NEWLINK.body, { MTU: 1400 })
    // @ts-expect-error: a number
    encodes(RTM_NEWLINK.body, { mtu: '1400' })
  })
})

describe('recursion and lists', () => {
  test('lazy and array keep their items’ types', () => {
    const numbers = array(u32)
    expectTypeOf<Infer<typeof numbers>>().toEqualTypeOf<number[]>()
    const later = lazy(() => vlan)
    expectTypeOf<Infer<typeof later>>().toEqualTypeOf<Infer<typeof vlan>>()
    expectTypeOf<Infer<ReturnType<typeof bytes>>>().toEqualTypeOf<Uint8Array>()
  })
})
