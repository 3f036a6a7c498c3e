/** hash: of a register (jhash), or of the connection's addresses whatever the direction (symhash). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { name } from '../data.ts'

export const NFT_HASH = { NFT_HASH_JENKINS: 0, NFT_HASH_SYM: 1 } as const

export const hash = attributes('nftables/expr-hash-attrs', () => ({
  sreg: attribute('NFTA_HASH_SREG', 1, be32),
  dreg: attribute('NFTA_HASH_DREG', 2, be32),
  len: attribute('NFTA_HASH_LEN', 3, be32),
  modulus: attribute('NFTA_HASH_MODULUS', 4, be32),
  seed: attribute('NFTA_HASH_SEED', 5, be32),
  /** Added to the result. */
  offset: attribute('NFTA_HASH_OFFSET', 6, be32),
  type: attribute('NFTA_HASH_TYPE', 7, oneOf(be32, 'NFT_HASH_', NFT_HASH)),
  /** Deprecated, as is setId. */
  setName: attribute('NFTA_HASH_SET_NAME', 8, name),
  setId: attribute('NFTA_HASH_SET_ID', 9, be32),
}))
export interface NftHash extends Infer<typeof hash> {}
export interface NftHashInput extends Input<typeof hash> {}
