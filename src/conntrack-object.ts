/** An entry of the connection tracking table as callers see it, and its message. */
import type { ConntrackMessage } from '../protocol/netfilter/conntrack/entry.ts'
import type { Tuple } from '../protocol/netfilter/conntrack/tuple.ts'
import { type ConntrackProtocol, type ConntrackTuple, toTuple } from './conntrack-tuple.ts'
import type { IpFamily } from './words.ts'

type Protoinfo = NonNullable<ConntrackMessage['protoinfo']>
export type Tcp = NonNullable<Protoinfo['tcp']>
export type Sctp = NonNullable<Protoinfo['sctp']>
export type Dccp = NonNullable<Protoinfo['dccp']>

/** 'seen_reply', 'assured', 'confirmed', 'src_nat', 'dst_nat' ...: IPS_*. */
export type ConntrackStatus = NonNullable<ConntrackMessage['status']>
/** Of TCP, SCTP, DCCP: 'syn_sent', 'established', 'time_wait' ... */
export type ConntrackState = NonNullable<Tcp['state'] | Sctp['state'] | Dccp['state']>
export type ConntrackTcpFlags = NonNullable<Tcp['flagsOriginal']>['flags']

/** A direction, with its counters where net.netfilter.nf_conntrack_acct was set when the connection began. */
export interface ConntrackFlow extends ConntrackTuple {
  /** CTA_COUNTERS_PACKETS */
  packets?: bigint | undefined
  /** CTA_COUNTERS_BYTES */
  bytes?: bigint | undefined
}

/** Where packets are translated to: an address, and the port (ICMP: id; GRE: key) where that changes too. */
export interface ConntrackNat {
  address: string
  port?: number | undefined
}

export interface ConntrackTcp {
  /** Factors of window scaling, 0..14. */
  wscaleOriginal?: number | undefined
  wscaleReply?: number | undefined
  /** 'window_scale', 'sack_perm', 'be_liberal' ... */
  flagsOriginal?: ConntrackTcpFlags | undefined
  flagsReply?: ConntrackTcpFlags | undefined
}

export interface ConntrackSctp {
  vtagOriginal?: number | undefined
  vtagReply?: number | undefined
}

export interface ConntrackDccp {
  role?: Dccp['role'] | undefined
  handshakeSeq?: bigint | undefined
}

export interface Conntrack {
  family: IpFamily
  protocol: ConntrackProtocol
  /** As the first packet came. CTA_TUPLE_ORIG */
  orig: ConntrackFlow
  /** As answers come: with NAT, other addresses than those of `orig` turned round. CTA_TUPLE_REPLY */
  reply: ConntrackFlow
  /** CTA_STATUS */
  status: ConntrackStatus
  /** The state of a TCP, SCTP or DCCP connection. CTA_PROTOINFO */
  state?: ConntrackState
  /** Seconds until the entry goes. CTA_TIMEOUT */
  timeout?: number
  /** What `ct mark` set, 0..4294967295. CTA_MARK */
  mark?: number
  /** 0..65535; 0 is not told. CTA_ZONE */
  zone?: number
  /** Tells two connections of the same addresses and ports apart. CTA_ID */
  id: number
  /** What the tuples say of NAT: `src` is SNAT and masquerading, `dst` DNAT and redirection. */
  nat?: { src?: ConntrackNat | undefined; dst?: ConntrackNat | undefined }
  /** Numbers of the labels that are set, 0..127. CTA_LABELS */
  labels?: number[]
  /** The helper that watches it: 'ftp'. CTA_HELP_NAME */
  helper?: string
  /** The connection that foretold this one. CTA_TUPLE_MASTER */
  master?: ConntrackTuple & { protocol: ConntrackProtocol }
  /** Nanoseconds since 1970; with net.netfilter.nf_conntrack_timestamp. CTA_TIMESTAMP */
  timestamp?: { start?: bigint | undefined; stop?: bigint | undefined }
  tcp?: ConntrackTcp
  sctp?: ConntrackSctp
  dccp?: ConntrackDccp
  /** How NAT has moved TCP's sequence numbers. CTA_SEQ_ADJ_ORIG, CTA_SEQ_ADJ_REPLY */
  seqAdj?: {
    orig?: ConntrackMessage['seqAdjOrig']
    reply?: ConntrackMessage['seqAdjReply']
  }
  /** CTA_SYNPROXY */
  synproxy?: NonNullable<ConntrackMessage['synproxy']>
  /** SELinux. CTA_SECCTX */
  secctx?: string
  /** Reference count. CTA_USE */
  use?: number
}

type Loose<T> = { [K in keyof T]?: T[K] | undefined }

/** What add() takes; whatever list() gives fits. `id`, `use`, counters, `timestamp` and `secctx` are ignored. */
export interface ConntrackInput extends Loose<Omit<Conntrack, 'protocol' | 'orig'>> {
  protocol: ConntrackProtocol
  orig: ConntrackFlow
}

