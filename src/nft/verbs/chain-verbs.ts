/** What can be done to chains. */
import {
  NFT_MSG_DELCHAIN,
  NFT_MSG_DELRULE,
  NFT_MSG_DESTROYCHAIN,
  NFT_MSG_NEWCHAIN,
} from '../../../protocol/netfilter/nftables/operations.ts'
import { EncodeError, isFields } from '../../../protocol/wire/codec.ts'
import { checkHandle, checkName, DEFAULT_FAMILY, headerOf, type NftNamedRef, namedRef } from '../names.ts'
import { chainMessage, type NftChainInput } from '../objects/chain-object.ts'
import { NotThere, type Verb, type Writer } from '../transaction/command.ts'
import { flag } from '../transaction/transaction.ts'
import { addVerbs, deleteVerbs, subjectOf } from './kind-verbs.ts'

function writeChain(chain: NftChainInput, writer: Writer, flags: number): void {
  const { transaction } = writer
  const { family = DEFAULT_FAMILY, table, type = 'filter', hook, policy } = chain
  // What is there already may be a base chain, whose policy is changed.
  if (policy !== undefined && hook === undefined && (flags & flag.exclusive) !== 0)
    throw new EncodeError('is only for base chains: it takes a hook', 'policy')
  transaction.message(NFT_MSG_NEWCHAIN, chainMessage(chain), flags | transaction.echo)
  // One that is there already is not what is said here, perhaps; of a policy that is changed nothing else is.
  writer.defineChain(family, table, chain.name, hook === undefined ? {} : { type, hook })
}

/** A chain with the name that it is to have. */
interface NftChainRename extends NftNamedRef {
  newName: string
}

export const chainVerbs = {
  ...addVerbs('chain', writeChain),
  ...deleteVerbs('chain', [NFT_MSG_DELCHAIN, NFT_MSG_DESTROYCHAIN], namedRef),
  flush: {
    name: 'chain.flush',
    subject: subjectOf,
    path: (_, found) => (found === 'chain' ? 'name' : found),
    write: ({ family, table, name }, { transaction }) =>
      transaction.message(NFT_MSG_DELRULE, {
        header: headerOf(family),
        table: checkName(table, 'table'),
        chain: checkName(name, 'name'),
      }),
  } satisfies Verb<NftNamedRef>,
  /** The kernel takes the chain's handle and the new name (nf_tables_updchain()). */
  rename: {
    name: 'chain.rename',
    input: (chain, newName) => (isFields(chain) ? { ...chain, newName } : chain),
    subject: subjectOf,
    path: (_, found) => (found === 'name' ? 'newName' : found),
    write({ family = DEFAULT_FAMILY, table, name, handle, newName }, writer) {
      const where = { header: headerOf(family), table: checkName(table, 'table') }
      const to = checkName(newName, 'newName')
      let known = handle
      if (known === undefined) {
        const count = writer.missing
        known = writer.chain(family, table, checkName(name, 'name'))?.handle
        if (writer.missing > count) return
        if (known === undefined) throw new NotThere('is no chain of this table', 'name')
      }
      writer.transaction.message(NFT_MSG_NEWCHAIN, { ...where, handle: checkHandle(known), name: to })
    },
  } satisfies Verb<NftChainRename>,
}
