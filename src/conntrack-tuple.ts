/** One direction of a connection as callers see it, and CTA_TUPLE_*. */
import type { Tuple, TupleInput } from '../protocol/netfilter/conntrack/tuple.ts'
import { l4proto } from '../protocol/netfilter/conntrack/tuple.ts'
import { EncodeError, type Infer, show } from '../protocol/wire/codec.ts'
import { invalid } from './error.ts'
import { checkObject } from './input.ts'
import { checkAddress, familyOf, type IpFamily } from './words.ts'

/** 'tcp', 'udp', 'icmp', 'icmpv6', 'sctp', 'gre' ..., or the number of another protocol. */
export type ConntrackProtocol = Infer<typeof l4proto>

/** The addresses of packets of one direction, and what tells flows between the two apart. */
export interface ConntrackTuple {
  src: string
  dst: string
  /** Ports of TCP, UDP, SCTP, DCCP, UDP-Lite; of GRE the keys. */
  sport?: number | undefined
  dport?: number | undefined
  /** ICMP and ICMPv6. */
  type?: number | undefined
  code?: number | undefined
  id?: number | undefined
  /** Where the zone is of this direction only. */
  zone?: number | undefined
}

const withPorts: ReadonlySet<unknown> = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'gre'])
const withPortsKeys = ['sport', 'dport'] as const
const icmpKeys = ['type', 'code', 'id'] as const

/** The name of a protocol given by name or number. */
export function checkProtocol(operation: string, path: string, protocol: unknown): ConntrackProtocol {
  try {
    // Refuses whatever is neither.
    const number = Number(l4proto.number(protocol as ConntrackProtocol))
    return l4proto.name?.(number) ?? number
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error
    throw invalid(operation, path, error.reason, error)
  }
}

/** The properties beside the addresses that a tuple of this protocol must have. */
function keysOf(protocol: ConntrackProtocol): readonly ('sport' | 'dport' | 'type' | 'code' | 'id')[] {
  if (withPorts.has(protocol)) return withPortsKeys
  return protocol === 'icmp' || protocol === 'icmpv6' ? icmpKeys : []
}

/** An integer from 0 to `most`. */
export function checkInteger(operation: string, path: string, value: unknown, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return
  throw invalid(operation, path, `must be an integer 0..${most}, got ${show(value)}`)
}

export const mostOf = { sport: 0xffff, dport: 0xffff, type: 0xff, code: 0xff, id: 0xffff } as const

/** Everything about a tuple that can be checked here; returns its family. */
export function checkTuple(
  operation: string,
  path: string,
  tuple: ConntrackTuple,
  protocol: ConntrackProtocol,
): IpFamily {
  checkObject(operation, path, tuple)
  const src = checkAddress(operation, `${path}.src`, tuple.src)
  const dst = checkAddress(operation, `${path}.dst`, tuple.dst)
  const family = familyOf(src)
  if (familyOf(dst) !== family)
    throw invalid(operation, `${path}.dst`, `must be of family ${family} as src is, got '${tuple.dst}'`)
  for (const key of keysOf(protocol)) {
    if (tuple[key] === undefined) throw invalid(operation, `${path}.${key}`, `is missing: ${protocol} has it`)
    checkInteger(operation, `${path}.${key}`, tuple[key], mostOf[key])
  }
  if (tuple.zone !== undefined) checkInteger(operation, `${path}.zone`, tuple.zone, 0xffff)
  return family
}

/** Plain assignments in one order: objects of one shape. */
export function toTuple({ ip = {}, proto = {}, zone }: Tuple): ConntrackTuple {
  const tuple: ConntrackTuple = { src: ip.v4Src ?? ip.v6Src ?? '', dst: ip.v4Dst ?? ip.v6Dst ?? '' }
  const type = proto.icmpType ?? proto.icmpv6Type
  if (proto.srcPort !== undefined) tuple.sport = proto.srcPort
  if (proto.dstPort !== undefined) tuple.dport = proto.dstPort
  if (type !== undefined) {
    tuple.type = type
    tuple.code = proto.icmpCode ?? proto.icmpv6Code
    tuple.id = proto.icmpId ?? proto.icmpv6Id
  }
  if (zone !== undefined) tuple.zone = zone
  return tuple
}

/** The attributes of what is given: all of a tuple, or the parts of a filter. */
export function fromTuple(
  { src, dst, sport, dport, type, code, id, zone }: Partial<ConntrackTuple>,
  protocol: ConntrackProtocol | undefined,
  family: IpFamily,
): TupleInput {
  const ip = family === 'inet' ? { v4Src: src, v4Dst: dst } : { v6Src: src, v6Dst: dst }
  const ports = { srcPort: sport, dstPort: dport }
  const echo =
    protocol === 'icmpv6'
      ? { icmpv6Type: type, icmpv6Code: code, icmpv6Id: id }
      : { icmpType: type, icmpCode: code, icmpId: id }
  return {
    ...((src !== undefined || dst !== undefined) && { ip }),
    ...(protocol !== undefined && {
      proto: { num: protocol, ...(type === undefined && code === undefined && id === undefined ? ports : echo) },
    }),
    ...(zone !== undefined && { zone }),
  }
}

/** Requests and their answers (icmp.c and icmpv6.c of nf_conntrack). */
const answers: Record<'icmp' | 'icmpv6', readonly (readonly [number, number])[]> = {
  icmp: [
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
  ],
  icmpv6: [
    [128, 129],
    [139, 140],
  ],
}

/** The direction of replies where no address is translated. Throws where an ICMP type has no answer. */
export function inverse(
  operation: string,
  path: string,
  { src, dst, sport, dport, type, code, id }: ConntrackTuple,
  protocol: ConntrackProtocol,
): ConntrackTuple {
  if (protocol !== 'icmp' && protocol !== 'icmpv6') return { src: dst, dst: src, sport: dport, dport: sport }
  const pair = answers[protocol].find(([ask, answer]) => ask === type || answer === type)
  if (pair === undefined)
    throw invalid(operation, `${path}.type`, `${type} of ${protocol} has no answer that conntrack knows`)
  return { src: dst, dst: src, type: pair[0] === type ? pair[1] : pair[0], code, id }
}
