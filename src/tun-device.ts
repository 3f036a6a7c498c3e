/** /dev/net/tun: opening it where the device is to live, and the ioctls of its descriptor (drivers/net/tun.c). */
import { close as closeCallback, closeSync, constants, openSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { ifreq, tunFlag, tunIoctl } from './constants.ts'
import { Descriptor } from './descriptor.ts'
import { NetlinkError, type NetlinkErrorOptions } from './error.ts'
import { ioctlAsync, ioctlNumberAsync } from './libc.ts'
import { pool } from './pool.ts'

const path = '/dev/net/tun'

/** Whoever can open a file inside a network namespace: a Namespace. */
export interface FilePlace {
  openFile(path: string, flags: number): Promise<number>
}

/** What TUNSETIFF is told. */
export interface Attachment {
  mode: 'tun' | 'tap'
  packetInfo: boolean
  vnetHeader: boolean
  multiQueue: boolean
  oneQueue: boolean
}

/** One open descriptor of /dev/net/tun. */
export class TunDevice {
  readonly #descriptor: Descriptor
  readonly #closed: Promise<void>

  private constructor(fd: number) {
    let closed = (): void => {}
    this.#closed = new Promise((resolve) => {
      closed = resolve
    })
    this.#descriptor = new Descriptor(fd, 'TUN device', (each) => release(each, closed))
  }

  /**
   * The namespace of whoever opens it is that of its devices (tun_chr_open() takes current's, __tun_chr_ioctl() uses the socket's).
   * O_NONBLOCK: reads and writes answer EAGAIN, and never wait.
   */
  static async open(operation: string, place: FilePlace | undefined): Promise<TunDevice> {
    const flags = constants.O_RDWR | constants.O_NONBLOCK
    try {
      return new TunDevice(place ? await place.openFile(path, flags) : openSync(path, flags))
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'EIO'
      // Entering the namespace was what failed, or it is closed.
      if (cause instanceof NetlinkError && cause.operation !== 'open') throw cause
      throw new NetlinkError({ code, operation, subject: path, reason: hints[code], outcome: 'unsent', cause })
    }
  }

  /** For read(2), write(2) and poll(2). Throws NetlinkError EBADF after close(). */
  get fd(): number {
    return this.#descriptor.fd
  }

  get closed(): boolean {
    return this.#descriptor.closed
  }

  /** TUNSETIFF: makes the device, or becomes a queue of one that is there. Returns its name. Throws NetlinkError with the bare errno. */
  async attach(name: string, how: Attachment, exclusive: boolean): Promise<string> {
    const request = new Uint8Array(ifreq.size)
    const view = new DataView(request.buffer)
    request.set(Buffer.from(name, 'utf8').subarray(0, ifreq.IFNAMSIZ - 1))
    new Uint16Array(request.buffer, ifreq.IFNAMSIZ, 1)[0] = flagsOf(how) | (exclusive ? tunFlag.IFF_TUN_EXCL : 0)
    await this.#inPool((fd) => ioctlAsync(fd, tunIoctl.TUNSETIFF, request))
    let end = 0
    while (end < ifreq.IFNAMSIZ && view.getUint8(end) !== 0) end += 1
    return Buffer.from(request.buffer, 0, end).toString('utf8')
  }

  setOwner(uid: number): Promise<void> {
    return this.#inPool((fd) => ioctlNumberAsync(fd, tunIoctl.TUNSETOWNER, uid))
  }

  setGroup(gid: number): Promise<void> {
    return this.#inPool((fd) => ioctlNumberAsync(fd, tunIoctl.TUNSETGROUP, gid))
  }

  setPersist(on: boolean): Promise<void> {
    return this.#inPool((fd) => ioctlNumberAsync(fd, tunIoctl.TUNSETPERSIST, on ? 1 : 0))
  }

  /** Resolves when the kernel has closed it; a device that is not persistent is gone then. Idempotent. */
  close(): Promise<void> {
    this.#descriptor.close()
    return this.#closed
  }

  /** They take the RTNL lock (__tun_chr_ioctl()): in the pool, and within netlink's share of it. */
  async #inPool(call: (fd: number) => Promise<unknown>): Promise<void> {
    const fd = this.#descriptor.retain()
    try {
      await new Promise<void>((resolve, reject) => {
        pool.submit((left) => {
          call(fd)
            .finally(left)
            .then(() => resolve(), reject)
          return true
        })
      })
    } finally {
      this.#descriptor.release()
    }
  }
}

/**
 * close(2) of the last queue removes the device: RTNL lock, some milliseconds. Not on the calling thread, then; but in a Worker, which gives up
 * what waits in the pool when it is terminated.
 */
function release(fd: number, closed: () => void): void {
  if (isMainThread) {
    pool.submit((left) => {
      // Its number is free again whatever close(2) says.
      closeCallback(fd, () => {
        left()
        closed()
      })
      return true
    })
    return
  }
  try {
    closeSync(fd)
  } catch {}
  closed()
}

function flagsOf({ mode, packetInfo, vnetHeader, multiQueue, oneQueue }: Attachment): number {
  return (
    (mode === 'tap' ? tunFlag.IFF_TAP : tunFlag.IFF_TUN) |
    (packetInfo ? 0 : tunFlag.IFF_NO_PI) |
    (vnetHeader ? tunFlag.IFF_VNET_HDR : 0) |
    (multiQueue ? tunFlag.IFF_MULTI_QUEUE : 0) |
    (oneQueue ? tunFlag.IFF_ONE_QUEUE : 0)
  )
}

const missing =
  'this kernel or container has no TUN/TAP: load the module (modprobe tun), or give the container the device (docker run --device /dev/net/tun)'
const hints: Record<string, string | undefined> = {
  ENOENT: missing,
  ENODEV: missing,
  ENXIO: missing,
  EACCES: 'its permissions do not let this user open it',
  EPERM: 'this container may not use the device (docker run --device /dev/net/tun)',
}

/** The error of an ioctl or of a packet, in the words of who asked. */
export function tunError(cause: unknown, options: Omit<NetlinkErrorOptions, 'code' | 'cause'>): unknown {
  if (!(cause instanceof NetlinkError) || cause.operation !== 'ioctl') return cause
  return new NetlinkError({ ...options, code: cause.code, cause })
}
