/** exthdr: loads from an IPv6 extension header, a TCP or IPv4 option, an SCTP chunk; with `sreg` writes a TCP option, with neither removes it. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, flags, oneOf, u8 } from '../../../wire/scalar.ts'

export const NFT_EXTHDR_OP = {
  NFT_EXTHDR_OP_IPV6: 0,
  NFT_EXTHDR_OP_TCPOPT: 1,
  NFT_EXTHDR_OP_IPV4: 2,
  NFT_EXTHDR_OP_SCTP: 3,
  NFT_EXTHDR_OP_DCCP: 4,
} as const

/** Only ask whether it is there. */
export const NFT_EXTHDR_F = { NFT_EXTHDR_F_PRESENT: 1 } as const

export const exthdr = attributes('nftables/expr-exthdr-attrs', () => ({
  dreg: attribute('NFTA_EXTHDR_DREG', 1, be32),
  /** Number of the header, option or chunk. */
  type: attribute('NFTA_EXTHDR_TYPE', 2, u8),
  offset: attribute('NFTA_EXTHDR_OFFSET', 3, be32),
  len: attribute('NFTA_EXTHDR_LEN', 4, be32),
  flags: attribute('NFTA_EXTHDR_FLAGS', 5, flags(be32, 'NFT_EXTHDR_F_', NFT_EXTHDR_F)),
  op: attribute('NFTA_EXTHDR_OP', 6, oneOf(be32, 'NFT_EXTHDR_OP_', NFT_EXTHDR_OP)),
  sreg: attribute('NFTA_EXTHDR_SREG', 7, be32),
}))
export interface NftExthdr extends Infer<typeof exthdr> {}
export interface NftExthdrInput extends Input<typeof exthdr> {}
