/**
 * A dump, datagram by datagram, on a socket of its own. While the consumer works on some of them, the kernel fills the next in the libuv pool; never
 * more than one job ahead, so a slow consumer costs two receivers (8 datagrams of 32 KiB each). With one datagram a job, the kernel waited for the event
 * loop between any two of them: 20 dumps of 1,000 links took 1.2 times as long.
 */
import { NLM_F_ACK } from '../protocol/netlink/constants.ts'
import { hostLittleEndian } from '../protocol/wire/bytes.ts'
import { forget, onAbort } from './abort.ts'
import { giveReceiver, growBuffers, takeReceiver } from './buffers.ts'
import { aborted, type CallOptions, closed, lost, refusal, timedOut, unsent } from './call.ts'
import { Chunk, scan } from './chunk.ts'
import type { NetlinkError } from './error.ts'
import { errno } from './pending.ts'
import { pool } from './pool.ts'
import type { Receiver } from './receiver.ts'
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

/** What one job has received. */
interface Load {
  readonly receiver: Receiver
  readonly chunks: Chunk[]
}

/** How a dump ends: see #end(). */
interface Ending {
  readonly failed: { error: unknown } | undefined
  readonly whole: boolean
}

/** Datagrams of the first job: whoever waits shall have something soon. Then twice as many each, up to what a receiver holds. */
const FIRST = 2
/** Milliseconds. A job that took longer (others hold the RTNL lock, each datagram waits for it) is followed by one for a single datagram. */
const SLOW = 50

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
  /** What the consumer is at, and what comes after it. */
  #held: Load | undefined
  #ready: Load | undefined
  #most = FIRST
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
    const chunk = this.#held?.chunks.shift() ?? this.#deliver()
    if (chunk !== undefined) return Promise.resolve(chunk)
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
    this.#drop()
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
      while (this.#state === 'running' && this.#waiter !== undefined) {
        const receiver = takeReceiver()
        const result = socket.receiveSync(receiver.bytes.subarray(0, receiver.size))
        if (result >= 0) receiver.put(0, result)
        this.#received(receiver, result < 0 ? result : 1)
      }
      return
    }
    this.#job((done) => {
      const receiver = takeReceiver()
      const start = performance.now()
      socket.receive(receiver, Math.min(this.#most, receiver.slots), (result) => {
        this.#most = performance.now() - start > SLOW ? 1 : Math.min(this.#most * 2, receiver.slots)
        done()
        this.#received(receiver, result)
      })
    })
  }

  #received(receiver: Receiver, result: number): void {
    if (this.#state === 'ended') {
      giveReceiver(receiver)
      this.#giveBack(false)
      return
    }
    const chunks: Chunk[] = []
    let ended = result < 0 ? this.#lost(result === -errno.EAGAIN ? 0 : -result) : undefined
    for (let slot = 0; slot < result && ended === undefined; slot += 1) ended = this.#look(receiver, slot, chunks)
    // It has something to come first, whatever ends the dump behind it.
    const waiter = chunks.length > 0 ? this.#waiter : undefined
    if (chunks.length > 0) {
      this.#waiter = undefined
      clearTimeout(this.#timer)
      this.#ready = { receiver, chunks }
    } else giveReceiver(receiver)
    if (ended !== undefined) this.#end(ended.failed, ended.whole)
    if (chunks.length > 0) waiter?.resolve(this.#deliver())
    else if (ended === undefined) {
      this.#strangers += 1
      if (this.#strangers > 4096) this.#fail(lost(this.#call, 0))
      else this.#read()
    }
  }

  /** Adds what is in a slot to `chunks`; returns how the dump ends with it. */
  #look(receiver: Receiver, slot: number, chunks: Chunk[]): Ending | undefined {
    const length = receiver.length(slot)
    if (length >= receiver.size) {
      // What was cut off is gone, and the dump goes on behind it: it has to be made again with larger buffers.
      growBuffers(length)
      return this.#lost(errno.EMSGSIZE)
    }
    const start = receiver.start(slot)
    const { sequence } = this.#host
    const { count, end, refused, interrupted } = scan(receiver.frame, start, start + length, sequence)
    this.#interrupted ||= interrupted
    if (count > 0) chunks.push(new Chunk(receiver.frame, start, start + length, sequence))
    if (refused !== undefined) return { failed: { error: refusal(this.#call, [refused]) }, whole: true }
    return end ? { failed: undefined, whole: true } : undefined
  }

  #lost(why: number): Ending {
    return { failed: { error: lost(this.#call, why) }, whole: false }
  }

  /** Goes on to what has been received, and lets the kernel fill the next meanwhile. */
  #deliver(): Chunk | undefined {
    if (this.#held !== undefined) giveReceiver(this.#held.receiver)
    this.#held = this.#ready
    this.#ready = undefined
    const chunk = this.#held?.chunks.shift()
    if (chunk !== undefined && this.#state === 'running' && !this.#host.blocking) this.#read()
    return chunk
  }

  /** What was received and nobody looks at any more. */
  #drop(): void {
    for (const load of [this.#held, this.#ready]) if (load !== undefined) giveReceiver(load.receiver)
    this.#held = undefined
    this.#ready = undefined
  }

  #release(): void {
    if (this.#retained) for (const descriptor of this.#call.keepAlive ?? []) descriptor.release()
    this.#retained = false
  }

  /** What has been received already is not handed out any more. */
  #fail(error: unknown): void {
    if (this.#state === 'ended') return
    if (this.#held !== undefined) this.#held.chunks.length = 0
    if (this.#ready !== undefined) giveReceiver(this.#ready.receiver)
    this.#ready = undefined
    this.#end({ error }, false)
  }

  /** `whole`: the kernel has nothing left of this dump, so the socket can serve another. */
  #end(failed: Ending['failed'], whole: boolean): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#error = failed?.error
    clearTimeout(this.#timer)
    if (this.#call.signal !== undefined) forget(this.#call.signal, this.#abort)
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
