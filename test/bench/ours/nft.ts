/** nft rules|set N: N rules `ip saddr ADDRESS counter accept` in two chains by turns, or a set of N addresses, in one transaction. */
import { Netlink } from '../../../src/index.ts'
import { argument, begin, report } from './clock.ts'

const what = argument(0)
const n = Number(argument(1))
const nl = await Netlink.open()
// Opens the socket and loads what nl.nft needs, as the other contenders have when they begin.
await nl.nft.batch(() => undefined)
await nl.nft.table.list()
const address = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

begin()
await nl.nft.batch((b) => {
  b.table.add({ name: 't' })
  if (what === 'set') {
    b.set.add({ table: 't', name: 's', type: 'ipv4_addr', elements: Array.from({ length: n }, (_, i) => address(i)) })
    return
  }
  b.chain.add({ table: 't', name: 'a' })
  b.chain.add({ table: 't', name: 'b' })
  for (let i = 0; i < n; i += 1)
    b.rule.add({
      table: 't',
      chain: i % 2 === 0 ? 'a' : 'b',
      rule: [
        { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: address(i) } },
        { counter: null },
        { accept: null },
      ],
    })
})
report(n, n)
await nl.close()
