/** `nl.link`: network devices, as `ip link` has them (RTM_NEWLINK and its like, rtnetlink(7)). */
import type { LinkMessage, LinkMessageInput } from '../protocol/route/link/link.ts'
import { RTM_DELLINK, RTM_DELLINKPROP, RTM_GETLINK, RTM_NEWLINK } from '../protocol/route/operations.ts'
import type { CallControl, RequestOptions, Turn } from './client.ts'
import { checkAltname, checkDevice, type Device, identify, indexOf, Names, noDevice, withoutStats } from './device.ts'
import { Dump } from './dump.ts'
import { NetlinkError } from './error.ts'
import { checkBoolean, checkControl, checkObject } from './input.ts'
import { addLink } from './link-add.ts'
import {
  checkLink,
  flagChange,
  kindInfo,
  namespaceAttribute,
  plainAttributes,
  renameLink,
  toLink,
} from './link-message.ts'
import type { Link, LinkChange, LinkInput } from './link-object.ts'
import { type Ask, addAltnames, linkObject, nameDevices, portOptions, resolveDevices } from './link-parts.ts'
import type { Netlink } from './netlink.ts'

export interface LinkFilter extends CallControl {
  /** Only links of this kind, filtered by the kernel: 'veth', 'bridge', 'dummy' ... */
  kind?: string | undefined
  /** Only ports of this device, filtered by the kernel. */
  master?: Device | undefined
  /** With the counters of IPv6 in `afSpec` too. The kernel leaves out none but those: `stats64` always comes. */
  stats?: boolean | undefined
}

export class LinkService {
  readonly #netlink: Netlink

  constructor(netlink: Netlink) {
    this.#netlink = netlink
  }

  /**
   * Creates a device: `ip link add NAME type KIND ...`. Returns it as the kernel reports it, a veth with its peer in `data.peer`.
   * A peer is born in its `namespace` in the same message, which is 9 to 17 times faster than moving it there.
   *
   * Attributes that the kernel takes only of an existing device (alias, alternative names, a port's options, `up` of a peer) follow in
   * further messages; if one of them fails, the device is removed again. So it is after an abort, as soon as the kernel has answered; the promise
   * rejects at once, with outcome 'unknown'. Only a client that is closed meanwhile leaves it.
   *
   * @throws NetlinkError 'EEXIST': the name is taken; 'EINVAL' with `path` for input that cannot be right, before anything is sent.
   * @example
   * await nl.link.add({ kind: 'veth', name: 'veth0', master: 'br0', up: true, data: { peer: { name: 'eth0', namespace: ns1, up: true } } })
   */
  add(link: LinkInput, control: CallControl = {}): Promise<Link> {
    return addLink(this.#netlink, link, control)
  }

  /**
   * Changes a device: `ip link set DEVICE ...`. Only the properties that are given change; `altnames` is the whole list.
   * A link as list() gives it is taken too: what is state rather than configuration (carrier, protocol down) is left out of it.
   *
   * @throws NetlinkError 'ENODEV': there is no such device.
   * @example await nl.link.set('eth0', { up: true, mtu: 1400 })
   * @example await nl.link.set('veth1', { namespace: ns1 })      // ip link set veth1 netns ns1
   */
  async set(device: Device, change: LinkChange, control: CallControl = {}): Promise<void> {
    const operation = 'link.set'
    checkControl(operation, control)
    checkDevice(operation, 'device', device)
    checkObject(operation, 'change', change)
    checkLink(change, change.kind, operation)
    const rename = change.name !== undefined && change.name !== device
    const target = change.namespace && namespaceAttribute(change.namespace, operation, 'namespace')
    const flags = flagChange(change)
    const { altnames } = change
    for (const [i, name] of (altnames ?? []).entries()) checkAltname(operation, `altnames[${i}]`, name)

    // Moved, it is gone from here with all its names.
    const names = rename || altnames !== undefined || target !== undefined
    await this.#netlink.turn({ operation, subject: String(device), names, ...control }, async (turn) => {
      const resolved = await resolveDevices(turn.ask, change, operation)
      const before = await this.#before(turn, device, change, rename, operation)
      const id = rename && before ? { header: { index: before.header.index } } : identify(device)
      const kind = change.kind === 'other' ? change.otherKind : (change.kind ?? before?.linkinfo?.kind)
      // The kernel looks for the master before it sets the one in the same message (__rtnl_newlink): a port's options follow it.
      const joins = change.master !== undefined && change.slaveData !== undefined
      const message: LinkMessageInput = {
        ...id,
        header: { ...id.header, ...flags },
        // A listed object, which index tells, carries state that cannot be set, even to what it is.
        ...plainAttributes(change, change.index === undefined ? 'set' : 'listed'),
        ...resolved,
        ...target?.attributes,
        ...this.#info(joins ? { ...change, slaveData: undefined } : change, kind, operation),
        ...(rename && { ifname: change.name }),
      }
      const nothing = Object.keys(message).length === Object.keys(id).length + (id.header ? 0 : 1) && !flags
      if (!nothing) {
        const options: RequestOptions = { subject: String(device), keepAlive: target?.keepAlive, rename: renameLink }
        await found(operation, device, turn.ask(RTM_NEWLINK, message, options))
      }
      if (joins && change.master !== null && !target) {
        const options: RequestOptions = { subject: String(device), rename: renameLink }
        const { index, slaveKind, slaveData } = change
        await turn.ask(
          RTM_NEWLINK,
          { ...identify(change.name ?? device), ...this.#info({ index, slaveKind, slaveData }, kind, operation) },
          options,
        )
      }
      if (altnames && before) await this.#setAltnames(turn, before, altnames)
    })
  }

