/** Creating a link: one message where the kernel allows it, and what has to follow; all or nothing. */
import type { BridgeInput } from '../protocol/route/link/kinds/bridge.ts'
import type { LinkMessage, LinkMessageInput } from '../protocol/route/link/link.ts'
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from '../protocol/route/operations.ts'
import type { CallControl, RequestOptions, Turn } from './client.ts'
import { checkAltname, Names } from './device.ts'
import { invalid, NetlinkError } from './error.ts'
import { checkArray, checkControl, checkObject } from './input.ts'
import { checkLink, flagChange, kindInfo, namespaceAttribute, plainAttributes, renameLink } from './link-message.ts'
import type { Link, LinkInput, LinkInputCommon, NamespaceTarget, VethPeer } from './link-object.ts'
import { type Ask, addAltnames, linkObject, portOptions, resolveDevices } from './link-parts.ts'
import type { Netlink } from './netlink.ts'

const operation = 'link.add'

/** See LinkService.add(). */
export async function addLink(netlink: Netlink, link: LinkInput, control: CallControl): Promise<Link> {
  checkControl(operation, control)
  checkObject(operation, 'link', link)
  if (link.data !== undefined && link.kind !== 'other') checkObject(operation, 'data', link.data)
  const peer = link.kind === 'veth' ? link.data?.peer : undefined
  if (peer !== undefined) checkObject(operation, 'data.peer', peer)
  const { message, keepAlive } = birth(link, peer)
  const options: RequestOptions = { flags: ['create', 'excl'], subject: link.name, keepAlive, rename: renameLink }

  const whole = isWhole(link, peer)
  const looksUp = [link.master, link.link].filter((device) => typeof device === 'string')
  return netlink.turn({ operation, subject: link.name, creates: namesOf(link, peer), looksUp, ...control }, (turn) =>
    // Both namespaces are entered first: where that is not allowed, nothing has been made yet.
    inside(netlink, link.namespace, turn, control, (own, regardless) =>
      inside(netlink, peer?.namespace, turn, control, async (other) => {
        // In another namespace a master has its index there, and is set afterwards.
        const names = new Names(own)
        const resolved = link.namespace ? {} : await resolveDevices(turn.ask, link, operation, '', names)
        // In one datagram, where both go the same way: nobody can take the name in between.
        // An abort that comes now does not reach them: what was made must be known in order to be removed.
        control.signal?.throwIfAborted()
        // In its place where nothing more is to follow it: of 100 pairs at once, each waited for all of the one before.
        const send = whole ? turn.place : turn.regardless
        const [made, found] = await Promise.allSettled([
          send(RTM_NEWLINK, { ...message, ...resolved }, options),
          link.namespace ? undefined : send(RTM_GETLINK, { ifname: link.name }),
        ])
        if (made.status === 'rejected') throw made.reason
        if (found.status === 'rejected') throw found.reason
        const [born] = found.value ?? (await regardless(RTM_GETLINK, { ifname: link.name }))
        const { index } = checkBorn(born, link).header
        try {
          control.signal?.throwIfAborted()
          return await finish(checkBorn(born, link), link, peer, own, other, names)
        } catch (error) {
          // What failed is the news; that the device was gone already is none.
          await regardless(RTM_DELLINK, { header: { index } }).catch(() => undefined)
          throw error
        }
      }),
    ),
  )
}

/**
 * Runs `action` with somebody who can send to a namespace, ours where none is given. `regardless` sends whatever has become
 * of the call: a turn that was aborted sends no more.
 */
function inside<T>(
  netlink: Netlink,
  target: NamespaceTarget | undefined,
  home: Turn,
  control: CallControl,
  action: (ask: Ask, regardless: Ask) => Promise<T>,
): Promise<T> {
  if (target === undefined) return action(home.ask, home.regardless)
  return netlink.elsewhere(target, (there) =>
    action(
      (request, message, options) => there.request(request, message, { ...control, ...options }),
      (...args) => there.request(...args),
    ),
  )
}

/** The message that creates the link, checked, all but the devices that it names. */
function birth(
  link: LinkInput,
  peer: VethPeer | undefined,
): Pick<RequestOptions, 'keepAlive'> & { message: LinkMessageInput } {
  const { kind, namespace } = link
  if (link.name === undefined) throw invalid(operation, 'name', 'is missing')
  const main = end(link, kind, '')
  const other = peer && end(peer, 'veth', 'data.peer.')
  // Up, and a port, can only be an end that is born in our namespace: a veth's peer cannot be up (ENOTCONN).
  const flags = namespace ? undefined : flagChange(link)
  const data =
    kind === 'veth' ? other && { peer: other.message } : kind === 'bridge' ? bridgeData(link.data) : link.data
  const message: LinkMessageInput = {
    ...(flags && { header: flags }),
    ...main.message,
    ...kindInfo(kind, kind === 'other' ? link.otherKind : undefined, data, operation),
  }
  // A veth's IFLA_LINK_NETNSID is where its peer was when it was listed.
  if (kind === 'veth') delete message.linkNetnsid
  return { message, keepAlive: [...main.keepAlive, ...(other?.keepAlive ?? [])] }
}

/**
 * The data of a new bridge without what it has anyway: VLANs that are off, and options that are off. A kernel without VLAN filtering refuses to
 * be told even that (EOPNOTSUPP).
 */
