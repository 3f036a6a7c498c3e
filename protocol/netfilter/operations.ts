/** NETLINK_NETFILTER: its operations, subsystem by subsystem. */
import { operation, protocol } from '../netlink/operation.ts'
import { acctOperations } from './acct/operations.ts'
import { batchMessage } from './batch.ts'
import { conntrackOperations } from './conntrack/operations.ts'
import { helperOperations } from './cthelper/operations.ts'
import { ipsetOperations } from './ipset/operations.ts'
import { logOperations } from './log/operations.ts'
import { nftablesOperations } from './nftables/operations.ts'
import { osfOperations } from './osf/operations.ts'
import { queueOperations } from './queue/operations.ts'
import { timeoutOperations } from './timeout/operations.ts'

export const NFNL_MSG_BATCH_BEGIN = operation('netfilter', 'NFNL_MSG_BATCH_BEGIN', 16, batchMessage)
export const NFNL_MSG_BATCH_END = operation('netfilter', 'NFNL_MSG_BATCH_END', 17, batchMessage)

export const netfilter = protocol('netfilter', 12, [
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  ...nftablesOperations,
  ...conntrackOperations,
  ...timeoutOperations,
  ...helperOperations,
  ...ipsetOperations,
  ...acctOperations,
  ...logOperations,
  ...queueOperations,
  ...osfOperations,
])
