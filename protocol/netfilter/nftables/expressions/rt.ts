/** rt: loads from the packet's route. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'

export const NFT_RT = {
  NFT_RT_CLASSID: 0,
  NFT_RT_NEXTHOP4: 1,
  NFT_RT_NEXTHOP6: 2,
  NFT_RT_TCPMSS: 3,
  NFT_RT_XFRM: 4,
} as const

export const rt = attributes('nftables/expr-rt-attrs', () => ({
  dreg: attribute('NFTA_RT_DREG', 1, be32),
  key: attribute('NFTA_RT_KEY', 2, oneOf(be32, 'NFT_RT_', NFT_RT)),
}))
export interface NftRt extends Infer<typeof rt> {}
export interface NftRtInput extends Input<typeof rt> {}
