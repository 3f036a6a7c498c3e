/**
 * The seam between the library and the kernel: one netlink socket as a few functions on bytes. Above it nothing knows what a
 * file descriptor is; a fake kernel (test/src/fake-kernel.ts) implements the same interface.
 */
import { closeSync, read, write } from 'node:fs'
import { constants } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { netlinkOption, socketLevel, socketOption } from './constants.ts'
import { Descriptor } from './descriptor.ts'
import { ifname } from './ifname.ts'
import { connectNetlink, getsockoptInt, libc, setsockoptInt } from './libc.ts'
import type { Receiver } from './receiver.ts'

/** A length in bytes, or a negative errno. Results are numbers: an EAGAIN is an answer here, not an exception. */
export type Result = number

/** One netlink socket. Nothing in it waits for the kernel but `sendSync` and `receiveSync`. */
export interface KernelSocket {
  /** SO_RCVBUF as the kernel charges it (twice what setsockopt asked for). */
  readonly receiveBuffer: number
  /** The longest datagram that can be sent now. */
  readonly sendLimit: number
  /**
   * Sends a datagram from the libuv pool. When `done` is called the kernel has worked through it, and all answers but the later parts
   * of a dump are waiting to be received. `bytes` must stay as they are until then.
   */
  send(bytes: Uint8Array, done: (result: Result) => void): void
  /** The same on the calling thread: it waits as long as the kernel works. */
  sendSync(bytes: Uint8Array): Result
  /**
   * Receives up to `most` datagrams in the libuv pool, and the kernel continues a dump inside of that. Their number, or a negative errno. `into` must not
   * be touched before `done` is called.
   */
  receive(into: Receiver, most: number, done: (result: Result) => void): void
  /** Receives what is there, else -EAGAIN. A datagram longer than `buffer` is cut: a full buffer counts as cut. */
  receiveSync(buffer: Uint8Array): Result
  /** What the device with this index is called now; undefined where that cannot be told here. */
  ifname(index: number): string | undefined
  /** Makes room for sending a datagram of `bytes` bytes, as far as the kernel allows. */
  growSend(bytes: number): void
  /**
   * No further calls. Jobs that are in the pool still end, and only then the descriptor is closed: until then its number can belong to nobody
   * else. Resolves when that has happened.
   */
  close(): Promise<void>
}

/** Opens an AF_NETLINK descriptor (SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC) of this protocol, wherever that may be, and of this thread (adopt.ts). */
export type OpenDescriptor = (protocol: number) => Promise<number> | number

export interface SocketOptions {
  /** Receive buffer to ask for, in bytes; the default is 2 MiB. Memory is only taken by what waits in it. */
  receiveBuffer?: number
}

const { EBADF, EINTR } = constants.errno
const RECEIVE_BUFFER = 2 << 20
/** netlink_sendmsg(), net/netlink/af_netlink.c: a datagram longer than sk_sndbuf - 32 is EMSGSIZE. */
const SEND_OVERHEAD = 32

/** A socket around a descriptor that `open` made. */
export async function openSocket(
  open: OpenDescriptor,
  protocol: number,
  options: SocketOptions = {},
): Promise<KernelSocket> {
  const fd = await open(protocol)
  return new DescriptorSocket(fd, options)
}

class DescriptorSocket implements KernelSocket {
  readonly #descriptor: Descriptor
  readonly #closed: Promise<void>
  readonly receiveBuffer: number
  #sendLimit: number

