/** Dumps of nf_tables: each kind of object as it is now. */

import type { SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import {
  NFT_MSG_GETCHAIN,
  NFT_MSG_GETFLOWTABLE,
  NFT_MSG_GETOBJ,
  NFT_MSG_GETOBJ_RESET,
  NFT_MSG_GETRULE,
  NFT_MSG_GETRULE_RESET,
  NFT_MSG_GETSET,
  NFT_MSG_GETSETELEM,
  NFT_MSG_GETSETELEM_RESET,
  NFT_MSG_GETTABLE,
} from '../../../protocol/netfilter/nftables/operations.ts'
import type { SetMessage } from '../../../protocol/netfilter/nftables/set.ts'
import { EncodeError } from '../../../protocol/wire/codec.ts'
import type { CallControl } from '../../client.ts'
import { type Dump, DumpInterruptedError } from '../../dump.ts'
import { invalid, NetlinkError } from '../../error.ts'
import { checkControl } from '../../input.ts'
import type { Netlink } from '../../netlink.ts'
import type { NftFamily } from '../ast.ts'
import { allFamilies, checkName, familyOf, filterHeader, headerOf } from '../names.ts'
import { objectType } from '../object-kinds.ts'
import { type NftChain, toChain } from '../objects/chain-object.ts'
import { type NftFlowtable, toFlowtable } from '../objects/flowtable-object.ts'
import { type NftRuleFields, toRuleFields } from '../objects/rule-object.ts'
import { checkKind, type NftObject, toObject } from '../objects/stateful-object.ts'
import { type NftTable, toTable } from '../objects/table-object.ts'
import type { NftObjectKind } from '../ruleset-json.ts'

/** What lists leave out. */
export interface NftFilter extends CallControl {
  /** Only of this family; the default is all of them. */
  family?: NftFamily | undefined
  /** Only of tables of this name. */
  table?: string | undefined
}
export interface NftRuleFilter extends NftFilter {
  /** Only of chains of this name. */
  chain?: string | undefined
}
export interface NftObjectFilter extends NftFilter {
  /** Only of this kind. */
  kind?: NftObjectKind | undefined
  name?: string | undefined
}

/** Runs checks, whose errors are then those of the operation. */
export function checked<T>(operation: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error
    throw invalid(operation, error.path, error.reason, error)
  }
}

/** What is wrong with any of the filters. */
export function checkFilter(operation: string, filter: NftRuleFilter & NftObjectFilter): void {
  checkControl(operation, filter, 'filter')
  const { family, table, chain, name, kind } = filter
  checked(operation, () => {
    filterHeader(family)
    for (const [path, given] of Object.entries({ table, chain, name })) if (given !== undefined) checkName(given, path)
    if (kind !== undefined) checkKind(kind)
  })
}

/** What says that there is nothing to list: a table or family that is not there. */
const absent = ['ENOENT', 'EAFNOSUPPORT', 'EOPNOTSUPP'] as const

export function listTables(netlink: Netlink, { family, table, ...control }: NftFilter): Dump<NftTable> {
  return netlink.list({
    operation: NFT_MSG_GETTABLE,
    request: () => ({ header: filterHeader(family) }),
    object: (message) => (table === undefined || message.name === table ? toTable(message) : undefined),
    absent,
    ...control,
  })
}

export function listChains(netlink: Netlink, { family, table, ...control }: NftFilter): Dump<NftChain> {
  return netlink.list({
    operation: NFT_MSG_GETCHAIN,
    request: () => ({ header: filterHeader(family) }),
    object: (message) => (table === undefined || message.table === table ? toChain(message) : undefined),
    absent,
    ...control,
  })
}

/** `reset`: and sets counters and quotas in them back. */
export function listRules(
  netlink: Netlink,
  { family, table, chain, ...control }: NftRuleFilter,
  reset = false,
): Dump<NftRuleFields> {
  return netlink.list({
    operation: reset ? NFT_MSG_GETRULE_RESET : NFT_MSG_GETRULE,
    // The kernel ends at the first table of the name (nf_tables_dump_rules()), which may be of another family.
    request: () => ({
      header: filterHeader(family),
      ...(family !== undefined && table !== undefined && { table, ...(chain !== undefined && { chain }) }),
    }),
    object: (message) =>
      (table === undefined || message.table === table) && (chain === undefined || message.chain === chain)
        ? toRuleFields(message)
        : undefined,
    absent,
    ...control,
  })
}

