/** tunnel objects: the key that packets into a tunnel device get (NFTA_TUNNEL_KEY_*). */
import { ipv4, ipv6 } from '../../../wire/address.ts'
import { attribute, attributes, many, nest } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes } from '../../../wire/leaf.ts'
import { be16, be32, flags, u8 } from '../../../wire/scalar.ts'

export const NFT_TUNNEL_F = {
  NFT_TUNNEL_F_ZERO_CSUM_TX: 1,
  NFT_TUNNEL_F_DONT_FRAGMENT: 2,
  NFT_TUNNEL_F_SEQ_NUMBER: 4,
} as const

const keyIp = attributes('nftables/tunnel-key-ip-attrs', () => ({
  src: attribute('NFTA_TUNNEL_KEY_IP_SRC', 1, ipv4),
  dst: attribute('NFTA_TUNNEL_KEY_IP_DST', 2, ipv4),
}))

const keyIp6 = attributes('nftables/tunnel-key-ip6-attrs', () => ({
  src: attribute('NFTA_TUNNEL_KEY_IP6_SRC', 1, ipv6),
  dst: attribute('NFTA_TUNNEL_KEY_IP6_DST', 2, ipv6),
  flowlabel: attribute('NFTA_TUNNEL_KEY_IP6_FLOWLABEL', 3, be32),
}))

const vxlan = attributes('nftables/tunnel-key-vxlan-attrs', () => ({
  gbp: attribute('NFTA_TUNNEL_KEY_VXLAN_GBP', 1, be32),
}))

const erspan = attributes('nftables/tunnel-key-erspan-attrs', () => ({
  version: attribute('NFTA_TUNNEL_KEY_ERSPAN_VERSION', 1, be32),
  v1Index: attribute('NFTA_TUNNEL_KEY_ERSPAN_V1_INDEX', 2, be32),
  v2Hwid: attribute('NFTA_TUNNEL_KEY_ERSPAN_V2_HWID', 3, u8),
  v2Dir: attribute('NFTA_TUNNEL_KEY_ERSPAN_V2_DIR', 4, u8),
}))

const geneve = attributes('nftables/tunnel-key-geneve-attrs', () => ({
  class: attribute('NFTA_TUNNEL_KEY_GENEVE_CLASS', 1, be16),
  type: attribute('NFTA_TUNNEL_KEY_GENEVE_TYPE', 2, u8),
  data: attribute('NFTA_TUNNEL_KEY_GENEVE_DATA', 3, bytes()),
}))

const keyOpts = attributes('nftables/tunnel-key-opts-attrs', () => ({
  vxlan: nest('NFTA_TUNNEL_KEY_OPTS_VXLAN', 1, vxlan),
  erspan: nest('NFTA_TUNNEL_KEY_OPTS_ERSPAN', 2, erspan),
  geneve: many('NFTA_TUNNEL_KEY_OPTS_GENEVE', 3, geneve, { nested: true }),
}))

export const tunnelKey = attributes('nftables/tunnel-key-attrs', () => ({
  id: attribute('NFTA_TUNNEL_KEY_ID', 1, be32),
  ip: nest('NFTA_TUNNEL_KEY_IP', 2, keyIp),
  ip6: nest('NFTA_TUNNEL_KEY_IP6', 3, keyIp6),
  flags: attribute('NFTA_TUNNEL_KEY_FLAGS', 4, flags(be32, 'NFT_TUNNEL_F_', NFT_TUNNEL_F)),
  tos: attribute('NFTA_TUNNEL_KEY_TOS', 5, u8),
  ttl: attribute('NFTA_TUNNEL_KEY_TTL', 6, u8),
  sport: attribute('NFTA_TUNNEL_KEY_SPORT', 7, be16),
  dport: attribute('NFTA_TUNNEL_KEY_DPORT', 8, be16),
  opts: nest('NFTA_TUNNEL_KEY_OPTS', 9, keyOpts),
}))
export interface NftTunnelKey extends Infer<typeof tunnelKey> {}
export interface NftTunnelKeyInput extends Input<typeof tunnelKey> {}
