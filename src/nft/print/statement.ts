/** Statements in nft's syntax, one line each; nat.ts has those that rewrite or send packets elsewhere, match.ts the comparisons. */

import type {
  Expr,
  LogStatement,
  MapExpr,
  NftFamily,
  QueueStatement,
  RejectStatement,
  Statement,
  SynproxyStatement,
} from '../ast.ts'
import { string } from '../datatypes/index.ts'
import { printExpr, printMappings, printVerdict } from './expression.ts'
import { printMatch, printPresence } from './match.ts'
import { printDup, printFwd, printNat, printTproxy } from './nat.ts'
import { printCounter, printCtCount, printLast, printLimit, printQuota } from './stateful.ts'
import { isObject, typesOf } from './types.ts'
import { name, quote } from './value.ts'

export interface PrintContext {
  /** Of the table: decides what nft takes for granted (`reject`) */
  readonly family?: NftFamily
  /** The rules of a chain that has no name of its own: `jump { ... }` */
  readonly bound?: (chain: string) => readonly string[] | undefined
}

/** nft's own words for protocols mean something else behind `set`, so they are quoted there. */
function isProtocol(key: Expr): boolean {
  return isObject(key) && 'payload' in key && 'field' in key.payload && /^(protocol|nexthdr)$/.test(key.payload.field)
}

type KeyOf<T> = T extends unknown ? keyof T : never
type StatementKey = KeyOf<Statement>
type ValueOf<K extends StatementKey> = Extract<Statement, Record<K, unknown>>[K &
  keyof Extract<Statement, Record<K, unknown>>]

/** What a value is that refers to an object: its name, or a map to names. */
function object(expr: Expr | object): string {
  return printExpr(expr as Expr, [string]) // a map's JSON
}

function isMap(value: object): value is MapExpr {
  return 'map' in value
}

const list = (words: string | readonly string[] | undefined): readonly string[] =>
  words === undefined ? [] : typeof words === 'string' ? [words] : words

const verdict = (key: string) => (value: unknown) => printVerdict({ [key]: value } as never) ?? key

const printers: { readonly [K in StatementKey]: (value: ValueOf<K>, context: PrintContext) => string } = {
  accept: verdict('accept'),
  drop: verdict('drop'),
  continue: verdict('continue'),
  return: verdict('return'),
  jump: ({ target }, context) => `jump ${destination(target, context)}`,
  goto: ({ target }, context) => `goto ${destination(target, context)}`,
  match: printMatch,
  vmap: ({ key, data }) => `${printExpr(key)} vmap ${printMappings(data, typesOf(key), [])}`,
  mangle: ({ key, value }) => `${printExpr(key)} set ${printExpr(value, isProtocol(key) ? [string] : typesOf(key))}`,
  counter: (value) => {
    if (value === null) return 'counter'
    if (typeof value === 'string' || isMap(value)) return `counter name ${object(value)}`
    return `counter ${printCounter(value)}`
  },
  quota: (value) =>
    typeof value === 'string' || isMap(value) ? `quota name ${object(value)}` : `quota ${printQuota(value)}`,
  limit: (value) =>
    typeof value === 'string' || isMap(value) ? `limit name ${object(value)}` : `limit ${printLimit(value)}`,
  'ct count': (value) => `ct ${printCtCount(value)}`,
  last: printLast,
  'ct helper': (value) => `ct helper set ${object(value)}`,
  'ct timeout': (value) => `ct timeout set ${object(value)}`,
  'ct expectation': (value) => `ct expectation set ${object(value)}`,
  secmark: (value) => `meta secmark set ${object(value)}`,
  synproxy,
  log,
  reject,
  queue,
  set: ({ op, elem, set, stmt }) => {
    const stateful = (stmt ?? []).map((statement) => ` ${stateless(statement)}`).join('')
    return `${op} ${reference(set)} { ${printExpr(elem)}${stateful} }`
  },
  map: ({ op, elem, data, map, stmt }) => {
    const stateful = (stmt ?? []).map((statement) => ` ${stateless(statement)}`).join('')
    return `${op} ${reference(map)} { ${printExpr(elem)}${stateful} : ${printExpr(data)} }`
  },
  meter: ({ name: meter, key, stmt, size }) => {
    const room = size === undefined ? '' : `size ${size} `
    return `meter ${name(meter)} ${room}{ ${printExpr(key)} ${stateless(stmt)} }`
  },
  flow: ({ op, flowtable }) => `flow ${op} ${reference(flowtable)}`,
  notrack: () => 'notrack',
  reset: (value) => `reset ${printPresence(value)}`,
  snat: (value) => `snat${printNat(value)}`,
  dnat: (value) => `dnat${printNat(value)}`,
  masquerade: (value) => `masquerade${printNat(value ?? {})}`,
  redirect: (value) => `redirect${printNat(value ?? {})}`,
  dup: printDup,
  fwd: printFwd,
  tproxy: printTproxy,
  xt: (value) => (value === null ? 'unknown expression' : `xt ${value.type} ${name(value.name)}`),
}

