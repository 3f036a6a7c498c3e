/** The nft rules of a NAT rule, and the NAT rule of nft rules: `iptables-translate` for nl.nat, in both directions. */
import { show } from '../../protocol/wire/codec.ts'
import type { Expr, Statement } from '../nft/ast.ts'
import { ct, dnat, fib, ip, ip6, masquerade, meta, redirect, sctp, snat, tcp, udp } from '../nft/build/index.ts'
import { isAddress } from './define.ts'
import {
  type Definition,
  familyOf,
  type NatDefinition,
  type NatFamily,
  type NatPorts,
  type NatProtocol,
} from './rule.ts'

export type NatChain = 'prerouting' | 'output' | 'postrouting'
export interface ChainRule {
  readonly chain: NatChain
  readonly rule: readonly Statement[]
}

const headers = { ip, ip6 } as const
const transports = { tcp, udp, sctp } as const
const loopback = { ip: '127.0.0.0/8', ip6: '::1' } as const

const dport = (protocol: NatProtocol, ports: NatPorts): Statement => transports[protocol].dport(ports)
/** What no address in the rule says. */
const version = (family: NatFamily): Statement => meta.nfproto(family === 'ip' ? 'ipv4' : 'ipv6')

/** `hairpin` is the network that was found, where the definition leaves it open. */
export function toRules(definition: NatDefinition, hairpin?: string): ChainRule[] {
  const { kind } = definition
  if (kind === 'forward') return forwardRules(definition, hairpin)
  if (kind === 'redirect') return [redirectRule(definition)]
  const action = kind === 'snat' ? snat({ to: definition.to }) : masquerade()
  return [{ chain: 'postrouting', rule: [...sourceMatches(definition), action] }]
}

function sourceMatches(definition: Definition<'masquerade'> | Definition<'snat'>): Statement[] {
  const { source, except, out, outNot, family } = definition
  const { saddr, daddr } = headers[family ?? 'ip']
  const addressed = source !== undefined || except !== undefined
  return [
    ...(family !== undefined && !addressed ? [version(family)] : []),
    ...(source === undefined ? [] : [saddr(source)]),
    ...[except ?? []].flat().map((network) => daddr.not(network)),
    ...(out === undefined ? [] : [meta.oifname(out)]),
    ...(outNot === undefined ? [] : [meta.oifname.not(outNot)]),
  ]
}

function redirectRule({ protocol, port, to, in: device, on, family }: Definition<'redirect'>): ChainRule {
  const rule = [
    ...(device === undefined ? [] : [meta.iifname(device)]),
    ...(on === undefined ? [] : [headers[family ?? 'ip'].daddr(on)]),
    ...(on === undefined && family !== undefined ? [version(family)] : []),
    dport(protocol, port),
    redirect({ port: to }),
  ]
  return { chain: 'prerouting', rule }
}

/** '192.168.1.10:80' taken apart; the text is ours. */
export function splitTarget(to: string): { address: string; port?: number } {
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(to) ?? []
  const address = bracketed ?? plain ?? to
  return { address, ...(port !== undefined && { port: Number(port) }) }
}

function forwardRules(definition: Definition<'forward'>, found: string | undefined): ChainRule[] {
  const { protocol, port, on, to, localhost } = definition
  const { address, port: targetPort } = splitTarget(to)
  const family = familyOf(address)
  const { saddr, daddr } = headers[family]
  const local = [version(family), fib('daddr').type('local')]
  const own = on !== undefined && isAddress(on)
  const translate = [dport(protocol, port), dnat({ to })]
  const arrived = own ? [daddr(on)] : [...(on === undefined ? [] : [meta.iifname(on)]), ...local]
  // This host's own connections come by no device: to any of its addresses.
  const sent = own ? [daddr(on)] : [...local, daddr.not(loopback[family])]
  const toTarget = [daddr(address), dport(protocol, targetPort ?? port)]
  const hairpin = definition.hairpin === false ? undefined : (definition.hairpin ?? found)
  return [
    { chain: 'prerouting', rule: [...arrived, ...translate] },
    { chain: 'output', rule: [...sent, ...translate] },
    ...(localhost ? [{ chain: 'output', rule: [daddr(loopback[family]), ...translate] } as const] : []),
    // Where the target could answer the client directly, the client would not know the answer.
    ...(hairpin === undefined
      ? []
      : [{ chain: 'postrouting', rule: [saddr(hairpin), ...toTarget, ct.status('dnat'), masquerade()] } as const]),
    ...(localhost
      ? [
          {
            chain: 'postrouting',
            rule: [saddr(loopback[family]), ...toTarget, ct.status('dnat'), masquerade()],
          } as const,
        ]
      : []),
  ]
}

