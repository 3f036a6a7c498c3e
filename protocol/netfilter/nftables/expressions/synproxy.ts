/** synproxy: answers SYN packets in the server's place; also as a named object. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be16, be32, flags, u8 } from '../../../wire/scalar.ts'

/** linux/netfilter/nf_synproxy.h */
export const NF_SYNPROXY_OPT = {
  NF_SYNPROXY_OPT_MSS: 0x1,
  NF_SYNPROXY_OPT_WSCALE: 0x2,
  NF_SYNPROXY_OPT_SACK_PERM: 0x4,
  NF_SYNPROXY_OPT_TIMESTAMP: 0x8,
  NF_SYNPROXY_OPT_ECN: 0x10,
} as const

export const synproxy = attributes('nftables/expr-synproxy-attrs', () => ({
  mss: attribute('NFTA_SYNPROXY_MSS', 1, be16),
  wscale: attribute('NFTA_SYNPROXY_WSCALE', 2, u8),
  flags: attribute('NFTA_SYNPROXY_FLAGS', 3, flags(be32, 'NF_SYNPROXY_OPT_', NF_SYNPROXY_OPT)),
}))
export interface NftSynproxy extends Infer<typeof synproxy> {}
export interface NftSynproxyInput extends Input<typeof synproxy> {}
