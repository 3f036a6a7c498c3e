/**
 * The compiler beside nft: rules that nft has loaded, compiled from its own JSON and loaded into another namespace, look the same to nft, and
 * are the same expressions in the kernel.
 */
import { expect, test } from 'vitest'
import { NFT_MSG_GETRULE } from '../../protocol/netfilter/nftables/operations.ts'
import type { RuleMessage } from '../../protocol/netfilter/nftables/rule.ts'
import { Namespace, type Netlink } from '../../src/index.ts'
import type { Statement } from '../../src/nft/ast.ts'
import type { NftJson } from '../../src/nft/ruleset-json.ts'
import { listed, load, steady } from './nft-list.ts'
import { chains, type Row, tableText, textOf } from './nft-rules/index.ts'

/** Rules of which nft's listing does not tell all, so that other expressions come of it: what is said twice is listed once. */
const otherwise: ReadonlySet<string> = new Set([
  'meta l4proto tcp tcp dport 22',
  'ip protocol tcp tcp dport 22',
  'ip6 nexthdr udp udp dport 53',
  'meta nfproto ipv4 ip saddr 192.0.2.1',
  'ether type ip6 ip6 nexthdr icmpv6',
])

/** nft has no JSON for statements that fill maps, and prints its own text instead: they are as the builder makes them. */
function statement(listed: Statement | string, row: Row | undefined, i: number): Statement {
  const found = typeof listed === 'string' ? row?.[1]?.[i] : listed
  if (typeof found !== 'object') throw new Error(`no statement for ${JSON.stringify(listed)}`)
  return found
}

interface Loaded {
  json: NftJson[]
  rules: Statement[][]
  comments: (string | undefined)[]
  kernel: RuleMessage['expressions'][]
}

async function loaded(ns: Namespace, nl: Netlink, rows: readonly Row[]): Promise<Loaded> {
  const json = await listed(ns)
  const found = json.flatMap((object) => ('rule' in object && object.rule.chain === 'c' ? [object.rule] : []))
  const rules = found.map(({ expr }, i) => expr.map((each, at) => statement(each, rows[i], at)))
  const comments = found.map(({ comment }) => comment)
  const messages = await nl.dump(NFT_MSG_GETRULE, { header: {} })
  const kernel = messages.filter(({ chain }) => chain === 'c').map(({ expressions }) => expressions)
  return { json, rules, comments, kernel }
}

test.each(chains.map((chain) => [`${chain.family}: ${chain.base}`, chain] as const))('%s', async (_, chain) => {
  await using theirs = await Namespace.create()
  await using ours = await Namespace.create()
  await using them = await theirs.netlink()
  await using us = await ours.netlink()
  const { family, rules } = chain
  const setUp = tableText({ ...chain, rules: [] })
  const commands = rules.map((row) => `add rule ${family} t c ${textOf(row)}`)
  await load(theirs, [setUp, ...commands].join('\n'))
  await load(ours, setUp)
  const wanted = await loaded(theirs, them, rules)
  expect(wanted.rules).toHaveLength(rules.length)

  await us.nft.batch(({ rule }) => {
    for (const [i, each] of wanted.rules.entries())
      rule.add({ family, table: 't', chain: 'c', rule: each, comment: wanted.comments[i] })
  })
  const got = await loaded(ours, us, rules)
  const named = (each: readonly unknown[]) => each.map((value, i) => [textOf(rules[i] ?? ''), value])
  expect(named(got.rules.map(steady))).toEqual(named(wanted.rules.map(steady)))
  expect(steady(got.json)).toEqual(steady(wanted.json))
  const told = (each: readonly unknown[]) => named(each).filter(([text]) => !otherwise.has(String(text)))
  expect(told(got.kernel)).toEqual(told(wanted.kernel))
})
