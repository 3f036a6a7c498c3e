/** NFNL_SUBSYS_CTNETLINK_TIMEOUT: enum ctnl_timeout_msg_types. */
import { operation } from '../../netlink/operation.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { timeoutMessage } from './timeout.ts'

const timeout = (name: string, number: number) =>
  operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_CTNETLINK_TIMEOUT, number), timeoutMessage)

export const IPCTNL_MSG_TIMEOUT_NEW = timeout('IPCTNL_MSG_TIMEOUT_NEW', 0)
export const IPCTNL_MSG_TIMEOUT_GET = timeout('IPCTNL_MSG_TIMEOUT_GET', 1)
export const IPCTNL_MSG_TIMEOUT_DELETE = timeout('IPCTNL_MSG_TIMEOUT_DELETE', 2)
export const IPCTNL_MSG_TIMEOUT_DEFAULT_SET = timeout('IPCTNL_MSG_TIMEOUT_DEFAULT_SET', 3)
export const IPCTNL_MSG_TIMEOUT_DEFAULT_GET = timeout('IPCTNL_MSG_TIMEOUT_DEFAULT_GET', 4)

export const timeoutOperations = [
  IPCTNL_MSG_TIMEOUT_NEW,
  IPCTNL_MSG_TIMEOUT_GET,
  IPCTNL_MSG_TIMEOUT_DELETE,
  IPCTNL_MSG_TIMEOUT_DEFAULT_SET,
  IPCTNL_MSG_TIMEOUT_DEFAULT_GET,
] as const
