/** All data types under nft's names, and the numbers of concatenations. */
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import type { DataType } from '../datatype.ts'
import { ether_addr, ipv4_addr, ipv6_addr, ll_addr } from './address.ts'
import { bits, boolean, ifname, integer, string, verdict } from './basic.ts'
import { icmp_code, icmp_type, icmpv6_code, icmpv6_type, icmpx_code } from './icmp.ts'
import { ct_dir, ct_event, ct_state, ct_status, fib_addrtype, iface_type, pkt_type } from './kernel.ts'
import { cgroupsv2, classid, ct_label, devgroup, gid, iface_index, mark, realm, uid } from './number.ts'
import {
  arp_op,
  dccp_pkttype,
  dscp,
  ecn,
  ether_type,
  igmp_type,
  inet_proto,
  inet_service,
  mh_type,
  nf_proto,
  tcp_flag,
} from './protocol.ts'
import { date, day, hour, relativeTime } from './time.ts'

/** What a set's `type` may say. ('time' is the relative one; the date of `meta time` comes by `typeof`.) */
export const dataTypes = {
  verdict,
  nf_proto,
  bitmask: bits,
  integer,
  string,
  ll_addr,
  ipv4_addr,
  ipv6_addr,
  ether_addr,
  ether_type,
  arp_op,
  inet_proto,
  inet_service,
  icmp_type,
  tcp_flag,
  dccp_pkttype,
  mh_type,
  time: relativeTime,
  mark,
  iface_index,
  iface_type,
  realm,
  classid,
  uid,
  gid,
  ct_state,
  ct_dir,
  ct_status,
  icmpv6_type,
  ct_label,
  pkt_type,
  icmp_code,
  icmpv6_code,
  icmpx_code,
  devgroup,
  dscp,
  ecn,
  fib_addrtype,
  boolean,
  ct_event,
  ifname,
  igmp_type,
  hour,
  day,
  cgroupsv2,
} as const

export type DataTypeName = keyof typeof dataTypes

const byName = new Map<string, DataType>(Object.entries(dataTypes))
const byId = new Map<number, DataType>([date, ...byName.values()].map((type) => [type.id, type]))

/** Throws an EncodeError for a name that nft does not have. */
export function dataType(name: string): DataType {
  const type = byName.get(name)
  if (!type) throw new EncodeError(`there is no data type ${show(name)}`)
  return type
}

/** NFTA_SET_KEY_TYPE of one type or a concatenation: six bits each. */
export function typeId(types: readonly DataType[]): number {
  return types.reduce((id, type) => id * 64 + type.id, 0)
}

/** The types in a NFTA_SET_KEY_TYPE; undefined where one of them is not known. */
export function typesOf(id: number): DataType[] | undefined {
  const types: DataType[] = []
  for (let rest = id; rest > 0; rest = Math.floor(rest / 64)) {
    const type = byId.get(rest % 64)
    if (!type) return undefined
    types.unshift(type)
  }
  return types.length === 0 ? undefined : types
}

export * from './address.ts'
export * from './basic.ts'
export * from './icmp.ts'
export * from './kernel.ts'
export * from './number.ts'
export * from './protocol.ts'
export * from './time.ts'
