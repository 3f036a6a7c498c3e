/** tunnel: loads from the tunnel that the packet came by or goes into. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'

export const NFT_TUNNEL = { NFT_TUNNEL_PATH: 0, NFT_TUNNEL_ID: 1 } as const
export const NFT_TUNNEL_MODE = {
  NFT_TUNNEL_MODE_NONE: 0,
  NFT_TUNNEL_MODE_RX: 1,
  NFT_TUNNEL_MODE_TX: 2,
} as const

export const tunnel = attributes('nftables/expr-tunnel-attrs', () => ({
  key: attribute('NFTA_TUNNEL_KEY', 1, oneOf(be32, 'NFT_TUNNEL_', NFT_TUNNEL)),
  dreg: attribute('NFTA_TUNNEL_DREG', 2, be32),
  mode: attribute('NFTA_TUNNEL_MODE', 3, oneOf(be32, 'NFT_TUNNEL_MODE_', NFT_TUNNEL_MODE)),
}))
export interface NftTunnel extends Infer<typeof tunnel> {}
export interface NftTunnelInput extends Input<typeof tunnel> {}
