/** Whole rulesets as text, by way of the library: nl.nft.list() printed, and nft as the judge. As root. */
import { expect, test } from 'vitest'
import { Namespace } from '../../src/index.ts'
import { listed, load, loadTables, steady, text } from './nft-list.ts'
import { chains, tableText } from './nft-rules/index.ts'

/** `jump { ... }`: nft keeps the rules in a chain that the kernel names. */
const bound = `table ip bound {
  chain c {
    type filter hook input priority 0;
    tcp dport 22 jump {
      ip saddr 10.0.0.1 accept
      drop
    }
  }
}
`
/** Comments, flags and what else nft's JSON does not have. */
const described = `table ip6 described {
  flags dormant
  comment "of the table"
  set s { type ipv6_addr; flags dynamic,timeout; timeout 1m; }
  set a { type inet_service; flags interval; auto-merge; }
  set t { typeof ip6 hoplimit; elements = { 64 } }
  map d { type ipv6_addr : inet_service; size 1000; flags dynamic; }
  map n { typeof ip6 daddr . tcp dport : meta mark; }
  chain c { comment "of the chain"; update @d { ip6 saddr : tcp dport }; }
}
`

test('the text of nl.nft.list(): nft’s own, and it loads to the same', async () => {
  await using from = await Namespace.create()
  await using to = await Namespace.create()
  for (const [index, chain] of chains.entries()) await load(from, tableText(chain, `t${index}`))
  await load(from, bound)
  await load(from, described)

  await using nl = await from.netlink()
  const ours = (await nl.nft.list()).toString()
  await loadTables(to, ours)
  expect(steady(await listed(to))).toEqual(steady(await listed(from)))

  const theirs = (await text(from)).split('\n')
  const lines = new Set(ours.split('\n'))
  const others = theirs.filter((line) => !lines.has(line))
  console.log(`${others.length} of ${theirs.length} lines differ from nft's:\n${others.join('\n')}`)
  expect(others.length).toBeLessThan(theirs.length * 0.01)
})
