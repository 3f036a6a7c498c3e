/** Ids of namespaces: the number that one network namespace knows another by (net/core/net_namespace.c; `ip netns list-id`). */
import { NETNSA_NSID_NOT_ASSIGNED } from '../../protocol/route/nsid.ts'
import { RTM_GETNSID, RTM_NEWNSID } from '../../protocol/route/operations.ts'
import type { Descriptor } from '../descriptor.ts'
import type { Netlink } from '../netlink.ts'

/** What is needed of a namespace. */
export interface Identified {
  readonly descriptor: Descriptor
  readonly name: string | undefined
}

const assigned = (nsid: number | undefined) => (nsid === NETNSA_NSID_NOT_ASSIGNED ? undefined : nsid)
const subject = (name: string | undefined) => name ?? 'namespace'

/** The id of a namespace as seen from that of the client, undefined where it has none. */
export async function idOf(netlink: Netlink, { descriptor, name }: Identified): Promise<number | undefined> {
  const [reply] = await netlink.request(
    RTM_GETNSID,
    { fd: descriptor.fd },
    { keepAlive: [descriptor], subject: subject(name), rename: () => undefined },
  )
  return assigned(reply?.nsid)
}

/** Gives it an id; undefined lets the kernel choose. Returns the id. */
export async function assignId(
  netlink: Netlink,
  { descriptor, name }: Identified,
  id: number | undefined,
): Promise<number> {
  const nsid = id ?? NETNSA_NSID_NOT_ASSIGNED
  await netlink.request(
    RTM_NEWNSID,
    { nsid, fd: descriptor.fd },
    {
      keepAlive: [descriptor],
      subject: subject(name),
      // What the kernel says of NETNSA_FD is about the namespace itself: it has an id.
      rename: (path) => (path === 'nsid' ? 'id' : undefined),
    },
  )
  // An id is never taken back as long as both namespaces are there: rtnl_net_newid() refuses another.
  return id ?? (await idOf(netlink, { descriptor, name })) ?? NETNSA_NSID_NOT_ASSIGNED
}

/** All ids that the client's namespace knows, ascending. */
export async function allIds(netlink: Netlink): Promise<number[]> {
  const ids = await netlink.dump(RTM_GETNSID, {})
  return ids.flatMap(({ nsid }) => assigned(nsid) ?? []).sort((a, b) => a - b)
}
