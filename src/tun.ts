/** TUN and TAP devices: network devices whose other end is this process (linux/if_tun.h, Documentation/networking/tuntap.rst). */
import { show } from '../protocol/wire/codec.ts'
import { checkDevice, checkName, type Device, noDevice } from './device.ts'
import { invalid, NetlinkError } from './error.ts'
import { checkBoolean, checkInteger, checkMethods, checkObject, checkOneOf, checkSignal } from './input.ts'
import type { Link } from './link-object.ts'
import { Netlink } from './netlink.ts'
import type { SocketPlace } from './netlink-options.ts'
import { type Attachment, type FilePlace, TunDevice, tunError } from './tun-device.ts'
import { Packets } from './tun-packets.ts'

/** Where such a device can be made: a Namespace. */
export type TunPlace = SocketPlace & FilePlace

export interface TunOpenOptions {
  /** The namespace of the device; the default is that of this process. */
  namespace?: TunPlace | undefined
}

export interface TunOptions extends TunOpenOptions {
  /** 'tun': IP packets; 'tap': Ethernet frames. */
  mode: 'tun' | 'tap'
  /** 1..15 bytes; without one the kernel takes the next of 'tun0', 'tun1' ... or 'tap0' ... */
  name?: string | undefined
  /**
   * The device stays when nobody has it open, until `nl.link.del(name)`. The default is that it goes with the last who has.
   * Give an `owner` with it: where neither that nor a `group` is set, any user may open it (tun_not_capable(), drivers/net/tun.c).
   */
  persist?: boolean | undefined
  /** Number of the user who may open it beside those with CAP_NET_ADMIN, as this process (not a Sandbox) counts users. `user U` */
  owner?: number | undefined
  /** Number of the group whose members may; with `owner` both have to fit. `group G` */
  group?: number | undefined
  /** Each packet has struct tun_pi in front: u16 flags, be16 EtherType. `pi` */
  packetInfo?: boolean | undefined
  /** Each packet has struct virtio_net_hdr in front, 10 bytes (behind tun_pi). `vnet_hdr` */
  vnetHeader?: boolean | undefined
  /** It may be opened several times: packets are spread by flow. `multi_queue` */
  multiQueue?: boolean | undefined
  /** Without effect since Linux 3.7, yet a flag that `ip tuntap` shows. `one_queue` */
  oneQueue?: boolean | undefined
}

/**
 * An open TUN or TAP device: a stream of the packets that the kernel sends out by it, and a way to send it packets. Packets that nobody takes
 * wait in the kernel, as many as the device's `txqlen` (1000); further ones are dropped there and counted in `stats64.txDropped`.
 * In a Worker the device is looked at every 20 ms.
 *
 * @example
 * await using tap = await Tun.create({ mode: 'tap', name: 'tap0', namespace: ns1 })
 * await nl.link.set('tap0', { up: true })
 * for await (const frame of tap) await tap.write(answerTo(frame))
 */
export class Tun implements AsyncIterable<Buffer>, AsyncDisposable {
  /** Its name and index when it was opened. */
  readonly name: string
  readonly index: number
  readonly mode: 'tun' | 'tap'
  /** What is in front of each packet, and whether there may be further queues: as in TunOptions. */
  readonly packetInfo: boolean
  readonly vnetHeader: boolean
  readonly multiQueue: boolean
  readonly #device: TunDevice
  readonly #packets: Packets
  readonly #release: (() => void) | undefined

  private constructor(device: TunDevice, { name, index }: Link, how: Attachment, place: TunPlace | undefined) {
    this.name = name
    this.index = index
    this.mode = how.mode
    this.packetInfo = how.packetInfo
    this.vnetHeader = how.vnetHeader
    this.multiQueue = how.multiQueue
    this.#device = device
    this.#packets = new Packets(device, name)
    this.#release = place?.own?.(() => this.close())
  }

