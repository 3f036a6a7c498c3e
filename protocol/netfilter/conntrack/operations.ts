/** NFNL_SUBSYS_CTNETLINK and NFNL_SUBSYS_CTNETLINK_EXP: enum cntl_msg_types, enum ctnl_exp_msg_types. */
import { operation } from '../../netlink/operation.ts'
import type { Codec } from '../../wire/codec.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { conntrackMessage } from './entry.ts'
import { expectationMessage, expectationStatsMessage } from './expectation.ts'
import { globalStatsMessage, statsMessage } from './stats.ts'

const ct = <T, I>(name: string, number: number, body: Codec<T, I>) =>
  operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_CTNETLINK, number), body)
const exp = <T, I>(name: string, number: number, body: Codec<T, I>) =>
  operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_CTNETLINK_EXP, number), body)

export const IPCTNL_MSG_CT_NEW = ct('IPCTNL_MSG_CT_NEW', 0, conntrackMessage)
export const IPCTNL_MSG_CT_GET = ct('IPCTNL_MSG_CT_GET', 1, conntrackMessage)
export const IPCTNL_MSG_CT_DELETE = ct('IPCTNL_MSG_CT_DELETE', 2, conntrackMessage)
/** Reads, and sets the counters to zero. */
export const IPCTNL_MSG_CT_GET_CTRZERO = ct('IPCTNL_MSG_CT_GET_CTRZERO', 3, conntrackMessage)
export const IPCTNL_MSG_CT_GET_STATS_CPU = ct('IPCTNL_MSG_CT_GET_STATS_CPU', 4, statsMessage)
export const IPCTNL_MSG_CT_GET_STATS = ct('IPCTNL_MSG_CT_GET_STATS', 5, globalStatsMessage)
export const IPCTNL_MSG_CT_GET_DYING = ct('IPCTNL_MSG_CT_GET_DYING', 6, conntrackMessage)
export const IPCTNL_MSG_CT_GET_UNCONFIRMED = ct('IPCTNL_MSG_CT_GET_UNCONFIRMED', 7, conntrackMessage)

export const IPCTNL_MSG_EXP_NEW = exp('IPCTNL_MSG_EXP_NEW', 0, expectationMessage)
export const IPCTNL_MSG_EXP_GET = exp('IPCTNL_MSG_EXP_GET', 1, expectationMessage)
export const IPCTNL_MSG_EXP_DELETE = exp('IPCTNL_MSG_EXP_DELETE', 2, expectationMessage)
export const IPCTNL_MSG_EXP_GET_STATS_CPU = exp('IPCTNL_MSG_EXP_GET_STATS_CPU', 3, expectationStatsMessage)

export const conntrackOperations = [
  IPCTNL_MSG_CT_NEW,
  IPCTNL_MSG_CT_GET,
  IPCTNL_MSG_CT_DELETE,
  IPCTNL_MSG_CT_GET_CTRZERO,
  IPCTNL_MSG_CT_GET_STATS_CPU,
  IPCTNL_MSG_CT_GET_STATS,
  IPCTNL_MSG_CT_GET_DYING,
  IPCTNL_MSG_CT_GET_UNCONFIRMED,
  IPCTNL_MSG_EXP_NEW,
  IPCTNL_MSG_EXP_GET,
  IPCTNL_MSG_EXP_DELETE,
  IPCTNL_MSG_EXP_GET_STATS_CPU,
] as const