/** Which entry get(), update() and del() are about: what list() gives, or a protocol and one direction of it. */
export interface ConntrackTarget extends Loose<Pick<Conntrack, 'orig' | 'reply' | 'zone' | 'id'>> {
  protocol: ConntrackProtocol
}

/** What update() changes. */
export interface ConntrackChange {
  mark?: number | undefined
  /** The bits of the mark that are replaced; all, where it is left out. CTA_MARK_MASK */
  markMask?: number | undefined
  /** Seconds from now. */
  timeout?: number | undefined
  /** Bits to set, beside those that are set: 'assured', 'seen_reply', 'fixed_timeout'. None can be taken away. */
  status?: ConntrackStatus | undefined
  state?: ConntrackState | undefined
  tcp?: ConntrackTcp | undefined
  sctp?: ConntrackSctp | undefined
  dccp?: ConntrackDccp | undefined
  /** All labels; others are taken away. The kernel keeps room for them where a rule uses labels. */
  labels?: readonly number[] | undefined
  helper?: string | undefined
}

/** The entry of a message; undefined where it has no tuples. */
export function toConntrack(message: ConntrackMessage): Conntrack | undefined {
  const { tupleOrig, tupleReply, countersOrig, countersReply, status = [], protoinfo, id = 0 } = message
  const protocol = tupleOrig?.proto?.num
  if (tupleOrig === undefined || tupleReply === undefined || protocol === undefined) return undefined
  const entry: Conntrack = {
    family: message.header.family === 'ipv6' ? 'inet6' : 'inet',
    protocol,
    orig: toFlow(tupleOrig, countersOrig),
    reply: toFlow(tupleReply, countersReply),
    status,
    id,
  }
  const { timeout, mark, zone, use, labels, help, tupleMaster, timestamp, seqAdjOrig, seqAdjReply, synproxy, secctx } =
    message
  if (protoinfo !== undefined) setProtoinfo(entry, protoinfo)
  if (timeout !== undefined) entry.timeout = timeout
  if (mark !== undefined) entry.mark = mark
  if (zone !== undefined) entry.zone = zone
  if (use !== undefined) entry.use = use
  if (labels !== undefined) entry.labels = toLabels(labels)
  if (help?.name !== undefined) entry.helper = help.name
  if (tupleMaster !== undefined)
    entry.master = { protocol: tupleMaster.proto?.num ?? protocol, ...toTuple(tupleMaster) }
  if (timestamp !== undefined) entry.timestamp = { start: timestamp.start, stop: timestamp.stop }
  if (seqAdjOrig !== undefined || seqAdjReply !== undefined) entry.seqAdj = { orig: seqAdjOrig, reply: seqAdjReply }
  // Reported with zeros for every connection where the extension is on.
  if (synproxy !== undefined && (synproxy.isn || synproxy.its || synproxy.tsoff)) entry.synproxy = synproxy
  if (secctx?.name !== undefined) entry.secctx = secctx.name
  const nat = natOf(entry)
  if (nat !== undefined) entry.nat = nat
  return entry
}

function toFlow(tuple: Tuple, counters: ConntrackMessage['countersOrig']): ConntrackFlow {
  const flow: ConntrackFlow = toTuple(tuple)
  if (counters?.packets !== undefined) flow.packets = counters.packets
  if (counters?.bytes !== undefined) flow.bytes = counters.bytes
  return flow
}

function setProtoinfo(entry: Conntrack, { tcp, sctp, dccp }: Protoinfo): void {
  const state = tcp?.state ?? sctp?.state ?? dccp?.state
  if (state !== undefined) entry.state = state
  if (tcp !== undefined) {
    const { wscaleOriginal, wscaleReply, flagsOriginal, flagsReply } = tcp
    entry.tcp = { wscaleOriginal, wscaleReply, flagsOriginal: flagsOriginal?.flags, flagsReply: flagsReply?.flags }
  }
  if (sctp !== undefined) entry.sctp = { vtagOriginal: sctp.vtagOriginal, vtagReply: sctp.vtagReply }
  if (dccp !== undefined) entry.dccp = { role: dccp.role, handshakeSeq: dccp.handshakeSeq }
}

/** What was translated: where replies go to is not where the first packet came from, or the other way round. */
function natOf({ orig, reply, status }: Conntrack): Conntrack['nat'] {
  const src = status.includes('src_nat')
    ? translated(reply.dst, orig.sport ?? orig.id, reply.dport ?? reply.id)
    : undefined
  const dst = status.includes('dst_nat')
    ? translated(reply.src, orig.dport ?? orig.id, reply.sport ?? reply.id)
    : undefined
  return src || dst ? { ...(src && { src }), ...(dst && { dst }) } : undefined
}

function translated(address: string, was: number | undefined, is: number | undefined): ConntrackNat {
  return is === was ? { address } : { address, port: is }
}

function toLabels(words: readonly number[]): number[] {
  return words.flatMap((word, i) => bits.filter((bit) => (word >>> bit) & 1).map((bit) => i * 32 + bit))
}

const bits = Array.from({ length: 32 }, (_, bit) => bit)
