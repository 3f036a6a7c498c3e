/** The seam below a subscription: one socket that only listens. A fake implements it too (test/src/fake-events.ts). */
import { closeSync } from 'node:fs'
import { netlinkOption, socketLevel, socketOption } from './constants.ts'
import { Descriptor } from './descriptor.ts'
import { NetlinkError } from './error.ts'
import { connectNetlink, getsockoptInt, getsockoptWords, setsockoptInt } from './libc.ts'
import { type Wake, type Watch, watch } from './poll.ts'
import { Receiver } from './receiver.ts'
import type { OpenDescriptor, Result } from './socket.ts'

/** Takes datagrams, in place: the bytes are read over afterwards. */
export interface DatagramSink {
  /** bytes[start, end). `nsid`: of the namespace that it is of, where that is another than the socket's. */
  datagram(bytes: Uint8Array, start: number, end: number, nsid: number | undefined): void
  /** One came that was longer than the buffer, and could not be read as a whole. The next of that size will be. */
  cut(): void
}

export interface EventSocket {
  /** SO_RCVBUF as the kernel charges it. */
  readonly receiveBuffer: number
  /** Hands the next datagrams that wait to `sink`. The number of them, -EAGAIN for none, else the negative errno of the socket. */
  receive(sink: DatagramSink): Result
  /** How many datagrams the kernel has dropped since the socket was opened, modulo 2^32. */
  drops(): number
  /** Throws NetlinkError: EINVAL where the kernel has no such group, EPERM where it takes CAP_NET_ADMIN. */
  join(group: number): void
  watch(wake: Wake): Watch
  close(): void
}

export interface EventSocketOptions {
  /** In bytes; as far as the kernel allows. */
  receiveBuffer: number
  /** Events of all namespaces that have an id in the socket's. */
  allNsid?: boolean | undefined
}

/** SK_MEMINFO_DROPS, linux/sock_diag.h: the last of SK_MEMINFO_VARS words. */
const DROPS = 8

/** Datagrams of this thread's subscriptions pass through it one after another. */
let receiver: Receiver | undefined

export async function openEventSocket(
  open: OpenDescriptor,
  protocol: number,
  options: EventSocketOptions,
): Promise<EventSocket> {
  return new ListeningSocket(await open(protocol), options)
}

class ListeningSocket implements EventSocket {
  readonly #descriptor: Descriptor
  readonly receiveBuffer: number

  constructor(fd: number, { receiveBuffer, allNsid = false }: EventSocketOptions) {
    this.#descriptor = new Descriptor(fd, 'netlink socket', closeQuietly)
    try {
      this.receiveBuffer = raise(fd, receiveBuffer)
      // Connecting also binds, and only what is bound hears of what the kernel does by itself: its events exclude port 0
      // (do_one_broadcast()). Messages from others to this port alone are refused from here on.
      connectNetlink(fd)
      if (allNsid) listenEverywhere(fd)
    } catch (error) {
      this.#descriptor.close()
      throw error
    }
  }

  receive(sink: DatagramSink): Result {
    receiver ??= new Receiver()
    const from = receiver
    const count = from.receive(this.#descriptor.fd)
    for (let slot = 0; slot < count; slot += 1) {
      // Groups can be sent to by any process that has CAP_NET_ADMIN in the namespace; what is told here is the kernel's word.
      if (from.sender(slot) !== 0) continue
      if (from.cut(slot)) {
        receiver = from.grown()
        sink.cut()
      } else {
        const start = from.start(slot)
        sink.datagram(from.bytes, start, start + from.length(slot), from.nsid(slot))
      }
    }
    return count
  }

  drops(): number {
    const words = getsockoptWords(this.#descriptor.fd, socketLevel.SOL_SOCKET, socketOption.SO_MEMINFO, DROPS + 1)
    return words[DROPS] ?? 0
  }

  join(group: number): void {
    try {
      setsockoptInt(this.#descriptor.fd, socketLevel.SOL_NETLINK, netlinkOption.NETLINK_ADD_MEMBERSHIP, group)
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error
      throw new NetlinkError({
        code: error.code,
        operation: 'subscribe',
        subject: `group ${group}`,
        reason: reasons[error.code],
        outcome: 'unsent',
        cause: error,
      })
    }
  }

  watch(wake: Wake): Watch {
    return watch(this.#descriptor.fd, wake)
  }

  close(): void {
    this.#descriptor.close()
  }
}

const reasons: Record<string, string | undefined> = {
  EINVAL: 'this kernel has no such group',
  EPERM: 'this takes CAP_NET_ADMIN in the user namespace that owns the network namespace',
}

/** The forced option needs CAP_NET_ADMIN in the initial user namespace; the other stops at net.core.rmem_max. */
function raise(fd: number, bytes: number): number {
  const { SOL_SOCKET } = socketLevel
  try {
    setsockoptInt(fd, SOL_SOCKET, socketOption.SO_RCVBUFFORCE, bytes)
  } catch {
    setsockoptInt(fd, SOL_SOCKET, socketOption.SO_RCVBUF, bytes)
  }
  return getsockoptInt(fd, SOL_SOCKET, socketOption.SO_RCVBUF)
}

function listenEverywhere(fd: number): void {
  try {
    setsockoptInt(fd, socketLevel.SOL_NETLINK, netlinkOption.NETLINK_LISTEN_ALL_NSID, 1)
  } catch (cause) {
    if (!(cause instanceof NetlinkError)) throw cause
    const reason = cause.code === 'EPERM' ? 'this takes CAP_NET_BROADCAST' : undefined
    throw new NetlinkError({
      code: cause.code,
      operation: 'subscribe',
      path: 'allNsid',
      reason,
      outcome: 'unsent',
      cause,
    })
  }
}

/** On Linux the number is free again whatever close(2) returns. */
function closeQuietly(fd: number): void {
  try {
    closeSync(fd)
  } catch {}
}
