/** A pair of Ethernet devices, each the other's cable (linux/veth.h). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Codec } from '../../../wire/codec.ts'
import { lazy } from '../../../wire/list.ts'
import { type LinkMessage, type LinkMessageInput, linkMessage } from '../link.ts'

export interface Veth {
  /** The other end: a whole link message. The kernel takes it in RTM_NEWLINK and never reports it. */
  peer?: LinkMessage | undefined
}
export interface VethInput {
  peer?: LinkMessageInput | undefined
}

export const veth: Codec<Veth, VethInput> = attributes('rt-link/linkinfo-veth-attrs', () => ({
  peer: attribute(
    'VETH_INFO_PEER',
    1,
    lazy((): Codec<LinkMessage, LinkMessageInput> => linkMessage),
  ),
}))
