/** Entries of the connection tracking table: struct nfgenmsg and the CTA attributes (linux/netfilter/nfnetlink_conntrack.h; `conntrack`). */
import { ipv4, ipv6 } from '../../wire/address.ts'
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { array } from '../../wire/list.ts'
import { be16, be32, be64, flags, u32 } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { CTA_FILTER_F, IPS } from './constants.ts'
import { protoinfo } from './protoinfo.ts'
import { tuple } from './tuple.ts'

const readOnly = { readOnly: true } as const

/** Kept where net.netfilter.nf_conntrack_acct is set. */
export const counters = attributes('conntrack/counter-attrs', () => ({
  packets: attribute('CTA_COUNTERS_PACKETS', 1, be64),
  bytes: attribute('CTA_COUNTERS_BYTES', 2, be64),
  packets32: attribute('CTA_COUNTERS32_PACKETS', 3, be32),
  bytes32: attribute('CTA_COUNTERS32_BYTES', 4, be32),
  pad: attribute('CTA_COUNTERS_PAD', 5, bytes()),
}))

/** Nanoseconds since 1970; kept where net.netfilter.nf_conntrack_timestamp is set. */
export const timestamp = attributes('conntrack/timestamp-attrs', () => ({
  start: attribute('CTA_TIMESTAMP_START', 1, be64),
  stop: attribute('CTA_TIMESTAMP_STOP', 2, be64),
  pad: attribute('CTA_TIMESTAMP_PAD', 3, bytes()),
}))

export const natProto = attributes('conntrack/nat-proto-attrs', () => ({
  portMin: attribute('CTA_PROTONAT_PORT_MIN', 1, be16),
  portMax: attribute('CTA_PROTONAT_PORT_MAX', 2, be16),
}))

/** Of new entries only: the kernel reports what became of it in the tuples. */
export const nat = attributes('conntrack/nat-attrs', () => ({
  v4Minip: attribute('CTA_NAT_V4_MINIP', 1, ipv4),
  v4Maxip: attribute('CTA_NAT_V4_MAXIP', 2, ipv4),
  proto: nest('CTA_NAT_PROTO', 3, natProto),
  v6Minip: attribute('CTA_NAT_V6_MINIP', 4, ipv6),
  v6Maxip: attribute('CTA_NAT_V6_MAXIP', 5, ipv6),
}))

export const help = attributes('conntrack/help-attrs', () => ({
  name: attribute('CTA_HELP_NAME', 1, string(16)),
  info: attribute('CTA_HELP_INFO', 2, bytes()),
}))

export const seqadj = attributes('conntrack/seqadj-attrs', () => ({
  correctionPos: attribute('CTA_SEQADJ_CORRECTION_POS', 1, be32),
  offsetBefore: attribute('CTA_SEQADJ_OFFSET_BEFORE', 2, be32),
  offsetAfter: attribute('CTA_SEQADJ_OFFSET_AFTER', 3, be32),
}))

export const synproxy = attributes('conntrack/synproxy-attrs', () => ({
  isn: attribute('CTA_SYNPROXY_ISN', 1, be32),
  its: attribute('CTA_SYNPROXY_ITS', 2, be32),
  tsoff: attribute('CTA_SYNPROXY_TSOFF', 3, be32),
}))

export const secctx = attributes('conntrack/secctx-attrs', () => ({ name: attribute('CTA_SECCTX_NAME', 1, string()) }))

const filterFlags = flags(u32, 'CTA_FILTER_F_CTA_', CTA_FILTER_F)

/** Which parts of the request's tuples a dump compares; host order. Since Linux 5.8. */
export const filter = attributes('conntrack/filter-attrs', () => ({
  origFlags: attribute('CTA_FILTER_ORIG_FLAGS', 1, filterFlags),
  replyFlags: attribute('CTA_FILTER_REPLY_FLAGS', 2, filterFlags),
}))

const status = flags(be32, 'IPS_', IPS)
/** Bit n is label n: words of 32 bits in host order. */
const labels = array(u32)

export const conntrackAttributes = attributes('conntrack/conntrack-attrs', () => ({
  tupleOrig: nest('CTA_TUPLE_ORIG', 1, tuple),
  tupleReply: nest('CTA_TUPLE_REPLY', 2, tuple),
  status: attribute('CTA_STATUS', 3, status),
  protoinfo: nest('CTA_PROTOINFO', 4, protoinfo),
  help: nest('CTA_HELP', 5, help),
  natSrc: nest('CTA_NAT_SRC', 6, nat),
  /** Seconds that are left. */
  timeout: attribute('CTA_TIMEOUT', 7, be32),
  mark: attribute('CTA_MARK', 8, be32),
  countersOrig: nest('CTA_COUNTERS_ORIG', 9, counters, readOnly),
  countersReply: nest('CTA_COUNTERS_REPLY', 10, counters, readOnly),
  use: attribute('CTA_USE', 11, be32, readOnly),
  id: attribute('CTA_ID', 12, be32),
  natDst: nest('CTA_NAT_DST', 13, nat),
  tupleMaster: nest('CTA_TUPLE_MASTER', 14, tuple),
  seqAdjOrig: nest('CTA_SEQ_ADJ_ORIG', 15, seqadj),
  seqAdjReply: nest('CTA_SEQ_ADJ_REPLY', 16, seqadj),
  /** Obsolete. */
  secmark: attribute('CTA_SECMARK', 17, bytes(), readOnly),
  zone: attribute('CTA_ZONE', 18, be16),
  secctx: nest('CTA_SECCTX', 19, secctx, readOnly),
  timestamp: nest('CTA_TIMESTAMP', 20, timestamp, readOnly),
  /** In changes the bits of the mark that are replaced, in dumps those that are compared. */
  markMask: attribute('CTA_MARK_MASK', 21, be32),
  labels: attribute('CTA_LABELS', 22, labels),
  labelsMask: attribute('CTA_LABELS_MASK', 23, labels),
  synproxy: nest('CTA_SYNPROXY', 24, synproxy),
  filter: nest('CTA_FILTER', 25, filter),
  /** Of dumps: the bits of the status that are compared. Since Linux 5.15. */
  statusMask: attribute('CTA_STATUS_MASK', 26, status),
  /** Of events: when it happened, nanoseconds since 1970. Since Linux 6.14. */
  timestampEvent: attribute('CTA_TIMESTAMP_EVENT', 27, be64, readOnly),
}))

export const conntrackMessage = nfnetlinkMessage(conntrackAttributes)
export interface ConntrackMessage extends Infer<typeof conntrackMessage> {}
export interface ConntrackMessageInput extends Input<typeof conntrackMessage> {}
