import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeMessages, encodeMessages, messageFromJson, messageToJson } from '../../../protocol/protocols.ts'
import { hex } from '../../../protocol/wire/bytes.ts'
import { DecodeError, EncodeError } from '../../../protocol/wire/codec.ts'
import { equalValues } from '../../../protocol/wire/exact.ts'
import { bytesOf, refusal } from '../wire/tools.ts'

const options = { littleEndian: true }
// RTM_GETLINK with NLM_F_DUMP, RTM_NEWLINK with IFLA_MTU, a type that nobody knows.
const getlink = '20000000 12000103 01000000 00000000 0000000000000000 0000000000000000'
const newlink = '28000000 10000506 02000000 03000000 0000000007000000 0000000000000000 0800040078050000'
const unknown = '13000000 0fff2080 04000000 00000000 aabbcc00'
const decode = (text: string): ReturnType<typeof decodeMessages> => decodeMessages('route', bytesOf(text), options)
const encode = (messages: ReturnType<typeof decodeMessages>): string => hex(encodeMessages(messages, options))

describe('decodeMessages', () => {
  test('all messages of a datagram; flags are named by what the operation is', () => {
    expect(decode(getlink + newlink + unknown)).toEqual([
      {
        protocol: 'route',
        type: 'RTM_GETLINK',
        flags: ['request', 'dump'],
        seq: 1,
        portid: 0,
        body: expect.objectContaining({ header: expect.objectContaining({ index: 0 }) }),
      },
      {
        protocol: 'route',
        type: 'RTM_NEWLINK',
        flags: ['request', 'ack', 'excl', 'create'],
        seq: 2,
        portid: 3,
        body: { header: expect.objectContaining({ index: 7 }), mtu: 1400 },
      },
      {
        protocol: 'route',
        type: 0xff0f,
        flags: ['dump_filtered', 0x8000],
        seq: 4,
        portid: 0,
        body: Uint8Array.of(0xaa, 0xbb, 0xcc),
      },
    ])
  })

  test('zero bytes behind the last message are dropped, others kept as broken', () => {
    expect(decode(`${getlink} 0000 00000000 00000000`)).toHaveLength(1)
    expect(decode('')).toEqual([])
    expect(decode('00000000')).toEqual([])
    const [, broken] = decode(`${getlink} 0f000000 1200`)
    expect(broken).toEqual({
      protocol: 'route',
      error: 'message of 15 bytes is shorter than its header',
      raw: bytesOf('0f0000001200'),
    })
    expect(encode(decode(`${getlink} 0f000000 1200`))).toBe(`${getlink}0f0000001200`.replaceAll(' ', ''))
  })

  test('a message longer than what is left is broken; strict refuses with its offset', () => {
    expect(decode(getlink.slice(0, -8))[0]).toMatchObject({ error: 'message of 32 bytes, 28 are left' })
    expect(
      refusal(() => decodeMessages('route', bytesOf(`${getlink} 0f00`), { ...options, strict: true })),
    ).toMatchObject({
      name: 'DecodeError',
      offset: 32,
    })
  })

  test('big-endian messages', () => {
    const big = bytesOf('00000028 00100605 00000002 00000003 0000000000000007 0000000000000000 0008000400000578')
    expect(decodeMessages('route', big, { littleEndian: false })).toEqual(decode(newlink))
    expect(hex(encodeMessages(decode(newlink), { littleEndian: false }))).toBe(hex(big))
  })

  test('an unknown protocol is refused', () => {
    expect(refusal(() => decodeMessages('ipx' as 'route', bytesOf(getlink)))).toMatchObject({ path: 'protocol' })
  })
})

