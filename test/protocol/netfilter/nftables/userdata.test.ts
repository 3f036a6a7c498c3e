import { describe, expect, test } from 'vitest'
import {
  commentOf,
  elementUserdata,
  readTlvs,
  ruleUserdata,
  setUserdata,
  tableUserdata,
} from '../../../../protocol/netfilter/nftables/userdata.ts'
import { bytesOf, refusal, rows } from '../../route/rows.ts'

describe('records by name', () => {
  rows(tableUserdata, [
    {
      fixture: 'nftables/tables/nft-list-tables',
      hex: '0017 61207461626c652077697468206120636f6d6d656e7400',
      value: { comment: 'a table with a comment' },
    },
  ])
  rows(elementUserdata, [
    { fixture: 'by hand: an interval without end', hex: '0104 01000000', value: { flags: 1 } },
    {
      fixture: 'by hand: what a newer nft may add',
      hex: '0002 7800 0903 010203',
      value: { comment: 'x', unknown: [{ type: 9, bytes: bytesOf('010203') }] },
    },
  ])
  rows(setUserdata, [
    {
      fixture: 'nftables/nat/nft-add-rule-ip-nat-prerouting-dnat-to-tcp-dport-map-80-192-168',
      hex: '0004 02000000 0104 02000000 0604 00000000',
      value: { keybyteorder: 2, databyteorder: 2, dataInterval: 0 },
    },
    {
      fixture: 'by hand: typeof ip saddr',
      hex: '0004 02000000 0314 0004 07000000 010c 0004 05000000 0104 0b000000',
      value: {
        keybyteorder: 2,
        keyTypeof: {
          expr: 7,
          data: [
            { type: 0, bytes: bytesOf('05000000') },
            { type: 1, bytes: bytesOf('0b000000') },
          ],
        },
      },
    },
  ])
})

describe('bytes that are no records, or would come back as others, stay bytes', () => {
  rows(
    ruleUserdata,
    [
      ['a length beyond the end', '0005 6100'],
      ['a type without length', '00'],
      ['a comment without NUL', '0001 61'],
      ['a comment with two', '0003 610000'],
      ['two comments', '0002 6100 0002 6200'],
      ['a number of two bytes', '0102 0100'],
      ['an unknown record before a known one', '0901 00 0002 6100'],
    ].map(([fixture = '', hex = '']) => ({ fixture, hex, value: bytesOf(hex) })),
  )
})

test('nothing is an empty object', () => {
  expect(refusal(ruleUserdata, {})).toBe('taken')
  expect(readTlvs(bytesOf(''))).toEqual([])
})

test('what is refused', () => {
  expect(refusal(ruleUserdata, { comment: 'x'.repeat(255) })).toBe(
    'comment: is 256 bytes long, user data holds at most 255 of one kind',
  )
  expect(refusal(ruleUserdata, { remark: 'x' })).toBe('remark: is none of comment, ebtablesPolicy')
  expect(refusal(ruleUserdata, 'x')).toBe("must be an object or bytes, got 'x'")
  expect(refusal(setUserdata, { keyTypeof: { data: 1 } })).toBe('keyTypeof.data: must be an array or bytes, got 1')
})

test('records inside records', () => {
  expect(readTlvs(bytesOf('0002 6100 0300'))).toEqual([
    { type: 0, bytes: bytesOf('6100') },
    { type: 3, bytes: bytesOf('') },
  ])
  expect(readTlvs(bytesOf('0002 61'))).toBeUndefined()
})

test('a comment, where there is one', () => {
  expect(commentOf({ comment: 'x' })).toBe('x')
  expect([commentOf(undefined), commentOf({}), commentOf(bytesOf('00'))]).toEqual([undefined, undefined, undefined])
})
