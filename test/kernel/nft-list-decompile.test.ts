/** The decompiler, with nft as the judge: what it makes of the kernel's expressions is what `nft -j` prints of them. As root. */
import { expect, test } from 'vitest'
import { NFT_MSG_GETRULE, NFT_MSG_GETSET, NFT_MSG_GETSETELEM } from '../../protocol/netfilter/nftables/operations.ts'
import { Namespace, type Netlink } from '../../src/index.ts'
import type { Statement } from '../../src/nft/ast.ts'
import { type DecompileContext, decompileRule } from '../../src/nft/decompile/rule.ts'
import { definitionOf } from '../../src/nft/objects/set-definition.ts'
import { printStatement } from '../../src/nft/print/statement.ts'
import { listed, load, steady } from './nft-list.ts'
import { chains, ruleCount, tableText } from './nft-rules/index.ts'

type Found = NonNullable<ReturnType<DecompileContext['set']>>

/** All sets of a namespace, by table and name. */
async function setsOf(nl: Netlink): Promise<Map<string, Found>> {
  const sets = new Map<string, Found>()
  for (const set of await nl.dump(NFT_MSG_GETSET, {})) {
    const { header, table, name } = set
    const lists = await nl.dump(NFT_MSG_GETSETELEM, { header: { family: header.family }, table, set: name })
    sets.set(`${table} ${name}`, {
      definition: definitionOf(set),
      elements: lists.flatMap((list) => list.elements ?? []),
    })
  }
  return sets
}

/** nft 1.0.6 has no JSON for statements that add to maps, and puts its text there. */
function asNft(ours: readonly Statement[], theirs: readonly unknown[]): unknown[] {
  return ours.map((statement, i) => (typeof theirs[i] === 'string' ? printStatement(statement) : statement))
}

test('rules of all families: what nft -j prints', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const names = { ifname: (index: number) => (index === 1 ? 'lo' : undefined) }
  for (const [index, chain] of chains.entries()) await load(ns, tableText(chain, `t${index}`))
  const sets = await setsOf(nl)
  const rules = new Map((await nl.dump(NFT_MSG_GETRULE, {})).map((rule) => [`${rule.table} ${rule.handle}`, rule]))
  let compared = 0
  for (const object of await listed(ns)) {
    if (!('rule' in object)) continue
    const { family, table, handle, expr } = object.rule
    const expressions = rules.get(`${table} ${handle}`)?.expressions ?? []
    const ours = decompileRule(expressions, { family, set: (name) => sets.get(`${table} ${name}`), names })
    expect.soft(steady(asNft(ours, expr)), JSON.stringify(expressions, bytes)).toEqual(steady(expr))
    compared++
  }
  expect(compared).toBeGreaterThanOrEqual(ruleCount)
})

function bytes(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'bigint' ? String(value) : value
}
