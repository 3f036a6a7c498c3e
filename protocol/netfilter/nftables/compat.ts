/** NFNL_SUBSYS_NFT_COMPAT: which revision of an xtables match or target the kernel has (iptables-nft asks before it uses one). */
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be32, oneOf } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'

/** Not in a header: nft_compat's question is about a match (0) or a target (1). */
const COMPAT_TYPE = { MATCH: 0, TARGET: 1 } as const

export const compatAttributes = attributes('nftables/compat-attrs', () => ({
  name: attribute('NFTA_COMPAT_NAME', 1, string(32)),
  rev: attribute('NFTA_COMPAT_REV', 2, be32),
  type: attribute('NFTA_COMPAT_TYPE', 3, oneOf(be32, '', COMPAT_TYPE)),
}))

export const compatMessage = nfnetlinkMessage(compatAttributes)
export interface CompatMessage extends Infer<typeof compatMessage> {}
export interface CompatMessageInput extends Input<typeof compatMessage> {}
