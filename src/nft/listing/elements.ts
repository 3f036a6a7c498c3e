/** Elements of sets that exist: listed, asked for, set back. */
import type { SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import { NFT_MSG_GETSET, NFT_MSG_GETSETELEM } from '../../../protocol/netfilter/nftables/operations.ts'
import { EncodeError, within } from '../../../protocol/wire/codec.ts'
import type { CallControl } from '../../client.ts'
import { DumpInterruptedError } from '../../dump.ts'
import { invalid } from '../../error.ts'
import type { Netlink } from '../../netlink.ts'
import { compileElements } from '../compile/elements.ts'
import type { Names } from '../datatype.ts'
import { decompileElements } from '../decompile/elements.ts'
import { deviceNames, holdsDevices } from '../local-names.ts'
import { checkArray, checkName, DEFAULT_FAMILY, headerOf, inWords } from '../names.ts'
import { definitionOf, type SetDefinition } from '../objects/set-definition.ts'
import type { NftElementsInput, NftSetPlace } from '../objects/set-object.ts'
import type { ElementJson } from '../ruleset-json.ts'
import { listElements } from './listing.ts'

const subjectOf = ({ family = DEFAULT_FAMILY, table, set }: NftSetPlace): string => inWords(family, table, set)

/** All elements of a set. */
export async function readElements(
  netlink: Netlink,
  place: NftSetPlace,
  control: CallControl,
  reset = false,
): Promise<ElementJson[]> {
  const definition = await definitionIn(netlink, reset ? 'nft.element.reset' : 'nft.element.list', place, control)
  const { family, table, set: name } = place
  const dump = listElements(netlink, { family, table, name }, control, reset)
  const elements: SetElement[] = []
  if (reset) {
    // Once: what it sets back is lost where it is asked again.
    try {
      for await (const part of dump) elements.push(...part)
    } catch (error) {
      if (!(error instanceof DumpInterruptedError)) throw error
    }
  } else for (const part of await dump) for (const element of part) elements.push(element)
  return decompileElements(definition, elements, await namesFor(netlink, definition, control)) as ElementJson[]
}

/** Those elements that are asked for, as the set has them. */
export async function getElements(
  netlink: Netlink,
  input: NftElementsInput,
  control: CallControl,
): Promise<ElementJson[]> {
  const operation = 'nft.element.get'
  const definition = await definitionIn(netlink, operation, input, control)
  const { family, table, set, elements } = input
  const names = await namesFor(netlink, definition, control)
  const wanted = checked(operation, () => {
    checkArray(elements, 'elements')
    return within('elements', () => compileElements(definition, elements, { names, first: false }))
  })
  const found = await netlink.request(
    NFT_MSG_GETSETELEM,
    { header: headerOf(family), table, set, elements: wanted },
    { subject: subjectOf(input), ...control },
  )
  return decompileElements(
    definition,
    found.flatMap(({ elements: some = [] }) => some),
    names,
  ) as ElementJson[]
}

/** Both ways: indexes of devices and their names. */
async function namesFor(netlink: Netlink, definition: SetDefinition, control: CallControl): Promise<Names> {
  return holdsDevices(definition) ? deviceNames(netlink, control) : {}
}

async function definitionIn(
  netlink: Netlink,
  operation: string,
  place: NftSetPlace,
  control: CallControl,
): Promise<SetDefinition> {
  const { family, table, set } = place
  const question = checked(operation, () => ({
    header: headerOf(family),
    table: checkName(table, 'table'),
    name: checkName(set, 'set'),
  }))
  const [message] = await netlink.request(NFT_MSG_GETSET, question, { subject: subjectOf(place), ...control })
  if (message === undefined) throw invalid(operation, 'set', 'was not told')
  return definitionOf(message)
}

/** Errors of checks, in the caller's words. */
function checked<T>(operation: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error
    throw invalid(operation, error.path, error.reason, error)
  }
}
