/** payload: loads bytes of the packet into a register, or with `sreg` writes them. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, flags, oneOf } from '../../../wire/scalar.ts'

export const NFT_PAYLOAD = {
  NFT_PAYLOAD_LL_HEADER: 0,
  NFT_PAYLOAD_NETWORK_HEADER: 1,
  NFT_PAYLOAD_TRANSPORT_HEADER: 2,
  NFT_PAYLOAD_INNER_HEADER: 3,
  NFT_PAYLOAD_TUN_HEADER: 4,
} as const

export const NFT_PAYLOAD_CSUM = {
  NFT_PAYLOAD_CSUM_NONE: 0,
  NFT_PAYLOAD_CSUM_INET: 1,
  NFT_PAYLOAD_CSUM_SCTP: 2,
} as const

/** The transport header's checksum counts these bytes too. */
export const NFT_PAYLOAD_CSUM_FLAGS = { NFT_PAYLOAD_L4CSUM_PSEUDOHDR: 1 } as const

export const payload = attributes('nftables/expr-payload-attrs', () => ({
  dreg: attribute('NFTA_PAYLOAD_DREG', 1, be32),
  base: attribute('NFTA_PAYLOAD_BASE', 2, oneOf(be32, 'NFT_PAYLOAD_', NFT_PAYLOAD)),
  offset: attribute('NFTA_PAYLOAD_OFFSET', 3, be32),
  len: attribute('NFTA_PAYLOAD_LEN', 4, be32),
  sreg: attribute('NFTA_PAYLOAD_SREG', 5, be32),
  csumType: attribute('NFTA_PAYLOAD_CSUM_TYPE', 6, oneOf(be32, 'NFT_PAYLOAD_CSUM_', NFT_PAYLOAD_CSUM)),
  csumOffset: attribute('NFTA_PAYLOAD_CSUM_OFFSET', 7, be32),
  csumFlags: attribute('NFTA_PAYLOAD_CSUM_FLAGS', 8, flags(be32, 'NFT_PAYLOAD_', NFT_PAYLOAD_CSUM_FLAGS)),
}))
export interface NftPayload extends Infer<typeof payload> {}
export interface NftPayloadInput extends Input<typeof payload> {}
