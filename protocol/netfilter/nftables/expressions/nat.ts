/** nat: translates the source or destination, to addresses and ports in registers. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, flags, oneOf } from '../../../wire/scalar.ts'
import { NFPROTO } from '../../constants.ts'

export const NFT_NAT = { NFT_NAT_SNAT: 0, NFT_NAT_DNAT: 1 } as const

/** linux/netfilter/nf_nat.h */
export const NF_NAT_RANGE = {
  NF_NAT_RANGE_MAP_IPS: 0x1,
  NF_NAT_RANGE_PROTO_SPECIFIED: 0x2,
  NF_NAT_RANGE_PROTO_RANDOM: 0x4,
  NF_NAT_RANGE_PERSISTENT: 0x8,
  NF_NAT_RANGE_PROTO_RANDOM_FULLY: 0x10,
  NF_NAT_RANGE_PROTO_OFFSET: 0x20,
  NF_NAT_RANGE_NETMAP: 0x40,
} as const

export const natFlags = flags(be32, 'NF_NAT_RANGE_', NF_NAT_RANGE)

export const nat = attributes('nftables/expr-nat-attrs', () => ({
  type: attribute('NFTA_NAT_TYPE', 1, oneOf(be32, 'NFT_NAT_', NFT_NAT)),
  family: attribute('NFTA_NAT_FAMILY', 2, oneOf(be32, 'NFPROTO_', NFPROTO)),
  regAddrMin: attribute('NFTA_NAT_REG_ADDR_MIN', 3, be32),
  regAddrMax: attribute('NFTA_NAT_REG_ADDR_MAX', 4, be32),
  regProtoMin: attribute('NFTA_NAT_REG_PROTO_MIN', 5, be32),
  regProtoMax: attribute('NFTA_NAT_REG_PROTO_MAX', 6, be32),
  flags: attribute('NFTA_NAT_FLAGS', 7, natFlags),
}))
export interface NftNat extends Infer<typeof nat> {}
export interface NftNatInput extends Input<typeof nat> {}
