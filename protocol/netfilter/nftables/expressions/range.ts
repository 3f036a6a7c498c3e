/** range: is a register's value between two others, both included. */
import { attribute, attributes, nest } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { data } from '../data.ts'

export const NFT_RANGE = { NFT_RANGE_EQ: 0, NFT_RANGE_NEQ: 1 } as const

export const range = attributes('nftables/range-attrs', () => ({
  sreg: attribute('NFTA_RANGE_SREG', 1, be32),
  op: attribute('NFTA_RANGE_OP', 2, oneOf(be32, 'NFT_RANGE_', NFT_RANGE)),
  fromData: nest('NFTA_RANGE_FROM_DATA', 3, data),
  toData: nest('NFTA_RANGE_TO_DATA', 4, data),
}))
export interface NftRange extends Infer<typeof range> {}
export interface NftRangeInput extends Input<typeof range> {}
