/** What `netlink-ts/protocol` exports of netfilter. */
export { type AcctMessage, type AcctMessageInput, acctMessage, NFACCT_F } from './acct/acct.ts'
export * from './acct/operations.ts'
export { type BatchMessage, type BatchMessageInput, batchMessage } from './batch.ts'
export * from './conntrack/index.ts'
export * from './constants.ts'
export { type HelperMessage, type HelperMessageInput, helperMessage } from './cthelper/helper.ts'
export * from './cthelper/operations.ts'
export { type NetfilterGroup, netfilterGroups } from './groups.ts'
export * from './ipset/constants.ts'
export type { IpsetElement, IpsetElementInput } from './ipset/data.ts'
export {
  type IpsetElementMessage,
  type IpsetElementMessageInput,
  type IpsetMessage,
  type IpsetMessageInput,
  type IpsetPairMessage,
  type IpsetPairMessageInput,
  type IpsetProtocolMessage,
  type IpsetProtocolMessageInput,
  type IpsetTypeMessage,
  type IpsetTypeMessageInput,
  ipsetElementMessage,
  ipsetMessage,
} from './ipset/messages.ts'
export * from './ipset/operations.ts'
export * from './log/log.ts'
export * from './log/operations.ts'
export { type Nfgenmsg, type NfgenmsgInput, nfgenmsg } from './nfgenmsg.ts'
export * from './nftables/index.ts'
export * from './operations.ts'
export * from './osf/operations.ts'
export { type OsfMessage, type OsfMessageInput, osfMessage } from './osf/osf.ts'
export * from './queue/operations.ts'
export * from './queue/queue.ts'
export * from './timeout/operations.ts'
export { type TimeoutMessage, type TimeoutMessageInput, timeoutMessage } from './timeout/timeout.ts'
