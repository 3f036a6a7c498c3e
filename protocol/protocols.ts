/** The protocols of AF_NETLINK that can be named, and their messages from bytes and back. */
import { type ProtocolName, protocolNumbers } from './names.ts'
import { netfilter } from './netfilter/operations.ts'
import {
  type BrokenMessage,
  decodeDatagram,
  encodeMessage,
  type NetlinkMessage,
  reviveMessage,
  toJson,
} from './netlink/message.ts'
import { type Protocol, protocol } from './netlink/operation.ts'
import { route } from './route/operations.ts'
import { hex, type ReadOptions, Sink } from './wire/bytes.ts'
import { EncodeError, isFields, show, within } from './wire/codec.ts'

/** Those without operations know the control messages (errors, the end of a dump); other bodies are bytes. */
export const protocols = {
  route,
  'sock-diag': protocol('sock-diag', protocolNumbers['sock-diag'], []),
  xfrm: protocol('xfrm', protocolNumbers.xfrm, []),
  netfilter,
  generic: protocol('generic', protocolNumbers.generic, []),
  rdma: protocol('rdma', protocolNumbers.rdma, []),
} as const satisfies Record<ProtocolName, Protocol>

export type { ProtocolName }
export type Messages = (NetlinkMessage | BrokenMessage)[]

/** Throws EncodeError where there is no protocol of that name. */
export function protocolOf(name: unknown): Protocol {
  if (typeof name === 'string' && Object.hasOwn(protocols, name)) return protocols[name as ProtocolName]
  throw new EncodeError(`must be one of ${Object.keys(protocols).join(', ')}, got ${show(name)}`, 'protocol')
}

/**
 * The messages of one datagram, losslessly: `encodeMessages` gives the same bytes back (zero bytes behind the last message aside).
 *
 * @throws DecodeError with `strict`: at the first thing that is malformed.
 */
export function decodeMessages(name: ProtocolName, bytes: Uint8Array, options: ReadOptions = {}): Messages {
  return decodeDatagram(protocolOf(name), bytes, options)
}

/**
 * The datagram of these messages.
 *
 * @throws EncodeError whose `path` names the property, `[1].body.mtu`.
 */
export function encodeMessages(
  messages: Readonly<Messages>,
  options: Pick<ReadOptions, 'littleEndian'> = {},
): Uint8Array {
  const sink = new Sink(options.littleEndian)
  for (const [index, message] of messages.entries()) {
    within(`[${index}]`, () => encodeMessage(protocolOf(message.protocol), message, sink))
  }
  return sink.finish()
}

/** A message as JSON holds it: bigints as decimal strings, bytes as hex. */
export function messageToJson(message: NetlinkMessage | BrokenMessage): unknown {
  return toJson(message, hex)
}

/** The way back; the schema knows which strings are bytes and which are numbers. */
export function messageFromJson(json: unknown): NetlinkMessage | BrokenMessage {
  if (!isFields(json)) throw new EncodeError(`must be an object, got ${show(json)}`)
  return reviveMessage(protocolOf(json.protocol), json)
}
