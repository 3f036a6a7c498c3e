/** log: to the kernel's log, or with `group` to an nflog group. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { string } from '../../../wire/leaf.ts'
import { be16, be32, flags, oneOf } from '../../../wire/scalar.ts'

export const NFT_LOGLEVEL = {
  NFT_LOGLEVEL_EMERG: 0,
  NFT_LOGLEVEL_ALERT: 1,
  NFT_LOGLEVEL_CRIT: 2,
  NFT_LOGLEVEL_ERR: 3,
  NFT_LOGLEVEL_WARNING: 4,
  NFT_LOGLEVEL_NOTICE: 5,
  NFT_LOGLEVEL_INFO: 6,
  NFT_LOGLEVEL_DEBUG: 7,
  NFT_LOGLEVEL_AUDIT: 8,
} as const

/** linux/netfilter/nf_log.h */
export const NF_LOG = {
  NF_LOG_TCPSEQ: 0x1,
  NF_LOG_TCPOPT: 0x2,
  NF_LOG_IPOPT: 0x4,
  NF_LOG_UID: 0x8,
  NF_LOG_NFLOG: 0x10,
  NF_LOG_MACDECODE: 0x20,
} as const

export const log = attributes('nftables/log-attrs', () => ({
  group: attribute('NFTA_LOG_GROUP', 1, be16),
  /** NF_LOG_PREFIXLEN is 128 with the NUL. */
  prefix: attribute('NFTA_LOG_PREFIX', 2, string(128)),
  snaplen: attribute('NFTA_LOG_SNAPLEN', 3, be32),
  qthreshold: attribute('NFTA_LOG_QTHRESHOLD', 4, be16),
  level: attribute('NFTA_LOG_LEVEL', 5, oneOf(be32, 'NFT_LOGLEVEL_', NFT_LOGLEVEL)),
  flags: attribute('NFTA_LOG_FLAGS', 6, flags(be32, 'NF_LOG_', NF_LOG)),
}))
export interface NftLog extends Infer<typeof log> {}
export interface NftLogInput extends Input<typeof log> {}
