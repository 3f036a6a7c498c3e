/** Chains and flowtables in nft's syntax: hooks, priorities by name, policies, devices. */

import { priorityWords } from '../hooks.ts'
import type { ChainJson, FlowtableJson } from '../ruleset-json.ts'
import { name, quote } from './value.ts'

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
  const priority = priorityWords(chain.family, chain.hook, chain.prio ?? 0)
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
    `\thook ${name(hook)} priority ${priorityWords('netdev', hook, prio)}`,
  ]
  const devices = list(flowtable.dev)
  if (devices.length > 0) lines.push(`\tdevices = { ${devices.map(quote).join(', ')} }`)
  const flags = list(flowtable.flags)
  if (flags.includes('offload')) lines.push('\tflags offload')
  if (flags.includes('counter')) lines.push('\tcounter')
  return [...lines, '}']
}
