/** Framing: datagrams are messages, each a struct nlmsghdr and a body, padded to 4 bytes. */
import { aligned, equalBytes, type ReadOptions, Sink, type Source, source as sourceOf } from '../wire/bytes.ts'
import { type AnyCodec, DecodeError, EncodeError, type Fields, isFields, show, within } from '../wire/codec.ts'
import { equalValues } from '../wire/exact.ts'
import { reviveBytes } from '../wire/leaf.ts'
import { u16, u32 } from '../wire/scalar.ts'
import { NLMSG_HDRLEN } from './constants.ts'
import { operationOf } from './header.ts'
import { messageFlags, type Protocol } from './operation.ts'

/** One message, as `decodeMessages` gives and `encodeMessages` takes it. */
export interface NetlinkMessage {
  /** The protocol's name: 'route'. */
  protocol: string
  /** 'RTM_NEWLINK'; the number where the type is not known. */
  type: string | number
  /** nlmsg_flags: 'request', 'ack', 'dump' ...; unknown bits as a number. */
  flags: readonly (string | number)[]
  seq: number
  portid: number
  /** What the operation's schema makes of it; bytes where the type is not known. */
  body: unknown
  /** The whole message, where its other properties would give other bytes. */
  raw?: Uint8Array
}

/** Bytes at the end of a datagram that are no message. */
export interface BrokenMessage {
  protocol: string
  /** Why. */
  error: string
  raw: Uint8Array
}

/**
 * All messages of a datagram. Zero bytes behind the last one (some tools send their whole buffer) are dropped, as the kernel does.
 * Lenient unless `strict`; exact unless `exact: false`.
 */
export function decodeDatagram(
  protocol: Protocol,
  bytes: Uint8Array,
  options: ReadOptions = {},
): (NetlinkMessage | BrokenMessage)[] {
  const source = sourceOf(bytes, { exact: true, ...options })
  const messages: (NetlinkMessage | BrokenMessage)[] = []
  for (let at = 0; at < bytes.length; ) {
    const left = bytes.length - at
    const length = left >= 4 ? source.view.getUint32(at, source.littleEndian) : 0
    if (length >= NLMSG_HDRLEN && length <= left) {
      messages.push(decodeOne(protocol, source, at, length))
      at += aligned(length)
      continue
    }
    if (bytes.subarray(at).every((byte) => byte === 0)) break
    const error =
      length < NLMSG_HDRLEN
        ? `message of ${length} bytes is shorter than its header`
        : `message of ${length} bytes, ${left} are left`
    if (source.strict) throw new DecodeError(error, at)
    messages.push({ protocol: protocol.name, error, raw: bytes.slice(at) })
    break
  }
  return messages
}

function decodeOne(protocol: Protocol, source: Source, at: number, length: number): NetlinkMessage {
  const { view, littleEndian } = source
  const flags = view.getUint16(at + 6, littleEndian)
  const found = operationOf(protocol, view.getUint16(at + 4, littleEndian), flags)
  const message: NetlinkMessage = {
    protocol: protocol.name,
    type: found.name,
    flags: messageFlags[found.kind].decode(source, at + 6, at + 8),
    seq: view.getUint32(at + 8, littleEndian),
    portid: view.getUint32(at + 12, littleEndian),
    body: decodeBody(found.codec(protocol), source, at + NLMSG_HDRLEN, at + length),
  }
  if (!source.exact) return message
  const bytes = source.bytes.subarray(at, Math.min(at + aligned(length), source.bytes.length))
  const sink = new Sink(littleEndian)
  sink.trustRaw = true
  if (
    !(attempt(() => encodeMessage(protocol, message, sink)) && equalBytes(sink.bytes.subarray(0, sink.position), bytes))
  ) {
    message.raw = bytes.slice()
  }
  return message
}

/** A body that cannot be read at all is kept as bytes. */
function decodeBody(codec: AnyCodec, source: Source, start: number, end: number): unknown {
  try {
    return codec.decode(source, start, end)
  } catch (error) {
    if (!(error instanceof DecodeError) || source.strict) throw error
    return source.bytes.slice(start, end)
  }
}

function attempt(action: () => void): boolean {
  try {
    action()
    return true
  } catch (error) {
    if (error instanceof EncodeError) return false
    throw error
  }
}

/** Appends a message with its padding. */
export function encodeMessage(protocol: Protocol, message: NetlinkMessage | BrokenMessage, sink: Sink): void {
  if (message.raw !== undefined && (sink.trustRaw || stillMeans(protocol, message, message.raw, sink.littleEndian))) {
    sink.append(message.raw)
    return
  }
  if ('error' in message) throw new EncodeError(`broken message without its bytes: ${message.error}`, 'raw')
  const found = operationOf(protocol, message.type, 0)
  const flags = within('flags', () => Number(messageFlags[found.kind].number(message.flags)))
  const start = sink.reserve(NLMSG_HDRLEN)
  const codec = operationOf(protocol, found.type, flags).codec(protocol)
  // A body that could not be read is bytes whatever the operation says.
  if (message.body instanceof Uint8Array) sink.append(message.body)
  else within('body', () => codec.encode(message.body as never, sink))
  const header = new Sink(sink.littleEndian, NLMSG_HDRLEN)
  u32.encode(sink.position - start, header)
  u16.encode(found.type, header)
  u16.encode(flags, header)
  within('seq', () => u32.encode(message.seq, header))
  within('portid', () => u32.encode(message.portid, header))
  sink.bytes.set(header.bytes.subarray(0, NLMSG_HDRLEN), start)
  sink.align(start)
}

function stillMeans(
  protocol: Protocol,
  message: NetlinkMessage | BrokenMessage,
  raw: Uint8Array,
  littleEndian: boolean,
): boolean {
  const [meant, ...more] = decodeDatagram(protocol, raw, { littleEndian })
  return (
    meant !== undefined &&
    more.length === 0 &&
    equalValues({ ...meant, raw: undefined }, { ...message, raw: undefined })
  )
}

/** The message of its JSON form (`toJson`). Throws EncodeError, its path naming what is wrong. */
export function reviveMessage(protocol: Protocol, json: unknown): NetlinkMessage | BrokenMessage {
  if (!isFields(json)) throw new EncodeError(`must be an object, got ${show(json)}`)
  const raw = json.raw === undefined ? {} : { raw: within('raw', () => reviveBytes(json.raw)) }
  // Every property is checked when it is encoded.
  if (json.error !== undefined && raw.raw) return { protocol: protocol.name, error: String(json.error), ...raw }
  const { type, flags, seq, portid } = json as unknown as NetlinkMessage
  if (typeof type !== 'string' && typeof type !== 'number')
    throw new EncodeError(`must be a name or a number, got ${show(type)}`, 'type')
  const found = operationOf(protocol, type, 0)
  const bits = within('flags', () => Number(messageFlags[found.kind].number(flags)))
  const codec = operationOf(protocol, found.type, bits).codec(protocol)
  const body = within('body', () => (typeof json.body === 'string' ? reviveBytes(json.body) : codec.revive(json.body)))
  return { protocol: protocol.name, type, flags, seq, portid, body, ...raw }
}

/** A value as JSON holds it: bigints as decimal strings, bytes as hex, keys that are undefined left out. */
export function toJson(value: unknown, hex: (bytes: Uint8Array) => string): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return hex(value)
  if (Array.isArray(value)) return value.map((item) => toJson(item, hex))
  if (!isFields(value)) return value
  const json: Fields = {}
  for (const [key, item] of Object.entries(value)) if (item !== undefined) json[key] = toJson(item, hex)
  return json
}
