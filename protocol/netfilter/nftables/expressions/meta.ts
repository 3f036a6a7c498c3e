/** meta: loads what the kernel knows of the packet beside its bytes, or with `sreg` sets it. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'

/** 8 has two names in the header; 36 is reserved. */
export const NFT_META = {
  NFT_META_LEN: 0,
  NFT_META_PROTOCOL: 1,
  NFT_META_PRIORITY: 2,
  NFT_META_MARK: 3,
  NFT_META_IIF: 4,
  NFT_META_OIF: 5,
  NFT_META_IIFNAME: 6,
  NFT_META_OIFNAME: 7,
  NFT_META_IFTYPE: 8,
  NFT_META_IIFTYPE: 8,
  NFT_META_OIFTYPE: 9,
  NFT_META_SKUID: 10,
  NFT_META_SKGID: 11,
  NFT_META_NFTRACE: 12,
  NFT_META_RTCLASSID: 13,
  NFT_META_SECMARK: 14,
  NFT_META_NFPROTO: 15,
  NFT_META_L4PROTO: 16,
  NFT_META_BRI_IIFNAME: 17,
  NFT_META_BRI_OIFNAME: 18,
  NFT_META_PKTTYPE: 19,
  NFT_META_CPU: 20,
  NFT_META_IIFGROUP: 21,
  NFT_META_OIFGROUP: 22,
  NFT_META_CGROUP: 23,
  NFT_META_PRANDOM: 24,
  NFT_META_SECPATH: 25,
  NFT_META_IIFKIND: 26,
  NFT_META_OIFKIND: 27,
  NFT_META_BRI_IIFPVID: 28,
  NFT_META_BRI_IIFVPROTO: 29,
  NFT_META_TIME_NS: 30,
  NFT_META_TIME_DAY: 31,
  NFT_META_TIME_HOUR: 32,
  NFT_META_SDIF: 33,
  NFT_META_SDIFNAME: 34,
  NFT_META_BRI_BROUTE: 35,
  NFT_META_BRI_IIFHWADDR: 37,
} as const

export const meta = attributes('nftables/expr-meta-attrs', () => ({
  dreg: attribute('NFTA_META_DREG', 1, be32),
  key: attribute('NFTA_META_KEY', 2, oneOf(be32, 'NFT_META_', NFT_META)),
  sreg: attribute('NFTA_META_SREG', 3, be32),
}))
export interface NftMeta extends Infer<typeof meta> {}
export interface NftMetaInput extends Input<typeof meta> {}
