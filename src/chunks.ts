/**
 * A dump, datagram by datagram, on a socket of its own. While the consumer works on one datagram, the kernel fills the next in the
 * libuv pool; never more than one ahead, so a slow consumer costs two buffers.
 */
import { NLM_F_ACK, NLM_F_DUMP_INTR, NLMSG } from '../protocol/netlink/constants.ts'
import { hostLittleEndian } from '../protocol/wire/bytes.ts'
import { forget, onAbort } from './abort.ts'
import { giveBuffer, growBuffers, takeBuffer } from './buffers.ts'
import { aborted, type CallOptions, closed, lost, type Refusal, refusal, timedOut, unsent } from './call.ts'
import type { NetlinkError } from './error.ts'
import { eachMessage, errnoOf, extackOf, type Frame, type Message } from './frame.ts'
import { errno } from './pending.ts'
import { pool } from './pool.ts'
import type { KernelSocket } from './socket.ts'

/** What a stream needs of its conversation. */
export interface ChunkHost {
  blocking: boolean
  deadline: number
  lease(): KernelSocket | Promise<KernelSocket>
  /** `reusable`: nothing of this dump is left in the socket. */
  giveBack(socket: KernelSocket, reusable: boolean): void
  ended(): void
  sequence: number
}

/** The messages of one datagram, valid until the next call of next() or return(). */
export class Chunk {
  readonly #frame: Frame
  readonly #length: number
  readonly #sequence: number

  constructor(frame: Frame, length: number, sequence: number) {
    this.#frame = frame
    this.#length = length
    this.#sequence = sequence
  }

  /** Calls `each` for every message of the dump, in place. */
  forEach(each: (message: Message) => void): void {
    eachMessage(this.#frame, this.#length, (message) => {
      if (message.seq === this.#sequence && message.type > NLMSG.NLMSG_OVERRUN) each(message)
    })
  }
}

interface Waiter {
  resolve(chunk: Chunk | undefined): void
  reject(error: unknown): void
}

export class ChunkStream {
  readonly #call: CallOptions
  readonly #host: ChunkHost
  #socket: KernelSocket | undefined
  #state: 'new' | 'running' | 'ended' = 'new'
  /** Something of it may have reached the kernel. */
  #sent = false
  #inPool = false
  /** The buffer that the consumer looks at, and the one after it. */
  #held: Frame | undefined
  #ready: { chunk: Chunk; buffer: Frame } | undefined
  #waiter: Waiter | undefined
  #error: unknown
  #timer: NodeJS.Timeout | undefined
  #interrupted = false
  #strangers = 0
  #retained = false
  readonly #abort = (): void => this.#fail(aborted(this.#call, this.#sent, this.#call.signal?.reason))

  /** `early`: why it cannot start at all. */
  constructor(call: CallOptions, host: ChunkHost, early: NetlinkError | undefined) {
    this.#call = call
    this.#host = host
    if (early !== undefined) {
      this.#state = 'ended'
      this.#error = early
      return
    }
    for (const descriptor of call.keepAlive ?? []) descriptor.retain()
    this.#retained = true
    if (call.signal !== undefined) onAbort(call.signal, this.#abort)
  }

  /** NLM_F_DUMP_INTR was seen: what was dumped changed meanwhile, so something may be missing or there twice. */
  get interrupted(): boolean {
    return this.#interrupted
  }

  /** The next datagram; undefined at the end. One call at a time. */
  next(): Promise<Chunk | undefined> {
    this.#recycle()
    if (this.#ready !== undefined) return Promise.resolve(this.#deliver(this.#ready))
    if (this.#state === 'ended')
      return this.#error === undefined ? Promise.resolve(undefined) : Promise.reject(this.#error)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
      if (!this.#host.blocking && Number.isFinite(this.#host.deadline))
        this.#timer = setTimeout(
          () => setImmediate(() => this.#late()),
          Math.min(this.#host.deadline, 0x7fff_ffff),
        ).unref()
      if (this.#state === 'new') this.#start()
      else this.#read()
    })
  }

  /** Leaves the dump: everything it holds is freed, now or when the job in the pool has returned. */
  return(): void {
    this.#recycle()
    if (this.#ready !== undefined) giveBuffer(this.#ready.buffer)
    this.#ready = undefined
    this.#end(undefined, false)
  }

  /** return(), and whoever waits is told that the client was closed. */
  close(): void {
    this.#fail(closed(this.#call, this.#sent))
  }

  #late(): void {
    if (this.#waiter !== undefined) this.#fail(timedOut(this.#call, this.#sent, this.#host.deadline))
  }

  #start(): void {
    this.#state = 'running'
    let socket: KernelSocket | Promise<KernelSocket>
    try {
      socket = this.#host.lease()
    } catch (error) {
      this.#fail(error)
      return
    }
    if (socket instanceof Promise)
      socket.then(
        (opened) => this.#write(opened),
        (error: unknown) => this.#fail(error),
      )
    else this.#write(socket)
  }

  #write(socket: KernelSocket): void {
    if (this.#state === 'ended') {
      this.#host.giveBack(socket, true)
      return
    }
    this.#socket = socket
    const bytes = this.#call.bytes.slice()
    const view = new DataView(bytes.buffer)
    // A dump's ACK is its NLMSG_DONE.
    view.setUint16(6, view.getUint16(6, hostLittleEndian) & ~NLM_F_ACK, hostLittleEndian)
    view.setUint32(8, this.#host.sequence, hostLittleEndian)
    const written = (result: number): void => {
      this.#release()
      if (this.#state === 'ended') this.#giveBack(false)
      else if (result < 0) this.#fail(unsent(this.#call, -result))
      else this.#read()
    }
    if (this.#host.blocking) {
      this.#sent = true
      written(socket.sendSync(bytes))
    } else
      this.#job((done) => {
        this.#sent = true
        socket.send(bytes, (result) => {
          done()
          written(result)
        })
      })
  }

  /** Runs `start` in the pool, unless the dump is left before there is room. */
  #job(start: (done: () => void) => void): void {
    this.#inPool = true
    pool.submit((done) => {
      if (this.#state === 'ended') {
        this.#inPool = false
        this.#release()
        this.#giveBack(false)
        return false
      }
      start(() => {
        this.#inPool = false
        done()
      })
      return true
    })
  }

  #read(): void {
    const socket = this.#socket
    if (socket === undefined || this.#inPool || this.#ready !== undefined) return
    if (this.#host.blocking) {
      while (this.#state === 'running' && this.#ready === undefined && this.#waiter !== undefined) {
        const buffer = takeBuffer()
        this.#received(buffer, socket.receiveSync(buffer.bytes))
      }
      return
    }
    this.#job((done) => {
      const buffer = takeBuffer()
      socket.receive(buffer.bytes, (result) => {
        done()
        this.#received(buffer, result)
      })
    })
  }

