/** Messages as text: every header field and attribute with the kernel's name, its value and its offset in the datagram. */

import { NLM_F_CAPPED, NLMSG_HDRLEN } from '../protocol/netlink/constants.ts'
import type { ErrorBody } from '../protocol/netlink/error.ts'
import { operationOf } from '../protocol/netlink/header.ts'
import type { BrokenMessage, NetlinkMessage } from '../protocol/netlink/message.ts'
import type { Protocol } from '../protocol/netlink/operation.ts'
import {
  aligned,
  hex,
  hostLittleEndian,
  maxDepth,
  type ReadOptions,
  type Source,
  source as sourceOf,
} from '../protocol/wire/bytes.ts'
import { type AnyCodec, DecodeError, isFields, type Part } from '../protocol/wire/codec.ts'
import { NLA_F_NESTED, NLA_F_NET_BYTEORDER } from '../protocol/wire/nlattr.ts'
import type { Struct } from '../protocol/wire/struct.ts'
import { partAt, partsOf } from '../protocol/wire/walk.ts'
import { pathOf } from './client.ts'
import { errnoName } from './error.ts'

export interface DescribeOptions extends ReadOptions {
  /** Requests by sequence number, where they are known: an error is told in their words where it does not repeat the request (NLM_F_CAPPED). */
  requests?: ReadonlyMap<number, Uint8Array> | undefined
}

/** The text of a datagram whose messages are decoded already. Ends without a newline. */
export function describeDatagram(
  protocol: Protocol,
  bytes: Uint8Array,
  messages: readonly (NetlinkMessage | BrokenMessage)[],
  { requests = new Map(), ...options }: DescribeOptions,
): string {
  const printer = new Printer(sourceOf(bytes, { ...options, strict: false }), requests)
  let start = 0
  for (const message of messages) {
    if ('error' in message) {
      printer.line(start, 0, `broken: ${message.error}: ${hex(message.raw)}`)
      break
    }
    start += printer.message(protocol, message, start)
  }
  return printer.text()
}

class Printer {
  readonly #source: Source
  readonly #requests: ReadonlyMap<number, Uint8Array>
  readonly #lines: string[] = []

  constructor(source: Source, requests: ReadonlyMap<number, Uint8Array>) {
    this.#source = source
    this.#requests = requests
  }

  text(): string {
    return this.#lines.join('\n')
  }

  line(offset: number, depth: number, text: string): void {
    this.#lines.push(`${String(offset).padStart(5)}  ${'  '.repeat(depth)}${text}`)
  }

  /** Returns the bytes that the message takes. */
  message(protocol: Protocol, { type, flags, seq, portid, body }: NetlinkMessage, start: number): number {
    const { view, littleEndian } = this.#source
    const length = view.getUint32(start, littleEndian)
    const bits = view.getUint16(start + 6, littleEndian)
    const name = typeof type === 'number' ? `type ${type}` : type
    this.line(start, 0, `${name} flags ${list(flags)} seq ${seq} portid ${portid} length ${length}`)
    const codec = operationOf(protocol, view.getUint16(start + 4, littleEndian), bits).codec(protocol)
    const at = start + NLMSG_HDRLEN
    const end = start + length
    if (type === 'NLMSG_ERROR' && isFields(body)) {
      this.#verdict(protocol, body as unknown as ErrorBody, (bits & NLM_F_CAPPED) !== 0, at)
    } else if (type === 'NLMSG_DONE' && isFields(body) && isFields(body.header))
      this.#errno(Number(body.header.error), at)
    if (at < end) this.#value(codec, at, end, 1, '')
    return aligned(length)
  }

