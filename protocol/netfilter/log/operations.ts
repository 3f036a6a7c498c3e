/** NFNL_SUBSYS_ULOG: enum nfulnl_msg_types. */
import { operation } from '../../netlink/operation.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { logConfigMessage, logPacketMessage } from './log.ts'

const subsystem = NFNL_SUBSYS.NFNL_SUBSYS_ULOG

export const NFULNL_MSG_PACKET = operation('netfilter', 'NFULNL_MSG_PACKET', nfnlType(subsystem, 0), logPacketMessage)
export const NFULNL_MSG_CONFIG = operation('netfilter', 'NFULNL_MSG_CONFIG', nfnlType(subsystem, 1), logConfigMessage)

export const logOperations = [NFULNL_MSG_PACKET, NFULNL_MSG_CONFIG] as const
