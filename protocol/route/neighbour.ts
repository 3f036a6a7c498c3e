/** Neighbour messages: struct ndmsg and the NDA attributes (rtnetlink(7), linux/neighbour.h; `ip neigh`, and of family bridge `bridge fdb`). */
import { ip, mac } from '../wire/address.ts'
import { attribute, attributes } from '../wire/attributes.ts'
import type { Infer, Input } from '../wire/codec.ts'
import { flag, pad } from '../wire/leaf.ts'
import { message } from '../wire/message.ts'
import { be16, flags, oneOf, s32, u8, u16, u32 } from '../wire/scalar.ts'
import { struct } from '../wire/struct.ts'
import { RTN, RTPROT } from './constants.ts'
import { family } from './family.ts'

/** States; none set is NUD_NONE. */
export const NUD = {
  NUD_INCOMPLETE: 0x1,
  NUD_REACHABLE: 0x2,
  NUD_STALE: 0x4,
  NUD_DELAY: 0x8,
  NUD_PROBE: 0x10,
  NUD_FAILED: 0x20,
  NUD_NOARP: 0x40,
  NUD_PERMANENT: 0x80,
} as const

export const NTF = {
  NTF_USE: 0x1,
  NTF_SELF: 0x2,
  NTF_MASTER: 0x4,
  NTF_PROXY: 0x8,
  NTF_EXT_LEARNED: 0x10,
  NTF_OFFLOADED: 0x20,
  NTF_STICKY: 0x40,
  NTF_ROUTER: 0x80,
} as const

export const NTF_EXT = { NTF_EXT_MANAGED: 0x1, NTF_EXT_LOCKED: 0x2, NTF_EXT_EXT_VALIDATED: 0x4 } as const

const states = flags(u16, 'NUD_', NUD)
const entryFlags = flags(u8, 'NTF_', NTF)

/** struct ndmsg. */
export const ndmsg = struct({
  family,
  pad: pad(3),
  ifindex: s32,
  state: states,
  flags: entryFlags,
  type: oneOf(u8, 'RTN_', RTN),
})

/** struct nda_cacheinfo: how long ago, in hundredths of a second. */
export const ndaCacheinfo = struct({ confirmed: u32, used: u32, updated: u32, refcnt: u32 })

/** NDA_FDB_EXT_ATTRS: NFEA_*. */
export const fdbExtAttributes = attributes('rt-neigh/fdb-ext-attrs', () => ({
  /** FDB_NOTIFY_BIT 1, FDB_NOTIFY_INACTIVE_BIT 2. */
  activityNotify: attribute('NFEA_ACTIVITY_NOTIFY', 1, u8),
  dontRefresh: attribute('NFEA_DONT_REFRESH', 2, flag),
}))

export const neighbourAttributes = attributes('rt-neigh/neighbour-attrs', () => ({
  /** The neighbour; in a VXLAN's forwarding table the tunnel's far end. */
  dst: attribute('NDA_DST', 1, ip),
  lladdr: attribute('NDA_LLADDR', 2, mac),
  cacheinfo: attribute('NDA_CACHEINFO', 3, ndaCacheinfo, { readOnly: true }),
  probes: attribute('NDA_PROBES', 4, u32, { readOnly: true }),
  vlan: attribute('NDA_VLAN', 5, u16),
  port: attribute('NDA_PORT', 6, be16),
  vni: attribute('NDA_VNI', 7, u32),
  ifindex: attribute('NDA_IFINDEX', 8, u32),
  /** Index of the bridge that the entry's device belongs to; in a dump request a filter. */
  master: attribute('NDA_MASTER', 9, u32, { readOnly: true }),
  linkNetnsid: attribute('NDA_LINK_NETNSID', 10, s32, { readOnly: true }),
  srcVni: attribute('NDA_SRC_VNI', 11, u32),
  protocol: attribute('NDA_PROTOCOL', 12, oneOf(u8, 'RTPROT_', RTPROT)),
  nhId: attribute('NDA_NH_ID', 13, u32),
  fdbExtAttrs: attribute('NDA_FDB_EXT_ATTRS', 14, fdbExtAttributes, { nested: true }),
  flagsExt: attribute('NDA_FLAGS_EXT', 15, flags(u32, 'NTF_EXT_', NTF_EXT)),
  /** Flush requests: which states and flags count. */
  ndmStateMask: attribute('NDA_NDM_STATE_MASK', 16, states),
  ndmFlagsMask: attribute('NDA_NDM_FLAGS_MASK', 17, entryFlags),
}))

export const neighbourMessage = message(ndmsg, neighbourAttributes)
export interface NeighbourMessage extends Infer<typeof neighbourMessage> {}
export interface NeighbourMessageInput extends Input<typeof neighbourMessage> {}
