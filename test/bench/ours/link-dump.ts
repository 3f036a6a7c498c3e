/** link-dump list|stats|message N REPEATS: dumps of all links: objects, objects with counters, messages with counters. */
import { RTM_GETLINK } from '../../../protocol/index.ts'
import { Netlink } from '../../../src/index.ts'
import { argument, begin, report } from './clock.ts'

const mode = argument(0)
const n = Number(argument(1))
const repeats = Number(argument(2))
const nl = await Netlink.open()
let count = 0

begin()
for (let turn = 0; turn < repeats; turn += 1) {
  if (mode === 'list') count = (await nl.link.list()).length
  else if (mode === 'stats') count = (await nl.link.list({ stats: true })).length
  else if (mode === 'message') count = (await nl.dump(RTM_GETLINK, {})).length
  else throw new Error(`no such mode: ${mode}`)
}
report(n, count, repeats)
await nl.close()
