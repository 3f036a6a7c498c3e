/** `nl.route`: routes, as `ip route` has them (RTM_NEWROUTE and its like, rtnetlink(7)). */
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from '../protocol/route/operations.ts'
import type { RouteMessageInput } from '../protocol/route/route.ts'
import type { CallControl, SendOptions, Turn } from './client.ts'
import { checkDevice, type Device, indexOf, Names } from './device.ts'
import { Dump } from './dump.ts'
import { invalid } from './error.ts'
import { checkBoolean, checkControl } from './input.ts'
import type { Netlink } from './netlink.ts'
import { checkRoute, devicesOf, fromRoute, type Indexes, renameRoute } from './route-message.ts'
import {
  type Route,
  type RouteInput,
  type RouteProtocol,
  type RouteTable,
  type RouteType,
  toRoute,
} from './route-object.ts'
import { checkAddress, checkFamily, familyOf, type IpFamily } from './words.ts'

/** What list() can leave out; the kernel does it. */
export interface RouteFilter extends CallControl {
  /** The default is 'main', as in `ip route`. */
  table?: RouteTable | 'all' | undefined
  /** The default is both. */
  family?: IpFamily | undefined
  dev?: Device | undefined
  protocol?: RouteProtocol | undefined
  type?: RouteType | undefined
}

/** What get() asks about beside the destination. */
export interface RouteQuery extends CallControl {
  /** Source address of the packet. */
  from?: string | undefined
  /** The device it would leave by: `oif`. */
  dev?: Device | undefined
  /** The device it came in by: `iif`. */
  iif?: Device | undefined
  mark?: number | undefined
  tos?: number | undefined
  uid?: number | undefined
  /** The route of the table that matches, rather than what becomes of it: `fibmatch`. */
  fibmatch?: boolean | undefined
}

type Defaults = (route: RouteInput, family: IpFamily) => NonNullable<RouteMessageInput['header']>

export class RouteService {
  readonly #netlink: Netlink

  constructor(netlink: Netlink) {
    this.#netlink = netlink
  }

  /**
   * Adds a route: `ip route add TO via ... dev ...`. Where they are left out, table, protocol and scope are those of `ip`:
   * 'main' ('local' for addresses of this host), 'boot', and 'link' for a route without gateway.
   *
   * @throws NetlinkError 'EEXIST': there is one; 'ENETUNREACH': no way to the gateway; 'ENODEV'; 'EINVAL' with `path`.
   * @example await nl.route.add({ to: 'default', via: '192.168.1.1' })
   * @example await nl.route.add({ to: '10.0.2.0/24', nexthops: [{ via: '10.0.0.1' }, { via: '10.0.1.1', weight: 2 }] })
   */
  add(route: RouteInput, control: CallControl = {}): Promise<void> {
    return this.#inOrder('route.add', RTM_NEWROUTE, route, newRoute, adding, control)
  }

  /** Adds a route, or replaces the one with the same destination, metric and table: `ip route replace`. */
  replace(route: RouteInput, control: CallControl = {}): Promise<void> {
    return this.#inOrder('route.replace', RTM_NEWROUTE, route, newRoute, replacing, control)
  }

  /** Adds a route behind others with the same destination and metric: `ip route append`. */
  append(route: RouteInput, control: CallControl = {}): Promise<void> {
    return this.#inOrder('route.append', RTM_NEWROUTE, route, newRoute, appending, control)
  }

  /**
   * Removes the first route that matches what is given: `ip route del`.
   *
   * @throws NetlinkError 'ESRCH': there is none.
   */
  del(route: RouteInput, control: CallControl = {}): Promise<void> {
    return this.#inOrder('route.del', RTM_DELROUTE, route, anyRoute, deleting, control)
  }

  /**
   * Where a packet would go: `ip route get TO`.
   *
   * @throws NetlinkError 'ENETUNREACH': nowhere.
   * @example const { dev, src } = await nl.route.get('10.0.2.1')
   */
  async get(to: string, query: RouteQuery = {}): Promise<Route> {
    const operation = 'route.get'
    checkControl(operation, query)
    const { from, dev, iif, mark, tos, uid, fibmatch, ...control } = query
    checkBoolean(operation, 'fibmatch', fibmatch)
    const destination = checkAddress(operation, 'to', to)
    const source = from === undefined ? undefined : checkAddress(operation, 'from', from)
    const devices = { dev, iif }
    for (const [path, device] of Object.entries(devices)) if (device !== undefined) checkDevice(operation, path, device)
    const unlocked = typeof dev !== 'string' && typeof iif !== 'string'
    return this.#netlink.turn({ operation, subject: to, names: false, unlocked, ...control }, async (turn) => {
      const oif = dev === undefined ? undefined : await indexOf(turn.ask, operation, 'dev', dev)
      const inward = iif === undefined ? undefined : await indexOf(turn.ask, operation, 'iif', iif)
      const [message] = await turn.send(
        RTM_GETROUTE,
        {
          header: {
            family: familyOf(destination),
            dstLen: destination.length,
            ...(source && { srcLen: source.length }),
            ...(tos !== undefined && { tos }),
            // IPv6 says the table anyway, and refuses to be asked for it (inet6_rtm_valid_getroute_req).
            flags: [
              ...(familyOf(destination) === 'inet' ? (['lookup_table'] as const) : []),
              ...(fibmatch === true ? (['fib_match'] as const) : []),
            ],
          },
          dst: destination.address,
          ...(source && { src: source.address }),
          ...(oif !== undefined && { oif }),
          ...(inward !== undefined && { iif: inward }),
          ...(mark !== undefined && { mark }),
          ...(uid !== undefined && { uid }),
        },
        { subject: to, rename: renameRoute },
      )
      const route = message && toRoute(message)
      if (!route) throw invalid(operation, 'to', 'has no route in an IP table')
      await name([route], new Names(turn.ask, this.#netlink.ifname))
      return route
    })
  }