  /**
   * Removes a device: `ip link del DEVICE`. A veth's peer goes with it.
   *
   * @throws NetlinkError 'ENODEV': there is no such device; 'EOPNOTSUPP': it cannot be removed (lo, hardware).
   */
  async del(device: Device, control: CallControl = {}): Promise<void> {
    checkControl('link.del', control)
    checkDevice('link.del', 'device', device)
    const options = { subject: String(device), rename: renameLink, ...control }
    await found('link.del', device, this.#netlink.request(RTM_DELLINK, identify(device), options))
  }

  /**
   * One device, with its counters: `ip -s -d link show DEVICE`.
   *
   * @throws NetlinkError 'ENODEV': there is no such device.
   */
  async get(device: Device, control: CallControl = {}): Promise<Link> {
    checkControl('link.get', control)
    checkDevice('link.get', 'device', device)
    const ask: Ask = (operation, message, options) =>
      this.#netlink.request(operation, message, { ...control, ...options })
    const asked = ask(RTM_GETLINK, identify(device), { subject: String(device), rename: renameLink })
    const [message] = await found('link.get', device, asked)
    if (!message) throw noDevice('link.get', 'device', device)
    return linkObject(message, ask, new Names(ask, this.#netlink.ifname))
  }

  /**
   * All devices, or those that match: `ip -d link`. Await it as an array, or loop over it with `for await`.
   *
   * @example for await (const link of nl.link.list({ master: 'br0' })) console.log(link.name, link.operstate)
   */
  list(filter: LinkFilter = {}): Dump<Link> {
    return Dump.of(() => this.#list(filter))
  }

  #list(filter: LinkFilter): Dump<Link> {
    const operation = 'link.list'
    checkControl(operation, filter)
    const { kind, master, stats, ...control } = filter
    checkBoolean(operation, 'stats', stats)
    if (master !== undefined) checkDevice(operation, 'master', master)
    const ask: Ask = (...args) => this.#netlink.request(...args)
    const names = new Names(ask, this.#netlink.ifname)
    return this.#netlink.list({
      operation: RTM_GETLINK,
      request: async () => ({
        ...(stats !== true && { extMask: withoutStats }),
        ...(kind !== undefined && { linkinfo: { kind } }),
        ...(master !== undefined && { master: await indexOf(ask, operation, 'master', master) }),
      }),
      object: (message) => {
        names.learn(message.header.index, message.ifname)
        return toLink(message)
      },
      complete: (links) => nameDevices(links, names),
      absent: ['ENODEV'],
      rename: renameLink,
      ...control,
    })
  }

  /** What set() must know of the device first, if anything. */
  async #before(
    turn: Turn,
    device: Device,
    change: LinkChange,
    rename: boolean,
    operation: string,
  ): Promise<LinkMessage | undefined> {
    const needed = rename || change.altnames !== undefined || (change.data !== undefined && change.kind === undefined)
    if (!needed) return undefined
    const asked = turn.ask(
      RTM_GETLINK,
      { ...identify(device), extMask: withoutStats },
      { subject: String(device), rename: renameLink },
    )
    const [message] = await found(operation, device, asked)
    if (!message) throw noDevice(operation, 'device', device)
    return message
  }

  /** IFLA_LINKINFO of a change. */
  #info(change: LinkChange, kind: string | undefined, operation: string): LinkMessageInput {
    const { data, slaveKind = 'bridge', slaveData } = change
    const own =
      data !== undefined && kind !== undefined && !unchangeable.has(kind)
        ? kindInfo('other', kind, data, operation)
        : {}
    const listed = change.index !== undefined
    const port = slaveData === undefined ? {} : listed ? portOptions(change) : { linkinfo: { slaveKind, slaveData } }
    const linkinfo = { ...own.linkinfo, ...port.linkinfo }
    return Object.keys(linkinfo).length === 0 ? {} : plainAttributes({ linkinfo }, 'set')
  }

  async #setAltnames(
    turn: Turn,
    { header: { index }, propList, ifname }: LinkMessage,
    wanted: readonly string[],
  ): Promise<void> {
    const have = propList?.altIfname ?? []
    const gone = have.filter((name) => !wanted.includes(name))
    const fresh = wanted.filter((name) => !have.includes(name))
    const options = { subject: ifname, rename: renameLink }
    if (gone.length > 0) await turn.ask(RTM_DELLINKPROP, { header: { index }, propList: { altIfname: gone } }, options)
    if (fresh.length > 0) await addAltnames(turn.ask, index, fresh, options)
  }
}

/** Kinds whose data rtnetlink does not change: veth has no changelink(), and tun_validate() refuses every message that names its kind. */
const unchangeable: ReadonlySet<string> = new Set(['veth', 'tun'])

/** Without a flag to create it and with a name to look up, the kernel's ENODEV is about that name. */
async function found<T>(operation: string, device: Device, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') throw noDevice(operation, 'device', device)
    throw error
  }
}
