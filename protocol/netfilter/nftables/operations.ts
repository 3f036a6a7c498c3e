/** The operations of nf_tables (enum nf_tables_msg_types), and those of its neighbours NFNL_SUBSYS_NFT_COMPAT and NFNL_SUBSYS_HOOK. */
import { type Operation, operation } from '../../netlink/operation.ts'
import type { Codec } from '../../wire/codec.ts'
import { NFNL_SUBSYS, nfnlType } from '../constants.ts'
import { chainMessage } from './chain.ts'
import { compatMessage } from './compat.ts'
import { elementsMessage } from './element.ts'
import { flowtableMessage } from './flowtable.ts'
import { generationMessage } from './generation.ts'
import { hookMessage } from './hooks.ts'
import { objectMessage } from './object.ts'
import { ruleMessage } from './rule.ts'
import { setMessage } from './set.ts'
import { tableMessage } from './table.ts'
import { traceMessage } from './trace.ts'

function nft<T, I>(name: string, number: number, body: Codec<T, I>): Operation<T, I> {
  return operation('netfilter', name, nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_NFTABLES, number), body)
}

export const NFT_MSG_NEWTABLE = nft('NFT_MSG_NEWTABLE', 0, tableMessage)
export const NFT_MSG_GETTABLE = nft('NFT_MSG_GETTABLE', 1, tableMessage)
export const NFT_MSG_DELTABLE = nft('NFT_MSG_DELTABLE', 2, tableMessage)
export const NFT_MSG_NEWCHAIN = nft('NFT_MSG_NEWCHAIN', 3, chainMessage)
export const NFT_MSG_GETCHAIN = nft('NFT_MSG_GETCHAIN', 4, chainMessage)
export const NFT_MSG_DELCHAIN = nft('NFT_MSG_DELCHAIN', 5, chainMessage)
export const NFT_MSG_NEWRULE = nft('NFT_MSG_NEWRULE', 6, ruleMessage)
export const NFT_MSG_GETRULE = nft('NFT_MSG_GETRULE', 7, ruleMessage)
export const NFT_MSG_DELRULE = nft('NFT_MSG_DELRULE', 8, ruleMessage)
export const NFT_MSG_NEWSET = nft('NFT_MSG_NEWSET', 9, setMessage)
export const NFT_MSG_GETSET = nft('NFT_MSG_GETSET', 10, setMessage)
export const NFT_MSG_DELSET = nft('NFT_MSG_DELSET', 11, setMessage)
export const NFT_MSG_NEWSETELEM = nft('NFT_MSG_NEWSETELEM', 12, elementsMessage)
export const NFT_MSG_GETSETELEM = nft('NFT_MSG_GETSETELEM', 13, elementsMessage)
export const NFT_MSG_DELSETELEM = nft('NFT_MSG_DELSETELEM', 14, elementsMessage)
export const NFT_MSG_NEWGEN = nft('NFT_MSG_NEWGEN', 15, generationMessage)
export const NFT_MSG_GETGEN = nft('NFT_MSG_GETGEN', 16, generationMessage)
export const NFT_MSG_TRACE = nft('NFT_MSG_TRACE', 17, traceMessage)
export const NFT_MSG_NEWOBJ = nft('NFT_MSG_NEWOBJ', 18, objectMessage)
export const NFT_MSG_GETOBJ = nft('NFT_MSG_GETOBJ', 19, objectMessage)
export const NFT_MSG_DELOBJ = nft('NFT_MSG_DELOBJ', 20, objectMessage)
export const NFT_MSG_GETOBJ_RESET = nft('NFT_MSG_GETOBJ_RESET', 21, objectMessage)
export const NFT_MSG_NEWFLOWTABLE = nft('NFT_MSG_NEWFLOWTABLE', 22, flowtableMessage)
export const NFT_MSG_GETFLOWTABLE = nft('NFT_MSG_GETFLOWTABLE', 23, flowtableMessage)
export const NFT_MSG_DELFLOWTABLE = nft('NFT_MSG_DELFLOWTABLE', 24, flowtableMessage)
/** Lists, and sets counters and quotas back: of rules from Linux 6.2, of set elements from 6.5. */
export const NFT_MSG_GETRULE_RESET = nft('NFT_MSG_GETRULE_RESET', 25, ruleMessage)
/** Deletes what may not be there (Linux 6.3). */
export const NFT_MSG_DESTROYTABLE = nft('NFT_MSG_DESTROYTABLE', 26, tableMessage)
export const NFT_MSG_DESTROYCHAIN = nft('NFT_MSG_DESTROYCHAIN', 27, chainMessage)
export const NFT_MSG_DESTROYRULE = nft('NFT_MSG_DESTROYRULE', 28, ruleMessage)
export const NFT_MSG_DESTROYSET = nft('NFT_MSG_DESTROYSET', 29, setMessage)
export const NFT_MSG_DESTROYSETELEM = nft('NFT_MSG_DESTROYSETELEM', 30, elementsMessage)
export const NFT_MSG_DESTROYOBJ = nft('NFT_MSG_DESTROYOBJ', 31, objectMessage)
export const NFT_MSG_DESTROYFLOWTABLE = nft('NFT_MSG_DESTROYFLOWTABLE', 32, flowtableMessage)
export const NFT_MSG_GETSETELEM_RESET = nft('NFT_MSG_GETSETELEM_RESET', 33, elementsMessage)

export const NFNL_MSG_COMPAT_GET = operation(
  'netfilter',
  'NFNL_MSG_COMPAT_GET',
  nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_NFT_COMPAT, 0),
  compatMessage,
)

/** A dump; family and hooknum say of which hook. */
export const NFNL_MSG_HOOK_GET = operation(
  'netfilter',
  'NFNL_MSG_HOOK_GET',
  nfnlType(NFNL_SUBSYS.NFNL_SUBSYS_HOOK, 0),
  hookMessage,
)

export const nftablesOperations = [
  NFT_MSG_NEWTABLE,
  NFT_MSG_GETTABLE,
  NFT_MSG_DELTABLE,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_GETCHAIN,
  NFT_MSG_DELCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_GETRULE,
  NFT_MSG_DELRULE,
  NFT_MSG_NEWSET,
  NFT_MSG_GETSET,
  NFT_MSG_DELSET,
  NFT_MSG_NEWSETELEM,
  NFT_MSG_GETSETELEM,
  NFT_MSG_DELSETELEM,
  NFT_MSG_NEWGEN,
  NFT_MSG_GETGEN,
  NFT_MSG_TRACE,
  NFT_MSG_NEWOBJ,
  NFT_MSG_GETOBJ,
  NFT_MSG_DELOBJ,
  NFT_MSG_GETOBJ_RESET,
  NFT_MSG_NEWFLOWTABLE,
  NFT_MSG_GETFLOWTABLE,
  NFT_MSG_DELFLOWTABLE,
  NFT_MSG_GETRULE_RESET,
  NFT_MSG_DESTROYTABLE,
  NFT_MSG_DESTROYCHAIN,
  NFT_MSG_DESTROYRULE,
  NFT_MSG_DESTROYSET,
  NFT_MSG_DESTROYSETELEM,
  NFT_MSG_DESTROYOBJ,
  NFT_MSG_DESTROYFLOWTABLE,
  NFT_MSG_GETSETELEM_RESET,
  NFNL_MSG_COMPAT_GET,
  NFNL_MSG_HOOK_GET,
] as const
