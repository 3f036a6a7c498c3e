/** Which entries list() and flush() are about: what the kernel compares, and what is compared here. */
import { type CTA_FILTER_F, IPS } from '../protocol/netfilter/conntrack/constants.ts'
import type { ConntrackMessageInput } from '../protocol/netfilter/conntrack/entry.ts'
import type { TupleInput } from '../protocol/netfilter/conntrack/tuple.ts'
import { type Prefix, parseIp } from '../protocol/wire/address.ts'
import { show } from '../protocol/wire/codec.ts'
import { be32, flags, type NameOf } from '../protocol/wire/scalar.ts'
import { nfFamily } from './conntrack-message.ts'
import type { Conntrack, ConntrackState, ConntrackStatus } from './conntrack-object.ts'
import {
  type ConntrackProtocol,
  type ConntrackTuple,
  checkInteger,
  checkProtocol,
  fromTuple,
  mostOf,
} from './conntrack-tuple.ts'
import { invalid } from './error.ts'
import { checkArray, checkObject } from './input.ts'
import { checkFamily, checkPrefix, familyOf, type IpFamily } from './words.ts'

/** Parts of a tuple; `src` and `dst` may be prefixes, '10.0.0.0/8'. */
export interface ConntrackTupleFilter extends Omit<ConntrackTuple, 'src' | 'dst' | 'zone'> {
  src?: string | undefined
  dst?: string | undefined
}

/**
 * All that is given must hold. The kernel compares family, mark, status (since Linux 5.15), zone (6.8), and, since 5.8, protocol, IPv4 addresses,
 * ports of TCP and UDP, and ICMP: other entries are not even sent. Everything is compared here too: prefixes, IPv6 addresses (the kernel's own
 * comparison of them is the wrong way round), ports of other protocols, state, labels, and whatever an older kernel leaves aside.
 */
export interface ConntrackFilter {
  family?: IpFamily | undefined
  protocol?: ConntrackProtocol | undefined
  orig?: ConntrackTupleFilter | undefined
  reply?: ConntrackTupleFilter | undefined
  mark?: number | undefined
  /** The bits of the mark that count; all, where it is left out. */
  markMask?: number | undefined
  /** Bits that are set; with `statusMask` those of the mask that are set, the others of it are not. */
  status?: ConntrackStatus | undefined
  /** `status: [], statusMask: ['seen_reply']`: those without a reply. */
  statusMask?: ConntrackStatus | undefined
  /** 0: those in none. */
  zone?: number | undefined
  state?: ConntrackState | undefined
  /** Labels that are all set. */
  labels?: readonly number[] | undefined
}

interface CheckedTuple {
  src?: Prefix | undefined
  dst?: Prefix | undefined
}

const tupleKeys = ['src', 'dst', 'sport', 'dport', 'type', 'code', 'id'] as const

const statusBits = flags(be32, 'IPS_', IPS)
const bitsOf = (status: ConntrackStatus): number => Number(statusBits.number(status))

type FilterFlag = NameOf<keyof typeof CTA_FILTER_F, 'CTA_FILTER_F_CTA_'>

/** A filter that has been checked. */
export class ConntrackMatcher {
  readonly #filter: ConntrackFilter
  readonly #prefixes: { readonly orig: CheckedTuple; readonly reply: CheckedTuple }
  readonly #protocol: ConntrackProtocol | undefined
  readonly #family: IpFamily | undefined
  readonly #status: { bits: number; mask: number } | undefined

