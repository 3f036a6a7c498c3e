/** numgen: numbers in turn or at random, below `modulus`. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { name } from '../data.ts'

export const NFT_NG = { NFT_NG_INCREMENTAL: 0, NFT_NG_RANDOM: 1 } as const

export const numgen = attributes('nftables/numgen-attrs', () => ({
  dreg: attribute('NFTA_NG_DREG', 1, be32),
  modulus: attribute('NFTA_NG_MODULUS', 2, be32),
  type: attribute('NFTA_NG_TYPE', 3, oneOf(be32, 'NFT_NG_', NFT_NG)),
  /** Added to the result. */
  offset: attribute('NFTA_NG_OFFSET', 4, be32),
  /** Deprecated, as is setId. */
  setName: attribute('NFTA_NG_SET_NAME', 5, name),
  setId: attribute('NFTA_NG_SET_ID', 6, be32),
}))
export interface NftNumgen extends Infer<typeof numgen> {}
export interface NftNumgenInput extends Input<typeof numgen> {}
