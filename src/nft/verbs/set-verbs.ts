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
import type { Sink } from '../../../protocol/wire/bytes.ts'
import { EncodeError, isFields, show, within } from '../../../protocol/wire/codec.ts'
import { write } from '../../../protocol/wire/compile.ts'
import { finishAttribute, NLA_F_NESTED } from '../../../protocol/wire/nlattr.ts'
import type { NftFamily } from '../ast.ts'
import { compileElements } from '../compile/elements.ts'
import { checkArray, checkName, DEFAULT_FAMILY, headerOf, inWords, type NftNamedRef, namedRef } from '../names.ts'
import { defineSet, type SetDefinition, toSetMessage } from '../objects/set-definition.ts'
import { definedBy, type NftElementsInput, type NftSetInput, type NftSetWithElements } from '../objects/set-object.ts'
import type { ElementJson } from '../ruleset-json.ts'
import { NotThere, type Verb, type Writer, type Written } from '../transaction/command.ts'
import { elementPath } from '../transaction/element-path.ts'
import { flag } from '../transaction/transaction.ts'
import { addresses, areAddresses, NFTA_LIST_ELEM } from './addresses.ts'
import { addVerbs, deleteVerbs, destroyHint, renamed, subjectOf } from './kind-verbs.ts'

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

function writeSet(set: NftSetInput, writer: Writer, flags: number): void {
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
}

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
  if (message.operation.endsWith('SETELEM'))
    return elementPath(defined(set), set.elements ?? [], path, message.value(), names)
  if (/^(key|desc\.concat)/.test(path)) return 'type'
  if (/^(data|objType)/.test(path)) return 'map'
  if (path === 'desc.size') return 'size'
  return path.startsWith('expr') ? 'statements' : renamed(path)
}

export const setVerbs = {
  ...addVerbs('set', writeSet, setPath),
  ...deleteVerbs('set', [NFT_MSG_DELSET, NFT_MSG_DESTROYSET], namedRef),
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
    elementPath(writer.set(family, table, set), elements, found, message.value(), writer.names),
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
  if (!isFields(message)) throw new EncodeError(`must be an object, got ${show(message)}`, 'message')
  checkArray(elements, 'elements')
  const { flags } = message
  if (flags !== undefined) checkArray(flags, 'message.flags')
  const id = writer.transaction.nextSetId()
  const { header: _, handle: __, type: ___, count: ____, pad: _____, ...settable } = message
  const name = flags?.includes('map') === true ? '__map%d' : '__set%d'
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
