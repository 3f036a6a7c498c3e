/** byteorder: turns integers in a register from network to host order, or back. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'

export const NFT_BYTEORDER = { NFT_BYTEORDER_NTOH: 0, NFT_BYTEORDER_HTON: 1 } as const

export const byteorder = attributes('nftables/expr-byteorder-attrs', () => ({
  sreg: attribute('NFTA_BYTEORDER_SREG', 1, be32),
  dreg: attribute('NFTA_BYTEORDER_DREG', 2, be32),
  op: attribute('NFTA_BYTEORDER_OP', 3, oneOf(be32, 'NFT_BYTEORDER_', NFT_BYTEORDER)),
  /** All bytes. */
  len: attribute('NFTA_BYTEORDER_LEN', 4, be32),
  /** One integer: 2, 4 or 8 bytes. */
  size: attribute('NFTA_BYTEORDER_SIZE', 5, be32),
}))
export interface NftByteorder extends Infer<typeof byteorder> {}
export interface NftByteorderInput extends Input<typeof byteorder> {}
