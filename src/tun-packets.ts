/** Packets from and to an open TUN or TAP device. The kernel is the queue: nothing is read before somebody wants it. */
import { constants } from 'node:os'
import { show } from '../protocol/wire/codec.ts'
import { forget, onAbort } from './abort.ts'
import { errnoName, NetlinkError } from './error.ts'
import { libc } from './libc.ts'
import { type Watch, watch } from './poll.ts'
import type { TunDevice } from './tun-device.ts'

/** The longest packet: an MTU of 65,535, and in front struct tun_pi (4), struct virtio_net_hdr (10) and an Ethernet header with a tag (18). */
const LONGEST = 65_535 + 64
/** So many packets may be read without a pause in which others have their turn. */
const BURST = 64

const { EAGAIN, EINTR, EINVAL, EIO } = constants.errno
/** asm-generic/errno.h; not among Node's. The file has no device any more. MIPS counts otherwise. */
const EBADFD = /^mips/.test(process.arch) ? 81 : 77

interface Waiting {
  resolve(packet: Buffer | undefined): void
  reject(error: unknown): void
}

/** This thread's reads pass through it, one after another. */
let buffer: Uint8Array | undefined

export class Packets {
  readonly #device: TunDevice
  readonly #name: string
  #watch: Watch | undefined
  readonly #waiting = new Set<Waiting>()
  #burst = 0
  /** Why there will be no more. */
  #failure: NetlinkError | undefined
  #closed = false

  constructor(device: TunDevice, name: string) {
    this.#device = device
    this.#name = name
  }

  /** See Tun.read(). */
  read(signal: AbortSignal | undefined): Promise<Buffer | undefined> {
    if (signal?.aborted) return Promise.reject(this.#aborted(signal))
    // Those who asked before come first.
    if (this.#waiting.size === 0) {
      const packet = this.#take()
      if (packet !== undefined) return this.#paced(packet)
    }
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#closed) return Promise.resolve(undefined)
    return this.#wait(signal)
  }

  /** See Tun.write(). A copy into the kernel, which may take the packet all the way through its stack: some microseconds. No lock is waited for. */
  async write(packet: Uint8Array): Promise<void> {
    if (!(packet instanceof Uint8Array))
      throw this.#refused('EINVAL', `must be a Uint8Array, got ${show(packet)}`, 'unsent')
    const { fd } = this.#device
    for (;;) {
      if (libc().write(fd, packet, packet.length) >= 0) return
      const errno = libc().errno()
      if (errno === EINTR) continue
      if (errno === EBADFD) throw this.#removed('tun.write')
      if (errno === EINVAL) throw this.#refused('EINVAL', 'it is too short for its headers, or they are wrong')
      // tun_get_user(): -EIO where IFF_UP is missing.
      const reason = errno === EIO ? 'the device is down: nl.link.set(name, { up: true })' : undefined
      throw new NetlinkError({ code: errnoName(errno), operation: 'tun.write', subject: this.#name, reason })
    }
  }

  /** Whoever waits gets undefined. */
  close(): void {
    this.#closed = true
    this.#failure = undefined
    this.#watch?.close()
    for (const each of this.#waiting) each.resolve(undefined)
    this.#waiting.clear()
  }

  #wait(signal: AbortSignal | undefined): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(waiting)
        if (this.#waiting.size === 0) this.#rest()
        if (signal) reject(this.#aborted(signal))
      }
      const done = signal ? () => forget(signal, abort) : () => {}
      const waiting: Waiting = {
        resolve: (packet) => {
          done()
          resolve(packet)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      }
      this.#waiting.add(waiting)
      if (signal) onAbort(signal, abort)
      if (this.#watch) this.#watch.start()
      else this.#watch = watch(this.#device.fd, this.#wake)
      this.#watch.ref()
    })
  }

  readonly #wake = (): boolean => {
    for (let count = 0; count < BURST; count += 1) {
      const [first] = this.#waiting
      if (first === undefined) {
        this.#rest()
        return false
      }
      const packet = this.#take()
      if (packet === undefined) {
        if (this.#failure) this.#fail(this.#failure)
        return false
      }
      this.#waiting.delete(first)
      first.resolve(packet)
    }
    return true
  }

  /** Nobody waits: what comes stays in the kernel, and the process may end. */
  #rest(): void {
    this.#watch?.stop()
    this.#watch?.unref()
  }

  #fail(error: NetlinkError): void {
    this.#rest()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const each of waiting) each.reject(error)
  }

  /** The next packet that is there. */
  #take(): Buffer | undefined {
    if (this.#closed || this.#failure) return undefined
    buffer ??= new Uint8Array(LONGEST)
    for (;;) {
      const length = libc().read(this.#device.fd, buffer, buffer.length)
      if (length > 0) return Buffer.from(buffer.subarray(0, length))
      const errno = length < 0 ? libc().errno() : EAGAIN
      if (errno === EINTR) continue
      this.#burst = 0
      if (errno === EBADFD) this.#failure = this.#removed('tun.read')
      else if (errno !== EAGAIN)
        this.#failure = new NetlinkError({ code: errnoName(errno), operation: 'tun.read', subject: this.#name })
      return undefined
    }
  }

  /** A loop that always finds a packet would leave timers and sockets no time: promises alone never let them in. */
  #paced(packet: Buffer): Promise<Buffer> {
    this.#burst += 1
    if (this.#burst < BURST) return Promise.resolve(packet)
    this.#burst = 0
    return new Promise((resolve) => setImmediate(resolve, packet))
  }

  #removed(operation: string): NetlinkError {
    const reason = 'the device was removed'
    return new NetlinkError({ code: 'ENODEV', operation, subject: this.#name, reason })
  }

  #refused(code: string, reason: string, outcome: 'unsent' | 'refused' = 'refused'): NetlinkError {
    return new NetlinkError({ code, operation: 'tun.write', subject: this.#name, path: 'packet', reason, outcome })
  }

  #aborted({ reason: cause }: AbortSignal): NetlinkError {
    const reason = 'aborted'
    return new NetlinkError({ code: 'ABORT_ERR', operation: 'tun.read', subject: this.#name, reason, cause })
  }
}