  #errno(error: number, at: number, more = ''): void {
    if (error !== 0) this.line(at, 1, `${errnoName(-error)}${more}`)
  }

  /** What an error says in one line: errno, the kernel's words, and the property of the request that it is about. */
  #verdict(protocol: Protocol, body: ErrorBody, capped: boolean, at: number): void {
    const words = body.msg === undefined ? '' : ` ${quote(body.msg)}`
    // The request follows `error`, whole or as its header only.
    const { seq, len } = body.request
    const request = capped ? this.#requests.get(seq) : this.#source.bytes.subarray(at + 4, at + 4 + len)
    const where = this.#where(protocol, body, request)
    if (body.error === 0) this.line(at, 1, `acknowledged${words}${where}`)
    else this.#errno(body.error, at, `${words}${where}`)
  }

  #where(protocol: Protocol, { offs, missType, missNest, request }: ErrorBody, bytes: Uint8Array | undefined): string {
    const { littleEndian } = this.#source
    const codec = operationOf(protocol, request.type, 0).codec(protocol)
    if (missType !== undefined) {
      const path =
        bytes && littleEndian === hostLittleEndian
          ? pathOf(codec, bytes, {
              missing: missType,
              ...(missNest !== undefined && { missingNest: missNest }),
            })
          : undefined
      return path === undefined ? ` without attribute ${missType}` : ` without ${path}`
    }
    if (offs === undefined) return ''
    // The offset counts from the request's nlmsghdr on.
    const found = bytes && partAt(codec, sourceOf(bytes, { littleEndian }), NLMSG_HDRLEN, bytes.length, offs)
    if (!found) return ` at byte ${offs} of the request`
    // Items of lists and fields of headers have none.
    const { constant } = found.part
    return constant === undefined ? ` at ${found.path}` : ` at ${found.path} (${constant})`
  }

  /** A value on the line of its `label`, or its parts on lines of their own. */
  #value(codec: AnyCodec | undefined, start: number, end: number, depth: number, label: string, at = start): void {
    const prefix = label === '' ? '' : `${label}: `
    if (!codec) {
      this.line(at, depth, `${prefix}${this.#hex(start, end)}`)
      return
    }
    const value = this.#decode(codec, start, end)
    if (value instanceof DecodeError) {
      this.line(at, depth, `${prefix}malformed, ${value.message}: ${this.#hex(start, end)}`)
      return
    }
    // Hostile bytes nest deeper than any reader follows.
    const parts = depth < maxDepth * 4 ? partsOf(codec, this.#source, start, end) : []
    if (parts.length === 0) {
      this.line(at, depth, `${prefix}${show(value)}`)
      return
    }
    const inner = label === '' ? depth : depth + 1
    if (label !== '') this.line(at, depth, label)
    for (const part of parts) this.#part(part, inner)
    const tail = tailAt(codec, parts, start, end)
    if (tail < end) this.line(tail, inner, `tail: ${this.#hex(tail, end)}`)
  }

  #part({ key, constant, start, payload, end, codec }: Part, depth: number): void {
    let label = constant === undefined ? key : `${constant} ${key}`
    if (payload === start + 4) {
      // An attribute: its header holds the number and flags.
      const type = this.#source.view.getUint16(start + 2, this.#source.littleEndian)
      if (!codec) label = `unknown attribute ${key.slice(1, -1)}`
      if (type & NLA_F_NESTED) label += ' nested'
      if (type & NLA_F_NET_BYTEORDER) label += ' net-byteorder'
    }
    this.#value(codec, payload, end, depth, label, start)
  }

  #decode(codec: AnyCodec, start: number, end: number): unknown {
    try {
      return codec.decode(this.#source, start, end)
    } catch (error) {
      if (error instanceof DecodeError) return error
      throw error
    }
  }

  #hex(start: number, end: number): string {
    return hex(this.#source.bytes.subarray(start, end)) || '(empty)'
  }
}

/** Where the parts of a value end; bytes behind are nothing that the schema knows. */
function tailAt(codec: AnyCodec, parts: readonly Part[], start: number, end: number): number {
  if (isStruct(codec)) {
    const last = codec.fields.filter(({ offset, size }) => start + offset + size <= end).at(-1)
    return last ? start + last.offset + last.size : start
  }
  const last = parts.at(-1)
  return last ? last.start + aligned(last.end - last.start) : end
}

const list = (items: readonly (string | number)[]): string => (items.length === 0 ? '0' : items.join(','))

/** JSON's quotes and escapes: a name from the network must not drive the terminal. */
function quote(text: string): string {
  const control = /[\u007f-\u009f\u2028\u2029]/g
  return JSON.stringify(text).replace(control, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function isStruct(codec: AnyCodec): codec is Struct<unknown, never> {
  return codec.sort === 'struct'
}

/** A JavaScript value; bytes as hex. */
function show(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return hex(value) || '(empty)'
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (!isFields(value)) return String(value)
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${show(item)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}
