/** The subscriptions of one client. */
import { NetlinkError } from './error.ts'
import type { EventSocket, EventSocketOptions } from './event-socket.ts'
import type { NamedProtocol } from './schema.ts'
import { type AnySubscribeOptions, receiveBufferOf } from './subscribe-options.ts'
import { Subscription } from './subscription.ts'

/** Opens a socket where the client is. */
type Open = (protocol: NamedProtocol, options: EventSocketOptions) => Promise<EventSocket>

/** socket(2) knows the protocol as a number; who asked named it. */
function explain(cause: unknown): never {
  if (!(cause instanceof NetlinkError) || cause.code !== 'EPROTONOSUPPORT') throw cause
  const reason = 'this kernel has no such protocol'
  throw new NetlinkError({
    code: cause.code,
    operation: 'subscribe',
    path: 'protocol',
    reason,
    outcome: 'unsent',
    cause,
  })
}

export class Subscriptions {
  readonly #socket: Open
  readonly #open = new Set<{ close(): Promise<void> }>()
  #closed = false

  constructor(socket: Open) {
    this.#socket = socket
  }

  /** Throws NetlinkError: 'EINVAL', 'ERR_CLOSED'. */
  start<Event>(protocol: NamedProtocol, options: AnySubscribeOptions): Subscription<Event> {
    if (this.#closed) {
      const reason = 'the client is closed'
      throw new NetlinkError({ code: 'ERR_CLOSED', operation: 'subscribe', reason, outcome: 'unsent' })
    }
    const { allNsid } = options
    const receiveBuffer = receiveBufferOf(options)
    const subscription: Subscription<Event> = new Subscription(options, {
      protocol,
      open: () => this.#socket(protocol, { receiveBuffer, allNsid }).catch(explain),
      ended: () => this.#open.delete(subscription),
    })
    if (!subscription.closed) this.#open.add(subscription)
    return subscription
  }

  /** Ends them all. Resolves when their sockets are closed. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#open].map((each) => each.close()))
  }
}
