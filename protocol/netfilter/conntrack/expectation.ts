/** Expectations: connections that a helper foretells, as FTP's data connections (`conntrack -L expect`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be16, be32, flags } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NF_CT_EXPECT } from './constants.ts'
import { tuple } from './tuple.ts'

export const expectNat = attributes('conntrack/expect-nat-attrs', () => ({
  /** 0: of the direction of the original, 1: of replies. */
  dir: attribute('CTA_EXPECT_NAT_DIR', 1, be32),
  tuple: nest('CTA_EXPECT_NAT_TUPLE', 2, tuple),
}))

export const expectationAttributes = attributes('conntrack/expect-attrs', () => ({
  master: nest('CTA_EXPECT_MASTER', 1, tuple),
  tuple: nest('CTA_EXPECT_TUPLE', 2, tuple),
  mask: nest('CTA_EXPECT_MASK', 3, tuple),
  /** Seconds. */
  timeout: attribute('CTA_EXPECT_TIMEOUT', 4, be32),
  id: attribute('CTA_EXPECT_ID', 5, be32),
  helpName: attribute('CTA_EXPECT_HELP_NAME', 6, string(16)),
  zone: attribute('CTA_EXPECT_ZONE', 7, be16),
  flags: attribute('CTA_EXPECT_FLAGS', 8, flags(be32, 'NF_CT_EXPECT_', NF_CT_EXPECT)),
  class: attribute('CTA_EXPECT_CLASS', 9, be32),
  nat: nest('CTA_EXPECT_NAT', 10, expectNat),
  fn: attribute('CTA_EXPECT_FN', 11, string()),
}))

export const expectationMessage = nfnetlinkMessage(expectationAttributes)
export interface ExpectationMessage extends Infer<typeof expectationMessage> {}
export interface ExpectationMessageInput extends Input<typeof expectationMessage> {}

export const expectationStatsAttributes = attributes('conntrack/expect-stats-attrs', () => ({
  new: attribute('CTA_STATS_EXP_NEW', 1, be32),
  create: attribute('CTA_STATS_EXP_CREATE', 2, be32),
  delete: attribute('CTA_STATS_EXP_DELETE', 3, be32),
}))

export const expectationStatsMessage = nfnetlinkMessage(expectationStatsAttributes)
export interface ExpectationStatsMessage extends Infer<typeof expectationStatsMessage> {}
export interface ExpectationStatsMessageInput extends Input<typeof expectationStatsMessage> {}
