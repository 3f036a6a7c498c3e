/** Chains and flowtables in nft's syntax: hooks, priorities by name, policies, devices. */

import type { NftFamily } from '../ast.ts'
import type { ChainJson, FlowtableJson } from '../ruleset-json.ts'
import { name, quote } from './value.ts'

/** A priority's name, and the hook it is for, where it is for one only. */
type Priorities = readonly (readonly [priority: number, name: string, hook?: string])[]

const filter: Priorities = [[0, 'filter']]
const internet: Priorities = [
  [-300, 'raw'],
  [-150, 'mangle'],
  [-100, 'dstnat', 'prerouting'],
  [0, 'filter'],
  [50, 'security'],
  [100, 'srcnat', 'postrouting'],
]
const priorities: Readonly<Record<NftFamily, Priorities>> = {
  ip: internet,
  ip6: internet,
  inet: internet,
  arp: filter,
  netdev: filter,
  bridge: [
    [-300, 'dstnat', 'prerouting'],
    [-200, 'filter'],
    [100, 'out', 'output'],
    [300, 'srcnat', 'postrouting'],
  ],
}

/** `filter`, `srcnat + 5`, `-450`: by name where the family and the hook have one at most 10 away. */
export function printPriority(family: NftFamily, hook: string, priority: number): string {
  const near = priorities[family].find(([at]) => Math.abs(priority - at) <= 10)
  if (near === undefined || (near[2] !== undefined && near[2] !== hook)) return String(priority)
  const away = priority - near[0]
  return away === 0 ? near[1] : `${near[1]} ${away > 0 ? '+' : '-'} ${Math.abs(away)}`
}

const list = (words: string | readonly string[] | undefined): readonly string[] =>
  words === undefined ? [] : typeof words === 'string' ? [words] : words

/** `type filter hook input priority filter; policy drop;`, undefined for a chain that no hook calls. */
function hook(chain: ChainJson): string | undefined {
  if (chain.type === undefined || chain.hook === undefined) return undefined
  const devices = list(chain.dev)
  const on =
    devices.length === 1
      ? ` device ${devices.map(quote)}`
      : devices.length > 1
        ? ` devices = { ${devices.map(quote).join(', ')} }`
        : ''
  const priority = printPriority(chain.family, chain.hook, chain.prio ?? 0)
  const policy = chain.policy === undefined ? '' : ` policy ${name(chain.policy)};`
  const offload = list(chain.flags).includes('offload') ? ' flags offload;' : ''
  return `type ${name(chain.type)} hook ${name(chain.hook)}${on} priority ${priority};${policy}${offload}`
}

/** A chain with its rules, already printed. */
export function printChain(chain: ChainJson, rules: readonly string[] = []): string[] {
  const lines = [`chain ${name(chain.name)} {`]
  if (chain.comment !== undefined) lines.push(`\tcomment ${quote(chain.comment)}`)
  const base = hook(chain)
  if (base !== undefined) lines.push(`\t${base}`)
  return [...lines, ...rules.map((rule) => `\t${rule}`), '}']
}

export function printFlowtable(flowtable: FlowtableJson): string[] {
  const { hook = 'ingress', prio = 0 } = flowtable
  const lines = [
    `flowtable ${name(flowtable.name)} {`,
    `\thook ${name(hook)} priority ${printPriority('netdev', hook, prio)}`,
  ]
  const devices = list(flowtable.dev)
  if (devices.length > 0) lines.push(`\tdevices = { ${devices.map(quote).join(', ')} }`)
  const flags = list(flowtable.flags)
  if (flags.includes('offload')) lines.push('\tflags offload')
  if (flags.includes('counter')) lines.push('\tcounter')
  return [...lines, '}']
}