  /**
   * Makes a device and opens it: `ip tuntap add dev NAME mode MODE ...`. It is down.
   *
   * @throws NetlinkError 'EEXIST': the name is taken; 'EPERM': it takes CAP_NET_ADMIN in the user namespace that owns the network namespace;
   * 'ENOENT' or 'ENODEV': no /dev/net/tun here; 'EINVAL' with `path` for input that cannot be right. Nothing stays behind.
   * @example
   * const tun = await Tun.create({ mode: 'tun', name: 'tun0', persist: true, owner: 1000 })
   * await tun.close()                                                 // the device stays, for user 1000 to open
   */
  static async create(options: TunOptions): Promise<Tun> {
    const operation = 'tun.create'
    checkOptions(operation, options)
    const { mode, name, namespace: place, owner, group, persist = false } = options
    checkOneOf(operation, 'mode', mode, ['tun', 'tap'])
    if (name !== undefined) checkName(operation, 'name', name)
    checkId(operation, 'owner', owner)
    checkId(operation, 'group', group)
    for (const key of ['persist', 'packetInfo', 'vnetHeader', 'multiQueue', 'oneQueue'] as const)
      checkBoolean(operation, key, options[key])
    const how: Attachment = {
      mode,
      packetInfo: options.packetInfo ?? false,
      vnetHeader: options.vnetHeader ?? false,
      multiQueue: options.multiQueue ?? false,
      oneQueue: options.oneQueue ?? false,
    }
    return opening(operation, name, place, async (device, look) => {
      const made = await device.attach(name ?? '', how, true)
      const link = await look(made)
      if (owner !== undefined) await device.setOwner(owner)
      if (group !== undefined) await device.setGroup(group)
      // Last: until then closing it takes the device away.
      if (persist) await device.setPersist(true)
      return new Tun(device, link, how, place)
    })
  }

  /**
   * Opens a device that is there: a persistent one, or a further queue of one with `multiQueue`. It is opened as it was made.
   *
   * @throws NetlinkError 'ENODEV': there is no such device; 'EINVAL' with `path`: it is of another kind, or the input cannot be right; 'EBUSY': somebody has it open; 'EPERM': this
   * user is not its owner.
   * @example await using tap = await Tun.open('tap0', { namespace: ns1 })
   */
  static async open(device: Device, options: TunOpenOptions = {}): Promise<Tun> {
    const operation = 'tun.open'
    checkDevice(operation, 'device', device)
    checkOptions(operation, options)
    const { namespace: place } = options
    return opening(operation, String(device), place, async (opened, look) => {
      const link = await look(device)
      if (link.kind !== 'tun' || link.data?.type === undefined)
        throw invalid(operation, 'device', 'it is no TUN or TAP device')
      const { type, pi = false, vnetHdr = false, multiQueue = false } = link.data
      const mode = type === 'tap' ? 'tap' : 'tun'
      const how: Attachment = { mode, packetInfo: pi, vnetHeader: vnetHdr, multiQueue, oneQueue: false }
      await opened.attach(link.name, how, false)
      // TUNSETIFF would have made one where it had gone meanwhile.
      if ((await look(link.name)).index !== link.index) throw noDevice(operation, 'device', device)
      return new Tun(opened, link, how, place)
    })
  }