  /**
   * The routes of the main table, or those that match: `ip route`, `ip route show table all`. Await it as an array, or loop over it
   * with `for await`.
   */
  list(filter: RouteFilter = {}): Dump<Route> {
    return Dump.of(() => this.#list(filter))
  }

  #list(filter: RouteFilter): Dump<Route> {
    const operation = 'route.list'
    checkControl(operation, filter)
    const { table = 'main', family, dev, protocol, type, ...control } = filter
    if (family !== undefined) checkFamily(operation, 'family', family)
    if (dev !== undefined) checkDevice(operation, 'dev', dev)
    const ask: Turn['ask'] = (...args) => this.#netlink.request(...args)
    const names = new Names(ask, this.#netlink.ifname)
    const small = typeof table !== 'number' || table < 256
    // Families by themselves: others (MPLS) refuse a dump with filters that they do not have, and would end one of all families.
    const families: readonly IpFamily[] = family === undefined ? ['inet', 'inet6'] : [family]
    const dumps = families.map((each) =>
      this.#netlink.list({
        operation: RTM_GETROUTE,
        request: async () => ({
          header: {
            family: each,
            ...(table !== 'all' && { table: small ? table : 'compat' }),
            ...(protocol !== undefined && { protocol }),
            ...(type !== undefined && { type }),
          },
          ...(table !== 'all' && { table }),
          ...(dev !== undefined && { oif: await indexOf(ask, operation, 'dev', dev) }),
        }),
        object: toRoute,
        complete: (routes) => name(routes, names),
        // A table that nothing was ever put into, a device that is gone, a kernel without IPv6.
        absent: ['ENOENT', 'ENODEV', 'EOPNOTSUPP'],
        rename: renameRoute,
        ...control,
      }),
    )
    return Dump.joined(dumps)
  }

  /** Sends the route, its devices looked up in the order of calls where any has a name: without, nothing has to wait. */
  #inOrder(
    name: string,
    operation: typeof RTM_NEWROUTE,
    route: RouteInput,
    defaults: Defaults,
    sending: SendOptions,
    control: CallControl,
  ): Promise<void> {
    try {
      checkControl(name, control)
      const { signal, deadline } = control
      const checked = checkRoute(route, name)
      const { to: subject, dev, nexthops } = route
      const options = signal === undefined && deadline === undefined ? sending : { ...sending, signal, deadline }
      if (typeof dev !== 'string' && nexthops === undefined)
        return this.#netlink.command(operation, fromRoute(route, checked, given, defaults), options, subject)
      return this.#netlink.turn({ operation: name, subject, names: false, signal, deadline }, async (turn) => {
        if (dev !== undefined && nexthops === undefined) {
          const index = await indexOf(turn.ask, name, 'dev', dev)
          await turn.send(operation, fromRoute(route, checked, { get: () => index }, defaults), { ...options, subject })
          return
        }
        const asked = devicesOf(route).map(
          async ({ path, device }) => [device, await indexOf(turn.ask, name, path, device)] as const,
        )
        const indexes = new Map(await Promise.all(asked))
        await turn.send(operation, fromRoute(route, checked, indexes, defaults), { ...options, subject })
      })
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

// One of each for all calls: a route more in flight is 72 bytes less to the garbage collector.
const deleting: SendOptions = { rename: renameRoute, names: false }
const adding: SendOptions = { ...deleting, flags: ['create', 'excl'] }
const replacing: SendOptions = { ...deleting, flags: ['create', 'replace'] }
const appending: SendOptions = { ...deleting, flags: ['create', 'append'] }

/** Devices that were named by index. */
const given: Indexes = { get: (device) => (typeof device === 'number' ? device : undefined) }

/** What `ip route add` puts into the header where nothing is said (iproute.c, iproute_modify()). */
const newRoute: Defaults = ({ type, via, nexthops, nhId }, family) => {
  const here = type === 'local' || type === 'nat'
  const near = type === 'broadcast' || type === 'multicast' || type === 'anycast'
  const direct =
    (type === undefined || type === 'unicast') && via === undefined && nexthops === undefined && nhId === undefined
  const scope = family === 'inet6' ? 'universe' : here ? 'host' : near || direct ? 'link' : 'universe'
  const local = here || type === 'broadcast' || type === 'anycast'
  return { table: local ? 'local' : 'main', protocol: 'boot', type: 'unicast', scope }
}

/** Matches any protocol, type and scope: only what is said counts. */
const anyRoute: Defaults = () => ({ table: 'main', scope: 'nowhere' })

/** Names in place of the indexes of devices. */
async function name(routes: Route[], names: Names): Promise<void> {
  await names.learnAll(indexesOf(routes))
  for (const route of routes) {
    if (route.index !== undefined) route.dev = names.known(route.index) ?? route.index
    if (route.nexthops === undefined) continue
    for (const hop of route.nexthops) if (hop.index !== undefined) hop.dev = names.known(hop.index) ?? hop.index
  }
}

function indexesOf(routes: readonly Route[]): Set<number | undefined> {
  const indexes = new Set<number | undefined>()
  for (const { index, nexthops } of routes) {
    indexes.add(index)
    if (nexthops !== undefined) for (const hop of nexthops) indexes.add(hop.index)
  }
  return indexes
}
