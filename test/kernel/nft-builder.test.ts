/** The rule builder beside nft: the same rules in both languages, in every family, give the same JSON, the same ruleset, and text that nft reads. */
import { describe, expect, test } from 'vitest'
import { Namespace } from '../../src/index.ts'
import type { Statement } from '../../src/nft/ast.ts'
import { type Chain, chains } from './nft-rules.ts'

interface Listed {
  rule?: { handle: number; expr: unknown[] }
}

async function nft(ns: Namespace, args: string[], input = ''): Promise<string> {
  // Names of services, users and groups are those of the machine: numbers are compared.
  const { stdout } = await ns.exec('nft', args, { input, sysfs: false })
  return stdout
}

const textOf = ({ family, base, before = '', rules }: Chain): string =>
  `table ${family} t {${before}\nchain c {\n${base}\n${rules.map(([text]) => text).join('\n')}\n}\n}\n`

/** nft prints the family of an address in tables of both only; and what it has no JSON for as text. */
function asPrinted(rule: readonly Statement[], family: string, listed: unknown[] | undefined): unknown[] {
  return rule.map((statement, i) => {
    if (typeof listed?.[i] === 'string') return listed[i]
    if (!('tproxy' in statement) || family === 'inet') return statement
    const { family: _, ...rest } = statement.tproxy
    return { tproxy: rest }
  })
}

/** Elements in an order of our own: nft's is that of the kernel's hash table now and then. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, part]): [string, unknown] => {
    const inner = sorted(part)
    if (key !== 'set' || !Array.isArray(inner)) return [key, inner]
    return [key, inner.map((each) => JSON.stringify(each)).sort()]
  })
  return Object.fromEntries(entries)
}

async function rulesOf(ns: Namespace): Promise<unknown[][]> {
  const { nftables } = JSON.parse(await nft(ns, ['-j', 'list', 'ruleset'])) as { nftables: Listed[] }
  return nftables.flatMap(({ rule }) => (rule ? [rule.expr] : []))
}

describe.each(chains.map((chain) => [`${chain.family}: ${chain.base}`, chain] as const))('%s', (_, chain) => {
  test('the builder makes what nft -j prints', async () => {
    await using ns = await Namespace.create()
    await nft(ns, ['-f', '-'], textOf(chain))
    const listed = await rulesOf(ns)
    expect(listed).toHaveLength(chain.rules.length)
    const ours = chain.rules.map(([text, rule], i) => [text, sorted(asPrinted(rule, chain.family, listed[i]))])
    expect(ours).toEqual(listed.map((expr, i) => [chain.rules[i]?.[0], sorted(expr)]))
  })
})
