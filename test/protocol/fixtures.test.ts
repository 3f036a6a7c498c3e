/** Laws that hold for every captured message, whatever the schemas know of it. */
import { describe, expect, test, vi } from 'vitest'
import { NLMSG_HDRLEN } from '../../protocol/netlink/constants.ts'
import type { ErrorBody } from '../../protocol/netlink/error.ts'
import { decodeMessages, encodeMessages, messageFromJson, messageToJson } from '../../protocol/protocols.ts'
import { hex, Sink, source } from '../../protocol/wire/bytes.ts'
import { DecodeError, EncodeError, isFields } from '../../protocol/wire/codec.ts'
import { read, write } from '../../protocol/wire/compile.ts'
import { equalValues } from '../../protocol/wire/exact.ts'
import { partAt, partsOf } from '../../protocol/wire/walk.ts'
import { areas, captured, cut, distinct, extended, type Framed, frames, unknowns } from './harness.ts'

// Thousands of cuts a test: seconds, more on a loaded machine.
vi.setConfig({ testTimeout: 60_000 })

const littleEndian = true
/** Attribute 0x3fff with NLA_F_NESTED: no set has it. */
const stranger = Uint8Array.of(9, 0, 0xff, 0xbf, 1, 2, 3, 4, 5, 0, 0, 0)

test('there are fixtures of every area', () => {
  expect(areas).toEqual([
    'addr',
    'bridge',
    'errors',
    'link',
    'monitor',
    'neigh',
    'netfilter',
    'nftables',
    'other',
    'route',
  ])
})

describe.each(areas)('%s', (area) => {
  const messages = distinct(area)

  test('decodes, and encodes to the same bytes', () => {
    for (const { fixture, protocol, bytes, whole } of captured(area)) {
      const decoded = decodeMessages(protocol, whole, { littleEndian })
      expect(hex(encodeMessages(decoded, { littleEndian })), fixture.id).toBe(hex(bytes))
    }
  })

  test('survives JSON, one message at a time', () => {
    for (const { id, protocol, bytes } of messages) {
      const [decoded, ...more] = decodeMessages(protocol, bytes, { littleEndian })
      if (!decoded) throw new Error(`${id}: no message`)
      expect(more, id).toEqual([])
      const back = messageFromJson(JSON.parse(JSON.stringify(messageToJson(decoded))))
      expect(equalValues(back, decoded), id).toBe(true)
      expect(hex(encodeMessages([back], { littleEndian })), id).toBe(hex(bytes))
    }
  })

  test('cut short at every byte: lossless when lenient, a DecodeError or a value when strict', () => {
    let lenient = 0
    let refused = 0
    for (const [index, { id, protocol, bytes, length }] of messages.entries()) {
      // Every length up to 120 bytes, then 24 lengths a message, others in each: dumps show the same long message again and again.
      const stride = Math.max(1, Math.ceil((length - 120) / 24))
      for (let size = NLMSG_HDRLEN; size < length; size += size < 120 ? 1 : stride) {
        if (size === 120) size += index % stride
        if (size >= length) break
        const short = cut(bytes, size)
        const decoded = decodeMessages(protocol, short, { littleEndian })
        if (hex(encodeMessages(decoded, { littleEndian })) !== hex(short)) throw new Error(`${id} cut to ${size}`)
        lenient++
        if (refuses(() => decodeMessages(protocol, short, { littleEndian, strict: true }), size)) refused++
      }
    }
    console.log(`${area}: ${messages.length} distinct messages, ${lenient} cuts, strict refused ${refused}`)
    expect(lenient).toBeGreaterThan(messages.length)
  })

  test('cut short at every 5th byte, through JSON', () => {
    for (const { id, protocol, bytes, length } of messages) {
      if (length > 600) continue
      for (let size = 1; size < length; size += 5) {
        // Once with a length that is right, once with one that points beyond the end.
        for (const short of [bytes.slice(0, size), ...(size < NLMSG_HDRLEN ? [] : [cut(bytes, size)])]) {
          const decoded = decodeMessages(protocol, short, { littleEndian })
          const json = decoded.map((each) => JSON.parse(JSON.stringify(messageToJson(each))) as unknown)
          const back = encodeMessages(json.map(messageFromJson), { littleEndian })
          // Bytes that are all zero are slack.
          const want = short.every((byte) => byte === 0) ? '' : hex(short)
          if (hex(back) !== want) throw new Error(`${id} cut to ${size}: ${hex(short)} became ${hex(back)}`)
        }
      }
    }
  })

  test('an unknown attribute behind the others is kept', () => {
    let kept = 0
    for (const framed of messages) {
      // Bodies without schema are bytes: nothing to keep apart. An error's attributes end the message only if it has some.
      if (framed.codec.sort !== 'message' || framed.length % 4 !== 0) continue
      const longer = extended(framed, stranger)
      const [decoded] = decodeMessages(framed.protocol, longer, { littleEndian })
      expect(hex(encodeMessages(decoded ? [decoded] : [], { littleEndian })), framed.id).toBe(hex(longer))
      const body = decoded && 'body' in decoded ? decoded.body : undefined
      // A message whose header is cut short (ip's probes send struct rtgenmsg only) has no room for attributes.
      if (framed.length - NLMSG_HDRLEN < 8) continue
      const list = isFields(body) && Array.isArray(body.unknown) ? (body.unknown as unknown[]) : []
      expect(list.at(-1), framed.id).toEqual({ type: 0x3fff, nested: true, bytes: Uint8Array.of(1, 2, 3, 4, 5) })
      kept++
    }
    if (area === 'link') expect(kept).toBeGreaterThan(100)
  })

  test('the compiled reader and writer agree with the interpreter', () => {
    for (const { id, codec, bytes, length } of messages) {
      const options = { littleEndian }
      const value = attempt(() => codec.decode(source(bytes, options), NLMSG_HDRLEN, length))
      const fast = attempt(() => read(codec, source(bytes, options), NLMSG_HDRLEN, length))
      if (!equalValues(fast, value)) expect(fast, id).toEqual(value)
      if (value instanceof Error) continue
      const [slowly, fastly] = [new Sink(littleEndian), new Sink(littleEndian)]
      // A name that is too long can be read, and written by neither.
      const refusal = attempt(() => codec.encode(value as never, slowly))
      expect(
        attempt(() => write(codec, value as never, fastly)),
        id,
      ).toEqual(refusal)
      if (refusal === undefined) expect(hex(fastly.finish()), id).toBe(hex(slowly.finish()))
    }
  })

  test('every part lies inside the one around it', () => {
    for (const { id, codec, bytes, length } of messages) {
      const reader = source(bytes, { littleEndian })
      let end = NLMSG_HDRLEN
      for (const part of partsOf(codec, reader, NLMSG_HDRLEN, length)) {
        expect(part.start, id).toBeGreaterThanOrEqual(end)
        expect(part.end, id).toBeLessThanOrEqual(length)
        expect(partAt(codec, reader, NLMSG_HDRLEN, length, part.start)?.path.startsWith(part.key), id).toBe(true)
        end = part.end
      }
    }
  })
})

