/**
 * node:net and node:dgram objects whose sockets live in a namespace, served by this process.
 *
 * Only the socket is in there. A host name is looked up in the namespace of the caller (/etc/resolv.conf and its network are the
 * caller's): give IP addresses for what only the namespace knows.
 */

import { createSocket, type SocketOptions as DatagramOptions, type Socket as DatagramSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { createServer, type Server, type ServerOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { parseIpv4, parseIpv6 } from '../../protocol/wire/address.ts'
import { show } from '../../protocol/wire/codec.ts'
import { addressFamily, ipv6Option, socketLevel, socketOption, socketType } from '../constants.ts'
import { checkIfname } from '../device.ts'
import { invalid, NetlinkError } from '../error.ts'
import { checkBoolean, checkInteger, checkOneOf, checkSignal, checkText } from '../input.ts'
import { bind, setsockopt, setsockoptInt } from '../libc.ts'
import { aborted, owning, settled } from './settled.ts'

/** Opens a socket in the namespace. */
type OpenSocket = (domain: number, type: number, protocol: number) => Promise<number>

export interface ListenOptions extends ServerOpts {
  /** 0..65535; 0 or absent: the kernel chooses, `server.address()` tells. */
  port?: number
  /** Where to listen. Absent: every address, IPv6 and IPv4. 'fe80::1%eth0' names an interface of the namespace. */
  host?: string
  /** Accept on this interface of the namespace only (SO_BINDTODEVICE). */
  device?: string
  /** Queue of connections not yet accepted, 511 by default; the kernel caps it at net.core.somaxconn. */
  backlog?: number
}

export interface ConnectOptions extends SocketConstructorOpts {
  /** 1..65535. */
  port: number
  /** Whom to reach; '127.0.0.1' by default. 'fe80::1%eth0' names an interface of the namespace. */
  host?: string
  /** The address and port to come from. */
  localAddress?: string
  localPort?: number
  /** Go out by this interface of the namespace (SO_BINDTODEVICE). */
  device?: string
  /** Gives up connecting: 'ABORT_ERR'. */
  signal?: AbortSignal
}

export interface UdpOptions extends Omit<DatagramOptions, 'type'> {
  /** 0..65535; 0 or absent: the kernel chooses, `socket.address()` tells. */
  port?: number
  /** Where to receive; every address of the family by default. */
  host?: string
  /** The family where `host` does not tell it; 'udp4' by default. */
  type?: 'udp4' | 'udp6'
  device?: string
}

/** A server that listens, as `ip netns exec NAME` in front of it would. Rejects with NetlinkError ('EADDRINUSE', ...). */
export async function listen(
  open: OpenSocket,
  options: ListenOptions,
  onConnection?: (socket: Socket) => void,
): Promise<Server> {
  const operation = 'listen'
  const { port = 0, host, device, backlog, ...rest } = options
  checkInteger(operation, 'port', port, 0, 65535)
  checkPlace(operation, options)
  if (backlog !== undefined) checkInteger(operation, 'backlog', backlog, 0, 2 ** 31 - 1)
  const target = await resolve(operation, host ?? '::')
  const fd = await openStream(open, target, host === undefined)
  const subject = place(target, port)
  const server = await owning(operation, fd, () => {
    if (device !== undefined || target.zone !== undefined) bindToDevice(fd, device ?? target.zone)
    setsockoptInt(fd, socketLevel.SOL_SOCKET, socketOption.SO_REUSEADDR, 1)
    if (target.family === 6 && host !== undefined) setsockoptInt(fd, socketLevel.SOL_IPV6, ipv6Option.IPV6_V6ONLY, 1)
    bind(fd, socketAddress(target, port), subject)
    return createServer(rest, onConnection)
  })
  return settled({ operation, subject, fd }, server, 'listening', undefined, () => {
    server.listen(backlog === undefined ? { fd } : { fd, backlog })
  })
}

/** A socket that is connected. Rejects with NetlinkError ('ECONNREFUSED', 'ENETUNREACH', ...). */
export async function connect(open: OpenSocket, options: ConnectOptions): Promise<Socket> {
  const operation = 'connect'
  const { port, host = '127.0.0.1', localAddress, localPort, device, signal, ...rest } = options
  checkInteger(operation, 'port', port, 1, 65535)
  checkPlace(operation, options)
  if (localPort !== undefined) checkInteger(operation, 'localPort', localPort, 0, 65535)
  if (localAddress !== undefined && !(typeof localAddress === 'string' && parse(localAddress)))
    throw invalid(operation, 'localAddress', `must be an IP address, got ${show(localAddress)}`)
  checkSignal(operation, signal)
  const target = await resolve(operation, host)
  if (signal?.aborted) throw aborted(operation, place(target, port), signal, 'unsent')
  const fd = await openStream(open, target, false)
  const subject = place(target, port)
  const socket = await owning(operation, fd, () => {
    if (device !== undefined || target.zone !== undefined) bindToDevice(fd, device ?? target.zone)
    return new Socket({ ...rest, fd, readable: true, writable: true })
  })
  const from = {
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(localPort === undefined ? {} : { localPort }),
  }
  return settled({ operation, subject, fd }, socket, 'connect', signal, () => {
    socket.connect({ port, host: target.address, ...from })
  })
}

/** A datagram socket that is bound. */
export async function udp(open: OpenSocket, options: UdpOptions): Promise<DatagramSocket> {
  const operation = 'udp'
  const { port = 0, host, type, device, ...rest } = options
  checkInteger(operation, 'port', port, 0, 65535)
  checkPlace(operation, options)
  if (type !== undefined) checkOneOf(operation, 'type', type, ['udp4', 'udp6'])
  for (const key of ['reuseAddr', 'ipv6Only'] as const) checkBoolean(operation, key, rest[key])
  checkSignal(operation, rest.signal)
  const target = await resolve(operation, host ?? (type === 'udp6' ? '::' : '0.0.0.0'))
  if (rest.signal?.aborted) throw aborted(operation, place(target, port), rest.signal, 'unsent')
  const family = target.family === 6 ? addressFamily.AF_INET6 : addressFamily.AF_INET
  const fd = await open(family, socketType.SOCK_DGRAM | socketType.SOCK_NONBLOCK, 0)
  const subject = place(target, port)
  const socket = await owning(operation, fd, () => {
    if (device !== undefined || target.zone !== undefined) bindToDevice(fd, device ?? target.zone)
    if (rest.reuseAddr) setsockoptInt(fd, socketLevel.SOL_SOCKET, socketOption.SO_REUSEADDR, 1)
    if (rest.ipv6Only) setsockoptInt(fd, socketLevel.SOL_IPV6, ipv6Option.IPV6_V6ONLY, 1)
    bind(fd, socketAddress(target, port), subject)
    return createSocket({ ...rest, type: target.family === 6 ? 'udp6' : 'udp4' })
  })
  return settled({ operation, subject, fd }, socket, 'listening', rest.signal, () => {
    socket.bind({ fd })
  })
}

interface Target {
  address: string
  family: 4 | 6
  bytes: Uint8Array
  /** What follows '%': an interface of the namespace. */
  zone: string | undefined
}

async function resolve(operation: string, host: string): Promise<Target> {
  const literal = parse(host)
  if (literal) return literal
  // Node's own resolver: in the caller's namespace.
  const found = await lookup(host).catch((cause: NodeJS.ErrnoException) => {
    throw new NetlinkError({
      code: cause.code ?? 'ENOTFOUND',
      operation,
      path: 'host',
      reason: cause.message,
      outcome: 'unsent',
      cause,
    })
  })
  const target = parse(found.address)
  if (!target) throw invalid(operation, 'host', `must have an address, got ${show(host)}`)
  return target
}

function parse(host: string): Target | undefined {
  const [address = '', zone] = host.split('%', 2)
  const four = zone === undefined ? parseIpv4(address) : undefined
  if (four) return { address, family: 4, bytes: four, zone: undefined }
  const six = parseIpv6(address)
  return six && { address, family: 6, bytes: six, zone }
}

async function openStream(open: OpenSocket, target: Target, orIpv4: boolean): Promise<number> {
  const type = socketType.SOCK_STREAM | socketType.SOCK_NONBLOCK
  if (target.family === 4) return open(addressFamily.AF_INET, type, 0)
  try {
    return await open(addressFamily.AF_INET6, type, 0)
  } catch (error) {
    // A kernel without IPv6.
    if (!orIpv4 || !(error instanceof NetlinkError) || error.code !== 'EAFNOSUPPORT') throw error
    Object.assign(target, parse('0.0.0.0'))
    return open(addressFamily.AF_INET, type, 0)
  }
}

/**
 * Interface names are looked up by the kernel in the namespace of the socket, unlike if_nametoindex(3), which Node uses for the
 * zone of an address and which would give an index of the caller's namespace.
 */
function bindToDevice(fd: number, device = ''): void {
  setsockopt(fd, socketLevel.SOL_SOCKET, socketOption.SO_BINDTODEVICE, Buffer.from(`${device}\0`))
}

/** struct sockaddr_in { family, be16 port, addr, 8 bytes zero } or sockaddr_in6 { family, be16 port, flowinfo, addr, scope_id }. */
function socketAddress({ family, bytes }: Target, port: number): Uint8Array {
  const address = Buffer.alloc(family === 6 ? 28 : 16)
  new Uint16Array(address.buffer, address.byteOffset, 1)[0] =
    family === 6 ? addressFamily.AF_INET6 : addressFamily.AF_INET
  address.writeUInt16BE(port, 2)
  address.set(bytes, family === 6 ? 8 : 4)
  return address
}

function place({ address, family, zone }: Target, port: number): string {
  const host = zone === undefined ? address : `${address}%${zone}`
  return family === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/** Where to listen, or whom to reach. */
function checkPlace(operation: string, { host, device }: ListenOptions): void {
  if (host !== undefined) checkText(operation, 'host', host)
  if (device !== undefined) checkIfname(operation, 'device', device)
}
