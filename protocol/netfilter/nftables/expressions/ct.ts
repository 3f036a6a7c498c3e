/** ct: loads what connection tracking knows of the packet's connection, or with `sreg` sets it. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf, u8 } from '../../../wire/scalar.ts'

export const NFT_CT = {
  NFT_CT_STATE: 0,
  NFT_CT_DIRECTION: 1,
  NFT_CT_STATUS: 2,
  NFT_CT_MARK: 3,
  NFT_CT_SECMARK: 4,
  NFT_CT_EXPIRATION: 5,
  NFT_CT_HELPER: 6,
  NFT_CT_L3PROTOCOL: 7,
  NFT_CT_SRC: 8,
  NFT_CT_DST: 9,
  NFT_CT_PROTOCOL: 10,
  NFT_CT_PROTO_SRC: 11,
  NFT_CT_PROTO_DST: 12,
  NFT_CT_LABELS: 13,
  NFT_CT_PKTS: 14,
  NFT_CT_BYTES: 15,
  NFT_CT_AVGPKT: 16,
  NFT_CT_ZONE: 17,
  NFT_CT_EVENTMASK: 18,
  NFT_CT_SRC_IP: 19,
  NFT_CT_DST_IP: 20,
  NFT_CT_SRC_IP6: 21,
  NFT_CT_DST_IP6: 22,
  NFT_CT_ID: 23,
} as const

/** linux/netfilter/nf_conntrack_tuple_common.h */
export const IP_CT_DIR = { IP_CT_DIR_ORIGINAL: 0, IP_CT_DIR_REPLY: 1 } as const

export const ctDirection = oneOf(u8, 'IP_CT_DIR_', IP_CT_DIR)

export const ct = attributes('nftables/expr-ct-attrs', () => ({
  dreg: attribute('NFTA_CT_DREG', 1, be32),
  key: attribute('NFTA_CT_KEY', 2, oneOf(be32, 'NFT_CT_', NFT_CT)),
  direction: attribute('NFTA_CT_DIRECTION', 3, ctDirection),
  sreg: attribute('NFTA_CT_SREG', 4, be32),
}))
export interface NftCt extends Infer<typeof ct> {}
export interface NftCtInput extends Input<typeof ct> {}
