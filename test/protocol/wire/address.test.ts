import { isIPv6 } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatIpv6,
  ip,
  ipv4,
  ipv6,
  mac,
  parseIpv4,
  parseIpv6,
  parsePrefix,
  prefix,
} from '../../../protocol/wire/address.ts'
import { decode, encode, encodeAny, refusal } from './tools.ts'

describe('IPv6', () => {
  // RFC 5952 section 4, and the forms of inet_ntop(3).
  test.each([
    ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['0:1:0:0:0:0:0:0', '0:1::'],
    ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
    ['0:2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::192.0.2.1'],
    ['::1:2', '::0.1.0.2'],
    ['::ffff', '::ffff'],
    ['::ffff:0:0', '::ffff:0.0.0.0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is %s', (text, canonical) => {
    const bytes = encode(ipv6, text)
    expect(decode(ipv6, bytes)).toBe(canonical)
    expect(encode(ipv6, canonical)).toBe(bytes)
  })

  /** Zero words are likely, so that there is something to shorten. */
  const words = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })

  test('is written as URL writes it (mixed forms aside) and read back', () => {
    fc.assert(
      fc.property(words, (list) => {
        const long = list.map((word) => word.toString(16)).join(':')
        const bytes = Uint8Array.from(list.flatMap((word) => [word >> 8, word & 0xff]))
        const short = formatIpv6(bytes)
        expect(isIPv6(short)).toBe(true)
        expect(parseIpv6(short)).toEqual(bytes)
        expect(parseIpv6(long)).toEqual(bytes)
        if (!short.includes('.')) expect(`[${short}]`).toBe(new URL(`http://[${long}]`).hostname)
      }),
    )
  })

  test('exactly what node:net takes is taken, zones aside', () => {
    const pieces = ['', '0', '1', 'ffff', '10000', 'g', '::', ':', '192.0.2.1', '1.2.3', '01']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 10 }), fc.boolean(), (list, joined) => {
        const text = list.join(joined ? ':' : '')
        expect(parseIpv6(text) !== undefined, text).toBe(isIPv6(text))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('IPv4', () => {
  test('any four bytes', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(decode(ipv4, encode(ipv4, text))).toBe(text)
      }),
    )
  })

  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '1.2.3.04',
    '1.2.3.-4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '1..2.3',
    '::1',
  ])('%j is none', (text) => {
    expect(parseIpv4(text)).toBeUndefined()
    refusal(() => encode(ipv4, text))
  })
})

test('ip: the length tells the family', () => {
  expect(encode(ip, '192.0.2.1')).toBe('c0000201')
  expect(decode(ip, 'c0000201')).toBe('192.0.2.1')
  expect(decode(ip, encode(ip, 'fe80::1'))).toBe('fe80::1')
  expect(refusal(() => decode(ip, '0102030405')).reason).toBe('takes 4 or 16 bytes, got 5')
  for (const wrong of ['eth0', 'fe80::1%eth0', 7, null]) refusal(() => encodeAny(ip, wrong))
})

describe('prefix', () => {
  test.each([
    ['10.0.0.0/8', { address: '10.0.0.0', length: 8, family: 4 }],
    ['10.0.0.1', { address: '10.0.0.1', length: 32, family: 4 }],
    ['0.0.0.0/0', { address: '0.0.0.0', length: 0, family: 4 }],
    ['2001:DB8:0::/32', { address: '2001:db8::', length: 32, family: 6 }],
    ['::1', { address: '::1', length: 128, family: 6 }],
  ])('%s', (text, parsed) => {
    expect(parsePrefix(text)).toEqual(parsed)
    expect(decode(prefix, encode(prefix, text))).toBe(`${parsed.address}/${parsed.length}`)
  })

  test.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '/8',
    '10.0.0.0/1e1',
    '10.0.0.0/ 8',
    'x/8',
  ])('%j is none', (text) => {
    expect(parsePrefix(text)).toBeUndefined()
    refusal(() => encode(prefix, text))
  })
})

test('mac: pairs of hex digits, of any number', () => {
  expect(encode(mac, '02:00:00:00:AB:01')).toBe('02000000ab01')
  expect(decode(mac, '02000000ab01')).toBe('02:00:00:00:ab:01')
  expect(decode(mac, 'c0000201')).toBe('c0:00:02:01')
  expect([encode(mac, ''), decode(mac, '')]).toEqual(['', ''])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), (bytes) => {
      expect(encode(mac, decode(mac, bytes))).toBe(Buffer.from(bytes).toString('hex'))
    }),
  )
  for (const wrong of ['2:0:0:0:0:1', '02-00-00-00-00-01', '020000000001', ':', '02:', 'zz:00', 7])
    refusal(() => encodeAny(mac, wrong))
})