/** Sets and maps without their elements, anonymous ones among them. */
export function listSets(netlink: Netlink, { family, table, ...control }: NftFilter): Dump<SetMessage> {
  return netlink.list({
    operation: NFT_MSG_GETSET,
    // The kernel looks a table up in its family only.
    request: () => ({
      header: filterHeader(family),
      ...(family !== undefined && table !== undefined && { table }),
    }),
    object: (message) =>
      (table === undefined || message.table === table) && familyOf(message.header) !== undefined ? message : undefined,
    absent,
    ...control,
  })
}

export interface SetPlace {
  family: NftFamily | undefined
  table: string
  name: string
}

/** All elements of a set, datagram by datagram. */
export function listElements(
  netlink: Netlink,
  { family, table, name }: SetPlace,
  control: CallControl,
  reset = false,
): Dump<SetElement[]> {
  return netlink.list({
    operation: reset ? NFT_MSG_GETSETELEM_RESET : NFT_MSG_GETSETELEM,
    request: () => ({ header: headerOf(family), table, set: name }),
    object: ({ elements }) => elements,
    ...control,
  })
}

export function listObjects(
  netlink: Netlink,
  { family, table, kind, name, ...control }: NftObjectFilter,
  reset = false,
): Dump<NftObject> {
  const type = kind === undefined ? undefined : objectType(kind)
  return netlink.list({
    operation: reset ? NFT_MSG_GETOBJ_RESET : NFT_MSG_GETOBJ,
    request: () => ({
      header: filterHeader(family),
      ...(table !== undefined && { table }),
      ...(type !== undefined && { type }),
    }),
    object: (message) =>
      (table === undefined || message.table === table) && (name === undefined || message.name === name)
        ? toObject(message)
        : undefined,
    absent,
    ...control,
  })
}

/** What is left out must not be set back either, so the kernel has to do it: it compares chains within a table only, and a table within a family. */
export async function resetRules(netlink: Netlink, filter: NftRuleFilter): Promise<NftRuleFields[]> {
  const { family, table, chain } = filter
  if (chain !== undefined) checkGiven('nft.rule.reset', { table })
  if (table === undefined) return once(listRules(netlink, filter, true))
  const lists: NftRuleFields[][] = []
  for (const each of family === undefined ? allFamilies : [family])
    lists.push(await once(listRules(netlink, { ...filter, family: each }, true)))
  return lists.flat()
}

/** Of a dump the kernel compares no names: those of a name are asked for by themselves. */
export async function resetObjects(netlink: Netlink, filter: NftObjectFilter): Promise<NftObject[]> {
  const { family, table, kind, name, ...control } = filter
  if (name === undefined) return once(listObjects(netlink, filter, true))
  checkGiven('nft.object.reset', { table, kind })
  const found: NftObject[] = []
  for (const each of family === undefined ? allFamilies : [family]) {
    const question = { header: headerOf(each), table, type: checkKind(kind), name }
    const asked = netlink.request(NFT_MSG_GETOBJ_RESET, question, control)
    found.push(...(await orNothing(asked)).flatMap((message) => toObject(message) ?? []))
  }
  return found
}

async function orNothing<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof NetlinkError && absent.some((code) => code === error.code)) return []
    throw error
  }
}

function checkGiven(operation: string, filter: Readonly<Record<string, unknown>>): void {
  for (const [path, given] of Object.entries(filter))
    if (given === undefined) throw invalid(operation, path, 'is missing: all others would be set back too')
}

/** All that a dump gives, asked for once: what it sets back is lost where it is asked again. */
export async function once<T>(dump: Dump<T>): Promise<T[]> {
  const list: T[] = []
  try {
    for await (const value of dump) list.push(value)
  } catch (error) {
    // Objects came or went meanwhile: all that was told was true.
    if (!(error instanceof DumpInterruptedError)) throw error
  }
  return list
}

export function listFlowtables(netlink: Netlink, { family, table, ...control }: NftFilter): Dump<NftFlowtable> {
  return netlink.list({
    operation: NFT_MSG_GETFLOWTABLE,
    request: () => ({ header: filterHeader(family), ...(table !== undefined && { table }) }),
    object: (message) => (table === undefined || message.table === table ? toFlowtable(message) : undefined),
    absent,
    ...control,
  })
}
