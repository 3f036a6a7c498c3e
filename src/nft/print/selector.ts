/** Selectors in nft's syntax: `ip saddr`, `meta mark`, `@nh,96,32`, `fib daddr . iif type`. */

import type { Exthdr, Fib, Ipsec, Jhash, Osf, PayloadField, PayloadRaw, Rt, Selector, TcpOption } from '../ast.ts'
import { printExpr } from './expression.ts'

/** Meta keys that stand without `meta`. */
const unqualified: ReadonlySet<string> = new Set(['iif', 'oif', 'iifname', 'oifname', 'iifgroup', 'oifgroup'])

/** Fields that nft prints in words which it does not read. */
const unreadable: ReadonlyMap<string, string> = new Map([['parameter-problem', 'param-problem']])

const word = (text: string): string => text.replace(/[^\w.\-[\]]/g, '_')

const optional = (text: string | undefined): string | undefined => text && word(text)

/** `saddr ether`, `ip saddr`: keys and fields of two words. */
const phrase = (text: string): string => text.split(' ', 2).map(word).join(' ')

export function printSelector(expr: Selector): string {
  if ('payload' in expr) return payload(expr)
  if ('meta' in expr) return unqualified.has(expr.meta.key) ? expr.meta.key : `meta ${word(expr.meta.key)}`
  if ('ct' in expr) return words('ct', expr.ct.dir, expr.ct.family, phrase(expr.ct.key))
  if ('exthdr' in expr) return exthdr(expr)
  if ('tcp option' in expr) return tcpOption(expr)
  if ('ip option' in expr) return words('ip option', word(expr['ip option'].name), optional(expr['ip option'].field))
  if ('sctp chunk' in expr)
    return words('sctp chunk', word(expr['sctp chunk'].name), optional(expr['sctp chunk'].field))
  if ('rt' in expr) return rt(expr)
  if ('fib' in expr) return fib(expr)
  if ('numgen' in expr) return `numgen ${word(expr.numgen.mode)} mod ${expr.numgen.mod}${offset(expr.numgen.offset)}`
  if ('jhash' in expr) return jhash(expr)
  if ('symhash' in expr) return `symhash mod ${expr.symhash.mod}${offset(expr.symhash.offset)}`
  if ('socket' in expr) {
    const level = expr.socket.key === 'cgroupv2' ? `level ${expr.socket.level ?? 1}` : undefined
    return words('socket', expr.socket.key, level)
  }
  if ('osf' in expr) return osf(expr)
  if ('ipsec' in expr) return ipsec(expr)
  return `tunnel ${word(expr.tunnel.key)}`
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ')
}

function offset(value: number | undefined): string {
  return value === undefined || value === 0 ? '' : ` offset ${value}`
}

function payload({ payload }: PayloadField | PayloadRaw): string {
  if ('field' in payload) return `${word(payload.protocol)} ${unreadable.get(payload.field) ?? phrase(payload.field)}`
  return `@${word(payload.base)},${payload.offset},${payload.len}`
}

/** Without a field it is the header's presence. */
function exthdr({ exthdr: { name, field } }: Exthdr): string {
  return field === undefined ? `exthdr ${word(name)}` : `${word(name)} ${word(field)}`
}

function tcpOption({ 'tcp option': option }: TcpOption): string {
  if ('name' in option) return words('tcp option', word(option.name), optional(option.field))
  return `tcp option @${option.base},${option.offset},${option.len}`
}

function rt({ rt: { key, family } }: Rt): string {
  return words('rt', family, word(key))
}

function fib({ fib: { flags, result } }: Fib): string {
  const list = Array.isArray(flags) ? flags : [flags]
  return `fib ${list.map(word).join(' . ')} ${word(result)}`
}

function jhash({ jhash: { expr, mod, seed, offset: from } }: Jhash): string {
  const seeded = seed === undefined ? '' : ` seed 0x${seed.toString(16)}`
  return `jhash ${printExpr(expr)} mod ${mod}${seeded}${offset(from)}`
}

function osf({ osf: { key, ttl } }: Osf): string {
  return words('osf', ttl && `ttl ${word(ttl)}`, word(key))
}

function ipsec({ ipsec: { dir, spnum, family, key } }: Ipsec): string {
  return words('ipsec', word(dir), spnum ? `spnum ${spnum}` : undefined, family, word(key))
}
