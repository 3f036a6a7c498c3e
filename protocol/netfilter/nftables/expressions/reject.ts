/** reject: drops the packet and answers with an ICMP error or a TCP reset. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf, u8 } from '../../../wire/scalar.ts'

export const NFT_REJECT = {
  NFT_REJECT_ICMP_UNREACH: 0,
  NFT_REJECT_TCP_RST: 1,
  NFT_REJECT_ICMPX_UNREACH: 2,
} as const

/** `icmpCode` of icmpx_unreach, which is translated to each family's own. */
export const NFT_REJECT_ICMPX = {
  NFT_REJECT_ICMPX_NO_ROUTE: 0,
  NFT_REJECT_ICMPX_PORT_UNREACH: 1,
  NFT_REJECT_ICMPX_HOST_UNREACH: 2,
  NFT_REJECT_ICMPX_ADMIN_PROHIBITED: 3,
} as const

export const reject = attributes('nftables/expr-reject-attrs', () => ({
  type: attribute('NFTA_REJECT_TYPE', 1, oneOf(be32, 'NFT_REJECT_', NFT_REJECT)),
  icmpCode: attribute('NFTA_REJECT_ICMP_CODE', 2, u8),
}))
export interface NftReject extends Infer<typeof reject> {}
export interface NftRejectInput extends Input<typeof reject> {}
