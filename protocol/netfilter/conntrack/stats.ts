/** Statistics of connection tracking: of each CPU (`conntrack -S`; the header's resId is its number) and of the whole table (`-C`). */
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { be32 } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'

/** searched, new, ignore, delete and deleteList are not counted any more. */
export const statsAttributes = attributes('conntrack/conntrack-stats-attrs', () => ({
  searched: attribute('CTA_STATS_SEARCHED', 1, be32),
  found: attribute('CTA_STATS_FOUND', 2, be32),
  new: attribute('CTA_STATS_NEW', 3, be32),
  invalid: attribute('CTA_STATS_INVALID', 4, be32),
  ignore: attribute('CTA_STATS_IGNORE', 5, be32),
  delete: attribute('CTA_STATS_DELETE', 6, be32),
  deleteList: attribute('CTA_STATS_DELETE_LIST', 7, be32),
  insert: attribute('CTA_STATS_INSERT', 8, be32),
  insertFailed: attribute('CTA_STATS_INSERT_FAILED', 9, be32),
  drop: attribute('CTA_STATS_DROP', 10, be32),
  earlyDrop: attribute('CTA_STATS_EARLY_DROP', 11, be32),
  error: attribute('CTA_STATS_ERROR', 12, be32),
  searchRestart: attribute('CTA_STATS_SEARCH_RESTART', 13, be32),
  clashResolve: attribute('CTA_STATS_CLASH_RESOLVE', 14, be32),
  chainToolong: attribute('CTA_STATS_CHAIN_TOOLONG', 15, be32),
}))

export const statsMessage = nfnetlinkMessage(statsAttributes)
export interface StatsMessage extends Infer<typeof statsMessage> {}
export interface StatsMessageInput extends Input<typeof statsMessage> {}

export const globalStatsAttributes = attributes('conntrack/conntrack-stats-global-attrs', () => ({
  entries: attribute('CTA_STATS_GLOBAL_ENTRIES', 1, be32),
  maxEntries: attribute('CTA_STATS_GLOBAL_MAX_ENTRIES', 2, be32),
}))

export const globalStatsMessage = nfnetlinkMessage(globalStatsAttributes)
export interface GlobalStatsMessage extends Infer<typeof globalStatsMessage> {}
export interface GlobalStatsMessageInput extends Input<typeof globalStatsMessage> {}
