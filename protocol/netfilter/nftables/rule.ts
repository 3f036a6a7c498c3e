/** Rules: NFT_MSG_NEWRULE and its kin (`nft add rule`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { be32, be64, flags } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { name } from './data.ts'
import { expressionList } from './expression.ts'
import { ruleUserdata } from './userdata.ts'

export const NFT_RULE_COMPAT_F = { NFT_RULE_COMPAT_F_UNUSED: 1, NFT_RULE_COMPAT_F_INV: 2 } as const

/** What xtables' matches and targets ask about a rule: its transport protocol. */
export const ruleCompat = attributes('nftables/rule-compat-attrs', () => ({
  proto: attribute('NFTA_RULE_COMPAT_PROTO', 1, be32),
  flags: attribute('NFTA_RULE_COMPAT_FLAGS', 2, flags(be32, 'NFT_RULE_COMPAT_F_', NFT_RULE_COMPAT_F)),
}))
export interface RuleCompat extends Infer<typeof ruleCompat> {}

export const ruleAttributes = attributes('nftables/rule-attrs', () => ({
  table: attribute('NFTA_RULE_TABLE', 1, name),
  chain: attribute('NFTA_RULE_CHAIN', 2, name),
  handle: attribute('NFTA_RULE_HANDLE', 3, be64),
  expressions: nest('NFTA_RULE_EXPRESSIONS', 4, expressionList),
  compat: nest('NFTA_RULE_COMPAT', 5, ruleCompat),
  /** Handle of the rule before; with NLM_F_APPEND absent, of the rule behind. */
  position: attribute('NFTA_RULE_POSITION', 6, be64),
  userdata: attribute('NFTA_RULE_USERDATA', 7, ruleUserdata),
  pad: attribute('NFTA_RULE_PAD', 8, bytes(), { readOnly: true }),
  /** For later messages of the same batch. */
  id: attribute('NFTA_RULE_ID', 9, be32),
  positionId: attribute('NFTA_RULE_POSITION_ID', 10, be32),
  chainId: attribute('NFTA_RULE_CHAIN_ID', 11, be32),
}))

export const ruleMessage = nfnetlinkMessage(ruleAttributes)
export interface RuleMessage extends Infer<typeof ruleMessage> {}
export interface RuleMessageInput extends Input<typeof ruleMessage> {}
