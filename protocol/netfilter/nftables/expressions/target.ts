/** target: an iptables target (xtables) in a rule; its C struct stays bytes (linux/netfilter/nf_tables_compat.h). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes, string } from '../../../wire/leaf.ts'
import { be32 } from '../../../wire/scalar.ts'

export const target = attributes('nftables/expr-target-attrs', () => ({
  name: attribute('NFTA_TARGET_NAME', 1, string(32)),
  rev: attribute('NFTA_TARGET_REV', 2, be32),
  info: attribute('NFTA_TARGET_INFO', 3, bytes()),
}))
export interface NftTarget extends Infer<typeof target> {}
export interface NftTargetInput extends Input<typeof target> {}
