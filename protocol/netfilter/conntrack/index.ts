/** What `netlink-ts/protocol` exports of connection tracking. */
export * from './constants.ts'
export { type ConntrackMessage, type ConntrackMessageInput, conntrackMessage } from './entry.ts'
export {
  type ExpectationMessage,
  type ExpectationMessageInput,
  type ExpectationStatsMessage,
  type ExpectationStatsMessageInput,
  expectationMessage,
  expectationStatsMessage,
} from './expectation.ts'
export * from './operations.ts'
export {
  type GlobalStatsMessage,
  type GlobalStatsMessageInput,
  globalStatsMessage,
  type StatsMessage,
  type StatsMessageInput,
  statsMessage,
} from './stats.ts'
export type { Tuple, TupleInput } from './tuple.ts'