describe('encodeMessages', () => {
  test('what cannot be encoded names message and property', () => {
    const [message] = decode(newlink)
    const wrong = { ...message, body: { mtu: -1 } } as unknown as NonNullable<typeof message>
    expect(refusal(() => encode([...decode(getlink), wrong]))).toMatchObject({ path: '[1].body.mtu' })
    for (const [key, value] of [
      ['seq', -1],
      ['portid', 2 ** 32],
      ['flags', ['loud']],
      ['type', 'RTM_NOPE'],
    ]) {
      const edited = { ...message, [String(key)]: value } as unknown as NonNullable<typeof message>
      expect(refusal(() => encode([edited]))).toMatchObject({ name: 'EncodeError', path: `[0].${key}` })
    }
  })

  test('an edited message wins over the raw beside it', () => {
    // Padding that is not zero: only raw can say so.
    const odd = '14000000 0fff0000 04000000 00000000 aabbccdd'.replace('14', '13')
    const [message] = decode(odd)
    if (!message || 'error' in message) throw new Error('no message')
    expect(message.raw).toBeDefined()
    expect(encode([message])).toBe(odd.replaceAll(' ', ''))
    expect(encode([{ ...message, seq: 5 }])).toBe('130000000fff00000500000000000000aabbcc00')
  })

  test('a broken message without its bytes cannot be written', () => {
    const broken = { protocol: 'route', error: 'cut' } as unknown as ReturnType<typeof decode>[number]
    expect(refusal(() => encode([broken]))).toMatchObject({ path: '[0].raw' })
  })
})

describe('JSON', () => {
  test('bytes are hex, and everything comes back', () => {
    for (const message of decode(getlink + newlink + unknown)) {
      const json = JSON.parse(JSON.stringify(messageToJson(message))) as unknown
      expect(equalValues(messageFromJson(json), message)).toBe(true)
    }
  })

  test.each([
    [7, '', /object/],
    [{}, 'protocol', /route/],
    [{ protocol: 'route' }, 'type', /name or a number/],
    [{ protocol: 'route', type: 'RTM_NEWLINK' }, 'flags', /array/],
    [{ protocol: 'route', type: 'RTM_NEWLINK', flags: [], body: 7 }, 'body', /object/],
    [
      { protocol: 'route', type: 'RTM_NEWLINK', flags: [], body: { linkinfo: { kind: 'veth', data: 7 } } },
      'body.linkinfo.data',
      /object/,
    ],
    [{ protocol: 'route', type: 'RTM_NEWLINK', flags: [], body: 'xyz' }, 'body', /hex/],
    [{ protocol: 'route', type: 16, flags: [], raw: 'x', body: {} }, 'raw', /hex/],
    [{ protocol: 'route', type: 'NLMSG_ERROR', flags: [], body: { error: -1 } }, 'body', /request/],
  ])('%j is refused at %s', (json, path, reason) => {
    expect(refusal(() => messageFromJson(json))).toMatchObject({ path, reason: expect.stringMatching(reason) })
  })
})

test('whatever the bytes: no crash, the same bytes back through JSON, strict refuses or agrees', () => {
  const base = [getlink, newlink, unknown, getlink + newlink].map(bytesOf)
  fc.assert(
    fc.property(
      fc.constantFrom(...base),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 3, 4, 0x10, 0x28, 0x80, 0xff)), { maxLength: 5 }),
      (start, edits) => {
        const bytes = start.slice()
        for (const [where, byte] of edits) bytes[where % bytes.length] = byte
        const messages = decodeMessages('route', bytes, options)
        const json = JSON.parse(JSON.stringify(messages.map(messageToJson))) as unknown[]
        const back = hex(encodeMessages(json.map(messageFromJson), options))
        // What is missing at the end is slack.
        expect(hex(bytes).startsWith(back)).toBe(true)
        expect(hex(bytes).slice(back.length)).toMatch(/^0*$/)
        try {
          expect(equalValues(decodeMessages('route', bytes, { ...options, strict: true }), messages)).toBe(true)
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('the two errors can be told apart, and are Errors', () => {
  expect(new DecodeError('why', 7, 'a').within('b')).toMatchObject({
    name: 'DecodeError',
    message: 'b.a: why (at byte 7)',
  })
  expect(new EncodeError('why', '[1]').within('b')).toMatchObject({ name: 'EncodeError', message: 'b[1]: why' })
})
