/** What can be done to stateful objects, and to flowtables. */
import {
  NFT_MSG_DELFLOWTABLE,
  NFT_MSG_DELOBJ,
  NFT_MSG_DESTROYFLOWTABLE,
  NFT_MSG_DESTROYOBJ,
  NFT_MSG_NEWFLOWTABLE,
  NFT_MSG_NEWOBJ,
} from '../../../protocol/netfilter/nftables/operations.ts'
import { EncodeError } from '../../../protocol/wire/codec.ts'
import { namedRef } from '../names.ts'
import { flowtableMessage } from '../objects/flowtable-object.ts'
import { type NftObjectInput, objectMessage, objectRef } from '../objects/stateful-object.ts'
import type { Writer } from '../transaction/command.ts'
import { addVerbs, deleteVerbs, oneMessage, renamed } from './kind-verbs.ts'

/** What NFTA_OBJ_DATA calls otherwise. */
const ourWords: Readonly<Record<string, string>> = {
  name: 'type',
  l4proto: 'protocol',
  data: 'policy',
  consumed: 'used',
  ctx: 'context',
}

function objectPath(path: string): string {
  if (path === 'type') return 'kind'
  return renamed(path).replace(/^data\.(\w+)/, (_, word: string) => ourWords[word] ?? word)
}

const encode = oneMessage(NFT_MSG_NEWOBJ, objectMessage)

function writeObject(object: NftObjectInput, writer: Writer, flags: number): void {
  try {
    encode(object, writer, flags)
  } catch (error) {
    // Of the message, not of what was given.
    if (error instanceof EncodeError && error.path.startsWith('data.')) error.path = objectPath(error.path)
    throw error
  }
}

export const objectVerbs = {
  ...addVerbs('object', writeObject, (_, found) => objectPath(found)),
  ...deleteVerbs('object', [NFT_MSG_DELOBJ, NFT_MSG_DESTROYOBJ], objectRef),
}

export const flowtableVerbs = {
  ...addVerbs('flowtable', oneMessage(NFT_MSG_NEWFLOWTABLE, flowtableMessage)),
  ...deleteVerbs('flowtable', [NFT_MSG_DELFLOWTABLE, NFT_MSG_DESTROYFLOWTABLE], namedRef),
}
