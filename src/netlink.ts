/** `Netlink`: one client of one network namespace, with a service for each kind of object. */
import type { Operation } from '../protocol/netlink/operation.ts'
import { route } from '../protocol/route/operations.ts'
import { AddressService } from './addr.ts'
import {
  type CallControl,
  Exchange,
  inTurn,
  prepare,
  type RequestOptions,
  readReply,
  type SendOptions,
  type Turn,
} from './client.ts'
import {
  type Batch,
  type BatchOptions,
  type Command,
  type CommandResult,
  type CommandResults,
  runBatch,
} from './commands.ts'
import { ConntrackService } from './conntrack.ts'
import { Conversation } from './conversation.ts'
import { Dump, type DumpOptions } from './dump.ts'
import type { EventOf } from './events.ts'
import { LinkService } from './link.ts'
import type { NamespaceTarget } from './link-object.ts'
import { NatService } from './nat/service.ts'
import { checkCall, checkOpen, type NetlinkOptions, type SocketPlace } from './netlink-options.ts'
import { NftService } from './nft/service.ts'
import type { TaskOptions } from './pending.ts'
import { RouteService } from './route.ts'
import type { NamedProtocol } from './schema.ts'
import { eventSocket, protocolNamed, requestSocket } from './sockets.ts'
import { checkSubscribe, type SubscribeOptions } from './subscribe-options.ts'
import { Subscribing } from './subscription.ts'
import { Subscriptions } from './subscriptions.ts'

/** A dump of objects that are made of the kernel's messages. */
export interface ListOptions<T, I, O> extends CallControl, DumpOptions {
  operation: Operation<T, I>
  /** The dump's request; its attributes are the kernel's filters. */
  request: () => I | Promise<I>
  /** The object of a message; undefined leaves it out. */
  object: (message: T) => O | undefined
  complete?: ((objects: O[]) => Promise<void>) | undefined
  /** Codes of errors that mean an empty list. */
  absent?: readonly string[] | undefined
  rename?: RequestOptions['rename']
}

/**
 * A netlink client. It stays in the namespace it was opened in.
 *
 * @example
 * await using nl = await Netlink.open()
 * await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
 */
export class Netlink {
  /** Network devices: `ip link`. */
  readonly link: LinkService = new LinkService(this)
  /** Addresses: `ip address`. */
  readonly addr: AddressService = new AddressService(this)
  /** Routes: `ip route`. */
  readonly route: RouteService = new RouteService(this)
  /** Firewalls and NAT: `nft`. */
  readonly nft: NftService = new NftService(this)
  /** Masquerading, published ports: `iptables -t nat`. */
  readonly nat: NatService = new NatService(this)
  /** Connections that netfilter tracks: `conntrack`. */
  readonly conntrack: ConntrackService = new ConntrackService(this)

  readonly #options: NetlinkOptions
  readonly #route: Conversation
  readonly #others = new Map<number, Promise<Conversation>>()
  readonly #subscriptions: Subscriptions
  #closed = false
  #release: (() => void) | undefined

  /**
   * Opens a client.
   *
   * @throws NetlinkError 'EPERM': the namespace may not be entered; 'EMFILE': too many open files;
   * 'EINVAL' with `path`: an option cannot be right.
   */
  static async open(options: NetlinkOptions = {}): Promise<Netlink> {
    checkOpen(options)
    const client = new Netlink(options, await converse(route, options))
    client.#release = options.namespace?.own?.(() => client.close())
    return client
  }

  /** What `options.namespace` was. For services. */
  get namespace(): SocketPlace | undefined {
    return this.#options.namespace
  }

  private constructor(options: NetlinkOptions, route: Conversation) {
    this.#options = options
    this.#route = route
    this.#subscriptions = new Subscriptions((protocol, wanted) => eventSocket(protocol, options, wanted))
  }

