/** Elements of sets that exist: listed, asked for, set back. */
import type { SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import { NFT_MSG_GETSET, NFT_MSG_GETSETELEM } from '../../../protocol/netfilter/nftables/operations.ts'
import { within } from '../../../protocol/wire/codec.ts'
import type { Call } from '../../call.ts'
import { type CallControl, prepare, readReply } from '../../client.ts'
import { invalid, NetlinkError } from '../../error.ts'
import { checkControl, checkObject } from '../../input.ts'
import type { Netlink } from '../../netlink.ts'
import { compileElements } from '../compile/elements.ts'
import type { Names } from '../datatype.ts'
import { decompileElements } from '../decompile/elements.ts'
import { deviceNames, holdsDevices } from '../local-names.ts'
import { checkArray, checkName, DEFAULT_FAMILY, headerOf, inWords } from '../names.ts'
import { definitionOf, type SetDefinition } from '../objects/set-definition.ts'
import type { NftElementsInput, NftSetPlace } from '../objects/set-object.ts'
import type { ElementJson } from '../ruleset-json.ts'
import { elementPath } from '../transaction/element-path.ts'
import { checked, listElements, once } from './listing.ts'

/** What is asked about a set's elements, and how its errors are told. */
interface Question {
  readonly operation: string
  readonly place: NftSetPlace
  readonly control: CallControl
}

function question(operation: string, place: NftSetPlace, control: CallControl): Question {
  checkControl(operation, control)
  checkObject(operation, 'element', place)
  return { operation, place, control }
}

/** All elements of a set. */
export async function readElements(
  netlink: Netlink,
  place: NftSetPlace,
  control: CallControl,
  reset = false,
): Promise<ElementJson[]> {
  const asked = question(reset ? 'nft.element.reset' : 'nft.element.list', place, control)
  const definition = await definitionIn(netlink, asked)
  const { family, table, set: name } = place
  const dump = listElements(netlink, { family, table, name }, control, reset)
  const parts = await there(asked, reset ? once(dump) : dump)
  return decompileElements(definition, parts.flat(), await namesFor(netlink, definition, control)) as ElementJson[]
}

/** Those elements that are asked for, as the set has them. */
export async function getElements(
  netlink: Netlink,
  input: NftElementsInput,
  control: CallControl,
): Promise<ElementJson[]> {
  const operation = 'nft.element.get'
  const asked = question(operation, input, control)
  const { family, table, set, elements } = input
  checked(operation, () => checkArray(elements, 'elements'))
  const definition = await definitionIn(netlink, asked)
  const names = await namesFor(netlink, definition, control)
  const wanted = checked(operation, () =>
    within('elements', () => compileElements(definition, elements, { names, first: false })),
  )
  // By key: two that were asked for may lie in one interval, and an answer that was lost is asked for again.
  const found = new Map<string, SetElement>()
  for (let at = 0; at < wanted.length; at += AT_A_TIME) {
    const message = { header: headerOf(family), table, set, elements: wanted.slice(at, at + AT_A_TIME) }
    const rename = (path: string): string => elementPath(definition, elements, path, message, names)
    const call: Call = {
      ...prepare(NFT_MSG_GETSETELEM, message, { rename, ...control }),
      idempotent: true,
      replyBytes: message.elements.length * REPLY,
      // Each element is a message of its own (nft_get_set_elem()).
      reply: (each) => {
        for (const element of readReply(NFT_MSG_GETSETELEM, each).elements ?? [])
          found.set(`${element.key?.value} ${element.flags}`, element)
      },
    }
    await there(
      asked,
      netlink.converse('netfilter', (conversation) => conversation.request(call)),
    )
  }
  return decompileElements(definition, [...found.values()], names) as ElementJson[]
}

/** So many are asked for in a request, whose answers the receive buffer must hold. */
const AT_A_TIME = 100
/** What an answer takes of it. */
const REPLY = 1024

/** The answer; where something is not there, an error that says what. */
async function there<T>({ operation, place }: Question, answer: PromiseLike<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof NetlinkError && error.code === 'ENOENT')) throw error
    const { path, kernelText, outcome } = error
    const { family = DEFAULT_FAMILY, table, set } = place
    const subject = inWords(family, table, set)
    const reason = path?.startsWith('elements') ? 'is not in the set' : 'is not there'
    throw new NetlinkError({ code: 'ENOENT', operation, subject, path, reason, kernelText, outcome, cause: error })
  }
}

/** Both ways: indexes of devices and their names. */
async function namesFor(netlink: Netlink, definition: SetDefinition, control: CallControl): Promise<Names> {
  return holdsDevices(definition) ? deviceNames(netlink, control) : {}
}

async function definitionIn(netlink: Netlink, asked: Question): Promise<SetDefinition> {
  const { operation, place, control } = asked
  const { family, table, set } = place
  const message = checked(operation, () => ({
    header: headerOf(family),
    table: checkName(table, 'table'),
    name: checkName(set, 'set'),
  }))
  const rename = (path: string): string => (path === 'name' ? 'set' : path)
  const [found] = await there(asked, netlink.request(NFT_MSG_GETSET, message, { rename, ...control }))
  if (found === undefined) throw invalid(operation, 'set', 'was not told')
  return definitionOf(found)
}
