/** What can be done to tables and flowtables, and to the ruleset as a whole. */
import {
  NFT_MSG_DELFLOWTABLE,
  NFT_MSG_DELRULE,
  NFT_MSG_DELTABLE,
  NFT_MSG_DESTROYFLOWTABLE,
  NFT_MSG_DESTROYTABLE,
  NFT_MSG_NEWFLOWTABLE,
  NFT_MSG_NEWTABLE,
} from '../../../protocol/netfilter/nftables/operations.ts'
import { checkName, DEFAULT_FAMILY, filterHeader, headerOf, type InFamily, inWords, namedRef } from '../names.ts'
import { flowtableMessage, type NftFlowtableInput, type NftNamedRef } from '../objects/flowtable-object.ts'
import { type NftTableInput, type NftTableRef, tableMessage, tableRef } from '../objects/table-object.ts'
import type { Verb, Writer } from '../transaction/command.ts'
import { flag } from '../transaction/transaction.ts'

/** 'inet t', or 'inet #4' */
export function subjectOf({ family = DEFAULT_FAMILY, table, name, handle }: InFamily & Partial<NftNamedRef>): string {
  return inWords(family, table, name ?? (typeof handle === 'number' ? `#${handle}` : undefined))
}

/** DESTROY does what DEL does, and nothing where there is nothing. */
export function destroyHint(code: string): string | undefined {
  return code === 'EINVAL' || code === 'EOPNOTSUPP'
    ? 'destroying takes Linux 6.3; before that: add, then del'
    : undefined
}

/** The caller's names of a message's properties. */
export function renamed(path: string): string {
  if (path.startsWith('userdata')) return 'comment'
  return path
    .replace(/^hook\.(devs.*|dev)$/, 'devices')
    .replace(/^hook\.priority$/, 'priority')
    .replace(/^hook\..*$/, 'hook')
}
const path = (_: unknown, found: string): string => renamed(found)

const addTable = (name: string, flags: number): Verb<NftTableInput> => ({
  name,
  subject: subjectOf,
  path,
  write: (table, { transaction }) =>
    transaction.message(NFT_MSG_NEWTABLE, tableMessage(table), flags | transaction.echo),
})

export const tableVerbs = {
  add: addTable('table.add', flag.create),
  create: addTable('table.create', flag.create | flag.exclusive),
  del: {
    name: 'table.del',
    subject: subjectOf,
    write: (table, { transaction }) => transaction.message(NFT_MSG_DELTABLE, tableRef(table)),
  } satisfies Verb<NftTableRef>,
  destroy: {
    name: 'table.destroy',
    subject: subjectOf,
    hint: destroyHint,
    write: (table, { transaction }) => transaction.message(NFT_MSG_DESTROYTABLE, tableRef(table)),
  } satisfies Verb<NftTableRef>,
  /** A rule's deletion that names no rule is that of all in the chain, or table (nf_tables_delrule()). */
  flush: {
    name: 'table.flush',
    subject: subjectOf,
    write: ({ family, name }, { transaction }) =>
      transaction.message(NFT_MSG_DELRULE, { header: headerOf(family), table: checkName(name, 'name') }),
  } satisfies Verb<NftTableRef>,
} as const

/** All tables of a family, or of all (nf_tables_deltable()). */
export const flushVerb: Verb<InFamily> = {
  name: 'flush',
  subject: ({ family }) => family ?? 'ruleset',
  write: ({ family }, { transaction }: Writer) =>
    transaction.message(NFT_MSG_DELTABLE, { header: filterHeader(family) }),
}

const addFlowtable = (name: string, flags: number): Verb<NftFlowtableInput> => ({
  name,
  subject: subjectOf,
  path,
  write: (flowtable, { transaction }) =>
    transaction.message(NFT_MSG_NEWFLOWTABLE, flowtableMessage(flowtable), flags | transaction.echo),
})

export const flowtableVerbs = {
  add: addFlowtable('flowtable.add', flag.create),
  create: addFlowtable('flowtable.create', flag.create | flag.exclusive),
  del: {
    name: 'flowtable.del',
    subject: subjectOf,
    write: (flowtable, { transaction }) => transaction.message(NFT_MSG_DELFLOWTABLE, namedRef(flowtable)),
  } satisfies Verb<NftNamedRef>,
  destroy: {
    name: 'flowtable.destroy',
    subject: subjectOf,
    hint: destroyHint,
    write: (flowtable, { transaction }) => transaction.message(NFT_MSG_DESTROYFLOWTABLE, namedRef(flowtable)),
  } satisfies Verb<NftNamedRef>,
} as const
