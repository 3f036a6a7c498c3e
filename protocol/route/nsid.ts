/** Ids of network namespaces as one namespace sees the others: struct rtgenmsg and NETNSA_* (linux/net_namespace.h; `ip netns list-id`). */
import { attribute, attributes } from '../wire/attributes.ts'
import type { Infer, Input } from '../wire/codec.ts'
import { message } from '../wire/message.ts'
import { s32, u32 } from '../wire/scalar.ts'
import { struct } from '../wire/struct.ts'
import { family } from './family.ts'

/** struct rtgenmsg: one byte, padded to four. */
export const rtgenmsg = struct({ family })

/** NETNSA_NSID of a namespace without an id; in RTM_NEWNSID: choose one. */
export const NETNSA_NSID_NOT_ASSIGNED = -1

export const nsidAttributes = attributes('rt-link/nsid-attrs', () => ({
  nsid: attribute('NETNSA_NSID', 1, s32),
  /** The namespace in question is that of this process ... */
  pid: attribute('NETNSA_PID', 2, u32),
  /** ... or of this descriptor. */
  fd: attribute('NETNSA_FD', 3, u32),
  /** Ids as seen from the namespace with this id, instead of the socket's. */
  targetNsid: attribute('NETNSA_TARGET_NSID', 4, s32),
  /** With `targetNsid`: the id as seen from the socket's namespace. */
  currentNsid: attribute('NETNSA_CURRENT_NSID', 5, s32, { readOnly: true }),
}))

export const nsidMessage = message(rtgenmsg, nsidAttributes)
export interface NsidMessage extends Infer<typeof nsidMessage> {}
export interface NsidMessageInput extends Input<typeof nsidMessage> {}