  /**
   * Sends any message of any protocol and gives the bodies of the kernel's replies (none but to a GET or with the flag 'echo').
   *
   * @throws NetlinkError: what the kernel says, with `path` where it points to an attribute; 'EINVAL' with the property that cannot be right.
   * @example await nl.request(RTM_NEWLINK, { ifname: 'dummy0', linkinfo: { kind: 'dummy' } }, { flags: ['create', 'excl'] })
   */
  request<T, I>(operation: Operation<T, I>, message: I, options?: RequestOptions): Promise<T[]> {
    try {
      checkCall('request', operation, options)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#send(operation, () => Exchange.request(operation, message, options))
  }

  /** A request that has no answer but that it was done, at its place in the order of calls. For services. */
  command<T, I>(
    operation: Operation<T, I>,
    message: I,
    options: SendOptions,
    subject: string | undefined = options.subject,
  ): Promise<void> {
    return this.#send(operation, () => Exchange.command(operation, message, options, subject))
  }

  /** Without async functions on the way: each costs a promise more, 100 ns and what the garbage collector makes of it. */
  #send<T, R>(operation: Operation<T, never>, make: () => Exchange<T, R>): Promise<R> {
    try {
      const conversation = this.#conversation(operation)
      if (conversation instanceof Conversation) return conversation.request(make())
      return conversation.then((opened) => opened.request(make()))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Dumps any object of any protocol: await the array, or loop with `for await`.
   *
   * @example for await (const { ifname } of nl.dump(RTM_GETLINK, {})) console.log(ifname)
   */
  dump<T, I>(operation: Operation<T, I>, message: I, options: RequestOptions & DumpOptions = {}): Dump<T> {
    return Dump.of(() => {
      checkCall('dump', operation, options)
      return this.#dump(
        operation,
        () => message,
        (value) => value,
        options,
      )
    })
  }

  /**
   * Sends many commands together and gives the result of each: `ip -batch -`. They are given in the words of the services, executed in the
   * order given, as many in one write as may be, and none is sent before `build` returns. A name that an earlier one creates is resolved in a
   * later one; where a device is given by index, no look-up comes between. Whatever else is asked of this client meanwhile goes in between.
   *
   * @returns what `build` returns, where it returns commands, with the result of each in its place; else the results of all.
   * @throws NetlinkError 'EINVAL': `build` is asynchronous or no function, or an option cannot be right. What commands throw is in their results.
   * @example
   * const [bridge, address] = await nl.batch((b) => [
   *   b.link.add({ kind: 'bridge', name: 'br0', up: true }),
   *   b.addr.add({ dev: 'br0', address: '192.168.1.1/24' }),
   * ], { stopOnError: true })
   * if (bridge.status === 'fulfilled') console.log(bridge.value.index)
   * @example
   * const results = await nl.batch((b) => {
   *   for (const to of prefixes) b.route.replace({ to, via: '192.168.1.2' })
   * })
   */
  batch<const C extends readonly Command<unknown>[]>(
    build: (batch: Batch) => C,
    options?: BatchOptions,
  ): Promise<CommandResults<C>>
  batch(build: (batch: Batch) => void, options?: BatchOptions): Promise<CommandResult<unknown>[]>
  batch(build: (batch: Batch) => unknown, options?: BatchOptions): Promise<CommandResult<unknown>[]> {
    return runBatch(this, build, options)
  }

  /**
   * The messages that the kernel sends to multicast groups, as they come: `ip monitor`. Loop over it at once, or await it first: what
   * happens after that is seen. Where some were lost, an event { type: 'overrun' } stands for them, and the stream goes on. Leaving the loop, `close()`
   * and closing the client end it; aborting throws 'ABORT_ERR' in the loop.
   *
   * @throws NetlinkError 'EINVAL': no such group (path 'groups[0]' where the name is wrong), or an option that cannot be right;
   * 'EPROTONOSUPPORT' (path 'protocol'); 'EPERM'; 'ERR_CLOSED'. When awaited, or in the loop.
   * @example
   * await using events = await nl.subscribe({ groups: ['link', 'ipv4_ifaddr'] })
   * for await (const event of events) {
   *   if (event.type === 'overrun') console.log('look again at everything')
   *   else if (event.type === 'RTM_NEWLINK') console.log(event.message.ifname, event.message.operstate)
   * }
   */
  subscribe<P extends string = 'route'>(options: SubscribeOptions<P>): Subscribing<EventOf<P>> {
    return new Subscribing(() => {
      checkSubscribe(options)
      const protocol = protocolNamed(options.protocol === undefined ? route.name : options.protocol, 'subscribe')
      return this.#subscriptions.start<EventOf<P>>(protocol, options)
    })
  }

  /** A dump whose messages become objects: what the services' list() are made of. */
  list<T, I, O>({ operation, request, object, ...options }: ListOptions<T, I, O>): Dump<O> {
    return this.#dump(operation, request, object, options)
  }

  #dump<T, I, O>(
    operation: Operation<T, I>,
    request: () => I | Promise<I>,
    object: (message: T) => O | undefined,
    options: RequestOptions & Omit<ListOptions<T, I, O>, 'operation' | 'request' | 'object'>,
  ): Dump<O> {
    let conversation: Conversation | undefined
    return new Dump<O>(
      {
        prepare: async () => {
          conversation = await this.#conversation(operation)
          const flags = [...(options.flags ?? []), 'dump']
          return { ...prepare(operation, await request(), { ...options, flags }), absent: options.absent }
        },
        chunks: (call) => {
          // prepare() has run.
          if (conversation === undefined) throw new TypeError('chunks before prepare')
          return conversation.chunks(call)
        },
        decode: (message) => object(readReply(operation, message)),
        complete: options.complete,
      },
      options,
    )
  }

