/** osf: loads the name of the operating system that a SYN packet looks like. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, flags, u8 } from '../../../wire/scalar.ts'

/** With its version. */
export const NFT_OSF_F = { NFT_OSF_F_VERSION: 1 } as const

export const osf = attributes('nftables/expr-osf-attrs', () => ({
  dreg: attribute('NFTA_OSF_DREG', 1, be32),
  /** 0: as fingerprinted or less, 1: any, 2: exactly. */
  ttl: attribute('NFTA_OSF_TTL', 2, u8),
  flags: attribute('NFTA_OSF_FLAGS', 3, flags(be32, 'NFT_OSF_F_', NFT_OSF_F)),
}))
export interface NftOsf extends Infer<typeof osf> {}
export interface NftOsfInput extends Input<typeof osf> {}
