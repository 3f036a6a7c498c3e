/** cmp: compares a register with a value, byte by byte; the rule ends here where it does not hold. */
import { attribute, attributes, nest } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { data } from '../data.ts'

export const NFT_CMP = {
  NFT_CMP_EQ: 0,
  NFT_CMP_NEQ: 1,
  NFT_CMP_LT: 2,
  NFT_CMP_LTE: 3,
  NFT_CMP_GT: 4,
  NFT_CMP_GTE: 5,
} as const

export const cmp = attributes('nftables/expr-cmp-attrs', () => ({
  sreg: attribute('NFTA_CMP_SREG', 1, be32),
  op: attribute('NFTA_CMP_OP', 2, oneOf(be32, 'NFT_CMP_', NFT_CMP)),
  data: nest('NFTA_CMP_DATA', 3, data),
}))
export interface NftCmp extends Infer<typeof cmp> {}
export interface NftCmpInput extends Input<typeof cmp> {}
