/** NFTA_OBJ_DATA of each kind of object, and back. */
import type { ObjectMessage, ObjectMessageInput } from '../../../protocol/netfilter/nftables/object.ts'
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import { checkInteger, familyOf, headerOf, inverted } from '../names.ts'
import type { NftObjectKind } from '../ruleset-json.ts'
import { byteUnits, inByteUnit, periodOf, periods } from '../units.ts'
import type { NftObjectInput } from './stateful-object.ts'
import { one } from './table-object.ts'

type Fields = Readonly<Record<string, unknown>>

/** nft's, of packets. */
const BURST = 5

/** The data of a message about this object. */
export function dataOf(object: NftObjectInput): NonNullable<ObjectMessageInput['data']> {
  switch (object.kind) {
    case 'counter': {
      const { packets = 0, bytes = 0 } = object
      return { bytes: count(bytes, 'bytes'), packets: count(packets, 'packets') }
    }
    case 'quota': {
      const { bytes, used = 0, inv } = object
      return { bytes: count(bytes, 'bytes'), flags: inverted(inv), consumed: count(used, 'used') }
    }
    case 'limit':
      return limit(object)
    case 'ct helper':
      return { name: text(object.type, 'type'), ...l3(object), l4proto: l4(object.protocol) }
    case 'ct timeout':
      return { ...l3(object), l4proto: l4(object.protocol), data: states(object.policy) }
    case 'ct expectation': {
      const { protocol, dport, timeout, size } = object
      return {
        ...l3(object),
        l4proto: l4(protocol),
        dport: checkInteger(dport, 0, 0xffff, 'dport'),
        timeout: checkInteger(timeout, 0, 0xffff_ffff, 'timeout'),
        size: checkInteger(size, 0, 0xff, 'size'),
      }
    }
    case 'synproxy':
      return synproxy(object)
    case 'secmark':
      return { ctx: text(object.context, 'context') }
  }
}

/** What of an object the data of a message is. */
export function toData(kind: NftObjectKind, given: ObjectMessage['data']): Fields {
  const data: Fields = isFields(given) ? given : {}
  switch (kind) {
    case 'counter':
      return { packets: number(data.packets), bytes: number(data.bytes) }
    case 'quota':
      return { bytes: number(data.bytes), used: number(data.consumed), inv: has(data.flags, 'inv') }
    case 'limit':
      return toLimit(data)
    case 'ct helper':
      return { type: data.name, protocol: data.l4proto, ...toL3(data) }
    case 'ct timeout':
      return { protocol: data.l4proto, ...toL3(data), policy: toStates(data.data) }
    case 'ct expectation':
      return { protocol: data.l4proto, dport: data.dport, timeout: data.timeout, size: data.size, ...toL3(data) }
    case 'synproxy':
      return toSynproxy(data)
    case 'secmark':
      return { context: data.ctx }
  }
}

function limit({
  rate,
  per = 'second',
  rate_unit,
  burst,
  burst_unit,
  inv,
}: Extract<NftObjectInput, { kind: 'limit' }>) {
  if (typeof per !== 'string' || !Object.hasOwn(periods, per))
    throw new EncodeError(`must be one of ${Object.keys(periods).join(', ')}, got ${show(per)}`, 'per')
  const size = unit(rate_unit, 'rate_unit')
  const burstSize = unit(burst_unit ?? rate_unit, 'burst_unit')
  const most = burst ?? (size === undefined ? BURST : 0)
  return {
    rate: count(rate, 'rate') * BigInt(size ?? 1),
    unit: BigInt(periods[per]),
    burst: checkInteger(checkInteger(most, 0, 0xffff_ffff, 'burst') * (burstSize ?? 1), 0, 0xffff_ffff, 'burst'),
    type: size === undefined ? ('pkts' as const) : ('pkt_bytes' as const),
    flags: inverted(inv),
  }
}

function unit(name: string | undefined, path: string): number | undefined {
  if (name === undefined || name === 'packets') return undefined
  if (!Object.hasOwn(byteUnits, name))
    throw new EncodeError(`must be one of packets, ${Object.keys(byteUnits).join(', ')}, got ${show(name)}`, path)
  return byteUnits[name as keyof typeof byteUnits]
}

