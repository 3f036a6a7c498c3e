/** bitwise: dreg = (sreg & mask) ^ xor, a shift, or, since Linux 6.13, two registers combined. */
import { attribute, attributes, nest } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { data } from '../data.ts'

/** NFT_BITWISE_BOOL is the old name of NFT_BITWISE_MASK_XOR. */
export const NFT_BITWISE = {
  NFT_BITWISE_BOOL: 0,
  NFT_BITWISE_MASK_XOR: 0,
  NFT_BITWISE_LSHIFT: 1,
  NFT_BITWISE_RSHIFT: 2,
  NFT_BITWISE_AND: 3,
  NFT_BITWISE_OR: 4,
  NFT_BITWISE_XOR: 5,
} as const

export const bitwise = attributes('nftables/expr-bitwise-attrs', () => ({
  sreg: attribute('NFTA_BITWISE_SREG', 1, be32),
  dreg: attribute('NFTA_BITWISE_DREG', 2, be32),
  /** In bytes. */
  len: attribute('NFTA_BITWISE_LEN', 3, be32),
  mask: nest('NFTA_BITWISE_MASK', 4, data),
  xor: nest('NFTA_BITWISE_XOR', 5, data),
  op: attribute('NFTA_BITWISE_OP', 6, oneOf(be32, 'NFT_BITWISE_', NFT_BITWISE)),
  /** How far to shift; the second operand of and, or and xor. */
  data: nest('NFTA_BITWISE_DATA', 7, data),
  sreg2: attribute('NFTA_BITWISE_SREG2', 8, be32),
}))
export interface NftBitwise extends Infer<typeof bitwise> {}
export interface NftBitwiseInput extends Input<typeof bitwise> {}