/** The facts of a rule that we made. */
interface Facts {
  saddr?: string
  daddr?: string
  notDaddr?: string[]
  iifname?: string
  oifname?: string
  notOifname?: string
  family?: NatFamily
  local?: true
  protocol?: NatProtocol
  ports?: NatPorts
  statement?: Statement
}

function text(expr: Expr): string {
  if (typeof expr !== 'object') return String(expr)
  if ('prefix' in expr) return `${text(expr.prefix.addr)}/${expr.prefix.len}`
  if ('range' in expr) return `${text(expr.range[0])}-${text(expr.range[1])}`
  throw new TypeError(`not of nl.nat: ${show(expr)}`)
}

function factsOf(rule: readonly Statement[]): Facts {
  const facts: Facts = {}
  for (const statement of rule) {
    if (!('match' in statement)) facts.statement = statement
    else note(facts, statement.match)
  }
  return facts
}

function note(facts: Facts, { left, op, right }: Extract<Statement, { match: unknown }>['match']): void {
  const not = op === '!='
  if (typeof left !== 'object') return
  if ('fib' in left) facts.local = true
  else if ('meta' in left) {
    const { key } = left.meta
    if (key === 'nfproto') facts.family = right === 'ipv4' ? 'ip' : 'ip6'
    else if (key === 'iifname') facts.iifname = text(right)
    else if (key === 'oifname') facts[not ? 'notOifname' : 'oifname'] = text(right)
  } else if ('payload' in left && 'field' in left.payload) {
    const { protocol, field } = left.payload
    if (field === 'dport') {
      facts.protocol = protocol as NatProtocol
      const ports = text(right)
      facts.ports = ports.includes('-') ? (ports as NatPorts) : Number(ports)
    } else {
      facts.family = protocol as NatFamily
      if (field === 'saddr') facts.saddr = text(right)
      else if (!not) facts.daddr = text(right)
      else facts.notDaddr = [...(facts.notDaddr ?? []), text(right)]
    }
  }
}

/** What rules of one name do together; undefined where they are not as nl.nat makes them. */
export function fromRules(rules: readonly ChainRule[]): NatDefinition | undefined {
  try {
    const all = rules.map(({ chain, rule }) => ({ chain, ...factsOf(rule) }))
    const first = all.find(({ chain }) => chain === 'prerouting') ?? all[0]
    const { statement } = first ?? {}
    if (!first || !statement) return undefined
    if ('dnat' in statement) return forwardOf(first, all)
    const { protocol, ports, iifname, daddr, family } = first
    if ('redirect' in statement && protocol !== undefined && ports !== undefined) {
      const to = Number(text(statement.redirect?.port ?? 0))
      const where = { ...(iifname !== undefined && { in: iifname }), ...(daddr !== undefined && { on: daddr }) }
      return { kind: 'redirect', protocol, port: ports, to, ...where, ...(family !== undefined && { family }) }
    }
    const sources = sourcesOf(first)
    if ('snat' in statement && statement.snat.addr !== undefined)
      return { kind: 'snat', ...sources, to: text(statement.snat.addr) }
    return 'masquerade' in statement ? { kind: 'masquerade', ...sources } : undefined
  } catch {
    // Somebody's own rule in our table.
    return undefined
  }
}

function sourcesOf({ saddr, notDaddr, oifname, notOifname, family }: Facts): Omit<Definition<'masquerade'>, 'kind'> {
  const except = notDaddr?.length === 1 ? notDaddr[0] : notDaddr
  return {
    ...(saddr !== undefined && { source: saddr }),
    ...(except !== undefined && { except }),
    ...(oifname !== undefined && { out: oifname }),
    ...(notOifname !== undefined && { outNot: notOifname }),
    ...(family !== undefined && { family }),
  }
}

function forwardOf(first: Facts, all: readonly (Facts & { chain: NatChain })[]): Definition<'forward'> | undefined {
  const { statement, protocol, ports, iifname, daddr } = first
  if (!statement || !('dnat' in statement) || statement.dnat.addr === undefined) return undefined
  if (protocol === undefined || ports === undefined) return undefined
  const address = text(statement.dnat.addr)
  const port = statement.dnat.port === undefined ? undefined : text(statement.dnat.port)
  const whole = address.includes(':') ? `[${address}]` : address
  const family = familyOf(address)
  const masqueraded = all.flatMap(({ chain, saddr }) => (chain === 'postrouting' && saddr ? [saddr] : []))
  const hairpin = masqueraded.find((network) => network !== loopback[family])
  const on = daddr ?? iifname
  return {
    kind: 'forward',
    protocol,
    port: ports,
    ...(on !== undefined && { on }),
    to: port === undefined ? address : `${whole}:${port}`,
    ...(masqueraded.includes(loopback[family]) && { localhost: true }),
    ...(hairpin !== undefined && { hairpin }),
  }
}
