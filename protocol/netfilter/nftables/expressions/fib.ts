/** fib: looks an address of the packet up in the routing table. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, flags, oneOf } from '../../../wire/scalar.ts'

export const NFT_FIB_RESULT = {
  NFT_FIB_RESULT_UNSPEC: 0,
  NFT_FIB_RESULT_OIF: 1,
  NFT_FIB_RESULT_OIFNAME: 2,
  NFT_FIB_RESULT_ADDRTYPE: 3,
} as const

/** What the look-up regards. */
export const NFTA_FIB_F = {
  NFTA_FIB_F_SADDR: 0x1,
  NFTA_FIB_F_DADDR: 0x2,
  NFTA_FIB_F_MARK: 0x4,
  NFTA_FIB_F_IIF: 0x8,
  NFTA_FIB_F_OIF: 0x10,
  NFTA_FIB_F_PRESENT: 0x20,
} as const

export const fib = attributes('nftables/expr-fib-attrs', () => ({
  dreg: attribute('NFTA_FIB_DREG', 1, be32),
  result: attribute('NFTA_FIB_RESULT', 2, oneOf(be32, 'NFT_FIB_RESULT_', NFT_FIB_RESULT)),
  flags: attribute('NFTA_FIB_FLAGS', 3, flags(be32, 'NFTA_FIB_F_', NFTA_FIB_F)),
}))
export interface NftFib extends Infer<typeof fib> {}
export interface NftFibInput extends Input<typeof fib> {}
