/** NFNL_SUBSYS_ACCT: enum nfnl_acct_msg_types. */
import { operation } from '../../netlink/operation.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { acctMessage } from './acct.ts'

const acct = (name: string, number: number) =>
  operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_ACCT, number), acctMessage)

export const NFNL_MSG_ACCT_NEW = acct('NFNL_MSG_ACCT_NEW', 0)
export const NFNL_MSG_ACCT_GET = acct('NFNL_MSG_ACCT_GET', 1)
/** Reads, and sets the counters to zero. */
export const NFNL_MSG_ACCT_GET_CTRZERO = acct('NFNL_MSG_ACCT_GET_CTRZERO', 2)
export const NFNL_MSG_ACCT_DEL = acct('NFNL_MSG_ACCT_DEL', 3)
/** An event: the quota is used up. */
export const NFNL_MSG_ACCT_OVERQUOTA = acct('NFNL_MSG_ACCT_OVERQUOTA', 4)

export const acctOperations = [
  NFNL_MSG_ACCT_NEW,
  NFNL_MSG_ACCT_GET,
  NFNL_MSG_ACCT_GET_CTRZERO,
  NFNL_MSG_ACCT_DEL,
  NFNL_MSG_ACCT_OVERQUOTA,
] as const