  /**
   * The next packet, or undefined once the device is closed. The process is kept alive while one is awaited.
   *
   * @throws NetlinkError 'ABORT_ERR' after `signal`; 'ENODEV': the device was removed; 'EINVAL': the signal is none.
   */
  read(options?: { signal?: AbortSignal | undefined }): Promise<Buffer | undefined> {
    if (options === undefined) return this.#packets.read(undefined)
    try {
      checkObject('tun.read', 'options', options)
      checkSignal('tun.read', options.signal)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#packets.read(options.signal)
  }

  /**
   * Sends a packet: to the kernel it is one that the device has received.
   *
   * @throws NetlinkError 'EIO': the device is down; 'EINVAL': it is too short, or no Uint8Array; 'EAGAIN': too many are under way; 'ENODEV': the device was
   * removed; 'EBADF' after close().
   */
  write(packet: Uint8Array): Promise<void> {
    return this.#packets.write(packet)
  }

  /** Packets until close(). Each goes to one taker; leaving a loop does not close the device. Throws as read() does. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined> {
    const leave = new AbortController()
    let left = false
    return {
      next: async () => {
        if (left) return { done: true, value: undefined }
        try {
          const value = await this.#packets.read(leave.signal)
          return value === undefined ? { done: true, value } : { done: false, value }
        } catch (error) {
          if (left) return { done: true, value: undefined }
          throw error
        }
      },
      return: async () => {
        left = true
        leave.abort()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  /** Whether the device stays when nobody has it open any more. Throws NetlinkError 'EBADF' after close(), 'EINVAL'. */
  async persist(on: boolean): Promise<void> {
    if (typeof on !== 'boolean') throw invalid('tun.persist', 'on', `must be true or false, got ${show(on)}`)
    try {
      await this.#device.setPersist(on)
    } catch (cause) {
      throw tunError(cause, { operation: 'tun.persist', subject: this.name })
    }
  }

  /** close() was called, or its namespace was deleted. */
  get closed(): boolean {
    return this.#device.closed
  }

  /** Lets go of it; a device that is not persistent is gone when this resolves. Who awaits a packet gets undefined. Idempotent. */
  async close(): Promise<void> {
    this.#release?.()
    this.#packets.close()
    await this.#device.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Opens /dev/net/tun and a client beside it; closes both where `action` fails, the client in any case. */
async function opening<T>(
  operation: string,
  name: string | undefined,
  place: TunPlace | undefined,
  action: (device: TunDevice, look: (device: Device) => Promise<Link>) => Promise<T>,
): Promise<T> {
  const device = await TunDevice.open(operation, place)
  try {
    const netlink = await Netlink.open({ namespace: place })
    try {
      return await action(device, (each) => netlink.link.get(each))
    } finally {
      await netlink.close()
    }
  } catch (cause) {
    await device.close()
    if (cause instanceof NetlinkError && cause.operation === 'link.get' && cause.code === 'ENODEV')
      throw noDevice(operation, 'device', name ?? '')
    throw explained(cause, operation, name)
  }
}

function explained(cause: unknown, operation: string, subject: string | undefined): unknown {
  if (!(cause instanceof NetlinkError) || cause.operation !== 'ioctl') return cause
  const make = (code: string, reason?: string, path?: string) =>
    new NetlinkError({ code, operation, subject, reason, path, cause })
  if (operation === 'tun.create') {
    // tun_set_iff(): -EBUSY is IFF_TUN_EXCL and a name that is taken, by a device of whatever kind.
    if (cause.code === 'EBUSY') return make('EEXIST', 'there is a device of this name', 'name')
    if (cause.code === 'EPERM')
      return make('EPERM', 'it takes CAP_NET_ADMIN in the user namespace that owns the network namespace')
    return make(cause.code)
  }
  // tun_attach(): a device of one queue has it already.
  if (cause.code === 'EBUSY') return make('EBUSY', 'somebody has it open, and it was made without multiQueue')
  if (cause.code === 'EPERM') return make('EPERM', 'this user is not its owner and has no CAP_NET_ADMIN')
  return make(cause.code)
}

/** (uid_t)-1 is "nobody in particular" to the kernel. */
function checkId(operation: string, path: string, id: number | undefined): void {
  if (id !== undefined) checkInteger(operation, path, id, 0, 2 ** 32 - 2)
}

function checkOptions(operation: string, options: TunOpenOptions): void {
  checkObject(operation, 'options', options)
  if (options.namespace !== undefined)
    checkMethods(operation, 'namespace', options.namespace, 'a Namespace', 'openSocket', 'openFile')
}
