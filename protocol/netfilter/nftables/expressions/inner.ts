/** inner: runs a payload or meta expression on the packet inside a tunnel's (Linux 6.2). */
import { type Attributes, attribute, attributes, type Kept, nest } from '../../../wire/attributes.ts'
import { lazy } from '../../../wire/list.ts'
import { be32, flags, type NameOf, oneOf } from '../../../wire/scalar.ts'
import { expression, type NftExpression, type NftExpressionInput } from '../expression.ts'

export const NFT_INNER_TYPE = { NFT_INNER_UNSPEC: 0, NFT_INNER_VXLAN: 1, NFT_INNER_GENEVE: 2 } as const
/** Which headers there are inside: the tunnel's own of `hdrsize` bytes, link layer, network, transport. */
export const NFT_INNER = { NFT_INNER_HDRSIZE: 1, NFT_INNER_LL: 2, NFT_INNER_NH: 4, NFT_INNER_TH: 8 } as const

interface Rows<E> extends Kept {
  /** 0. */
  num?: number
  type?: NameOf<keyof typeof NFT_INNER_TYPE, 'NFT_INNER_'> | number
  flags?: readonly (NameOf<keyof typeof NFT_INNER, 'NFT_INNER_'> | number)[]
  hdrsize?: number
  expr?: E
}
/** Written out, because it holds an expression, of which it is one. */
export interface NftInner extends Rows<NftExpression> {}
export type NftInnerInput = { [K in keyof Rows<unknown>]?: Rows<NftExpressionInput>[K] | undefined }

export const inner: Attributes<NftInner, NftInnerInput> = attributes('nftables/expr-inner-attrs', () => ({
  num: attribute('NFTA_INNER_NUM', 1, be32),
  type: attribute('NFTA_INNER_TYPE', 2, oneOf(be32, 'NFT_INNER_', NFT_INNER_TYPE)),
  flags: attribute('NFTA_INNER_FLAGS', 3, flags(be32, 'NFT_INNER_', NFT_INNER)),
  hdrsize: attribute('NFTA_INNER_HDRSIZE', 4, be32),
  expr: nest(
    'NFTA_INNER_EXPR',
    5,
    lazy(() => expression),
  ),
}))
