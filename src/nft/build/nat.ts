/** Statements that change where a packet goes or comes from: dnat, snat, masquerade, redirect, tproxy, dup, fwd. */
import { parseIp } from '../../../protocol/wire/address.ts'
import { show } from '../../../protocol/wire/codec.ts'
import { invalid } from '../../error.ts'
import type {
  DnatStatement,
  DupStatement,
  Expr,
  FwdStatement,
  MapExpr,
  MasqueradeStatement,
  NatFlag,
  NatTarget,
  Range,
  RedirectStatement,
  SnatStatement,
  TproxyStatement,
} from '../ast.ts'
import type { Key, Keyed } from './reference.ts'
import { sourceExpr } from './statements.ts'

/** A port: a number, several as '1000-2000' or range(1000, 2000), or by a map. */
export type PortValue = number | `${number}-${number}` | Range | MapExpr | Keyed<Key>

export interface NatOptions {
  /**
   * '10.0.0.1', '10.0.0.1:80', '10.0.0.1:8000-8100', '[2001:db8::1]:80', '10.0.0.1-10.0.0.9', or a map: `tcp.dport.map({ 80: '10.0.0.1' })`. Values
   * of a map may have a port too: `{ 80: ['10.0.0.1', 8080] }`.
   */
  to?: string | MapExpr | undefined
  /** Where it is not in `to`. */
  port?: PortValue | undefined
  /** Of what a map gives, in tables of the inet family; an address says it itself. */
  family?: 'ip' | 'ip6' | undefined
  /** 'netmap': prefix to prefix, host part kept, `ip.daddr.map([['10.1.0.0/24', '10.2.0.0/24']])`. */
  flags?: readonly NatFlag[] | undefined
}

export interface PortOptions {
  /** Ports to choose from: `masquerade to :1024-2048`, `redirect to :8080`. */
  port?: PortValue | undefined
  flags?: readonly Exclude<NatFlag, 'netmap'>[] | undefined
}

/**
 * Destination NAT, in chains of hook prerouting and output: `dnat ip to 10.0.0.1:80`.
 *
 * @example [tcp.dport(5000), dnat({ to: '192.168.1.10:5000' })]
 */
export const dnat = (options: NatOptions): DnatStatement => ({ dnat: target(options, 'dnat') })

/**
 * Source NAT, in chains of hook postrouting and input: `snat ip to 192.0.2.1`.
 *
 * @example [ip.saddr('10.0.0.0/8'), meta.oifname('eth0'), snat({ to: '192.0.2.1' })]
 */
export const snat = (options: NatOptions): SnatStatement => ({ snat: target(options, 'snat') })

/**
 * Source NAT to the address of the device that the packet leaves by: `masquerade`. In chains of hook postrouting.
 *
 * @example [ip.saddr('192.168.1.0/24'), meta.oifname.not('br0'), masquerade()]
 */
export const masquerade = (options: PortOptions = {}): MasqueradeStatement => ({
  masquerade: ports(options, 'masquerade'),
})

/**
 * Destination NAT to this host: `redirect to :8080`. In chains of hook prerouting and output.
 *
 * @example [tcp.dport(80), redirect({ port: 8080 })]
 */
export const redirect = (options: PortOptions = {}): RedirectStatement => ({ redirect: ports(options, 'redirect') })

export interface TproxyOptions {
  /** The default is the address of the device that the packet came in by. */
  addr?: string | undefined
  port?: number | undefined
  /** In tables of the inet family, where there is no address. */
  family?: 'ip' | 'ip6' | undefined
}

/**
 * Hands the packet to a local socket without changing it: `tproxy ip to 127.0.0.1:50080`.
 *
 * @example [tcp.dport(80), tproxy({ addr: '127.0.0.1', port: 50080 }), accept()]
 */
export function tproxy({ addr, port, family }: TproxyOptions): TproxyStatement {
  if (addr === undefined && port === undefined) throw invalid('tproxy', 'port', 'is missing (or give addr)')
  const of = family ?? (addr === undefined ? undefined : familyOf(addr, 'tproxy', 'addr'))
  return {
    tproxy: {
      ...(of !== undefined && { family: of }),
      ...(addr !== undefined && { addr }),
      ...(port !== undefined && { port: sourceExpr(port, 'tproxy', 'port') }),
    },
  }
}

/** Sends a copy to another host: `dup to 10.0.0.2 device "eth1"`. In tables of families ip and ip6. */
export function dup({ to, dev }: { to: string | MapExpr; dev?: string | undefined }): DupStatement {
  const addr = sourceExpr(to, 'dup', 'to')
  return { dup: { addr, ...(dev !== undefined && { dev }) } }
}

