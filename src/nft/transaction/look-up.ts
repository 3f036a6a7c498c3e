/** What a batch asks the kernel about objects that it refers to and does not make itself. */
import { NFT_MSG_GETCHAIN, NFT_MSG_GETSET } from '../../../protocol/netfilter/nftables/operations.ts'
import { Exchange } from '../../client.ts'
import { NetlinkError } from '../../error.ts'
import type { Lane } from '../../pending.ts'
import type { NftFamily } from '../ast.ts'
import type { NftCommandError } from '../errors.ts'
import { headerOf } from '../names.ts'
import { toChain } from '../objects/chain-object.ts'
import { definitionOf, type SetDefinition } from '../objects/set-definition.ts'
import type { KnownChain, NftCommand } from './command.ts'

/** The definition of a set; undefined where there is none. */
export async function askSet(
  lane: Lane,
  family: NftFamily,
  table: string,
  name: string,
): Promise<SetDefinition | undefined> {
  const question = { header: headerOf(family), table, name }
  const [message] = await known(lane.ask(Exchange.request(NFT_MSG_GETSET, question, { subject: name })))
  return message && definitionOf(message)
}

export async function askChain(
  lane: Lane,
  family: NftFamily,
  table: string,
  name: string,
): Promise<KnownChain | undefined> {
  const question = { header: headerOf(family), table, name }
  const [message] = await known(lane.ask(Exchange.request(NFT_MSG_GETCHAIN, question, { subject: name })))
  return message && toChain(message)
}

/** A look-up that failed, told as an error of the command that wanted it. Nothing of that has been sent. */
export function unanswered(
  { code, reason, kernelText }: NetlinkError,
  { operation, subject }: NftCommand,
  index: number,
): NftCommandError {
  return { index, operation, subject, code, path: undefined, reason: `a look-up for it: ${reason ?? code}`, kernelText }
}

/** Nothing, where there is no such thing: the transaction itself says so best. */
async function known<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof NetlinkError && error.outcome === 'refused' && error.code === 'ENOENT') return []
    throw error
  }
}
