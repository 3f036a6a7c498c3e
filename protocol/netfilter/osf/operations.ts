/** NFNL_SUBSYS_OSF: enum nf_osf_msg_types. */
import { type Kind, type Operation, operation } from '../../netlink/operation.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { type OsfMessage, type OsfMessageInput, osfMessage } from './osf.ts'

/** The names do not tell what kind of message it is. */
function osf(name: string, number: number, kind: Kind): Operation<OsfMessage, OsfMessageInput> {
  return { ...operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_OSF, number), osfMessage), kind }
}

export const OSF_MSG_ADD = osf('OSF_MSG_ADD', 0, 'new')
export const OSF_MSG_REMOVE = osf('OSF_MSG_REMOVE', 1, 'del')

export const osfOperations = [OSF_MSG_ADD, OSF_MSG_REMOVE] as const
