/** What can be done to tables, and to the ruleset as a whole. */
import {
  NFT_MSG_DELRULE,
  NFT_MSG_DELTABLE,
  NFT_MSG_DESTROYTABLE,
  NFT_MSG_NEWTABLE,
} from '../../../protocol/netfilter/nftables/operations.ts'
import { checkName, filterHeader, headerOf, type InFamily } from '../names.ts'
import { type NftTableRef, tableMessage, tableRef } from '../objects/table-object.ts'
import type { Verb } from '../transaction/command.ts'
import { addVerbs, deleteVerbs, oneMessage, subjectOf } from './kind-verbs.ts'

export const tableVerbs = {
  ...addVerbs('table', oneMessage(NFT_MSG_NEWTABLE, tableMessage)),
  ...deleteVerbs('table', [NFT_MSG_DELTABLE, NFT_MSG_DESTROYTABLE], tableRef),
  /** A rule's deletion that names no rule is that of all in the chain, or table (nf_tables_delrule()). */
  flush: {
    name: 'table.flush',
    subject: subjectOf,
    path: (_, found) => (found === 'table' ? 'name' : found),
    write: ({ family, name }, { transaction }) =>
      transaction.message(NFT_MSG_DELRULE, { header: headerOf(family), table: checkName(name, 'name') }),
  } satisfies Verb<NftTableRef>,
}

/** All tables of a family, or of all (nf_tables_deltable()). */
export const flushVerb: Verb<InFamily> = {
  name: 'flush',
  subject: ({ family }) => (typeof family === 'string' ? family : 'ruleset'),
  write: ({ family }, { transaction }) => transaction.message(NFT_MSG_DELTABLE, { header: filterHeader(family) }),
}
