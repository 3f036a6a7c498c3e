/** quota: matches until so many bytes have passed; also as a named object. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes } from '../../../wire/leaf.ts'
import { be32, be64, flags } from '../../../wire/scalar.ts'

export const NFT_QUOTA_F = { NFT_QUOTA_F_INV: 1, NFT_QUOTA_F_DEPLETED: 2 } as const

export const quota = attributes('nftables/quota-attrs', () => ({
  bytes: attribute('NFTA_QUOTA_BYTES', 1, be64),
  flags: attribute('NFTA_QUOTA_FLAGS', 2, flags(be32, 'NFT_QUOTA_F_', NFT_QUOTA_F)),
  pad: attribute('NFTA_QUOTA_PAD', 3, bytes(), { readOnly: true }),
  consumed: attribute('NFTA_QUOTA_CONSUMED', 4, be64),
}))
export interface NftQuota extends Infer<typeof quota> {}
export interface NftQuotaInput extends Input<typeof quota> {}
