/** The printer, with nft as the judge: what it writes loads, and means the same. As root. */
import { expect, test } from 'vitest'
import { Namespace } from '../../src/index.ts'
import { printRuleset } from '../../src/nft/print/ruleset.ts'
import { listed, load, loadTables, steady, text } from './nft-list.ts'
import { chains, ruleCount, sets, tableText } from './nft-rules/index.ts'

test('rules, sets and objects of all families: our text loads, and nft lists the same as before', async () => {
  expect(ruleCount).toBeGreaterThanOrEqual(800)
  expect(sets.length).toBeGreaterThanOrEqual(40)
  await using from = await Namespace.create()
  await using to = await Namespace.create()
  for (const [index, chain] of chains.entries()) await load(from, tableText(chain, `t${index}`))
  const before = await listed(from)
  const ours = printRuleset(before)
  await loadTables(to, ours)
  expect(steady(await listed(to))).toEqual(steady(before))

  // letter by letter it is nft's, but for what its JSON leaves out
  const theirs = (await text(from)).split('\n')
  const lines = new Set(ours.split('\n'))
  const others = theirs.filter((line) => !lines.has(line))
  console.log(`${others.length} of ${theirs.length} lines differ from nft's:\n${others.join('\n')}`)
  expect(others.length).toBeLessThan(theirs.length * 0.02)
})
