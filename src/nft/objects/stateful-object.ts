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
  /** NFTA_OBJ_TABLE */
  table: string
  /** Up to 255 bytes. NFTA_OBJ_NAME */
  name: string
  /** Up to 128 bytes. NFTA_OBJ_USERDATA */
  comment?: string | undefined
  /** Ignored by add(). NFTA_OBJ_HANDLE */
  handle?: number | undefined
  /** How many rules and elements refer to it; ignored by add(). NFTA_OBJ_USE */
  use?: number | undefined
}

/** `counter NAME { packets 0 bytes 0 }` */
export interface NftCounterObject extends Named {
  kind: 'counter'
  /** What it begins with; 0 where it is left out. NFTA_COUNTER_PACKETS */
  packets?: number | undefined
  /** NFTA_COUNTER_BYTES */
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
  /** Packets, or with `rate_unit` bytes, in each `per`. NFTA_LIMIT_RATE */
  rate: number
  /** The default is 'second'. NFTA_LIMIT_UNIT */
  per?: 'second' | 'minute' | 'hour' | 'day' | 'week' | undefined
  /** 'packets', which is the default; 'bytes', 'kbytes', 'mbytes'. NFTA_LIMIT_TYPE */
  rate_unit?: string | undefined
  /** What may come at once beyond the rate; where it is left out 5 packets, of bytes none. NFTA_LIMIT_BURST */
  burst?: number | undefined
  /** As `rate_unit`, which is the default. */
  burst_unit?: string | undefined
  /** Matches what is beyond it: `over`. NFT_LIMIT_F_INV */
  inv?: boolean | undefined
}

/** `ct helper NAME { type "ftp" protocol tcp; l3proto ip }` */
export interface NftCtHelperObject extends Named {
  kind: 'ct helper'
  /** 'ftp', 'sip', 'tftp' ... NFTA_CT_HELPER_NAME */
  type: string
  /** 'tcp', 'udp', or the number. NFTA_CT_HELPER_L4PROTO */
  protocol: string | number
  /** 'ip', 'ip6' or 'inet'; the default is the table's. NFTA_CT_HELPER_L3PROTO */
  l3proto?: string | undefined
}

/** `ct timeout NAME { protocol tcp; policy = { established : 120 } }` */
export interface NftCtTimeoutObject extends Named {
  kind: 'ct timeout'
  /** 'tcp', 'udp', or the number. NFTA_CT_TIMEOUT_L4PROTO */
  protocol: string | number
  /** 'ip', 'ip6' or 'inet'; the default is the table's. NFTA_CT_TIMEOUT_L3PROTO */
  l3proto?: string | undefined
  /** Seconds by state: 'established', 'syn_sent', 'unreplied' ... Others stay as they are. NFTA_CT_TIMEOUT_DATA */
  policy: Readonly<Record<string, number>> | null
}

/** `ct expectation NAME { protocol udp; dport 5000; timeout 10m; size 12 }` */
export interface NftCtExpectationObject extends Named {
  kind: 'ct expectation'
  /** 'tcp', 'udp', or the number. NFTA_CT_EXPECT_L4PROTO */
  protocol: string | number
  /** 'ip', 'ip6' or 'inet'; the default is the table's. NFTA_CT_EXPECT_L3PROTO */
  l3proto?: string | undefined
  /** The port that is expected. NFTA_CT_EXPECT_DPORT */
  dport: number
  /** Milliseconds that a connection is expected, which kernels up to 6.18 at least take for seconds (nft_ct_expect_obj_eval()). NFTA_CT_EXPECT_TIMEOUT */
  timeout: number
  /** How many a connection may expect at once, 0..255: with 0 a rule with it never matches (nft_ct_expect_obj_eval()). NFTA_CT_EXPECT_SIZE */
  size: number
}

/** `synproxy NAME { mss 1460; wscale 7; timestamp sack-perm }` */
export interface NftSynproxyObject extends Named {
  kind: 'synproxy'
  /** What is announced to clients, 0..65535. NFTA_SYNPROXY_MSS */
  mss?: number | undefined
  /** 0..14. NFTA_SYNPROXY_WSCALE */
  wscale?: number | undefined
  /** 'timestamp', 'sack-perm'. NFTA_SYNPROXY_FLAGS */
  flags?: string | readonly string[] | undefined
}

/** `secmark NAME { "system_u:object_r:..." }` */
export interface NftSecmarkObject extends Named {
  kind: 'secmark'
  /** Of the security module, up to 255 bytes. NFTA_SECMARK_CTX */
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