describe('tutorials', () => {
  test.each(['link', 'addr', 'route'])('%s: no attribute is unknown', (area) => {
    const left = new Map<string, string>()
    let seen = 0
    for (const { fixture, protocol, whole } of captured(area)) {
      if (!fixture.tags?.includes('tutorial') || protocol !== 'route') continue
      seen++
      for (const message of decodeMessages(protocol, whole, { littleEndian }))
        if ('type' in message && typeof message.type === 'number') left.set(`type ${message.type}`, fixture.id)
      for (const unknown of unknowns(decodeMessages(protocol, whole, { littleEndian }))) left.set(unknown, fixture.id)
    }
    expect(seen).toBeGreaterThan(20)
    expect(Object.fromEntries(left)).toEqual({})
  })
})

test.each(['nftables', 'netfilter', 'errors', 'monitor'])(
  '%s: no attribute and no message of netfilter is unknown',
  (area) => {
    const left = new Map<string, string>()
    let seen = 0
    for (const { fixture, protocol, whole } of captured(area)) {
      if (protocol !== 'netfilter') continue
      seen++
      const messages = decodeMessages(protocol, whole, { littleEndian })
      for (const message of messages)
        if ('type' in message && typeof message.type === 'number') left.set(`type ${message.type}`, fixture.id)
      for (const unknown of unknowns(messages)) left.set(unknown, fixture.id)
    }
    expect(seen).toBeGreaterThan(0)
    expect(Object.fromEntries(left)).toEqual({})
  },
)

describe('the offset of an error is found in the request it is about', () => {
  const requests = captured('errors').filter(({ dir }) => dir === 'send')

  test.each([
    ['errors/link/ip-link-add-bigname0123456789-type-bridge', 'ifname', 'IFLA_IFNAME'],
    ['errors/link/ip-link-add-bigname0123456789-type-bridge@6.12', 'ifname', 'IFLA_IFNAME'],
    ['errors/addr/ip-addr-add-192-0-2-8-24-dev-veth0-label-toolonglabel12345', 'label', 'IFA_LABEL'],
    ['errors/addr/ip-addr-add-192-0-2-8-24-dev-veth0-label-toolonglabel12345@6.12', 'label', 'IFA_LABEL'],
  ])('%s: %s', (id, path, constant) => {
    const found: unknown[] = []
    for (const { fixture, protocol, bytes } of captured('errors')) {
      if (fixture.id !== id) continue
      for (const message of decodeMessages(protocol, bytes, { littleEndian })) {
        if ('error' in message || message.type !== 'NLMSG_ERROR' || !isFields(message.body)) continue
        const { offs } = message.body
        if (typeof offs !== 'number') continue
        const { request } = message.body as unknown as ErrorBody
        // The name too: the socket that looks names up counts from the same number.
        const about = requests
          .filter((sent) => sent.fixture.id === id)
          .flatMap((sent) => frames(sent.protocol, sent.bytes))
          .find((sent) => sent.name === request.type && seqOf(sent) === message.seq)
        if (!about) throw new Error(`${id}: no request ${message.seq}`)
        const part = partAt(about.codec, source(about.bytes, { littleEndian }), NLMSG_HDRLEN, about.length, offs)
        found.push({ path: part?.path, constant: part?.part.constant, begins: part?.part.start === offs })
      }
    }
    expect(found).toEqual([{ path, constant, begins: true }])
  })
})

const seqOf = ({ bytes }: Framed): number => new DataView(bytes.buffer).getUint32(8, true)

/** Runs it; true if it threw a DecodeError, whose offset must lie in the bytes. */
function refuses(action: () => unknown, size: number): boolean {
  const result = attempt(action)
  if (!(result instanceof DecodeError)) return false
  if (result.offset < 0 || result.offset > size)
    throw new Error(`offset ${result.offset} of ${size}: ${result.message}`)
  return true
}

function attempt(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    if (error instanceof DecodeError || error instanceof EncodeError) return error
    throw error
  }
}
