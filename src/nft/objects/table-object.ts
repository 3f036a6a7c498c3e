/** Tables: `nft add table`, NFT_MSG_NEWTABLE. */
import type { TableMessage, TableMessageInput } from '../../../protocol/netfilter/nftables/table.ts'
import { commentOf } from '../../../protocol/netfilter/nftables/userdata.ts'
import type { NftFamily } from '../ast.ts'
import { checkComment, checkFlags, checkHandle, checkName, familyOf, headerOf, type InFamily } from '../names.ts'
import type { TableJson } from '../ruleset-json.ts'

/** 'dormant': its chains see no packets. 'owner': only the client that made it may change it, and it goes with the client. 'persist': it stays all the same (6.9). */
export type NftTableFlag = 'dormant' | 'owner' | 'persist'

/** What table.add() takes; whatever list() gives fits. */
export interface NftTableInput {
  /** The default is 'ip'. */
  family?: NftFamily | undefined
  /** Up to 255 bytes. NFTA_TABLE_NAME */
  name: string
  /** NFTA_TABLE_FLAGS */
  flags?: readonly NftTableFlag[] | undefined
  /** Up to 128 bytes. NFTA_TABLE_USERDATA */
  comment?: string | undefined
  /** Ignored by add(). */
  handle?: number | undefined
  /** Ignored by add(). */
  use?: number | undefined
  /** Ignored by add(). */
  owner?: number | undefined
}

/** A table as list() gives it. */
export interface NftTable {
  family: NftFamily
  name: string
  /** NFTA_TABLE_HANDLE */
  handle: number
  flags?: readonly NftTableFlag[]
  comment?: string
  /** How many chains, sets, objects and flowtables it has. NFTA_TABLE_USE */
  use: number
  /** Port of the netlink socket that owns it. NFTA_TABLE_OWNER */
  owner?: number
}

/** A table, by name or handle. */
export interface NftTableRef extends InFamily {
  name?: string | undefined
  handle?: number | undefined
}

const tableFlags = ['dormant', 'owner', 'persist'] as const

export function tableMessage({ family, name, flags, comment }: NftTableInput): TableMessageInput {
  return {
    header: headerOf(family),
    name: checkName(name, 'name'),
    ...(flags !== undefined && { flags: checkFlags(flags, tableFlags) }),
    ...(comment !== undefined && { userdata: { comment: checkComment(comment) } }),
  }
}

/** A table to be looked for: its handle where there is one, as names may be given to others. */
export function tableRef({ family, name, handle }: NftTableRef): TableMessageInput {
  const header = headerOf(family)
  return handle === undefined ? { header, name: checkName(name, 'name') } : { header, handle: checkHandle(handle) }
}

/** The table of a message; undefined where it is in a family that nft does not know. */
export function toTable({
  header,
  name = '',
  handle,
  flags,
  use,
  owner,
  userdata,
}: TableMessage): NftTable | undefined {
  const family = familyOf(header)
  if (family === undefined) return undefined
  const comment = commentOf(userdata)
  const known = flags?.filter((flag): flag is NftTableFlag => tableFlags.includes(flag as NftTableFlag))
  return {
    family,
    name,
    handle: Number(handle ?? 0),
    ...(known !== undefined && known.length > 0 && { flags: known }),
    ...(comment !== undefined && { comment }),
    use: use ?? 0,
    ...(owner !== undefined && { owner }),
  }
}

export function tableJson({ family, name, handle, flags, comment }: NftTable): TableJson {
  return { family, name, handle, ...(flags && { flags: one(flags) }), ...(comment !== undefined && { comment }) }
}

/** nft -j prints a list of one as that one. */
export function one<T>(list: readonly T[]): T | T[] {
  const [first] = list
  return list.length === 1 && first !== undefined ? first : [...list]
}
