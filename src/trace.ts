/** What goes through a socket, made visible: `NETLINK_TRACE=1`, and the option `trace` of Netlink.open(). */

import { decodeDatagram } from '../protocol/netlink/message.ts'
import type { Protocol } from '../protocol/netlink/operation.ts'
import { hex } from '../protocol/wire/bytes.ts'
import { errnoName } from './error.ts'
import type { EventSocket } from './event-socket.ts'
import { eachMessage, frame } from './frame.ts'
import { errno } from './pending.ts'
import { describeDatagram } from './print.ts'
import type { Receiver } from './receiver.ts'
import type { KernelSocket, Result } from './socket.ts'

/** One datagram on its way; as a string, what NETLINK_TRACE=1 prints. */
export class TraceEvent {
  /** 'send': on its way to the kernel; 'receive': read from it. */
  readonly direction: 'send' | 'receive'
  /** 'route' */
  readonly protocol: string
  /** Of the namespace, where it has one. */
  readonly namespace: string | undefined
  /** Counts the sockets of this thread: each running dump has one to itself. */
  readonly socket: number
  /** The datagram, a copy; empty where a system call failed. */
  readonly bytes: Uint8Array
  /** Why a write or read failed: 'ENOBUFS'. */
  readonly code: string | undefined
  readonly #protocol: Protocol
  readonly #requests: ReadonlyMap<number, Uint8Array>

  /** @internal */
  constructor(
    direction: 'send' | 'receive',
    { protocol, namespace }: TracePlace,
    socket: number,
    result: Uint8Array | string,
    requests: ReadonlyMap<number, Uint8Array>,
  ) {
    this.direction = direction
    this.protocol = protocol.name
    this.namespace = namespace
    this.socket = socket
    this.bytes = typeof result === 'string' ? new Uint8Array(0) : result
    this.code = typeof result === 'string' ? result : undefined
    this.#protocol = protocol
    this.#requests = requests
  }

  /** The messages decoded, each line with its offset, and the bytes in hex. */
  toString(): string {
    const inside = this.namespace === undefined ? '' : ` in ${this.namespace}`
    const what = this.code === undefined ? `${this.bytes.length} bytes` : `failed: ${this.code}`
    const title = `netlink ${this.direction} ${this.protocol}${inside} socket ${this.socket}: ${what}`
    if (this.code !== undefined) return title
    const messages = decodeDatagram(this.#protocol, this.bytes, { exact: false })
    const text = describeDatagram(this.#protocol, this.bytes, messages, { requests: this.#requests })
    return [title, text, ...hexLines(this.bytes)].join('\n')
  }
}

function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 32) {
    const words = hex(bytes.subarray(at, at + 32)).replace(/.{8}(?=.)/g, '$& ')
    lines.push(`${String(at).padStart(5)}  ${words}`)
  }
  return lines
}

export type TraceListener = (event: TraceEvent) => void

export interface TracePlace {
  protocol: Protocol
  namespace: string | undefined
}

let sockets = 0

/** The socket, telling `listener`, and stderr where the environment says so, of everything that goes through it. */
export function traced(socket: KernelSocket, place: TracePlace, listener: TraceListener | undefined): KernelSocket {
  return new TracedSocket(socket, teller(place, listener))
}

/** The same of a socket that only listens. */
export function tracedEvents(socket: EventSocket, place: TracePlace, listener: TraceListener | undefined): EventSocket {
  const tell = teller(place, listener)
  return {
    receiveBuffer: socket.receiveBuffer,
    receive(sink) {
      const result = socket.receive({
        datagram(bytes, start, end, nsid) {
          tell('receive', bytes.slice(start, end))
          sink.datagram(bytes, start, end, nsid)
        },
        cut() {
          tell('receive', 'EMSGSIZE')
          sink.cut()
        },
      })
      if (result < 0 && result !== -errno.EAGAIN) tell('receive', errnoName(-result))
      return result
    },
    drops: () => socket.drops(),
    join: (group) => socket.join(group),
    watch: (wake) => socket.watch(wake),
    close: () => socket.close(),
  }
}

type Tell = (
  direction: 'send' | 'receive',
  result: Uint8Array | string,
  requests?: ReadonlyMap<number, Uint8Array>,
) => void

const none: ReadonlyMap<number, Uint8Array> = new Map()

/** Of one socket. */
function teller(place: TracePlace, listener: TraceListener | undefined): Tell {
  const print = process.env.NETLINK_TRACE === '1'
  sockets += 1
  const number = sockets
  return (direction, result, requests = none) => {
    try {
      const event = new TraceEvent(direction, place, number, result, requests)
      if (print) process.stderr.write(`${event}\n`)
      listener?.(event)
    } catch (error) {
      // The listener's own mistake must not end the conversation half-way.
      process.nextTick(() => {
        throw error
      })
    }
  }
}

/** A socket that tells of everything that goes through it. */
class TracedSocket implements KernelSocket {
  readonly #socket: KernelSocket
  readonly #teller: Tell
  /** The requests of the last write, by sequence number: errors point into them. */
  #requests = new Map<number, Uint8Array>()

  constructor(socket: KernelSocket, tell: Tell) {
    this.#socket = socket
    this.#teller = tell
  }

  get receiveBuffer(): number {
    return this.#socket.receiveBuffer
  }

  get sendLimit(): number {
    return this.#socket.sendLimit
  }

  send(bytes: Uint8Array, done: (result: Result) => void): void {
    this.#sending(bytes)
    this.#socket.send(bytes, (result) => {
      this.#failed('send', result)
      done(result)
    })
  }

  sendSync(bytes: Uint8Array): Result {
    this.#sending(bytes)
    return this.#failed('send', this.#socket.sendSync(bytes))
  }

  receive(into: Receiver, most: number, done: (result: Result) => void): void {
    this.#socket.receive(into, most, (result) => {
      for (let slot = 0; slot < result; slot += 1)
        this.#received(into.bytes.subarray(into.start(slot)), Math.min(into.length(slot), into.size))
      this.#failed('receive', result)
      done(result)
    })
  }

  receiveSync(buffer: Uint8Array): Result {
    const result = this.#socket.receiveSync(buffer)
    // Nothing there: that is how reading ends.
    return result === -errno.EAGAIN ? result : this.#received(buffer, result)
  }

  ifname(index: number): string | undefined {
    return this.#socket.ifname(index)
  }

  growSend(bytes: number): void {
    this.#socket.growSend(bytes)
  }

  close(): Promise<void> {
    return this.#socket.close()
  }

  #sending(bytes: Uint8Array): void {
    const copy = new Uint8Array(bytes)
    this.#requests = new Map()
    eachMessage(frame(copy), copy.length, ({ seq, start, end }) => this.#requests.set(seq, copy.subarray(start, end)))
    this.#tell('send', copy)
  }

  #received(buffer: Uint8Array, result: Result): Result {
    if (result >= 0) this.#tell('receive', new Uint8Array(buffer.subarray(0, result)))
    return this.#failed('receive', result)
  }

  #failed(direction: 'send' | 'receive', result: Result): Result {
    if (result < 0) this.#tell(direction, errnoName(-result))
    return result
  }

  #tell(direction: 'send' | 'receive', result: Uint8Array | string): void {
    this.#teller(direction, result, this.#requests)
  }
}