  #received(buffer: Frame, length: number): void {
    if (this.#state === 'ended') {
      giveBuffer(buffer)
      this.#giveBack(false)
      return
    }
    if (length < 0 || length === buffer.bytes.length) {
      giveBuffer(buffer)
      if (length < 0) this.#fail(lost(this.#call, length === -errno.EAGAIN ? 0 : -length))
      else {
        // What was cut off is gone, and the dump goes on behind it: it has to be made again with larger buffers.
        growBuffers(length)
        this.#fail(lost(this.#call, errno.EMSGSIZE))
      }
      return
    }
    const { count, end, refusal: refused } = this.#scan(buffer, length)
    if (refused !== undefined) {
      giveBuffer(buffer)
      this.#end({ error: refusal(this.#call, [refused]) }, true)
      return
    }
    if (count > 0) {
      const ready = { chunk: new Chunk(buffer, length, this.#host.sequence), buffer }
      const waiter = this.#waiter
      this.#waiter = undefined
      clearTimeout(this.#timer)
      if (end) this.#end(undefined, true)
      if (waiter === undefined) this.#ready = ready
      else waiter.resolve(this.#deliver(ready))
      return
    }
    giveBuffer(buffer)
    if (end) this.#end(undefined, true)
    else {
      this.#strangers += 1
      if (this.#strangers > 4096) this.#fail(lost(this.#call, 0))
      else this.#read()
    }
  }

  /** Looks at the headers only. */
  #scan(buffer: Frame, length: number): { count: number; end: boolean; refusal: Refusal | undefined } {
    let count = 0
    let end = false
    let refused: Refusal | undefined
    const whole = eachMessage(buffer, length, (message) => {
      if (message.seq !== this.#host.sequence) return
      if ((message.flags & NLM_F_DUMP_INTR) !== 0) this.#interrupted = true
      if (message.type === NLMSG.NLMSG_DONE || message.type === NLMSG.NLMSG_ERROR) {
        end = true
        const failed = errnoOf(message)
        if (failed !== 0) refused = { errno: failed, extack: extackOf(message), index: 0 }
      } else if (message.type > NLMSG.NLMSG_OVERRUN) count += 1
    })
    // Not a datagram of the kernel's.
    if (whole !== length) refused ??= { errno: errno.EBADMSG, extack: undefined, index: 0 }
    return { count, end, refusal: refused }
  }

  /** Hands a chunk out, and lets the kernel fill the next one meanwhile. */
  #deliver({ chunk, buffer }: { chunk: Chunk; buffer: Frame }): Chunk {
    this.#ready = undefined
    this.#held = buffer
    if (this.#state === 'running' && !this.#host.blocking) this.#read()
    return chunk
  }

  #recycle(): void {
    if (this.#held !== undefined) giveBuffer(this.#held)
    this.#held = undefined
  }

  #release(): void {
    if (this.#retained) for (const descriptor of this.#call.keepAlive ?? []) descriptor.release()
    this.#retained = false
  }

  #fail(error: unknown): void {
    this.#end({ error }, false)
  }

  /** `whole`: the kernel has nothing left of this dump, so the socket can serve another. */
  #end(failed: { error: unknown } | undefined, whole: boolean): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#error = failed?.error
    clearTimeout(this.#timer)
    if (this.#call.signal !== undefined) forget(this.#call.signal, this.#abort)
    if (failed !== undefined && this.#ready !== undefined) {
      giveBuffer(this.#ready.buffer)
      this.#ready = undefined
    }
    this.#host.ended()
    // A job in the pool still uses the descriptors; it gives them back when it returns.
    if (!this.#inPool) {
      this.#release()
      this.#giveBack(whole)
    } else if (this.#socket !== undefined) void this.#socket.close()
    const waiter = this.#waiter
    this.#waiter = undefined
    if (failed === undefined) waiter?.resolve(undefined)
    else waiter?.reject(failed.error)
  }

  #giveBack(whole: boolean): void {
    const socket = this.#socket
    this.#socket = undefined
    if (socket !== undefined) this.#host.giveBack(socket, whole)
  }
}
