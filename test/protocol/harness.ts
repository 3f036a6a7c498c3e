/** The captured datagrams of test/fixtures, and what is done with each of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { NLMSG_HDRLEN } from '../../protocol/netlink/constants.ts'
import { operationOf } from '../../protocol/netlink/header.ts'
import type { Messages, ProtocolName } from '../../protocol/protocols.ts'
import { protocols } from '../../protocol/protocols.ts'
import { aligned } from '../../protocol/wire/bytes.ts'
import type { AnyCodec } from '../../protocol/wire/codec.ts'
import { isFields } from '../../protocol/wire/codec.ts'

export interface Datagram {
  sock: number
  dir: 'send' | 'recv'
  hex: string
  slack?: number
}

export interface Fixture {
  id: string
  command: string
  kernel: string
  tags?: string[]
  sockets: string[]
  exchange: Datagram[]
  exit: number
}

const folder = new URL('../fixtures/', import.meta.url)

export const areas = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''))
  .sort()

export function fixtures(area: string): Fixture[] {
  return JSON.parse(readFileSync(new URL(`${area}.json`, folder), 'utf8')) as Fixture[]
}

/** 'NETLINK_SOCK_DIAG' is 'sock-diag'. */
export function protocolNamed(constant: string): ProtocolName {
  const name = constant.replace('NETLINK_', '').toLowerCase().replaceAll('_', '-')
  if (!Object.hasOwn(protocols, name)) throw new Error(`no protocol ${constant}`)
  return name as ProtocolName
}

/** A datagram of a fixture; `bytes` without the slack. */
export interface Captured {
  fixture: Fixture
  protocol: ProtocolName
  dir: 'send' | 'recv'
  bytes: Uint8Array
  /** As captured. */
  whole: Uint8Array
}

export function captured(area: string): Captured[] {
  return fixtures(area).flatMap((fixture) =>
    fixture.exchange.map(({ sock, dir, hex, slack = 0 }) => {
      const whole = new Uint8Array(Buffer.from(hex, 'hex'))
      const protocol = protocolNamed(fixture.sockets[sock] ?? '')
      return { fixture, protocol, dir, whole, bytes: whole.slice(0, whole.length - slack) }
    }),
  )
}

export interface Framed {
  name: string | number
  codec: AnyCodec
  /** The message's own bytes, with padding. */
  bytes: Uint8Array
  /** Without padding. */
  length: number
}

/** Takes a datagram apart with nothing but nlmsg_len. */
export function frames(protocol: ProtocolName, bytes: Uint8Array): Framed[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found: Framed[] = []
  for (let at = 0; at + NLMSG_HDRLEN <= bytes.length; ) {
    const length = view.getUint32(at, true)
    if (length < NLMSG_HDRLEN) break
    const operation = operationOf(protocols[protocol], view.getUint16(at + 4, true), view.getUint16(at + 6, true))
    const own = bytes.slice(at, at + aligned(length))
    found.push({ name: operation.name, codec: operation.codec(protocols[protocol]), bytes: own, length })
    at += aligned(length)
  }
  return found
}

/** Every message once: dumps repeat themselves, and so do look-ups. */
export function distinct(area: string): (Framed & { protocol: ProtocolName; id: string })[] {
  const seen = new Map<string, Framed & { protocol: ProtocolName; id: string }>()
  for (const { protocol, bytes, fixture } of captured(area)) {
    for (const framed of frames(protocol, bytes)) {
      // The same but for sequence number and port id.
      const key = `${protocol} ${framed.name} ${Buffer.from(framed.bytes.subarray(NLMSG_HDRLEN)).toString('latin1')}`
      if (!seen.has(key)) seen.set(key, { ...framed, protocol, id: fixture.id })
    }
  }
  return [...seen.values()]
}

/** The same message, cut to `length` bytes, its nlmsg_len saying so. */
export function cut(bytes: Uint8Array, length: number): Uint8Array {
  const shorter = bytes.slice(0, length)
  new DataView(shorter.buffer).setUint32(0, length, true)
  return shorter
}

/** The same message with an attribute behind it. */
export function extended({ bytes }: Framed, attribute: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + attribute.length)
  longer.set(bytes)
  longer.set(attribute, bytes.length)
  new DataView(longer.buffer).setUint32(0, longer.length, true)
  return longer
}

/** All unknown attributes anywhere in these messages, as 'RTM_NEWLINK.linkinfo: 99'. */
export function unknowns(messages: Messages): string[] {
  const found: string[] = []
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, path)
    if (!isFields(value)) return
    for (const [key, part] of Object.entries(value)) {
      if (key === 'unknown' && Array.isArray(part))
        for (const { type, error } of part as { type: number; error?: string }[])
          found.push(`${path}: ${type}${error === undefined ? '' : ` ${error}`}`)
      else walk(part, `${path}.${key}`)
    }
  }
  for (const message of messages) if (!('error' in message)) walk(message.body, String(message.type))
  return found
}
