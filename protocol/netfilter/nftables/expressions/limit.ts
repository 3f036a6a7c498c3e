/** limit: a token bucket of `rate` packets or bytes in `unit` seconds; also as a named object. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes } from '../../../wire/leaf.ts'
import { be32, be64, flags, oneOf } from '../../../wire/scalar.ts'

export const NFT_LIMIT = { NFT_LIMIT_PKTS: 0, NFT_LIMIT_PKT_BYTES: 1 } as const
export const NFT_LIMIT_F = { NFT_LIMIT_F_INV: 1 } as const

export const limit = attributes('nftables/expr-limit-attrs', () => ({
  rate: attribute('NFTA_LIMIT_RATE', 1, be64),
  /** Seconds. */
  unit: attribute('NFTA_LIMIT_UNIT', 2, be64),
  burst: attribute('NFTA_LIMIT_BURST', 3, be32),
  type: attribute('NFTA_LIMIT_TYPE', 4, oneOf(be32, 'NFT_LIMIT_', NFT_LIMIT)),
  flags: attribute('NFTA_LIMIT_FLAGS', 5, flags(be32, 'NFT_LIMIT_F_', NFT_LIMIT_F)),
  pad: attribute('NFTA_LIMIT_PAD', 6, bytes(), { readOnly: true }),
}))
export interface NftLimit extends Infer<typeof limit> {}
export interface NftLimitInput extends Input<typeof limit> {}