function bridgeData(data: BridgeInput | undefined): BridgeInput | undefined {
  if (data === undefined) return undefined
  const { vlanFiltering, multiBoolopt, ...rest } = data
  const { optval = [], optmask = [] } = multiBoolopt ?? {}
  for (const [key, value] of Object.entries({ optval, optmask }))
    checkArray(operation, `data.multiBoolopt.${key}`, value)
  const wanted = optmask.filter((option) => typeof option === 'number' || optval.includes(option))
  return {
    ...rest,
    ...(vlanFiltering && { vlanFiltering }),
    ...(wanted.length > 0 && { multiBoolopt: { optval, optmask: wanted } }),
  }
}

/** One end: what a device may be born with, and where. */
function end(
  link: LinkInputCommon | VethPeer,
  kind: string,
  at: string,
): Required<Pick<RequestOptions, 'keepAlive'>> & {
  message: LinkMessageInput
  keepAlive: NonNullable<RequestOptions['keepAlive']>
} {
  checkLink(link, kind, operation, at)
  for (const [i, name] of (link.altnames ?? []).entries()) checkAltname(operation, `${at}altnames[${i}]`, name)
  const target = link.namespace && namespaceAttribute(link.namespace, operation, `${at}namespace`)
  const message = { ...(link.name !== undefined && { ifname: link.name }), ...plainAttributes(link, 'birth') }
  return { message: { ...message, ...target?.attributes }, keepAlive: target?.keepAlive ?? [] }
}

function checkBorn(born: LinkMessage | undefined, link: LinkInput): LinkMessage {
  const kind = link.kind === 'other' ? link.otherKind : link.kind
  if (born?.linkinfo?.kind === kind && born !== undefined) return born
  const reason = 'it was created, and renamed or removed by others at once'
  throw new NetlinkError({ code: 'ENODEV', operation, subject: link.name, reason, outcome: 'unknown' })
}

/** What a device takes only once it exists; then the link as it is. */
async function finish(
  born: LinkMessage,
  link: LinkInput,
  peer: VethPeer | undefined,
  own: Ask,
  other: Ask,
  names: Names,
): Promise<Link> {
  const { index } = born.header
  const changed = await later(own, index, link, '', link.namespace !== undefined)
  const message = changed ? ((await own(RTM_GETLINK, { header: { index } }))[0] ?? born) : born
  const object = await linkObject(message, own, names)
  if (object.kind !== 'veth' || born.link === undefined) return object
  if (peer) await later(other, born.link, peer, 'data.peer.', true)
  const [otherEnd] = await other(RTM_GETLINK, { header: { index: born.link } })
  return otherEnd ? { ...object, data: { peer: await linkObject(otherEnd, other) } } : object
}

/** The names that are made in our namespace; undefined where others may be: the kernel names a peer, modules make devices. */
function namesOf(link: LinkInput, peer: VethPeer | undefined): string[] | undefined {
  const { kind } = link
  if (kind === 'veth' ? peer?.name === undefined && peer?.namespace === undefined : kind !== 'bridge') return undefined
  const ends = [link, ...(peer === undefined ? [] : [peer])].filter(({ namespace }) => namespace === undefined)
  return ends.flatMap(({ name, altnames = [] }) => [...(name === undefined ? [] : [name]), ...altnames])
}

/** Whether nothing more is sent to our namespace than what creates the link. */
function isWhole(link: LinkInputCommon, peer: VethPeer | undefined): boolean {
  const own = link.namespace !== undefined || !hasMore(link)
  const other =
    peer === undefined ||
    peer.namespace !== undefined ||
    !(hasMore(peer) || peer.master !== undefined || flagChange(peer) !== undefined)
  return own && other
}

const hasMore = (link: LinkInputCommon | VethPeer): boolean =>
  Object.keys({ ...plainAttributes(link, 'later'), ...portOptions(link) }).length > 0 ||
  (link.altnames ?? []).length > 0

/**
 * Sends what could not be part of the first message; false where there was nothing. `all`: flags and master too, which only an end that is born
 * in our namespace had in its first message.
 */
async function later(
  ask: Ask,
  index: number,
  link: LinkInputCommon | VethPeer,
  at: string,
  all: boolean,
): Promise<boolean> {
  const flags = all ? flagChange(link) : undefined
  const resolved = all ? await resolveDevices(ask, { master: link.master }, operation, at) : {}
  const message: LinkMessageInput = { ...plainAttributes(link, 'later'), ...resolved }
  const port = portOptions(link)
  const options: RequestOptions = { subject: link.name, rename: (path) => `${at}${renameLink(path)}` }
  const changes = Object.keys(message).length > 0 || flags !== undefined
  if (changes) await ask(RTM_NEWLINK, { header: { index, ...flags }, ...message }, options)
  // By itself: the kernel looks for the master before it sets the one in the same message (__rtnl_newlink).
  const ports = Object.keys(port).length > 0
  if (ports) await ask(RTM_NEWLINK, { header: { index }, ...port }, options)
  const altnames = link.altnames ?? []
  if (altnames.length > 0) await addAltnames(ask, index, altnames, options)
  return changes || ports || altnames.length > 0
}
