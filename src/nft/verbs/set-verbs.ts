/** What can be done to sets and maps, and to their elements. */
import { type SetElementInput, setElement } from '../../../protocol/netfilter/nftables/element.ts'
import type { NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import {
  NFT_MSG_DELSET,
  NFT_MSG_DELSETELEM,
  NFT_MSG_DESTROYSET,
  NFT_MSG_DESTROYSETELEM,
  NFT_MSG_NEWSET,
  NFT_MSG_NEWSETELEM,
} from '../../../protocol/netfilter/nftables/operations.ts'
import { finishAttribute, NLA_F_NESTED } from '../../../protocol/wire/attributes.ts'
import { equalBytes, type Sink } from '../../../protocol/wire/bytes.ts'
import { EncodeError, isFields, within } from '../../../protocol/wire/codec.ts'
import { write } from '../../../protocol/wire/compile.ts'
import type { NftFamily } from '../ast.ts'
import { compileElements } from '../compile/elements.ts'
import type { Names } from '../datatype.ts'
import { checkArray, checkName, DEFAULT_FAMILY, headerOf, inWords, namedRef } from '../names.ts'
import type { NftNamedRef } from '../objects/flowtable-object.ts'
import { defineSet, type SetDefinition, toSetMessage } from '../objects/set-definition.ts'
import { definedBy, type NftElementsInput, type NftSetInput, type NftSetWithElements } from '../objects/set-object.ts'
import type { ElementJson } from '../ruleset-json.ts'
import { NotThere, type Verb, type Writer, type Written } from '../transaction/command.ts'
import { flag } from '../transaction/transaction.ts'
import { addresses, areAddresses, NFTA_LIST_ELEM } from './addresses.ts'
import { destroyHint, renamed, subjectOf } from './table-verbs.ts'

interface Place {
  readonly family: NftFamily
  readonly table: string
  readonly set: string
  /** Of a set of the same transaction. */
  readonly setId?: number
}

/** Writes elements, in as many messages as they take. `first`: the set has none yet. */
function addElements(
  writer: Writer,
  operation: typeof NFT_MSG_NEWSETELEM,
  flags: number,
  place: Place,
  definition: SetDefinition,
  elements: readonly ElementJson[],
  first: boolean,
): void {
  checkArray(elements, 'elements')
  const ended = (): void => writer.step()
  if (areAddresses(definition, elements))
    writer.transaction.listMessages(
      operation,
      head(place),
      flags,
      ELEMENTS,
      elements.length,
      addresses(elements),
      ended,
    )
  else {
    const compiled = within('elements', () => compileElements(definition, elements, { first, names: writer.names }))
    writeElements(writer, operation, flags, place, compiled, ended)
  }
}

/** NFTA_SET_ELEM_LIST_ELEMENTS */
const ELEMENTS = 3

const head = ({ family, table, set, setId }: Place) => ({
  header: headerOf(family),
  table,
  set,
  ...(setId !== undefined && { setId }),
})

function writeElements(
  writer: Writer,
  operation: typeof NFT_MSG_NEWSETELEM,
  flags: number,
  place: Place,
  elements: readonly SetElementInput[],
  ended = (): void => {},
): void {
  const some = (sink: Sink, from: number, end: number): number => {
    for (let at = from; at < elements.length; at += 1) {
      const before = sink.reserve(4)
      // Below the length: it is there.
      write(setElement, elements[at] as SetElementInput, sink)
      finishAttribute(sink, before, NFTA_LIST_ELEM | NLA_F_NESTED)
      if (sink.position <= end) continue
      sink.rewind(before)
      return at
    }
    return elements.length
  }
  writer.transaction.listMessages(operation, head(place), flags, ELEMENTS, elements.length, some, ended)
}

const addSet = (name: string, flags: number): Verb<NftSetInput> => ({
  name,
  subject: subjectOf,
  path: setPath,
  write(set, writer) {
    const { family = DEFAULT_FAMILY, elements = [] } = set
    const { transaction } = writer
    const header = headerOf(family)
    const table = checkName(set.table, 'table')
    const definition = defined(set)
    const id = transaction.nextSetId()
    // The path of what is wrong is that of the message, which caller's words are found for.
    transaction.message(NFT_MSG_NEWSET, { header, table, ...toSetMessage(definition), id }, flags | transaction.echo)
    writer.define(family, table, definition)
    const place = { family, table, set: definition.name, setId: id }
    addElements(writer, NFT_MSG_NEWSETELEM, flag.create, place, definition, elements, true)
  },
})

/** The words of libnftables-json(5) are not quite ours. */
const ourWords: Readonly<Record<string, string>> = {
  'gc-interval': 'gcInterval',
  'auto-merge': 'autoMerge',
  stmt: 'statements',
}

function defined(set: NftSetInput): SetDefinition {
  const input = definedBy(set)
  if (set.elements !== undefined) checkArray(set.elements, 'elements')
  try {
    return defineSet(input, set.elements)
  } catch (error) {
    if (error instanceof EncodeError) error.path = error.path.replace(/^[a-z-]+/, (word) => ourWords[word] ?? word)
    throw error
  }
}

/** The caller's names of what NEWSET and NEWSETELEM have. */
function setPath(set: NftSetInput, path: string, message: Written, { names }: Writer): string {
  if (message.operation.endsWith('SETELEM')) return elementPath(defined(set), set.elements ?? [], path, message, names)
  if (/^(key|desc\.concat)/.test(path)) return 'type'
  if (/^(data|objType)/.test(path)) return 'map'
  if (path === 'desc.size') return 'size'
  return path.startsWith('expr') ? 'statements' : renamed(path)
}

/** Which of the elements it is: intervals are several in the kernel, and messages hold but a part of them. */
function elementPath(
  definition: SetDefinition | undefined,
  elements: readonly ElementJson[],
  path: string,
  message: Written,
  names: Names,
): string {
  const [, place] = /^elements\[(\d+)\]/.exec(path) ?? []
  if (place === undefined || definition === undefined) return path
  const sent = message.value()
  const list = isFields(sent) && Array.isArray(sent.elements) ? (sent.elements as readonly SetElementInput[]) : []
  const key = list[Number(place)]?.key?.value
  const made = (element: ElementJson): boolean =>
    compileElements(definition, [element], { first: false, names }).some(
      (each) => key !== undefined && each.key?.value !== undefined && equalBytes(each.key.value, key),
    )
  const index = elements.findIndex(made)
  return index < 0 ? 'elements' : `elements[${index}]`
}

export const setVerbs = {
  add: addSet('set.add', flag.create),
  create: addSet('set.create', flag.create | flag.exclusive),
  del: {
    name: 'set.del',
    subject: subjectOf,
    write: (set, { transaction }) => transaction.message(NFT_MSG_DELSET, namedRef(set)),
  } satisfies Verb<NftNamedRef>,
  destroy: {
    name: 'set.destroy',
    subject: subjectOf,
    hint: destroyHint,
    write: (set, { transaction }) => transaction.message(NFT_MSG_DESTROYSET, namedRef(set)),
  } satisfies Verb<NftNamedRef>,
  /** A deletion that names no elements is that of all (nf_tables_delsetelem()). */
  flush: {
    name: 'set.flush',
    subject: subjectOf,
    path: (_, found) => (found === 'set' ? 'name' : found),
    write: ({ family, table, name }, { transaction }) =>
      transaction.message(NFT_MSG_DELSETELEM, {
        header: headerOf(family),
        table: checkName(table, 'table'),
        set: checkName(name, 'name'),
      }),
  } satisfies Verb<NftNamedRef>,
} as const

const elementVerb = (
  name: string,
  operation: typeof NFT_MSG_NEWSETELEM,
  flags: number,
  hint?: (code: string) => string | undefined,
): Verb<NftElementsInput> => ({
  name,
  subject: ({ family = DEFAULT_FAMILY, table, set }) => inWords(family, table, set),
  path: ({ family = DEFAULT_FAMILY, table, set, elements }, found, message, writer) =>
    elementPath(writer.set(family, table, set), elements, found, message, writer.names),
  ...(hint && { hint }),
  write({ family = DEFAULT_FAMILY, table, set, elements }, writer) {
    headerOf(family)
    const count = writer.missing
    const definition = writer.set(family, checkName(table, 'table'), checkName(set, 'set'))
    if (writer.missing > count) return
    if (definition === undefined) throw new NotThere('is no set of this table', 'set')
    addElements(writer, operation, flags, { family, table, set }, definition, elements, false)
  },
})

export const elementVerbs = {
  add: elementVerb('element.add', NFT_MSG_NEWSETELEM, flag.create),
  create: elementVerb('element.create', NFT_MSG_NEWSETELEM, flag.create | flag.exclusive),
  del: elementVerb('element.del', NFT_MSG_DELSETELEM, 0),
  destroy: elementVerb('element.destroy', NFT_MSG_DESTROYSETELEM, 0, destroyHint),
} as const

/** An anonymous set that a rule is compiled with: made just before the rule. Returns its number. */
export function anonymousSet(
  writer: Writer,
  family: NftFamily,
  table: string,
  definition: SetDefinition,
  elements: readonly SetElementInput[],
): number {
  const { transaction } = writer
  const id = transaction.nextSetId()
  const message = { header: headerOf(family), table, ...toSetMessage(definition), id }
  transaction.message(NFT_MSG_NEWSET, message, flag.create)
  writeElements(writer, NFT_MSG_NEWSETELEM, flag.create, { family, table, set: definition.name, setId: id }, elements)
  return id
}

/** A rule's anonymous set that was listed, made anew: the kernel gives it another number in its name. */
export function renewedSet(
  { message, elements }: NftSetWithElements,
  family: NftFamily,
  table: string,
  writer: Writer,
): { name: string; id: number } {
  const id = writer.transaction.nextSetId()
  const { header: _, handle: __, type: ___, count: ____, pad: _____, ...settable } = message
  const name = message.flags?.includes('map') === true ? '__map%d' : '__set%d'
  writer.transaction.message(NFT_MSG_NEWSET, { header: headerOf(family), ...settable, table, name, id }, flag.create)
  writeElements(writer, NFT_MSG_NEWSETELEM, flag.create, { family, table, set: name, setId: id }, elements)
  return { name, id }
}

/** The expression, with sets by the numbers that they have in this transaction. */
export function withSets(
  expression: NftExpressionInput,
  renewed: ReadonlyMap<string, { name: string; id: number }>,
): NftExpressionInput {
  const data: unknown = expression.data
  if (!isFields(data)) return expression
  for (const key of ['set', 'setName']) {
    const name = data[key]
    const made = typeof name === 'string' ? renewed.get(name) : undefined
    if (made === undefined) continue
    // The same expression with another name and number of its set.
    return { ...expression, data: { ...data, [key]: made.name, setId: made.id } } as NftExpressionInput
  }
  return expression
}
