/** The subscriptions of one client. */
import type { Protocol } from '../protocol/netlink/operation.ts'
import { NetlinkError } from './error.ts'
import { openEventSocket } from './event-socket.ts'
import type { OpenDescriptor } from './socket.ts'
import { type AnySubscribeOptions, receiveBufferOf } from './subscribe-options.ts'
import { Subscription } from './subscription.ts'

export class Subscriptions {
  readonly #descriptor: OpenDescriptor
  readonly #open = new Set<{ close(): Promise<void> }>()
  #closed = false

  /** `descriptor` opens a socket where the client is. */
  constructor(descriptor: OpenDescriptor) {
    this.#descriptor = descriptor
  }

  /** Throws NetlinkError: 'EINVAL', 'ERR_CLOSED'. */
  start<Event>(protocol: Protocol, options: AnySubscribeOptions): Subscription<Event> {
    if (this.#closed) {
      const reason = 'the client is closed'
      throw new NetlinkError({ code: 'ERR_CLOSED', operation: 'subscribe', reason, outcome: 'unsent' })
    }
    const { allNsid } = options
    const receiveBuffer = receiveBufferOf(options)
    const subscription: Subscription<Event> = new Subscription(options, {
      protocol,
      open: () => openEventSocket(this.#descriptor, protocol.number, { receiveBuffer, allNsid }),
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
