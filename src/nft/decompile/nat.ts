/** Statements that rewrite or send packets elsewhere: nat, masquerade, redirect, tproxy, dup, fwd. */

import type { NftDup } from '../../../protocol/netfilter/nftables/expressions/dup.ts'
import type { NftFwd } from '../../../protocol/netfilter/nftables/expressions/fwd.ts'
import type { NftMasq } from '../../../protocol/netfilter/nftables/expressions/masq.ts'
import type { NftNat } from '../../../protocol/netfilter/nftables/expressions/nat.ts'
import type { NftTproxy } from '../../../protocol/netfilter/nftables/expressions/tproxy.ts'
import type { Expr, NatFlag, NatTarget, Statement } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { prefixOf } from '../datatypes/bits.ts'
import { iface_index, inet_service, ipv4_addr, ipv6_addr } from '../datatypes/index.ts'
import { type Node, Untold } from './node.ts'
import type { Reading } from './reading.ts'
import { valueAs } from './resolve.ts'

const addresses: Readonly<Record<string, { type: DataType; family: 'ip' | 'ip6' }>> = {
  ipv4: { type: ipv4_addr, family: 'ip' },
  ipv6: { type: ipv6_addr, family: 'ip6' },
}

const flagWords: Readonly<Record<string, NatFlag>> = {
  proto_random: 'random',
  proto_random_fully: 'fully-random',
  persistent: 'persistent',
  netmap: 'netmap',
}

function flagsOf(flags: readonly (string | number)[] = []): { flags?: NatFlag | NatFlag[] } {
  const words = Object.keys(flagWords).flatMap((flag) => (flags.includes(flag) ? (flagWords[flag] ?? []) : []))
  const [only] = words
  return words.length > 1 ? { flags: words } : only === undefined ? {} : { flags: only }
}

export function nat(reading: Reading, data: NftNat): Statement {
  const { type, regProtoMin, regProtoMax, flags } = data
  const { addr, family, whole } = target(reading, data)
  const port = whole ? undefined : portBetween(reading, regProtoMin, regProtoMax)
  const to: NatTarget = {
    ...(family !== undefined && (reading.family === 'inet' || whole) && { family }),
    ...(addr !== undefined && { addr }),
    ...(port !== undefined && { port }),
    ...flagsOf(flags),
    ...(flags?.includes('netmap') && { type_flags: 'prefix' }),
  }
  return type === 'dnat' ? { dnat: to } : { snat: to }
}

/** The address; `whole`: a map gives ranges or ports with it. */
function target(
  reading: Reading,
  { family, regAddrMin, regAddrMax }: NftNat,
): { addr?: Expr; family?: 'ip' | 'ip6'; whole: boolean } {
  const address = addresses[family ?? '']
  // in tables of the family inet, ports alone are of no family
  if (regAddrMin === undefined) return { whole: false, ...(address && { family: address.family }) }
  if (address === undefined) throw new Untold(`nat ${family}`)
  const first = reading.registers.take(regAddrMin)
  const map = first.kind === 'map' ? mapOf(reading, first.set, address.type) : undefined
  const addr = map?.interval ? valueAs(reading, first, address) : between(reading, regAddrMin, regAddrMax, address.type)
  return { addr, family: address.family, whole: map?.interval === true || map?.ports === true }
}

/** Whether a map's values are ranges, and whether they have ports. */
function mapOf(reading: Reading, name: string, type: DataType): { interval: boolean; ports: boolean } {
  const { definition } = reading.set(name)
  const data = Array.isArray(definition.data) ? definition.data : []
  return { interval: definition.dataInterval === true, ports: data.length > 1 && data[0]?.type.size === type.size }
}

/** One constant, or a range, which is told as a prefix where it is one. */
function between(reading: Reading, min: number | undefined, max: number | undefined, type: DataType): Expr {
  const from = reading.registers.take(min)
  const to = max === undefined || max === min ? undefined : reading.registers.take(max)
  if (to === undefined) return valueAs(reading, from, { type })
  const length = from.kind === 'value' && to.kind === 'value' ? prefixOf(from.bytes, to.bytes) : undefined
  if (length !== undefined && length < type.size)
    return { prefix: { addr: valueAs(reading, from, { type }), len: length } }
  return { range: [valueAs(reading, from, { type }), valueAs(reading, to, { type })] }
}

/** What a port is taken from keeps what was asked of the packet before. */
function portBetween(reading: Reading, min: number | undefined, max: number | undefined): Expr | undefined {
  if (min === undefined) return undefined
  reading.protocols.reset()
  const from = valueAs(reading, reading.registers.take(min), { type: inet_service })
  if (max === undefined || max === min) return from
  return { range: [from, valueAs(reading, reading.registers.take(max), { type: inet_service })] }
}

/** masquerade and redirect: the address is the interface's. */
export function portsOnly(
  reading: Reading,
  { regProtoMin, regProtoMax, flags }: NftMasq,
): { port?: Expr; flags?: NatFlag | NatFlag[] } | null {
  const port = portBetween(reading, regProtoMin, regProtoMax)
  const known = { ...(port !== undefined && { port }), ...flagsOf(flags) }
  return Object.keys(known).length === 0 ? null : known
}

export function tproxy(reading: Reading, { family, regAddr, regPort }: NftTproxy): Statement {
  const address = addresses[family ?? '']
  const addr =
    regAddr === undefined || address === undefined
      ? undefined
      : valueAs(reading, reading.registers.take(regAddr), address)
  const port = portBetween(reading, regPort, undefined)
  return {
    tproxy: {
      ...(reading.family === 'inet' && address !== undefined && { family: address.family }),
      ...(addr !== undefined && { addr }),
      ...(port !== undefined && { port }),
    },
  }
}

export function dup(reading: Reading, { sregAddr, sregDev }: NftDup): Statement {
  const type = reading.family === 'ip6' ? ipv6_addr : ipv4_addr
  const addr = sregAddr === undefined ? undefined : valueAs(reading, reading.registers.take(sregAddr), { type })
  const dev =
    sregDev === undefined ? undefined : valueAs(reading, reading.registers.take(sregDev), { type: iface_index })
  const to = addr ?? dev
  if (to === undefined) throw new Untold('dup')
  return { dup: { addr: to, ...(addr !== undefined && dev !== undefined && { dev }) } }
}

export function fwd(reading: Reading, { sregDev, sregAddr, nfproto }: NftFwd): Statement {
  const dev = valueAs(reading, reading.registers.take(sregDev), { type: iface_index })
  const address = addresses[nfproto ?? '']
  if (sregAddr === undefined || address === undefined) return { fwd: { dev } }
  const node: Node = reading.registers.take(sregAddr)
  return { fwd: { dev, family: address.family, addr: valueAs(reading, node, address) } }
}
