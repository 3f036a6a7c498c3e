/** `nl.link`: network devices, as `ip link` has them (RTM_NEWLINK and its like, rtnetlink(7)). */
import type { LinkMessage, LinkMessageInput } from '../protocol/route/link/link.ts'
import {
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
} from '../protocol/route/operations.ts'
import type { CallControl, RequestOptions, Turn } from './client.ts'
import type { Descriptor } from './descriptor.ts'
import { checkAltname, checkDevice, type Device, identify, indexOf, Names, noDevice, withoutStats } from './device.ts'
import type { Dump } from './dump.ts'
import { invalid, NetlinkError } from './error.ts'
import {
  checkLink,
  flagChange,
  kindInfo,
  namespaceAttribute,
  plainAttributes,
  type Resolved,
  renameLink,
  toLink,
} from './link-message.ts'
import type { Link, LinkChange, LinkInput, LinkInputCommon, VethPeer } from './link-object.ts'
import type { Netlink } from './netlink.ts'

export interface LinkFilter extends CallControl {
  /** Only links of this kind, filtered by the kernel: 'veth', 'bridge', 'dummy' ... */
  kind?: string | undefined
  /** Only ports of this device, filtered by the kernel. */
  master?: Device | undefined
  /** With counters (`stats64`, and those of IPv6 in `afSpec`): `ip -s link`. The default is without. */
  stats?: boolean | undefined
}

