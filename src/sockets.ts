/** The sockets of a client: in its namespace, of any protocol, traced where that is wanted. */
import { type ProtocolName, protocolNumbers } from '../protocol/names.ts'
import { show } from '../protocol/wire/codec.ts'
import { adopt } from './adopt.ts'
import { addressFamily, socketType } from './constants.ts'
import { invalid } from './error.ts'
import { type EventSocket, type EventSocketOptions, openEventSocket } from './event-socket.ts'
import { socket } from './libc.ts'
import type { NetlinkOptions } from './netlink-options.ts'
import { type NamedProtocol, schemaOf } from './schema.ts'
import { type KernelSocket, openSocket } from './socket.ts'

type Place = Pick<NetlinkOptions, 'namespace' | 'trace'>

/** A protocol without schema is named by its number: operation('9', 'AUDIT_GET', 1000, bytes()). */
export function protocolNamed(given: string, operation = 'request'): NamedProtocol {
  const name: unknown = typeof given === 'number' ? String(given) : given
  if (typeof name === 'string') {
    if (Object.hasOwn(protocolNumbers, name)) return { name, number: protocolNumbers[name as ProtocolName] }
    if (/^\d+$/.test(name) && Number(name) < 32) return { name, number: Number(name) }
  }
  const names = Object.keys(protocolNumbers).join(', ')
  throw invalid(operation, 'protocol', `must be one of ${names} or a number below 32, got ${show(given)}`)
}

function descriptor({ namespace }: Place, protocol: number): Promise<number> | number {
  const { AF_NETLINK } = addressFamily
  const type = socketType.SOCK_RAW | socketType.SOCK_CLOEXEC | socketType.SOCK_NONBLOCK
  return namespace ? namespace.openSocket(AF_NETLINK, type, protocol) : adopt(socket(AF_NETLINK, type, protocol))
}

/** Asked once a socket, so that a trace costs nothing where nobody wants one. */
function isTraced({ trace }: Place): boolean {
  return trace !== undefined || process.env.NETLINK_TRACE === '1'
}

/** One for requests or a dump. */
export async function requestSocket(protocol: NamedProtocol, place: Place): Promise<KernelSocket> {
  const opened = await openSocket((number) => descriptor(place, number), protocol.number)
  if (!isTraced(place)) return opened
  const { traced } = await import('./trace.ts')
  return traced(opened, { protocol: await schemaOf(protocol), namespace: place.namespace?.name }, place.trace)
}

/** One for a subscription. */
export async function eventSocket(
  protocol: NamedProtocol,
  place: Place,
  options: EventSocketOptions,
): Promise<EventSocket> {
  const opened = await openEventSocket((number) => descriptor(place, number), protocol.number, options)
  if (!isTraced(place)) return opened
  const { tracedEvents } = await import('./trace.ts')
  return tracedEvents(opened, { protocol: await schemaOf(protocol), namespace: place.namespace?.name }, place.trace)
}
