/** xfrm: loads from the IPsec states of the packet (nft's `ipsec`). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf, u8 } from '../../../wire/scalar.ts'

export const NFT_XFRM_KEY = {
  NFT_XFRM_KEY_UNSPEC: 0,
  NFT_XFRM_KEY_DADDR_IP4: 1,
  NFT_XFRM_KEY_DADDR_IP6: 2,
  NFT_XFRM_KEY_SADDR_IP4: 3,
  NFT_XFRM_KEY_SADDR_IP6: 4,
  NFT_XFRM_KEY_REQID: 5,
  NFT_XFRM_KEY_SPI: 6,
} as const

/** linux/xfrm.h */
export const XFRM_POLICY = { XFRM_POLICY_IN: 0, XFRM_POLICY_OUT: 1 } as const

export const xfrm = attributes('nftables/expr-xfrm-attrs', () => ({
  dreg: attribute('NFTA_XFRM_DREG', 1, be32),
  key: attribute('NFTA_XFRM_KEY', 2, oneOf(be32, 'NFT_XFRM_KEY_', NFT_XFRM_KEY)),
  dir: attribute('NFTA_XFRM_DIR', 3, oneOf(u8, 'XFRM_POLICY_', XFRM_POLICY)),
  /** Which of several states. */
  spnum: attribute('NFTA_XFRM_SPNUM', 4, be32),
}))
export interface NftXfrm extends Infer<typeof xfrm> {}
export interface NftXfrmInput extends Input<typeof xfrm> {}
