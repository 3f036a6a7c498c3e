/** NFNL_SUBSYS_QUEUE: enum nfqnl_msg_types. */
import { operation } from '../../netlink/operation.ts'
import type { Codec } from '../../wire/codec.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { queueConfigMessage, queuePacketMessage } from './queue.ts'

const queue = <T, I>(name: string, number: number, body: Codec<T, I>) =>
  operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_QUEUE, number), body)

export const NFQNL_MSG_PACKET = queue('NFQNL_MSG_PACKET', 0, queuePacketMessage)
export const NFQNL_MSG_VERDICT = queue('NFQNL_MSG_VERDICT', 1, queuePacketMessage)
export const NFQNL_MSG_CONFIG = queue('NFQNL_MSG_CONFIG', 2, queueConfigMessage)
/** A verdict on this packet and all before it. */
export const NFQNL_MSG_VERDICT_BATCH = queue('NFQNL_MSG_VERDICT_BATCH', 3, queuePacketMessage)

export const queueOperations = [NFQNL_MSG_PACKET, NFQNL_MSG_VERDICT, NFQNL_MSG_CONFIG, NFQNL_MSG_VERDICT_BATCH] as const