  /** Throws NetlinkError with `path`. */
  constructor(filter: ConntrackFilter, operation: string) {
    const { family, protocol, orig = {}, reply = {}, mark, markMask, zone, status, statusMask, state, labels } = filter
    if (family !== undefined) checkFamily(operation, 'family', family)
    if (state !== undefined && typeof state !== 'string' && typeof state !== 'number')
      throw invalid(operation, 'state', `must be the name of a state, or its number, got ${show(state)}`)
    if (labels !== undefined) checkArray(operation, 'labels', labels)
    for (const [i, label] of (labels ?? []).entries()) checkInteger(operation, `labels[${i}]`, label, 127)
    for (const [path, value] of Object.entries({ mark, markMask }))
      if (value !== undefined) checkInteger(operation, path, value, 0xffffffff)
    if (zone !== undefined) checkInteger(operation, 'zone', zone, 0xffff)
    if (markMask !== undefined && mark === undefined)
      throw invalid(operation, 'mark', 'is missing: markMask says which bits of it count')
    this.#filter = filter
    this.#protocol = protocol === undefined ? undefined : checkProtocol(operation, 'protocol', protocol)
    this.#prefixes = { orig: checkParts(operation, 'orig', orig), reply: checkParts(operation, 'reply', reply) }
    this.#family = this.#familyOf(operation)
    if (status !== undefined || statusMask !== undefined) {
      const bits = checkStatus(operation, 'status', status ?? [])
      const mask = statusMask === undefined ? bits : checkStatus(operation, 'statusMask', statusMask)
      this.#status = { bits: (bits & mask) >>> 0, mask }
    }
  }

