import { describe, expect, test } from 'vitest'
import { decodeMessages, encodeMessages, messageFromJson, messageToJson } from '../../../protocol/protocols.ts'
import { hex } from '../../../protocol/wire/bytes.ts'
import { bytesOf, refusal } from '../wire/tools.ts'

const options = { littleEndian: true }
const header = (length: number, flags: string, type = '0200'): string =>
  `${length.toString(16).padStart(2, '0')}000000 ${type} ${flags} 07000000 09000000`
const request = '28000000 10000506 07000000 00000000 0000000000000000 0000000000000000 0800040001000000'
const requestHeader = request.slice(0, 35)
const extack = '0c000100 746f6f20 6c6f7700 08000200 20000000'

function decode(text: string): {
  type: string | number
  flags: readonly unknown[]
  body: Record<string, unknown>
  raw?: unknown
} {
  const [message] = decodeMessages('route', bytesOf(text), options)
  if (!message || 'error' in message) throw new Error('no message')
  const back = messageFromJson(JSON.parse(JSON.stringify(messageToJson(message))))
  expect(hex(encodeMessages([back], options))).toBe(text.replaceAll(' ', ''))
  return message as ReturnType<typeof decode>
}

const described = { len: 40, type: 'RTM_NEWLINK', flags: ['request', 'ack', 'excl', 'create'], seq: 7, portid: 0 }

describe('NLMSG_ERROR', () => {
  test('an acknowledgement repeats the header only', () => {
    const { type, flags, body } = decode(`${header(36, '0001')} 00000000 ${requestHeader}`)
    expect({ type, flags }).toEqual({ type: 'NLMSG_ERROR', flags: ['capped'] })
    expect(body).toEqual({ error: 0, request: described })
  })

  test('a refusal repeats the request, and says why behind it', () => {
    const { body } = decode(`${header(80, '0002')} eaffffff ${request} ${extack}`)
    expect(body).toEqual({
      error: -22,
      request: { ...described, body: { header: expect.anything(), mtu: 1 } },
      msg: 'too low',
      offs: 32,
    })
  })

  test('a capped refusal with an explanation', () => {
    const { flags, body } = decode(`${header(56, '0003')} eaffffff ${requestHeader} ${extack}`)
    expect(flags).toEqual(['capped', 'ack_tlvs'])
    expect(body).toEqual({ error: -22, request: described, msg: 'too low', offs: 32 })
  })

  test('a policy, and what is missing', () => {
    const policy = '10000480 08000100 04000000 04000b00'
    const { body } = decode(
      `${header(68, '0003')} eaffffff ${requestHeader} ${policy} 08000500 03000000 08000600 10000000`,
    )
    expect(body).toMatchObject({ policy: { type: 'u32' }, missType: 3, missNest: 16 })
  })

  test('unknown attributes and a request that nobody knows are kept', () => {
    const { body } = decode(`${header(44, '0003')} ffffffff 14000000 0fff0100 01000000 00000000 08006300 01000000`)
    expect(body).toMatchObject({ error: -1, request: { type: 0xff0f }, unknown: [{ type: 99 }] })
  })

  test('too short to be one: bytes, or refused when strict', () => {
    for (const size of [0, 3, 4, 19]) {
      const short = `${header(16 + size, '0000')} ${'ee'.repeat(size)}`
      // The padding is in the datagram.
      const padded = short + '00'.repeat((4 - (size % 4)) % 4)
      expect(decode(padded).body).toEqual(new Uint8Array(size).fill(0xee))
      expect(refusal(() => decodeMessages('route', bytesOf(padded), { ...options, strict: true }))).toMatchObject({
        offset: 16,
      })
    }
  })

  test('a request inside that cannot be read does not hide the verdict', () => {
    // An error about an error which is too short.
    const { body } = decode(`${header(40, '0000')} eaffffff 14000000 02000000 07000000 00000000 aabbccdd`)
    expect(body).toMatchObject({ error: -22, request: { type: 'NLMSG_ERROR', body: bytesOf('aabbccdd') } })
  })

  test('errors about errors about errors: bounded', () => {
    let inner = `${header(36, '0000')} 00000000 10000000 03000000 00000000 00000000`.replaceAll(' ', '')
    for (let depth = 0; depth < 200; depth++) {
      const length = 20 + inner.length / 2
      const bytes = new Uint8Array(16)
      new DataView(bytes.buffer).setUint32(0, length, true)
      bytes[4] = 2
      inner = `${hex(bytes)}ffffffff${inner}`
    }
    expect(decode(inner).body).toMatchObject({
      error: -1,
      request: { body: { error: -1, request: { body: expect.anything() } } },
    })
  })
})

describe('NLMSG_DONE', () => {
  test('a status, and perhaps an explanation', () => {
    expect(decode(`${header(20, '0200', '0300')} 00000000`)).toMatchObject({
      type: 'NLMSG_DONE',
      flags: ['multi'],
      body: { header: { error: 0 } },
    })
    expect(decode(`${header(40, '0202', '0300')} feffffff ${extack}`).body).toEqual({
      header: { error: -2 },
      msg: 'too low',
      offs: 32,
    })
  })
})
