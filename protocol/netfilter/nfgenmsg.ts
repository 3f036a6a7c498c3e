/** struct nfgenmsg (linux/netfilter/nfnetlink.h): the fixed part of every NETLINK_NETFILTER message. */
import type { Attributes } from '../wire/attributes.ts'
import { type Message, message } from '../wire/message.ts'
import { be16, oneOf, u8 } from '../wire/scalar.ts'
import { type StructInput, type StructValue, struct } from '../wire/struct.ts'
import { NFPROTO } from './constants.ts'

export const nfproto = oneOf(u8, 'NFPROTO_', NFPROTO)

const members = {
  family: nfproto,
  /** NFNETLINK_V0, the only one there is. */
  version: u8,
  /** nftables: the low half of the ruleset's generation; of a batch's BEGIN the subsystem. */
  resId: be16,
} as const

export const nfgenmsg = struct(members)
export interface Nfgenmsg extends StructValue<typeof members> {}
export interface NfgenmsgInput extends StructInput<typeof members> {}

/** A message of nfnetlink: its header and these attributes. */
export function nfnetlinkMessage<A, I>(
  attributes: Attributes<A, I>,
): Message<{ header: Nfgenmsg } & A, { header?: NfgenmsgInput | undefined } & I> {
  return message(nfgenmsg, attributes)
}
