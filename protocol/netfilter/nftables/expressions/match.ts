/** match: an iptables match (xtables) in a rule; its C struct stays bytes (linux/netfilter/nf_tables_compat.h). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes, string } from '../../../wire/leaf.ts'
import { be32 } from '../../../wire/scalar.ts'

export const match = attributes('nftables/compat-match-attrs', () => ({
  name: attribute('NFTA_MATCH_NAME', 1, string(32)),
  rev: attribute('NFTA_MATCH_REV', 2, be32),
  info: attribute('NFTA_MATCH_INFO', 3, bytes()),
}))
export interface NftMatch extends Infer<typeof match> {}
export interface NftMatchInput extends Input<typeof match> {}
