/** The sockets of a client: in its namespace, of any protocol, traced where that is wanted. */
import { type ProtocolName, protocolNumbers } from '../protocol/names.ts'
import { adopt } from './adopt.ts'
import { addressFamily, socketType } from './constants.ts'
import { invalid } from './error.ts'
import { type EventSocket, type EventSocketOptions, openEventSocket } from './event-socket.ts'
import { socket } from './libc.ts'
import type { NetlinkOptions } from './netlink.ts'
import { type NamedProtocol, schemaOf } from './schema.ts'
import { type KernelSocket, openSocket } from './socket.ts'

type Place = Pick<NetlinkOptions, 'namespace' | 'trace'>

/** A protocol without schema is named by its number: operation('9', 'AUDIT_GET', 1000, bytes()). */
export function protocolNamed(name: string, operation = 'request'): NamedProtocol {
  const number = Object.hasOwn(protocolNumbers, name) ? protocolNumbers[name as ProtocolName] : Number(name)
  if (!Number.isInteger(number) || number < 0 || number >= 32) {
    throw invalid(
      operation,
      'protocol',
      `must be one of ${Object.keys(protocolNumbers).join(', ')} or a number below 32, got '${name}'`,
    )
  }
  return { name, number }
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