  /** What the device with this index is called now; undefined where the kernel must be asked in a message. For services. */
  readonly ifname = (index: number): string | undefined => this.#route.ifname(index)

  /** Runs `task` in the order of calls: later calls of this client do not overtake what it sends. For services. */
  turn<T>(options: TaskOptions, task: (turn: Turn) => Promise<T>): Promise<T> {
    return inTurn(this.#route, options, task)
  }

  /** Runs `task` with the conversation of any protocol, opened where it is the first. For services that make their own bytes. */
  converse<T>(protocol: string, task: (conversation: Conversation) => Promise<T>): Promise<T> {
    const conversation = this.#conversation({ protocol })
    return conversation instanceof Conversation ? task(conversation) : conversation.then(task)
  }

  /** Runs `action` with a client in another namespace, and closes that again. For services. */
  async elsewhere<T>(target: NamespaceTarget, action: (there: Netlink) => Promise<T>): Promise<T> {
    // A Namespace opens its own sockets: only its host may be able to enter it.
    if (isPlace(target)) return using(await Netlink.open({ ...this.#options, namespace: target }), action)
    // Dynamic: a Namespace makes clients.
    const { Namespace } = await import('./namespace/namespace.ts')
    const place = 'descriptor' in target ? { fd: target.descriptor.fd } : target
    const namespace = await Namespace.open(place)
    try {
      return await using(await Netlink.open({ ...this.#options, namespace }), action)
    } finally {
      await namespace.close()
    }
  }

  /** Rejects whatever is in flight ('ERR_CLOSED'), ends subscriptions, and resolves when all sockets are closed. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#release?.()
    const others = [...this.#others.values()].map((opening) =>
      opening.then(
        (each) => each.close(),
        () => undefined,
      ),
    )
    await Promise.all([this.#route.close(), this.#subscriptions.close(), ...others])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #conversation({ protocol }: Pick<Operation<unknown, never>, 'protocol'>): Conversation | Promise<Conversation> {
    if (protocol === route.name || this.#closed) return this.#route
    const named = protocolNamed(protocol)
    const { number } = named
    const known = this.#others.get(number)
    if (known) return known
    const opening = converse(named, this.#options)
    this.#others.set(number, opening)
    opening.catch(() => this.#others.delete(number))
    return opening
  }
}

const isPlace = (target: object): target is SocketPlace => 'openSocket' in target

/** Closes `there` whatever becomes of the action. */
async function using<T>(there: Netlink, action: (there: Netlink) => Promise<T>): Promise<T> {
  try {
    return await action(there)
  } finally {
    await there.close()
  }
}

function converse(protocol: NamedProtocol, options: NetlinkOptions): Promise<Conversation> {
  const { blocking, deadline } = options
  return Conversation.open({ open: () => requestSocket(protocol, options), blocking, deadline })
}
