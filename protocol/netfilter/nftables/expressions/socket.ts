/** socket: loads from the local socket that the packet belongs to. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'

export const NFT_SOCKET = {
  NFT_SOCKET_TRANSPARENT: 0,
  NFT_SOCKET_MARK: 1,
  NFT_SOCKET_WILDCARD: 2,
  NFT_SOCKET_CGROUPV2: 3,
} as const

export const socket = attributes('nftables/expr-socket-attrs', () => ({
  key: attribute('NFTA_SOCKET_KEY', 1, oneOf(be32, 'NFT_SOCKET_', NFT_SOCKET)),
  dreg: attribute('NFTA_SOCKET_DREG', 2, be32),
  /** cgroupv2: which ancestor. */
  level: attribute('NFTA_SOCKET_LEVEL', 3, be32),
}))
export interface NftSocket extends Infer<typeof socket> {}
export interface NftSocketInput extends Input<typeof socket> {}