  /** Dump requests: one, or one a family where the kernel compares tuples of one family only. */
  requests(): ConntrackMessageInput[] {
    const { mark, markMask, zone } = this.#filter
    const families =
      this.#family === undefined && this.#protocol !== undefined ? (['inet', 'inet6'] as const) : [this.#family]
    return families.map((family) => {
      const request: ConntrackMessageInput = {
        header: { family: family === undefined ? 'unspec' : nfFamily[family] },
        // Bits beyond the mask would never match.
        mark: mark === undefined ? undefined : (mark & (markMask ?? 0xffffffff)) >>> 0,
        markMask,
        zone,
      }
      if (this.#status !== undefined && this.#status.mask !== 0) {
        request.status = [this.#status.bits]
        request.statusMask = [this.#status.mask]
      }
      if (family === undefined) return request
      const origFlags = this.#flags('orig', family)
      const replyFlags = this.#flags('reply', family)
      if (origFlags.length > 0) request.tupleOrig = this.#tuple('orig', family)
      if (replyFlags.length > 0) request.tupleReply = this.#tuple('reply', family)
      if (origFlags.length + replyFlags.length > 0) request.filter = { origFlags, replyFlags }
      return request
    })
  }

  /** Whether all holds. */
  matches(entry: Conntrack): boolean {
    const { mark, markMask = 0xffffffff, zone, state, labels, orig = {}, reply = {} } = this.#filter
    if (this.#family !== undefined && entry.family !== this.#family) return false
    if (this.#protocol !== undefined && entry.protocol !== this.#protocol) return false
    if (mark !== undefined && (((entry.mark ?? 0) ^ mark) & markMask) !== 0) return false
    if (zone !== undefined && (entry.zone ?? entry.orig.zone ?? entry.reply.zone ?? 0) !== zone) return false
    if (state !== undefined && entry.state !== state) return false
    if (labels?.some((label) => !entry.labels?.includes(label))) return false
    if (this.#status !== undefined && ((bitsOf(entry.status) ^ this.#status.bits) & this.#status.mask) !== 0)
      return false
    return matchesTuple(entry.orig, orig, this.#prefixes.orig) && matchesTuple(entry.reply, reply, this.#prefixes.reply)
  }

  #familyOf(operation: string): IpFamily | undefined {
    const { family } = this.#filter
    const said: [string, IpFamily][] = family === undefined ? [] : [['family', family]]
    if (this.#protocol === 'icmp') said.push(['protocol', 'inet'])
    if (this.#protocol === 'icmpv6') said.push(['protocol', 'inet6'])
    for (const [path, { src, dst }] of Object.entries(this.#prefixes)) {
      if (src !== undefined) said.push([`${path}.src`, familyOf(src)])
      if (dst !== undefined) said.push([`${path}.dst`, familyOf(dst)])
    }
    const first = said[0]?.[1]
    const other = said.find(([, each]) => each !== first)
    if (other) throw invalid(operation, other[0], `must be of family ${first}, as ${said[0]?.[0]} is`)
    return first
  }

  /** What the kernel compares of a tuple. */
  #flags(which: 'orig' | 'reply', family: IpFamily): FilterFlag[] {
    const flags = tupleKeys.map((key) => this.#flag(which, key, family)).filter((flag) => flag !== undefined)
    return this.#protocol === undefined ? flags : ['proto_num', ...flags]
  }

  /** How the kernel calls a part that is given, where it compares it. */
  #flag(which: 'orig' | 'reply', key: (typeof tupleKeys)[number], family: IpFamily): FilterFlag | undefined {
    if (this.#filter[which]?.[key] === undefined) return undefined
    // Of IPv6 the kernel leaves out those that are equal (ctnetlink_filter_match_tuple() in Linux 5.8 to 6.18).
    if (key === 'src' || key === 'dst')
      return family === 'inet' && this.#prefixes[which][key]?.length === 32 ? `ip_${key}` : undefined
    const protocol = this.#protocol
    if (key === 'sport') return protocol === 'tcp' || protocol === 'udp' ? 'proto_src_port' : undefined
    if (key === 'dport') return protocol === 'tcp' || protocol === 'udp' ? 'proto_dst_port' : undefined
    return protocol === 'icmp' || protocol === 'icmpv6' ? `proto_${protocol}_${key}` : undefined
  }

  /** The attributes of what the kernel compares. */
  #tuple(which: 'orig' | 'reply', family: IpFamily): TupleInput {
    const parts = tupleKeys.filter((key) => this.#flag(which, key, family) !== undefined)
    const { src, dst } = this.#prefixes[which]
    const given = { ...this.#filter[which], src: src?.address, dst: dst?.address }
    return fromTuple(Object.fromEntries(parts.map((key) => [key, given[key]])), this.#protocol, family)
  }

  /** The first property that no kernel compares. */
  get comparedHere(): string | undefined {
    // Of either family, where a protocol is said: addresses say theirs.
    const family = this.#family ?? (this.#protocol === undefined ? undefined : 'inet')
    const parts = (['orig', 'reply'] as const).flatMap((which) =>
      tupleKeys
        .filter((key) => this.#filter[which]?.[key] !== undefined)
        .filter((key) => family === undefined || this.#flag(which, key, family) === undefined)
        .map((key) => `${which}.${key}`),
    )
    return [...(['state', 'labels'] as const).filter((key) => this.#filter[key] !== undefined), ...parts][0]
  }
}

function checkParts(operation: string, path: string, tuple: ConntrackTupleFilter): CheckedTuple {
  checkObject(operation, path, tuple)
  for (const key of ['sport', 'dport', 'type', 'code', 'id'] as const)
    if (tuple[key] !== undefined) checkInteger(operation, `${path}.${key}`, tuple[key], mostOf[key])
  return {
    src: tuple.src === undefined ? undefined : checkPrefix(operation, `${path}.src`, tuple.src),
    dst: tuple.dst === undefined ? undefined : checkPrefix(operation, `${path}.dst`, tuple.dst),
  }
}

function checkStatus(operation: string, path: string, status: ConntrackStatus): number {
  try {
    return bitsOf(status)
  } catch (error) {
    throw invalid(operation, path, error instanceof Error ? error.message : show(status), error)
  }
}

function matchesTuple(tuple: ConntrackTuple, wanted: ConntrackTupleFilter, { src, dst }: CheckedTuple): boolean {
  for (const key of ['sport', 'dport', 'type', 'code', 'id'] as const)
    if (wanted[key] !== undefined && tuple[key] !== wanted[key]) return false
  return (src === undefined || inside(tuple.src, src)) && (dst === undefined || inside(tuple.dst, dst))
}

/** Whether an address lies in a prefix. */
function inside(address: string, { address: net, length, family }: Prefix): boolean {
  if (address === net) return true
  if (length === (family === 4 ? 32 : 128)) return false
  const a = parseIp(address)
  const b = parseIp(net)
  if (a === undefined || b === undefined || a.length !== b.length) return false
  const whole = length >> 3
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false
  const rest = length & 7
  // Below the length: there is such a byte.
  return rest === 0 || (((a[whole] as number) ^ (b[whole] as number)) & (0xff00 >> rest) & 0xff) === 0
}
