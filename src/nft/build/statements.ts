/** What a rule does to packets beside its verdict: counting, limits, logs, answers, queues. */
import { show } from '../../../protocol/wire/codec.ts'
import { invalid } from '../../error.ts'
import { checkBoolean } from '../../input.ts'
import type {
  CounterStatement,
  Expr,
  FlowStatement,
  Immediate,
  LastStatement,
  LimitStatement,
  LogStatement,
  MapExpr,
  NotrackStatement,
  QueueStatement,
  QuotaStatement,
  Range,
  RejectStatement,
  SecmarkStatement,
  SynproxyStatement,
} from '../ast.ts'
import type { InputOf } from '../datatype.ts'
import type { icmp_code, icmpv6_code, icmpx_code } from '../datatypes/icmp.ts'
import type { Key, Keyed } from './reference.ts'
import { toExpr } from './value.ts'

/**
 * Counts packets and bytes: `counter`; with a name, in the table's counter: `counter name "web"`.
 *
 * @example [tcp.dport(80), counter(), accept()]
 */
export function counter(name?: string | { packets: number; bytes: number }): CounterStatement
/** One counter for each key: `counter name tcp dport map { 80 : "web", 22 : "ssh" }`. */
export function counter(names: MapExpr): CounterStatement
export function counter(from: CounterStatement['counter'] | undefined = { packets: 0, bytes: 0 }): CounterStatement {
  return { counter: from }
}

export interface QuotaOptions {
  val: number
  /** The default is 'bytes'. */
  unit?: 'bytes' | 'kbytes' | 'mbytes' | undefined
  /** Matches when it is used up, rather than until then: `quota over`. */
  over?: boolean | undefined
  /** Used up already, in bytes. */
  used?: number | undefined
}

/**
 * Matches until so much has passed: `quota 10 mbytes`; by the table's quota: `quota name "month"`.
 *
 * @example [quota({ val: 10, unit: 'mbytes', over: true }), drop()]
 */
export function quota(from: string | QuotaOptions): QuotaStatement {
  if (typeof from === 'string') return { quota: from }
  const { val, unit = 'bytes', over, used } = from
  whole('quota', 'val', val)
  checkBoolean('quota', 'over', over)
  return {
    quota: {
      val,
      val_unit: unit,
      ...(used !== undefined && { used: whole('quota', 'used', used), used_unit: 'bytes' }),
      ...(over === true && { inv: true }),
    },
  }
}

type Unit = 'packets' | 'bytes' | 'kbytes' | 'mbytes'
export interface LimitOptions {
  rate: number
  per: 'second' | 'minute' | 'hour' | 'day' | 'week'
  /** The default is 'packets'. */
  unit?: Unit | undefined
  /** More than the rate that may come at once; the default is 5 packets or none. */
  burst?: number | undefined
  /** Of a limit in bytes; the default is 'bytes'. */
  burstUnit?: Exclude<Unit, 'packets'> | undefined
  /** Matches what is beyond the limit, rather than what is within: `limit rate over`. */
  over?: boolean | undefined
}

/**
 * Matches as long as no more come than this: `limit rate 10/second burst 5 packets`; by the table's limit: `limit name "ssh"`.
 *
 * @example [icmp.type('echo-request'), limit({ rate: 10, per: 'second' }), accept()]
 */
export function limit(from: string | LimitOptions): LimitStatement {
  if (typeof from === 'string') return { limit: from }
  const { rate, per, unit = 'packets', burst, burstUnit, over } = from
  whole('limit', 'rate', rate)
  checkBoolean('limit', 'over', over)
  const bytes = unit !== 'packets'
  if (burstUnit !== undefined && !bytes) throw invalid('limit', 'burstUnit', 'is for limits in bytes')
  return {
    limit: {
      rate,
      burst: burst === undefined ? (bytes ? 0 : 5) : whole('limit', 'burst', burst),
      per,
      ...(over === true && { inv: true }),
      ...(bytes && { rate_unit: unit, burst_unit: burstUnit ?? 'bytes' }),
    },
  }
}

export interface LogOptions {
  /** Before each line, at most 127 characters. */
  prefix?: string | undefined
  /** The default is 'warn'. 'audit' takes nothing else. */
  level?: 'emerg' | 'alert' | 'crit' | 'err' | 'warn' | 'notice' | 'info' | 'debug' | 'audit' | undefined
  flags?: readonly ('tcp sequence' | 'tcp options' | 'ip options' | 'skuid' | 'ether' | 'all')[] | undefined
  /** To programs that listen to this group of nfnetlink_log, rather than to the kernel's log. */
  group?: number | undefined
  /** Bytes of the packet, for a group. */
  snaplen?: number | undefined
  /** Packets that are collected before a group gets them. */
  queueThreshold?: number | undefined
}

/**
 * Logs the packet: `log prefix "dropped: " level info`.
 *
 * @example [log({ prefix: 'dropped: ' }), drop()]
 */
