/** What adding and changing a link share: look-ups of the devices it names, and messages of their own for what one message cannot hold. */
import type { LinkMessage, LinkMessageInput } from '../protocol/route/link/link.ts'
import { RTM_NEWLINKPROP } from '../protocol/route/operations.ts'
import type { RequestOptions, Turn } from './client.ts'
import { type Device, indexOf, Names } from './device.ts'
import { plainAttributes, type Resolved, toLink } from './link-message.ts'
import type { Link, LinkChange, LinkInputCommon } from './link-object.ts'

/** Whoever can send to where a device lives: a client of its namespace, or a turn of our own. */
export type Ask = Turn['ask']

/** Indexes of master and lower device. `at` is where they stand in the caller's object; `names` learns their names. */
export async function resolveDevices(
  ask: Ask,
  link: Pick<LinkChange, 'kind' | 'master' | 'link'>,
  operation: string,
  at = '',
  names?: Names,
): Promise<Resolved> {
  const { master, link: lower, kind } = link
  return {
    ...(master !== undefined && {
      master: master === null ? 0 : await indexOf(ask, operation, `${at}master`, master, names),
    }),
    // A veth's is its peer: nothing to be set.
    ...(lower !== undefined && kind !== 'veth' && { link: await indexOf(ask, operation, `${at}link`, lower, names) }),
  }
}

/** Names in place of the indexes of those that links refer to. */
export async function nameDevices(links: readonly Link[], names: Names): Promise<void> {
  // Waiting once, and not for each device: of 1,000 veths every one has a peer to be named.
  await names.learnAll(
    links.flatMap(({ master, link, linkNetnsid }) => (linkNetnsid === undefined ? [master, link] : [master])),
  )
  const name = (index: Device): Device => (typeof index === 'number' ? (names.known(index) ?? index) : index)
  for (const link of links) {
    if (link.master !== undefined) link.master = name(link.master)
    if (link.link !== undefined && link.linkNetnsid === undefined) link.link = name(link.link)
  }
}

/** The object of one message; `names`: of devices that are known already. */
export async function linkObject(message: LinkMessage, ask: Ask, names: Names = new Names(ask)): Promise<Link> {
  const link = toLink(message)
  await nameDevices([link], names)
  return link
}

/**
 * A port's options, for the time after its birth. The STP state of a listed port is not among them: it follows from the device's and the
 * bridge's own, and br_set_port_state() refuses it while the device is down.
 */
export function portOptions({
  slaveKind,
  slaveData,
}: Pick<LinkInputCommon, 'slaveKind' | 'slaveData'>): LinkMessageInput {
  if (slaveKind === undefined || slaveData === undefined || slaveData instanceof Uint8Array) return {}
  const { state: _, ...options } = slaveData
  return plainAttributes({ linkinfo: { slaveKind, slaveData: options } }, 'later')
}

/** `ip link property add altname`. */
export async function addAltnames(
  ask: Ask,
  index: number,
  altIfname: string[],
  options: RequestOptions,
): Promise<void> {
  const flags = ['create', 'excl', 'append']
  await ask(RTM_NEWLINKPROP, { header: { index }, propList: { altIfname } }, { ...options, flags })
}
