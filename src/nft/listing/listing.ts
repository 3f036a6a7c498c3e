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
import type { CallControl } from '../../client.ts'
import type { Dump } from '../../dump.ts'
import type { Netlink } from '../../netlink.ts'
import type { NftFamily } from '../ast.ts'
import { familyOf, filterHeader, headerOf } from '../names.ts'
import { objectType } from '../object-kinds.ts'
import { type NftChain, toChain } from '../objects/chain-object.ts'
import { type NftFlowtable, toFlowtable } from '../objects/flowtable-object.ts'
import { type NftRuleFields, toRuleFields } from '../objects/rule-object.ts'
import { type NftObject, toObject } from '../objects/stateful-object.ts'
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
    request: () => ({
      header: filterHeader(family),
      ...(table !== undefined && { table }),
      ...(chain !== undefined && { chain }),
    }),
    // Before 6.6 a filter without a family matched nothing but tables of family 0.
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

export function listFlowtables(netlink: Netlink, { family, table, ...control }: NftFilter): Dump<NftFlowtable> {
  return netlink.list({
    operation: NFT_MSG_GETFLOWTABLE,
    request: () => ({ header: filterHeader(family), ...(table !== undefined && { table }) }),
    object: (message) => (table === undefined || message.table === table ? toFlowtable(message) : undefined),
    absent,
    ...control,
  })
}
