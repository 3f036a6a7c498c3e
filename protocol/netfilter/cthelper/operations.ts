/** NFNL_SUBSYS_CTHELPER: enum nfnl_cthelper_msg_types. */
import { operation } from '../../netlink/operation.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { helperMessage } from './helper.ts'

const helper = (name: string, number: number) =>
  operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_CTHELPER, number), helperMessage)

export const NFNL_MSG_CTHELPER_NEW = helper('NFNL_MSG_CTHELPER_NEW', 0)
export const NFNL_MSG_CTHELPER_GET = helper('NFNL_MSG_CTHELPER_GET', 1)
export const NFNL_MSG_CTHELPER_DEL = helper('NFNL_MSG_CTHELPER_DEL', 2)

export const helperOperations = [NFNL_MSG_CTHELPER_NEW, NFNL_MSG_CTHELPER_GET, NFNL_MSG_CTHELPER_DEL] as const
