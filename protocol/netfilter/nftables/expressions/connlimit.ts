/** connlimit: how many connections there are already (`ct count`); also in set elements. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, flags } from '../../../wire/scalar.ts'

export const NFT_CONNLIMIT_F = { NFT_CONNLIMIT_F_INV: 1 } as const

export const connlimit = attributes('nftables/expr-connlimit-attrs', () => ({
  count: attribute('NFTA_CONNLIMIT_COUNT', 1, be32),
  flags: attribute('NFTA_CONNLIMIT_FLAGS', 2, flags(be32, 'NFT_CONNLIMIT_F_', NFT_CONNLIMIT_F)),
}))
export interface NftConnlimit extends Infer<typeof connlimit> {}
export interface NftConnlimitInput extends Input<typeof connlimit> {}
