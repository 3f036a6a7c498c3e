/** CTA_TUPLE_*: one direction of a connection, addresses and what tells flows between them apart. */
import { ipv4, ipv6 } from '../../wire/address.ts'
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { be16, oneOf, u8 } from '../../wire/scalar.ts'
import { IPPROTO } from './constants.ts'

/** A protocol above IP: 'tcp', 'udp', 'icmp', 'icmpv6', 'sctp' ... or its number. */
export const l4proto = oneOf(u8, 'IPPROTO_', IPPROTO)

export const tupleIp = attributes('conntrack/tuple-ip-attrs', () => ({
  v4Src: attribute('CTA_IP_V4_SRC', 1, ipv4),
  v4Dst: attribute('CTA_IP_V4_DST', 2, ipv4),
  v6Src: attribute('CTA_IP_V6_SRC', 3, ipv6),
  v6Dst: attribute('CTA_IP_V6_DST', 4, ipv6),
}))

export const tupleProto = attributes('conntrack/tuple-proto-attrs', () => ({
  num: attribute('CTA_PROTO_NUM', 1, l4proto),
  /** Of GRE the key. */
  srcPort: attribute('CTA_PROTO_SRC_PORT', 2, be16),
  dstPort: attribute('CTA_PROTO_DST_PORT', 3, be16),
  icmpId: attribute('CTA_PROTO_ICMP_ID', 4, be16),
  icmpType: attribute('CTA_PROTO_ICMP_TYPE', 5, u8),
  icmpCode: attribute('CTA_PROTO_ICMP_CODE', 6, u8),
  icmpv6Id: attribute('CTA_PROTO_ICMPV6_ID', 7, be16),
  icmpv6Type: attribute('CTA_PROTO_ICMPV6_TYPE', 8, u8),
  icmpv6Code: attribute('CTA_PROTO_ICMPV6_CODE', 9, u8),
}))

export const tuple = attributes('conntrack/tuple-attrs', () => ({
  ip: nest('CTA_TUPLE_IP', 1, tupleIp),
  proto: nest('CTA_TUPLE_PROTO', 2, tupleProto),
  /** Where the zone is of one direction only. */
  zone: attribute('CTA_TUPLE_ZONE', 3, be16),
}))
export interface Tuple extends Infer<typeof tuple> {}
export interface TupleInput extends Input<typeof tuple> {}
