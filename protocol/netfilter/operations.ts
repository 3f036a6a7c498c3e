/** NETLINK_NETFILTER: its operations, subsystem by subsystem. */
import { operation, protocol } from '../netlink/operation.ts'
import { batchMessage } from './batch.ts'

export const NFNL_MSG_BATCH_BEGIN = operation('netfilter', 'NFNL_MSG_BATCH_BEGIN', 16, batchMessage)
export const NFNL_MSG_BATCH_END = operation('netfilter', 'NFNL_MSG_BATCH_END', 17, batchMessage)

export const netfilter = protocol('netfilter', 12, [NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END])