export function log({ prefix, level, flags, group, snaplen, queueThreshold }: LogOptions = {}): LogStatement {
  if (group === undefined && (snaplen !== undefined || queueThreshold !== undefined))
    throw invalid('log', 'group', 'is missing: snaplen and queueThreshold are of a group')
  if (group !== undefined && (level !== undefined || flags !== undefined))
    throw invalid('log', 'group', 'has neither level nor flags')
  const all = {
    ...(prefix !== undefined && { prefix }),
    ...(group !== undefined && { group }),
    ...(snaplen !== undefined && { snaplen }),
    ...(queueThreshold !== undefined && { 'queue-threshold': queueThreshold }),
    ...(level !== undefined && { level }),
    ...(flags !== undefined && { flags: flags.length === 1 ? (flags[0] as string) : [...flags] }),
  }
  return { log: Object.keys(all).length === 0 ? null : all }
}

/**
 * Drops the packet and tells its sender: `reject`, `reject with tcp reset`, `reject with icmp type host-unreachable`. 'icmpx' is for both families.
 *
 * @example [tcp.dport(113), reject('tcp reset')]
 */
export function reject(): RejectStatement
export function reject(type: 'tcp reset'): RejectStatement
export function reject(type: 'icmp', code: InputOf<typeof icmp_code>): RejectStatement
export function reject(type: 'icmpv6', code: InputOf<typeof icmpv6_code>): RejectStatement
export function reject(type: 'icmpx', code: InputOf<typeof icmpx_code>): RejectStatement
export function reject(type?: 'tcp reset' | 'icmpx' | 'icmp' | 'icmpv6', code?: Immediate): RejectStatement {
  if (type === undefined) return { reject: null }
  if (type === 'tcp reset') return { reject: { type } }
  if (!['icmp', 'icmpv6', 'icmpx'].includes(type))
    throw invalid('reject', 'type', `must be 'tcp reset', 'icmp', 'icmpv6' or 'icmpx', got ${show(type)}`)
  if (code === undefined) throw invalid('reject', 'code', 'is missing')
  return { reject: { type, expr: code } }
}

export interface QueueOptions {
  /** A number, several as '1-3' or range(1, 3), or from a generator or map; the default is 0. */
  num?: number | string | Range | MapExpr | Keyed<Key> | undefined
  /** 'bypass': accept where nobody listens; 'fanout': a queue for each CPU. */
  flags?: readonly ('bypass' | 'fanout')[] | undefined
}

/**
 * Hands the packet to a program, which gives the verdict: `queue num 1-3 bypass,fanout`.
 *
 * @example [tcp.dport(80), queue({ num: 1, flags: ['bypass'] })]
 */
export function queue({ num, flags }: QueueOptions = {}): QueueStatement {
  if (num === undefined && flags === undefined) return { queue: { num: 0 } }
  return {
    queue: {
      num: num === undefined ? 0 : sourceExpr(num, 'queue', 'num'),
      ...(flags !== undefined && { flags: flags.length === 1 ? (flags[0] as string) : [...flags] }),
    },
  }
}

/** The packet's connection is not tracked: `notrack`. Before conntrack: hook prerouting or output, priority 'raw'. */
export const notrack = (): NotrackStatement => ({ notrack: null })

/** Gives the packet the security context of the table's secmark object: `meta secmark set "ssh"`. */
export const secmark = (name: string | MapExpr): SecmarkStatement => ({ secmark: name })

/** When the rule last matched: `last`. Needs a newer nft than 1.0.6 to be shown. */
export const last = (): LastStatement => ({ last: null })

export interface SynproxyOptions {
  mss?: number | undefined
  wscale?: number | undefined
  flags?: readonly ('timestamp' | 'sack-perm')[] | undefined
}

/**
 * Answers SYNs in place of the server: `synproxy mss 1460 wscale 7 timestamp sack-perm`; by the table's: `synproxy name "web"`.
 *
 * @example [tcp.dport(80), ct.state('invalid', 'untracked'), synproxy({ mss: 1460, wscale: 7, flags: ['timestamp', 'sack-perm'] })]
 */
export function synproxy(from?: string | SynproxyOptions): SynproxyStatement {
  if (from === undefined || typeof from === 'string') return { synproxy: from ?? null }
  const { mss, wscale, flags } = from
  return {
    synproxy: {
      ...(mss !== undefined && { mss: whole('synproxy', 'mss', mss) }),
      ...(wscale !== undefined && { wscale: whole('synproxy', 'wscale', wscale) }),
      ...(flags !== undefined && { flags: flags.length === 1 ? (flags[0] as string) : [...flags] }),
    },
  }
}

/** Its connection goes by the table's flowtable from now on, past the rules: `flow add @fast`. */
export function flow(flowtable: string): FlowStatement {
  if (typeof flowtable !== 'string' || flowtable === '') throw invalid('flow', 'flowtable', 'must be a name')
  return { flow: { op: 'add', flowtable: flowtable.startsWith('@') ? flowtable : `@${flowtable}` } }
}

/** A constant, a map, or what a selector gives. */
export function sourceExpr(value: unknown, operation: string, path: string): Expr {
  if (typeof value === 'function' && 'expr' in value) return value.expr as Expr
  return toExpr(value, [], operation, path)
}

function whole(operation: string, path: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw invalid(operation, path, `must be a whole number, got ${show(value)}`)
}