/** One statement. */
export function printStatement(statement: Statement, context: PrintContext = {}): string {
  const [key] = Object.keys(statement)
  if (key === undefined || !Object.hasOwn(printers, key)) throw new Error(`printing a rule: unknown statement '${key}'`)
  const print = printers[key as StatementKey] as (value: unknown, context: PrintContext) => string // the value is the key's
  return print((statement as Record<string, unknown>)[key], context)
}

/** A chain, or its rules. */
function destination(chain: string, { bound }: PrintContext): string {
  const rules = bound?.(chain)
  return rules === undefined ? name(chain) : `{\n${rules.map((rule) => `\t\t\t${rule}\n`).join('')}\t\t}`
}

/** As in the declaration of a set, and in what adds to one: what a statement does, not what it has counted. */
export function stateless(statement: Statement): string {
  if ('counter' in statement && typeof statement.counter === 'object') return 'counter'
  if ('last' in statement) return 'last'
  if ('quota' in statement && typeof statement.quota === 'object') {
    const { used: _, used_unit: __, ...quota } = statement.quota
    return `quota ${printQuota(quota)}`
  }
  return printStatement(statement)
}

/** `@name`, which nft's JSON has with the sign already */
function reference(set: string): string {
  return `@${name(set.startsWith('@') ? set.slice(1) : set)}`
}

function log(value: LogStatement['log']): string {
  if (value === null) return 'log'
  let text = 'log'
  if (value.prefix !== undefined) text += ` prefix ${quote(value.prefix)}`
  if (value.group !== undefined) text += ` group ${value.group}`
  if (value.snaplen !== undefined) text += ` snaplen ${value.snaplen}`
  if (value['queue-threshold'] !== undefined) text += ` queue-threshold ${value['queue-threshold']}`
  if (value.level !== undefined) text += ` level ${value.level}`
  const flags = list(value.flags)
  const tcp = flags.filter((flag) => flag.startsWith('tcp ')).map((flag) => flag.slice(4))
  if (tcp.length > 0) text += ` flags tcp ${tcp.join(',')}`
  for (const flag of flags) if (!flag.startsWith('tcp ')) text += ` flags ${flag}`
  return text
}

const anywhere: ReadonlySet<string | undefined> = new Set(['inet', 'bridge', 'netdev'])

/** `reject` alone is "port unreachable", in the words of the table's family. */
function reject(value: RejectStatement['reject'], { family }: PrintContext): string {
  if (value === null || value.type === undefined) return 'reject'
  if (value.type === 'tcp reset') return 'reject with tcp reset'
  const granted = { icmpx: anywhere.has(family), icmp: family === 'ip', icmpv6: family === 'ip6' }[value.type]
  if (value.expr === undefined || (value.expr === 'port-unreachable' && granted)) return 'reject'
  return `reject with ${value.type} ${printExpr(value.expr)}`
}

function queue(value: QueueStatement['queue']): string {
  const flags = list(value?.flags)
  const flagged = flags.length === 0 ? '' : ` flags ${flags.join(',')}`
  return `queue${flagged} to ${value?.num === undefined ? '0' : printExpr(value.num)}`
}

function synproxy(value: SynproxyStatement['synproxy']): string {
  if (typeof value === 'string' || (value !== null && isMap(value))) return `synproxy name ${object(value)}`
  let text = 'synproxy'
  if (value?.mss !== undefined) text += ` mss ${value.mss}`
  if (value?.wscale !== undefined) text += ` wscale ${value.wscale}`
  return [text, ...list(value?.flags)].join(' ')
}