function toLimit({ rate, unit, burst, type, flags }: Fields): Fields {
  const bytes = type === 'pkt_bytes'
  const [amount, rateUnit] = bytes ? inByteUnit(number(rate)) : [number(rate), undefined]
  const [most, burstUnit] = bytes ? inByteUnit(number(burst)) : [number(burst), undefined]
  return {
    rate: amount,
    per: periodOf(number(unit)),
    ...(rateUnit !== undefined && { rate_unit: rateUnit }),
    ...(has(flags, 'inv') && { inv: true }),
    ...(most > 0 && { burst: most, ...(burstUnit !== undefined && { burst_unit: burstUnit }) }),
  }
}

function l3({ family, l3proto }: { family?: string | undefined; l3proto?: string | undefined }) {
  const which = l3proto ?? family ?? 'ip'
  if (which !== 'ip' && which !== 'ip6' && which !== 'inet')
    throw new EncodeError(`must be ip, ip6 or inet, got ${show(which)}`, 'l3proto')
  return { l3proto: headerOf(which).family }
}

function toL3({ l3proto }: Fields): Fields {
  const family = familyOf({ family: l3proto })
  return family === undefined ? {} : { l3proto: family }
}

/** Names that the kernel has no constants of are refused when the message is written. */
function l4(protocol: unknown): number {
  return (
    typeof protocol === 'number' ? checkInteger(protocol, 0, 0xff, 'protocol') : text(protocol, 'protocol')
  ) as number
}

/** 'syn_sent' of nft is 'synSent' of the message. */
function states(policy: Readonly<Record<string, number>> | null): Record<string, number> {
  const list = Object.entries(policy ?? {})
  return Object.fromEntries(
    list.map(([state, seconds]) => [camel(state), checkInteger(seconds, 0, 0xffff_ffff, `policy.${state}`)]),
  )
}

const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function toStates(data: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(isFields(data) ? data : {}).map(([state, seconds]) => [snake(state), seconds]),
  )
}

/** Timeouts as nft knows them, which it does not print (timeout_protocol[] of nft; the kernel's own). */
const usual: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  tcp: {
    syn_sent: 120,
    syn_recv: 60,
    established: 432_000,
    fin_wait: 120,
    close_wait: 60,
    last_ack: 30,
    time_wait: 120,
    close: 10,
    syn_sent2: 120,
    retrans: 300,
    unack: 300,
  },
  udp: { unreplied: 30, replied: 120 },
}

/** What of a policy nft prints. */
export function unusual(protocol: unknown, policy: Readonly<Record<string, number>>): Record<string, number> {
  const known = usual[String(protocol)] ?? {}
  return Object.fromEntries(Object.entries(policy).filter(([state, seconds]) => known[state] !== seconds))
}

const synproxyFlags: Readonly<Record<string, 'timestamp' | 'sack_perm'>> = {
  timestamp: 'timestamp',
  'sack-perm': 'sack_perm',
}

function synproxy({ mss, wscale, flags = [] }: Extract<NftObjectInput, { kind: 'synproxy' }>) {
  const named = [flags].flat().map((flag, i) => {
    const known = synproxyFlags[flag]
    if (known === undefined) throw new EncodeError(`must be timestamp or sack-perm, got ${show(flag)}`, `flags[${i}]`)
    return known
  })
  return {
    ...(mss !== undefined && { mss: checkInteger(mss, 0, 0xffff, 'mss') }),
    ...(wscale !== undefined && { wscale: checkInteger(wscale, 0, 14, 'wscale') }),
    flags: [
      ...(mss === undefined ? [] : ['mss' as const]),
      ...(wscale === undefined ? [] : ['wscale' as const]),
      ...named,
    ],
  }
}

function toSynproxy({ mss, wscale, flags }: Fields): Fields {
  // In nft's order.
  const named = Object.entries(synproxyFlags).flatMap(([name, flag]) => (has(flags, flag) ? [name] : []))
  return {
    ...(has(flags, 'mss') && { mss }),
    ...(has(flags, 'wscale') && { wscale }),
    ...(named.length > 0 && { flags: one(named) }),
  }
}

function count(value: unknown, path: string): bigint {
  return BigInt(checkInteger(value, 0, Number.MAX_SAFE_INTEGER, path))
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw new EncodeError(`must be a name, got ${show(value)}`, path)
  return value
}

const number = (value: unknown): number => Number(value ?? 0)
const has = (flags: unknown, flag: string): boolean => Array.isArray(flags) && flags.includes(flag)
