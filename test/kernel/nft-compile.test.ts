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
import { type Chain, chains } from './nft-compile-rules.ts'
import { listed, load, steady } from './nft-list.ts'

/** Rules of which nft's listing does not tell all, so that other expressions come of it: what is said twice is listed once. */
const otherwise: ReadonlySet<string> = new Set([
  'meta l4proto tcp tcp dport 22',
  'ip protocol tcp tcp dport 22',
  'ip6 nexthdr udp udp dport 53',
  'meta nfproto ipv4 ip saddr 192.0.2.1',
  'ether type ip6 ip6 nexthdr icmpv6',
])

/** nft has no JSON for these, and prints its own text instead. */
const spelt: Readonly<Record<string, Statement>> = {
  'update @ports { ip saddr : tcp dport }': {
    map: {
      op: 'update',
      elem: { payload: { protocol: 'ip', field: 'saddr' } },
      data: { payload: { protocol: 'tcp', field: 'dport' } },
      map: '@ports',
    },
  },
}

const setUp = ({ family, base, before = '' }: Chain): string =>
  `table ${family} t {${before}\nchain c {\n${base}\n}\n}\n`

function statement(listed: Statement | string): Statement {
  const found = typeof listed === 'string' ? spelt[listed] : listed
  if (found === undefined) throw new Error(`no statement for ${JSON.stringify(listed)}`)
  return found
}

interface Loaded {
  json: NftJson[]
  rules: Statement[][]
  kernel: RuleMessage['expressions'][]
}

async function loaded(ns: Namespace, nl: Netlink): Promise<Loaded> {
  const json = await listed(ns)
  const rules = json.flatMap((object) => ('rule' in object ? [object.rule.expr.map(statement)] : []))
  const messages = await nl.dump(NFT_MSG_GETRULE, { header: {} })
  return { json, rules, kernel: messages.filter(({ chain }) => chain === 'c').map((rule) => rule.expressions) }
}

test.each(chains.map((chain) => [`${chain.family}: ${chain.base}`, chain] as const))('%s', async (_, chain) => {
  await using theirs = await Namespace.create()
  await using ours = await Namespace.create()
  await using them = await theirs.netlink()
  await using us = await ours.netlink()
  const { family, rules } = chain
  const commands = rules.map((rule) => `add rule ${family} t c ${rule}`)
  await load(theirs, [setUp(chain), ...commands].join('\n'))
  await load(ours, setUp(chain))
  const wanted = await loaded(theirs, them)
  expect(wanted.rules).toHaveLength(rules.length)

  await us.nft.batch(({ rule }) => {
    for (const each of wanted.rules) rule.add({ family, table: 't', chain: 'c', rule: each })
  })
  const got = await loaded(ours, us)
  const named = (each: readonly unknown[]) => each.map((value, i) => [rules[i], value])
  expect(named(got.rules.map(steady))).toEqual(named(wanted.rules.map(steady)))
  expect(steady(got.json)).toEqual(steady(wanted.json))
  const told = (each: readonly unknown[]) => named(each).filter(([text]) => !otherwise.has(String(text)))
  expect(told(got.kernel)).toEqual(told(wanted.kernel))
})
