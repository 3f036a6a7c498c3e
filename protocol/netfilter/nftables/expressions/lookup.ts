/** lookup: looks a register's value up in a set; with `dreg` in a map. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, flags } from '../../../wire/scalar.ts'
import { name } from '../data.ts'

export const NFT_LOOKUP_F = { NFT_LOOKUP_F_INV: 1 } as const

export const lookup = attributes('nftables/expr-lookup-attrs', () => ({
  set: attribute('NFTA_LOOKUP_SET', 1, name),
  sreg: attribute('NFTA_LOOKUP_SREG', 2, be32),
  dreg: attribute('NFTA_LOOKUP_DREG', 3, be32),
  /** A set of the same batch. */
  setId: attribute('NFTA_LOOKUP_SET_ID', 4, be32),
  flags: attribute('NFTA_LOOKUP_FLAGS', 5, flags(be32, 'NFT_LOOKUP_F_', NFT_LOOKUP_F)),
}))
export interface NftLookup extends Infer<typeof lookup> {}
export interface NftLookupInput extends Input<typeof lookup> {}