  constructor(fd: number, { receiveBuffer = RECEIVE_BUFFER }: SocketOptions) {
    let closed = () => {}
    this.#closed = new Promise((resolve) => {
      closed = resolve
    })
    this.#descriptor = new Descriptor(fd, 'netlink socket', (number) => {
      closeQuietly(number)
      closed()
    })
    try {
      // Kernel 4.2, 4.12 and 4.20; without them errors are longer, have no text, and filters are not checked.
      for (const option of [
        netlinkOption.NETLINK_CAP_ACK,
        netlinkOption.NETLINK_EXT_ACK,
        netlinkOption.NETLINK_GET_STRICT_CHK,
      ])
        attempt(() => setsockoptInt(fd, socketLevel.SOL_NETLINK, option, 1))
      // The forced one needs CAP_NET_ADMIN in the initial user namespace; the other stops at net.core.rmem_max.
      const { SOL_SOCKET } = socketLevel
      if (!attempt(() => setsockoptInt(fd, SOL_SOCKET, socketOption.SO_RCVBUFFORCE, receiveBuffer)))
        attempt(() => setsockoptInt(fd, SOL_SOCKET, socketOption.SO_RCVBUF, receiveBuffer))
      this.receiveBuffer = getsockoptInt(fd, SOL_SOCKET, socketOption.SO_RCVBUF)
      this.#sendLimit = getsockoptInt(fd, SOL_SOCKET, socketOption.SO_SNDBUF) - SEND_OVERHEAD
      // To the kernel: datagrams of anybody else are refused.
      connectNetlink(fd)
    } catch (error) {
      this.#descriptor.close()
      throw error
    }
  }

  get sendLimit(): number {
    return this.#sendLimit
  }

  send(bytes: Uint8Array, done: (result: Result) => void): void {
    const fd = this.#descriptor.retain()
    write(fd, bytes, 0, bytes.length, null, (error, written) => {
      this.#descriptor.release()
      done(error === null ? written : errnoOf(error))
    })
  }

  sendSync(bytes: Uint8Array): Result {
    if (this.#descriptor.closed) return -EBADF
    const calls = libc()
    const { fd } = this.#descriptor
    for (;;) {
      const length = calls.send(fd, bytes, bytes.length, 0)
      if (length >= 0) return length
      const errno = calls.errno()
      if (errno !== EINTR) return -errno
    }
  }

  receive(into: Receiver, most: number, done: (result: Result) => void): void {
    const fd = this.#descriptor.retain()
    const received = (result: Result): void => {
      this.#descriptor.release()
      done(result)
    }
    if (isMainThread) into.receiveInPool(fd, most, received)
    // Node takes its own jobs along when a Worker is terminated.
    else
      read(fd, into.bytes, 0, into.size, null, (error, length) => {
        if (error === null) into.put(0, length)
        received(error === null ? 1 : errnoOf(error))
      })
  }

  receiveSync(buffer: Uint8Array): Result {
    if (this.#descriptor.closed) return -EBADF
    // Not fs.readSync(): with its twin 1.6 us a round trip where these take 1.3, and nothing to read is an exception there, 5 us.
    const calls = libc()
    const length = calls.recv(this.#descriptor.fd, buffer, buffer.length, 0)
    return length < 0 ? -calls.errno() : length
  }

  ifname(index: number): string | undefined {
    if (this.#descriptor.closed) return undefined
    const name = ifname(this.#descriptor.fd, index)
    return typeof name === 'string' ? name : undefined
  }

  growSend(bytes: number): void {
    if (bytes <= this.#sendLimit || this.#descriptor.closed) return
    const { fd } = this.#descriptor
    const { SOL_SOCKET } = socketLevel
    // The kernel doubles what it is asked for.
    const wanted = Math.ceil((bytes + SEND_OVERHEAD) / 2)
    if (!attempt(() => setsockoptInt(fd, SOL_SOCKET, socketOption.SO_SNDBUFFORCE, wanted)))
      attempt(() => setsockoptInt(fd, SOL_SOCKET, socketOption.SO_SNDBUF, wanted))
    this.#sendLimit = getsockoptInt(fd, SOL_SOCKET, socketOption.SO_SNDBUF) - SEND_OVERHEAD
  }

  close(): Promise<void> {
    this.#descriptor.close()
    return this.#closed
  }
}

/** fs errors carry the negative errno, a NetlinkError the positive one; anything else is no answer of the kernel. */
function errnoOf(error: unknown): number {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return -Math.abs(error.errno)
  throw error
}

function attempt(call: () => void): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}

/** On Linux the number is free again whatever close(2) returns, and nobody is there any more who could be told. */
function closeQuietly(fd: number): void {
  attempt(() => closeSync(fd))
}
