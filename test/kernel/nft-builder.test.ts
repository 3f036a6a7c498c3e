/** The rule builder beside nft: the same rules in both languages, in every family, give the same JSON, the same ruleset, and text that nft reads. */
import { describe, expect, test } from 'vitest'
import { Namespace, type Netlink } from '../../src/index.ts'
import type { Statement } from '../../src/nft/ast.ts'
import { without } from './lab.ts'
import { type Chain, chains, tableText } from './nft-rules/index.ts'
import { sets } from './nft-sets.ts'

interface Listed {
  rule?: { chain: string; handle: number; expr: unknown[] }
}

async function nft(ns: Namespace, args: string[], input = ''): Promise<string> {
  // Names of services, users and groups are those of the machine: numbers are compared.
  const { stdout } = await ns.exec('nft', args, { input, sysfs: false })
  return stdout
}

type Built = readonly [text: string, rule: readonly Statement[]]

interface BuiltChain extends Chain {
  readonly rules: readonly Built[]
}

/** Chains with their rules that are there in both languages. */
const built = chains.flatMap((chain): BuiltChain[] => {
  const rules = chain.rules.flatMap((row): Built[] => (typeof row === 'string' ? [] : [row]))
  return rules.length === 0 ? [] : [{ ...chain, rules }]
})

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
  return nftables.flatMap(({ rule }) => (rule?.chain === 'c' ? [rule.expr] : []))
}

/** `nft -j list ruleset` without what two equal rulesets differ in. */
async function ruleset(ns: Namespace): Promise<unknown[]> {
  return comparable(JSON.parse(await nft(ns, ['-j', 'list', 'ruleset'])))
}

function comparable({ nftables }: { nftables: readonly object[] }): unknown[] {
  return nftables.filter((each) => !('metainfo' in each)).map((each) => sorted(without(each, new Set(['handle']))))
}

/** Rules as our own listing has them: nft 1.0.6 has no JSON for statements that fill maps (and tells less of sets and chains). */
async function listedByUs(nl: Netlink, expected: readonly unknown[]): Promise<unknown[]> {
  const ours = comparable((await nl.nft.list()).toJSON())
  return ours.map((each, i) => {
    const theirs = expected[i]
    return JSON.stringify(each).startsWith('{"rule"') && !/"(add|update) @/.test(JSON.stringify(theirs)) ? each : theirs
  })
}

describe.each(built.map((chain) => [`${chain.family}: ${chain.base}`, chain] as const))('%s', (_, chain) => {
  const { family, rules } = chain
  test('the builder makes what nft -j prints', async () => {
    await using ns = await Namespace.create()
    await nft(ns, ['-f', '-'], tableText(chain))
    const listed = await rulesOf(ns)
    expect(listed).toHaveLength(rules.length)
    const ours = rules.map(([text, rule], i) => [text, sorted(asPrinted(rule, family, listed[i]))])
    expect(ours).toEqual(listed.map((expr, i) => [rules[i]?.[0], sorted(expr)]))
  })

  test('loads as the same ruleset, whose text nft reads back', async () => {
    await using theirs = await Namespace.create()
    await using ours = await Namespace.create()
    await nft(theirs, ['-f', '-'], tableText(chain))
    await nft(ours, ['-f', '-'], tableText({ ...chain, rules: [] }))
    await using nl = await ours.netlink()
    await nl.nft.batch((b) => {
      for (const [, rule] of rules) b.rule.add({ family, table: 't', chain: 'c', rule })
    })
    const expected = await ruleset(theirs)
    expect(await ruleset(ours)).toEqual(expected)
    expect(await listedByUs(nl, expected)).toEqual(expected)

    await using again = await Namespace.create()
    await nft(again, ['-f', '-'], String(await nl.nft.list()))
    expect(await ruleset(again)).toEqual(expected)
  })
})

test('sets and maps', async () => {
  await using theirs = await Namespace.create()
  await using ours = await Namespace.create()
  const table = (body: string) => `table inet t {\ncounter cnt {\n}\nchain o {\n}\n${body}}\n`
  const named = sets.map(([text, set], i) => ({
    text,
    set: { ...set, family: 'inet', table: 't', name: `s${i}` } as const,
  }))
  const texts = named.map(
    ({ text, set }) => `${set.map ? 'map' : 'set'} ${set.name} {\n${text.replaceAll('; ', '\n')}\n}\n`,
  )
  await nft(theirs, ['-f', '-'], table(texts.join('')))
  await nft(ours, ['-f', '-'], table(''))
  await using nl = await ours.netlink()
  await nl.nft.batch((b) => {
    for (const { set } of named) b.set.add(set)
  })
  const expected = await ruleset(theirs)
  expect(await ruleset(ours)).toEqual(expected)

  await using again = await Namespace.create()
  await nft(again, ['-f', '-'], String(await nl.nft.list()))
  expect(await ruleset(again)).toEqual(expected)
})
