/** Stateful objects, which rules and maps refer to by name: `nft add counter`, `quota`, `limit`, `ct helper` ..., NFT_MSG_NEWOBJ. */
import type { ObjectMessage, ObjectMessageInput } from '../../../protocol/netfilter/nftables/object.ts'
import { commentOf } from '../../../protocol/netfilter/nftables/userdata.ts'
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import type { NftFamily } from '../ast.ts'
import { checkComment, checkHandle, checkName, familyOf, headerOf, type InFamily } from '../names.ts'
import { type ObjectType, objectKind, objectType } from '../object-kinds.ts'
import type { NftObjectKind, ObjectJson } from '../ruleset-json.ts'
import { dataOf, toData, unusual } from './object-data.ts'

interface Named {
  /** The default is 'ip'. */
  family?: NftFamily | undefined
  table: string
  /** Up to 255 bytes. NFTA_OBJ_NAME */
  name: string
  /** Up to 128 bytes. */
  comment?: string | undefined
  /** Ignored by add(). NFTA_OBJ_HANDLE */
  handle?: number | undefined
  /** How many rules and elements refer to it; ignored by add(). NFTA_OBJ_USE */
  use?: number | undefined
}

/** `counter NAME { packets 0 bytes 0 }` */
export interface NftCounterObject extends Named {
  kind: 'counter'
  packets?: number | undefined
  bytes?: number | undefined
}

/** `quota NAME { over 10 mbytes used 1 kbytes }` */
export interface NftQuotaObject extends Named {
  kind: 'quota'
  /** After so many bytes it matches no longer ... NFTA_QUOTA_BYTES */
  bytes: number
  /** Bytes that have been. NFTA_QUOTA_CONSUMED */
  used?: number | undefined
  /** ... or from then on: `over`. NFT_QUOTA_F_INV */
  inv?: boolean | undefined
}

/** `limit NAME { rate over 400/minute burst 7 packets }` */
export interface NftLimitObject extends Named {
  kind: 'limit'
  /** Packets, or with `rate_unit` bytes, in each `per`. */
  rate: number
  per?: 'second' | 'minute' | 'hour' | 'day' | 'week' | undefined
  /** 'packets', which is the default; 'bytes', 'kbytes', 'mbytes'. */
  rate_unit?: string | undefined
  /** What may come at once beyond the rate; 5 packets where it is left out. */
  burst?: number | undefined
  burst_unit?: string | undefined
  /** Matches what is beyond it: `over`. */
  inv?: boolean | undefined
}

/** `ct helper NAME { type "ftp" protocol tcp; l3proto ip }` */
export interface NftCtHelperObject extends Named {
  kind: 'ct helper'
  /** 'ftp', 'sip', 'tftp' ... */
  type: string
  /** 'tcp', 'udp', or the number. */
  protocol: string | number
  /** The default is the table's. */
  l3proto?: string | undefined
}

/** `ct timeout NAME { protocol tcp; policy = { established : 120 } }` */
export interface NftCtTimeoutObject extends Named {
  kind: 'ct timeout'
  protocol: string | number
  l3proto?: string | undefined
  /** Seconds by state: 'established', 'syn_sent', 'unreplied' ... Others stay as they are. */
  policy: Readonly<Record<string, number>> | null
}

/** `ct expectation NAME { protocol udp; dport 5000; timeout 10m; size 12 }` */
export interface NftCtExpectationObject extends Named {
  kind: 'ct expectation'
  protocol: string | number
  l3proto?: string | undefined
  dport: number
  /** Milliseconds. */
  timeout: number
  /** 1..255 */
  size: number
}

/** `synproxy NAME { mss 1460; wscale 7; timestamp sack-perm }` */
export interface NftSynproxyObject extends Named {
  kind: 'synproxy'
  mss?: number | undefined
  wscale?: number | undefined
  /** 'timestamp', 'sack-perm' */
  flags?: string | readonly string[] | undefined
}

/** `secmark NAME { "system_u:object_r:..." }` */
export interface NftSecmarkObject extends Named {
  kind: 'secmark'
  context: string
}

/** What object.add() takes; whatever list() gives fits. */
export type NftObjectInput =
  | NftCounterObject
  | NftQuotaObject
  | NftLimitObject
  | NftCtHelperObject
  | NftCtTimeoutObject
  | NftCtExpectationObject
  | NftSynproxyObject
  | NftSecmarkObject

/** An object as list() gives it. */
export type NftObject = NftObjectInput & { family: NftFamily; handle: number; use: number }

/** An object, by its kind, and name or handle. */
export interface NftObjectRef extends InFamily {
  kind: NftObjectKind
  table: string
  name?: string | undefined
  handle?: number | undefined
}

export function objectMessage(object: NftObjectInput): ObjectMessageInput {
  const { family, table, name, comment } = object
  const header = headerOf(family)
  return {
    header,
    table: checkName(table, 'table'),
    name: checkName(name, 'name'),
    type: checkKind(object.kind),
    data: dataOf(object),
    ...(comment !== undefined && { userdata: { comment: checkComment(comment) } }),
  }
}

/** An object to be looked for. */
export function objectRef({ family, kind, table, name, handle }: NftObjectRef): ObjectMessageInput {
  const where = { header: headerOf(family), table: checkName(table, 'table'), type: checkKind(kind) }
  return handle === undefined ? { ...where, name: checkName(name, 'name') } : { ...where, handle: checkHandle(handle) }
}

export function checkKind(kind: unknown): ObjectType {
  const type = objectType(kind)
  if (type === undefined) throw new EncodeError(`is no kind of object, got ${show(kind)}`, 'kind')
  return type
}

/** The object of a message; undefined where nft knows no such kind (connlimit, tunnel keys). */
export function toObject({
  header,
  table = '',
  name = '',
  handle,
  type,
  data,
  use,
  userdata,
}: ObjectMessage): NftObject | undefined {
  const family = familyOf(header)
  const kind = objectKind(type)
  if (family === undefined || kind === undefined) return undefined
  const comment = commentOf(userdata)
  return {
    kind,
    family,
    table,
    name,
    handle: Number(handle ?? 0),
    use: use ?? 0,
    ...(comment !== undefined && { comment }),
    ...toData(kind, data),
    // `data` is that of the kind, which toData() looks at.
  } as NftObject
}

/** In nft's order, and without what nft leaves out. */
export function objectJson({ kind, use: _, family, table, name, handle, comment, ...data }: NftObject): ObjectJson {
  const shown = 'policy' in data ? { ...data, policy: unusual(data.protocol, data.policy ?? {}) } : data
  const object = { family, name, table, handle, ...(comment !== undefined && { comment }), ...shown }
  // One key, and under it what belongs to that.
  return { [kind]: object } as unknown as ObjectJson
}
