/** Expressions that do something, as statements; mangle.ts has those that rewrite packets, nat.ts those that send them elsewhere. */

import type { KnownExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import type { NftLog } from '../../../protocol/netfilter/nftables/expressions/log.ts'
import type { NftObjref } from '../../../protocol/netfilter/nftables/expressions/objref.ts'
import type { NftQueue } from '../../../protocol/netfilter/nftables/expressions/queue.ts'
import type { NftReject } from '../../../protocol/netfilter/nftables/expressions/reject.ts'
import type { NftSynproxy } from '../../../protocol/netfilter/nftables/expressions/synproxy.ts'
import type { Expr, Statement, Verdict } from '../ast.ts'
import { hostInteger, icmp_code, icmpv6_code, icmpx_code } from '../datatypes/index.ts'
import { objectKind } from '../object-kinds.ts'
import { dynset } from './dynset.ts'
import { mangleCt, mangleMeta, manglePayload, optionStatement } from './mangle.ts'
import { dup, fwd, nat, portsOnly, tproxy } from './nat.ts'
import { Untold } from './node.ts'
import type { Reading } from './reading.ts'
import { keyWithParts, valueAs } from './resolve.ts'
import { statefulStatement } from './stateful.ts'

/** The statement that an expression is; undefined where it is none. */
export function statementOf(reading: Reading, expression: KnownExpression): Statement | undefined {
  const stateful = statefulStatement(expression)
  if (stateful !== undefined) return stateful
  switch (expression.name) {
    case 'immediate':
      return verdict(expression.data.data?.verdict)
    case 'payload':
      return manglePayload(reading, expression.data)
    case 'exthdr':
      return optionStatement(reading, expression.data)
    case 'meta':
      return mangleMeta(reading, expression.data)
    case 'ct':
      return mangleCt(reading, expression.data)
    case 'log':
      return { log: log(expression.data) }
    case 'reject':
      return { reject: reject(reading, expression.data) }
    case 'queue':
      return { queue: queue(reading, expression.data) }
    case 'objref':
      return objref(reading, expression.data)
    case 'dynset':
      return dynset(reading, expression.data)
    case 'nat':
      return nat(reading, expression.data)
    case 'masq':
      return { masquerade: portsOnly(reading, expression.data) }
    case 'redir':
      return { redirect: portsOnly(reading, expression.data) }
    case 'dup':
      return dup(reading, expression.data)
    case 'fwd':
      return fwd(reading, expression.data)
    case 'tproxy':
      return tproxy(reading, expression.data)
    case 'synproxy':
      return { synproxy: synproxy(expression.data) }
    case 'notrack':
      return { notrack: null }
    case 'flow_offload':
      return { flow: { op: 'add', flowtable: `@${expression.data.tableName}` } }
    case 'match':
      return { xt: { type: 'match', name: expression.data.name ?? '' } }
    case 'target':
      return {
        xt: {
          type: reading.family === 'bridge' && expression.data.name === 'log' ? 'watcher' : 'target',
          name: expression.data.name ?? '',
        },
      }
    default:
      return undefined
  }
}

const verdicts = ['accept', 'drop', 'continue', 'return'] as const

function verdict(given: { code?: string | number; chain?: string } | undefined): Verdict | undefined {
  if (given === undefined) return undefined
  const { code, chain = '' } = given
  if (code === 'jump') return { jump: { target: chain } }
  if (code === 'goto') return { goto: { target: chain } }
  const found = verdicts.find((one) => one === code)
  if (found === undefined) throw new Untold(`verdict ${code}`)
  return { [found]: null } as unknown as Verdict // with one of these keys
}

/** Several words as a list, one alone. */
function oneOrMore(words: readonly (string | number)[]): string | string[] | undefined {
  const [only] = words
  return words.length > 1 ? words.map(String) : only === undefined ? undefined : String(only)
}

const logFlags: Readonly<Record<string, string>> = {
  tcpseq: 'tcp sequence',
  tcpopt: 'tcp options',
  ipopt: 'ip options',
  uid: 'skuid',
  macdecode: 'ether',
}
const levels: Readonly<Record<string, string>> = { warning: 'warn' }

function log({
  prefix,
  group,
  snaplen,
  qthreshold,
  level,
  flags = [],
}: NftLog): Extract<Statement, { log: unknown }>['log'] {
  const words = Object.keys(logFlags).filter((flag) => flags.includes(flag as 'uid')) // its keys are flags
  const all = words.length === Object.keys(logFlags).length
  const shown = all ? 'all' : oneOrMore(words.map((flag) => logFlags[flag] ?? flag))
  const known = {
    ...(prefix !== undefined && { prefix }),
    ...(group !== undefined && { group }),
    ...(snaplen !== undefined && group !== undefined && { snaplen }),
    ...(qthreshold !== undefined && group !== undefined && { 'queue-threshold': qthreshold }),
    ...(level !== undefined && level !== 'warning' && { level: levels[level] ?? String(level) }),
    ...(shown !== undefined && { flags: shown }),
  }
  return Object.keys(known).length === 0 ? null : known
}

function reject(
  reading: Reading,
  { type, icmpCode = 0 }: NftReject,
): Extract<Statement, { reject: unknown }>['reject'] {
  const { protocols, family } = reading
  const code = Uint8Array.of(icmpCode)
  if (type === 'tcp_rst') {
    // a reset says TCP, and nothing of the network protocol, though nft thinks so in the other families
    if (family === 'ip' || family === 'ip6') protocols.impliedByExtension('transport_header', 'tcp')
    return { type: 'tcp reset' }
  }
  if (type === 'icmpx_unreach') return { type: 'icmpx', expr: reading.constant(code, { type: icmpx_code }) }
  const network = family === 'ip' || family === 'ip6' ? family : protocols.known('network_header')
  if (family !== 'ip' && family !== 'ip6') protocols.forget('network_header')
  if (network === 'ip6') return { type: 'icmpv6', expr: reading.constant(code, { type: icmpv6_code }) }
  if (network === 'ip') return { type: 'icmp', expr: reading.constant(code, { type: icmp_code }) }
  throw new Untold('reject')
}

function queue(
  reading: Reading,
  { num = 0, total = 1, flags = [], sregQnum }: NftQueue,
): Extract<Statement, { queue: unknown }>['queue'] {
  const last = num + total - 1
  const direct: Expr = last > num ? { range: [num, last] } : num
  const words = oneOrMore(flags.map((flag) => (flag === 'cpu_fanout' ? 'fanout' : flag)))
  const to = sregQnum === undefined ? direct : valueAs(reading, reading.registers.take(sregQnum), { type: hostInteger })
  return { num: to, ...(words !== undefined && { flags: words }) }
}

/** An object by its name, or by a map's. */
function objref(reading: Reading, { immType, immName, setSreg, setName }: NftObjref): Statement {
  if (immName !== undefined) {
    const word = objectKind(immType)
    if (word === undefined) throw new Untold(`object ${immType}`)
    return { [word]: immName } as unknown as Statement // the kinds of objects are statements
  }
  const { definition } = reading.set(setName)
  const { data } = definition
  if (data === undefined || data === 'verdict' || Array.isArray(data) || !('object' in data)) throw new Untold('objref')
  const bytes = definition.key.reduce((sum, { bits }) => sum + Math.ceil(bits / 32) * 4, 0)
  const node = reading.registers.takeBytes(
    setSreg,
    definition.key.length === 1 ? Math.ceil((definition.key[0]?.bits ?? 0) / 8) : bytes,
  )
  const { expr, parts } = keyWithParts(reading, node)
  return { [data.object]: { map: { key: expr, data: reading.reference(setName, parts) } } } as unknown as Statement // the kinds of objects are statements
}

function synproxy({ mss, wscale, flags = [] }: NftSynproxy): Extract<Statement, { synproxy: unknown }>['synproxy'] {
  const words = (['timestamp', 'sack_perm'] as const)
    .filter((flag) => flags.includes(flag))
    .map((flag) => flag.replace('_', '-'))
  const known = {
    ...(flags.includes('mss') && mss !== undefined && { mss }),
    ...(flags.includes('wscale') && wscale !== undefined && { wscale }),
    ...(words.length > 0 && { flags: words }),
  }
  return Object.keys(known).length === 0 ? null : known
}
