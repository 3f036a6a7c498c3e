/** NFNL_SUBSYS_IPSET: enum ipset_cmd. Whether an existing set or element is an error is said by the flag 'excl', as in other subsystems when something is made. */
import { type Kind, type Operation, operation } from '../../netlink/operation.ts'
import type { Codec } from '../../wire/codec.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import {
  ipsetElementMessage,
  ipsetMessage,
  ipsetPairMessage,
  ipsetProtocolMessage,
  ipsetTypeMessage,
} from './messages.ts'

/** The names do not tell what kind of message it is. */
function ipset<T, I>(name: string, number: number, kind: Kind, body: Codec<T, I>): Operation<T, I> {
  return { ...operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_IPSET, number), body), kind }
}

export const IPSET_CMD_PROTOCOL = ipset('IPSET_CMD_PROTOCOL', 1, 'get', ipsetProtocolMessage)
export const IPSET_CMD_CREATE = ipset('IPSET_CMD_CREATE', 2, 'new', ipsetMessage)
export const IPSET_CMD_DESTROY = ipset('IPSET_CMD_DESTROY', 3, 'new', ipsetMessage)
export const IPSET_CMD_FLUSH = ipset('IPSET_CMD_FLUSH', 4, 'new', ipsetMessage)
export const IPSET_CMD_RENAME = ipset('IPSET_CMD_RENAME', 5, 'new', ipsetPairMessage)
export const IPSET_CMD_SWAP = ipset('IPSET_CMD_SWAP', 6, 'new', ipsetPairMessage)
export const IPSET_CMD_LIST = ipset('IPSET_CMD_LIST', 7, 'get', ipsetMessage)
export const IPSET_CMD_SAVE = ipset('IPSET_CMD_SAVE', 8, 'get', ipsetMessage)
export const IPSET_CMD_ADD = ipset('IPSET_CMD_ADD', 9, 'new', ipsetElementMessage)
export const IPSET_CMD_DEL = ipset('IPSET_CMD_DEL', 10, 'new', ipsetElementMessage)
/** Acknowledged where the element is in the set. */
export const IPSET_CMD_TEST = ipset('IPSET_CMD_TEST', 11, 'other', ipsetElementMessage)
export const IPSET_CMD_HEADER = ipset('IPSET_CMD_HEADER', 12, 'get', ipsetMessage)
export const IPSET_CMD_TYPE = ipset('IPSET_CMD_TYPE', 13, 'get', ipsetTypeMessage)
export const IPSET_CMD_GET_BYNAME = ipset('IPSET_CMD_GET_BYNAME', 14, 'get', ipsetMessage)
export const IPSET_CMD_GET_BYINDEX = ipset('IPSET_CMD_GET_BYINDEX', 15, 'get', ipsetMessage)

export const ipsetOperations = [
  IPSET_CMD_PROTOCOL,
  IPSET_CMD_CREATE,
  IPSET_CMD_DESTROY,
  IPSET_CMD_FLUSH,
  IPSET_CMD_RENAME,
  IPSET_CMD_SWAP,
  IPSET_CMD_LIST,
  IPSET_CMD_SAVE,
  IPSET_CMD_ADD,
  IPSET_CMD_DEL,
  IPSET_CMD_TEST,
  IPSET_CMD_HEADER,
  IPSET_CMD_TYPE,
  IPSET_CMD_GET_BYNAME,
  IPSET_CMD_GET_BYINDEX,
] as const