/** The client of a namespace, or a turn of our own: whoever can send to where a device lives. */
type Ask = Turn['ask']

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
   * further messages; if one of them fails, the device is removed again.
   *
   * @throws NetlinkError 'EEXIST': the name is taken; 'EINVAL' with `path` for input that cannot be right, before anything is sent.
   * @example
   * await nl.link.add({ kind: 'veth', name: 'veth0', master: 'br0', up: true, data: { peer: { name: 'eth0', namespace: ns1, up: true } } })
   */
  async add(link: LinkInput, control: CallControl = {}): Promise<Link> {
    const operation = 'link.add'
    const { kind, name, namespace } = link
    checkLink(link, kind, operation)
    if (link.name === undefined) throw invalid(operation, 'name', 'is missing')
    const peer = kind === 'veth' ? link.data?.peer : undefined
    if (peer) checkLink(peer, 'veth', operation, 'data.peer.')
    const target = namespace && namespaceAttribute(namespace, operation, 'namespace')
    const peerTarget = peer?.namespace && namespaceAttribute(peer.namespace, operation, 'data.peer.namespace')
    const peerMessage = peer && { ...this.#birth(peer, operation, 'data.peer.'), ...peerTarget?.attributes }
    const data = kind === 'veth' ? peerMessage && { peer: peerMessage } : link.data
    const info = kindInfo(kind, kind === 'other' ? link.otherKind : undefined, data, operation)
    const keepAlive: Descriptor[] = [...(target?.keepAlive ?? []), ...(peerTarget?.keepAlive ?? [])]

    return this.#netlink.turn({ operation, subject: name, ...control }, async (turn) => {
      // In another namespace a master has its index there: it is set afterwards.
      const resolved = await this.#resolve(turn.ask, link, operation, kind === 'veth', namespace !== undefined)
      const flags = flagChange(link)
      const message: LinkMessageInput = {
        ...(flags && { header: flags }),
        ...this.#birth(link, operation, ''),
        ...resolved,
        ...target?.attributes,
        ...info,
      }
      // A veth's IFLA_LINK and IFLA_LINK_NETNSID name a peer that it had elsewhere.
      if (kind === 'veth') delete message.linkNetnsid
      const options: RequestOptions = { flags: ['create', 'excl'], subject: name, keepAlive, rename: renameLink }
      if (namespace) {
        await turn.ask(RTM_NEWLINK, message, options)
        return this.#netlink.elsewhere(namespace, async (there) => {
          const ask: Ask = (...args) => there.request(...args)
          const [born] = await ask(RTM_GETLINK, { ifname: name })
          return this.#finish(born, ask, turn.ask, link, peer, operation)
        })
      }
      // In one datagram: nobody can take the name in between.
      const [made, found] = await Promise.allSettled([
        turn.ask(RTM_NEWLINK, message, options),
        turn.ask(RTM_GETLINK, { ifname: name }),
      ])
      if (made.status === 'rejected') throw made.reason
      if (found.status === 'rejected') throw found.reason
      return this.#finish(found.value[0], turn.ask, turn.ask, link, peer, operation)
    })
  }

  /**
   * Changes a device: `ip link set DEVICE ...`. Only the properties that are given change; `altnames` is the whole list.
   *
   * @throws NetlinkError 'ENODEV': there is no such device.
   * @example await nl.link.set('eth0', { up: true, mtu: 1400 })
   * @example await nl.link.set('veth1', { namespace: ns1 })      // ip link set veth1 netns ns1
   */
  async set(device: Device, change: LinkChange, control: CallControl = {}): Promise<void> {
    const operation = 'link.set'
    checkDevice(operation, 'device', device)
    checkLink(change, change.kind, operation)
    const rename = change.name !== undefined && change.name !== device
    const target = change.namespace && namespaceAttribute(change.namespace, operation, 'namespace')
    const flags = flagChange(change)
    const { altnames } = change
    for (const [i, name] of (altnames ?? []).entries()) checkAltname(operation, `altnames[${i}]`, name)

    await this.#netlink.turn({ operation, subject: String(device), ...control }, async (turn) => {
      const resolved = await this.#resolve(turn.ask, change, operation, change.kind === 'veth', false)
      const before = await this.#before(turn, device, change, rename, operation)
      const id = rename && before ? { header: { index: before.header.index } } : identify(device)
      const kind = change.kind === 'other' ? change.otherKind : (change.kind ?? before?.linkinfo?.kind)
      const message: LinkMessageInput = {
        ...id,
        header: { ...id.header, ...flags },
        ...plainAttributes(change, 'set'),
        ...resolved,
        ...(change.master === null && { master: 0 }),
        ...target?.attributes,
        ...this.#info(change, kind, operation),
        ...(rename && { ifname: change.name }),
      }
      const nothing = Object.keys(message).length === Object.keys(id).length + (id.header ? 0 : 1) && !flags
      if (!nothing) {
        const options: RequestOptions = { subject: String(device), keepAlive: target?.keepAlive, rename: renameLink }
        await found(operation, device, turn.ask(RTM_NEWLINK, message, options))
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
    checkDevice('link.get', 'device', device)
    const ask: Ask = (operation, message, options) =>
      this.#netlink.request(operation, message, { ...control, ...options })
    const asked = ask(RTM_GETLINK, identify(device), { subject: String(device), rename: renameLink })
    const [message] = await found('link.get', device, asked)
    if (!message) throw noDevice('link.get', 'device', device)
    return this.#object(message, ask)
  }

  /**
   * All devices, or those that match: `ip -d link`. Await it as an array, or loop over it with `for await`.
   *
   * @example for await (const link of nl.link.list({ master: 'br0' })) console.log(link.name, link.operstate)
   */
  list(filter: LinkFilter = {}): Dump<Link> {
    const operation = 'link.list'
    const { kind, master, stats, ...control } = filter
    if (master !== undefined) checkDevice(operation, 'master', master)
    const ask: Ask = (...args) => this.#netlink.request(...args)
    const names = new Names(ask)
    return this.#netlink.list({
      operation: RTM_GETLINK,
      request: async () => ({
        ...(stats !== true && { extMask: withoutStats }),
        ...(kind !== undefined && { linkinfo: { kind } }),
        ...(master !== undefined && { master: await indexOf({ ask, send: ask }, operation, 'master', master) }),
      }),
      object: (message) => {
        names.learn(message.header.index, message.ifname)
        return toLink(message)
      },
      complete: (links) => this.#name(links, names),
      absent: ['ENODEV'],
      ...control,
    })
  }

  /** Names in place of the indexes of those that a link refers to. */
  async #name(links: Link[], names: Names): Promise<void> {
    for (const link of links) {
      if (typeof link.master === 'number') link.master = (await names.of(link.master)) ?? link.master
      if (typeof link.link === 'number' && link.link !== 0 && link.linkNetnsid === undefined)
        link.link = (await names.of(link.link)) ?? link.link
    }
  }

  async #object(message: LinkMessage, ask: Ask): Promise<Link> {
    const link = toLink(message)
    await this.#name([link], new Names(ask))
    return link
  }

  #birth(link: LinkInputCommon | VethPeer, operation: string, at: string): LinkMessageInput {
    for (const [i, name] of (link.altnames ?? []).entries()) checkAltname(operation, `${at}altnames[${i}]`, name)
    return { ...(link.name !== undefined && { ifname: link.name }), ...plainAttributes(link, 'birth') }
  }

  async #resolve(
    ask: Ask,
    link: { master?: Device | null | undefined; link?: Device | undefined },
    operation: string,
    veth: boolean,
    away: boolean,
    at = '',
  ): Promise<Resolved> {
    const turn: Turn = { ask, send: ask }
    const resolved: Resolved = {}
    if (link.master !== undefined && link.master !== null && !away)
      resolved.master = await indexOf(turn, operation, `${at}master`, link.master)
    if (link.link !== undefined && !veth) resolved.link = await indexOf(turn, operation, `${at}link`, link.link)
    return resolved
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
    const [message] = await turn.ask(
      RTM_GETLINK,
      { ...identify(device), extMask: withoutStats },
      { subject: String(device), rename: renameLink },
    )
    if (!message) throw noDevice(operation, 'device', device)
    return message
  }

  #info(change: LinkChange, kind: string | undefined, operation: string): LinkMessageInput {
    const { data, slaveKind, slaveData } = change
    const own =
      data !== undefined && kind !== undefined && kind !== 'veth'
        ? kindInfo('other', kind, data, operation).linkinfo
        : {}
    const slave = slaveData !== undefined ? { slaveKind: slaveKind ?? 'bridge', slaveData } : {}
    const linkinfo = { ...own, ...slave }
    return Object.keys(linkinfo).length > 0 ? plainAttributes({ linkinfo }, 'set') : {}
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
    if (fresh.length > 0) await this.#addAltnames(turn.ask, index, fresh, options)
  }

  async #addAltnames(ask: Ask, index: number, altIfname: string[], options: RequestOptions): Promise<void> {
    await ask(
      RTM_NEWLINKPROP,
      { header: { index }, propList: { altIfname } },
      { ...options, flags: ['create', 'excl', 'append'] },
    )
  }

  /** The second half of add(): what a device takes only once it exists; undone with the device where it fails. */
  async #finish(
    born: LinkMessage | undefined,
    ask: Ask,
    home: Ask,
    link: LinkInput,
    peer: VethPeer | undefined,
    operation: string,
  ): Promise<Link> {
    const kind = link.kind === 'other' ? link.otherKind : link.kind
    if (born === undefined || born.linkinfo?.kind !== kind) {
      throw new NetlinkError({
        code: 'ENODEV',
        operation,
        subject: link.name,
        reason: 'it was created, and renamed or removed by others at once',
        outcome: 'unknown',
      })
    }
    const { index } = born.header
    try {
      const changed = await this.#later(ask, index, link, operation, '', link.namespace !== undefined)
      const made = changed ? ((await ask(RTM_GETLINK, { header: { index } }))[0] ?? born) : born
      const object = await this.#object(made, ask)
      if (object.kind !== 'veth') return object
      const other = await this.#otherEnd(made, peer, home, operation)
      return other ? { ...object, data: { peer: other } } : object
    } catch (error) {
      // What failed is the news; that the device was gone already is none.
      await ask(RTM_DELLINK, { header: { index } }).catch(() => undefined)
      throw error
    }
  }

  async #otherEnd(
    { link }: LinkMessage,
    peer: VethPeer | undefined,
    home: Ask,
    operation: string,
  ): Promise<Link | undefined> {
    if (link === undefined) return undefined
    const finish = async (ask: Ask): Promise<Link | undefined> => {
      if (peer) await this.#later(ask, link, peer, operation, 'data.peer.', true)
      const [message] = await ask(RTM_GETLINK, { header: { index: link } })
      return message && this.#object(message, ask)
    }
    if (!peer?.namespace) return finish(home)
    return this.#netlink.elsewhere(peer.namespace, (there) => finish((...args) => there.request(...args)))
  }

  /** Sends what could not be part of the first message; false where there was nothing. `also` flags and master: a veth's peer cannot be born with them. */
  async #later(
    ask: Ask,
    index: number,
    link: LinkInputCommon | VethPeer,
    operation: string,
    at: string,
    also: boolean,
  ): Promise<boolean> {
    const flags = also ? flagChange(link) : undefined
    const resolved = also ? await this.#resolve(ask, link, operation, true, false, at) : {}
    const message: LinkMessageInput = { ...plainAttributes(link, 'later'), ...resolved, ...this.#slave(link) }
    const options: RequestOptions = { subject: link.name, rename: (path) => `${at}${renameLink(path)}` }
    const change = Object.keys(message).length > 0 || flags !== undefined
    if (change) await ask(RTM_NEWLINK, { header: { index, ...flags }, ...message }, options)
    if (link.altnames?.length) await this.#addAltnames(ask, index, link.altnames, options)
    return change || (link.altnames?.length ?? 0) > 0
  }

  /** A port's options; its STP state follows from the device's and the bridge's own (br_set_port_state refuses it while down). */
  #slave({ slaveKind, slaveData }: LinkInputCommon | VethPeer): LinkMessageInput {
    if (slaveKind === undefined || slaveData === undefined || slaveData instanceof Uint8Array) return {}
    const { state: _, ...options } = slaveData
    return plainAttributes({ linkinfo: { slaveKind, slaveData: options } }, 'later')
  }
}

/** Without a flag to create it and with a name to look up, the kernel's ENODEV is about that name. */
async function found<T>(operation: string, device: Device, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV') throw noDevice(operation, 'device', device)
    throw error
  }
}
