/** What `netlink-ts/protocol` exports of netfilter. */
export { type BatchMessage, type BatchMessageInput, batchMessage } from './batch.ts'
export * from './constants.ts'
export { type Nfgenmsg, type NfgenmsgInput, nfgenmsg } from './nfgenmsg.ts'
export * from './operations.ts'