/** The same in tables of family netdev: `dup to "eth1"`. */
export function dupTo(dev: string | MapExpr): DupStatement {
  return { dup: { addr: sourceExpr(dev, 'dupTo', 'dev') } }
}

/** Sends the packet out by another device, in tables of family netdev: `fwd to "eth1"`, `fwd ip to 10.0.0.2 device "eth1"`. */
export function fwd({ dev, to }: { dev: string | MapExpr; to?: string | undefined }): FwdStatement {
  const device = sourceExpr(dev, 'fwd', 'dev')
  if (to === undefined) return { fwd: { dev: device } }
  return { fwd: { dev: device, family: familyOf(to, 'fwd', 'to'), addr: to } }
}

function familyOf(address: string, operation: string, path: string): 'ip' | 'ip6' {
  const bytes = typeof address === 'string' ? parseIp(address) : undefined
  if (bytes) return bytes.length === 4 ? 'ip' : 'ip6'
  throw invalid(operation, path, `must be an IP address, got ${show(address)}`)
}

const flagsOf = (flags: readonly NatFlag[] | undefined): { flags?: NatFlag | NatFlag[] } =>
  flags === undefined || flags.length === 0 ? {} : { flags: flags.length === 1 ? (flags[0] as NatFlag) : [...flags] }

function ports({ port, flags }: PortOptions, operation: string): { port?: Expr; flags?: NatFlag | NatFlag[] } | null {
  if (port === undefined && (flags === undefined || flags.length === 0)) return null
  return { ...(port !== undefined && { port: portOf(port, operation, 'port') }), ...flagsOf(flags) }
}

function target({ to, port, family, flags }: NatOptions, operation: string): NatTarget {
  if (to === undefined && port === undefined) throw invalid(operation, 'to', 'is missing (or give port)')
  const split = typeof to === 'string' ? addressAndPort(to, operation) : undefined
  if (split?.port !== undefined && port !== undefined)
    throw invalid(operation, 'port', `is given in ${show(to)} already`)
  if (family !== undefined && split && split.family !== family)
    throw invalid(operation, 'family', `must be that of ${show(to)}, got ${show(family)}`)
  const of = family ?? split?.family
  const addr = split?.addr ?? (to === undefined ? undefined : sourceExpr(to, operation, 'to'))
  const translated = split?.port ?? (port === undefined ? undefined : portOf(port, operation, 'port'))
  // Pairs of prefixes: what nft calls `dnat ip prefix to`.
  const prefix = flags?.includes('netmap') === true
  return {
    ...(of !== undefined && { family: of }),
    ...(addr !== undefined && { addr }),
    ...(translated !== undefined && { port: translated }),
    ...flagsOf(flags),
    ...(prefix && { type_flags: 'prefix' }),
  }
}

function portOf(port: unknown, operation: string, path: string): Expr {
  const expr = sourceExpr(port, operation, path)
  for (const bound of typeof expr === 'object' && 'range' in expr ? expr.range : [expr]) {
    if (typeof bound === 'object') continue
    if (typeof bound !== 'number' || !Number.isInteger(bound) || bound < 0 || bound > 65535)
      throw invalid(operation, path, `must be a port 0..65535, or a range of them, got ${show(port)}`)
  }
  return expr
}

/** '10.0.0.1:80' taken apart; an IPv6 address with a port stands in brackets. */
function addressAndPort(to: string, operation: string): { addr: Expr; port?: Expr; family: 'ip' | 'ip6' } {
  // Two colons without brackets are an IPv6 address.
  const [, text = to, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(to) ?? /^([^:]*):([^:]*)$/.exec(to) ?? []
  const addr = sourceExpr(text, operation, 'to')
  const parts = typeof addr === 'object' && 'range' in addr ? addr.range : [addr]
  const prefix = typeof addr === 'object' && 'prefix' in addr ? [addr.prefix.addr] : parts
  const families = prefix.map((part) => (typeof part === 'string' ? parseIp(part)?.length : undefined))
  const [first, second = first] = families
  if (first === undefined || first !== second)
    throw invalid(
      operation,
      'to',
      `must be an address or a range of them, with ':port' behind or none, got ${show(to)}`,
    )
  return {
    addr,
    family: first === 4 ? 'ip' : 'ip6',
    ...(port !== undefined && { port: portOf(port, operation, 'to') }),
  }
}
