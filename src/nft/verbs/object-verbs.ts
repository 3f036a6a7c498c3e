/** What can be done to stateful objects. */
import { NFT_MSG_DELOBJ, NFT_MSG_DESTROYOBJ, NFT_MSG_NEWOBJ } from '../../../protocol/netfilter/nftables/operations.ts'
import { type NftObjectInput, type NftObjectRef, objectMessage, objectRef } from '../objects/stateful-object.ts'
import type { Verb } from '../transaction/command.ts'
import { flag } from '../transaction/transaction.ts'
import { destroyHint, renamed, subjectOf } from './table-verbs.ts'

const addObject = (name: string, flags: number): Verb<NftObjectInput> => ({
  name,
  subject: subjectOf,
  path: (_, found) => (found === 'type' ? 'kind' : renamed(found).replace(/^data\./, '')),
  write: (object, { transaction }) =>
    transaction.message(NFT_MSG_NEWOBJ, objectMessage(object), flags | transaction.echo),
})

export const objectVerbs = {
  add: addObject('object.add', flag.create),
  create: addObject('object.create', flag.create | flag.exclusive),
  del: {
    name: 'object.del',
    subject: subjectOf,
    write: (object, { transaction }) => transaction.message(NFT_MSG_DELOBJ, objectRef(object)),
  } satisfies Verb<NftObjectRef>,
  destroy: {
    name: 'object.destroy',
    subject: subjectOf,
    hint: destroyHint,
    write: (object, { transaction }) => transaction.message(NFT_MSG_DESTROYOBJ, objectRef(object)),
  } satisfies Verb<NftObjectRef>,
} as const
