/** route-dump list|iterate|message N: a dump of the IPv4 routes: awaited as an array of objects, looped over, or as messages. */
import { RTM_GETROUTE } from '../../../protocol/index.ts'
import { Netlink } from '../../../src/index.ts'
import { argument, begin, report } from './clock.ts'

const mode = argument(0)
const n = Number(argument(1))
const nl = await Netlink.open()
let count = 0

begin()
if (mode === 'list') count = (await nl.route.list({ family: 'inet' })).length
else if (mode === 'iterate') for await (const { to } of nl.route.list({ family: 'inet' })) count += to === '' ? 0 : 1
else if (mode === 'message') count = (await nl.dump(RTM_GETROUTE, { header: { family: 'inet' } })).length
else throw new Error(`no such mode: ${mode}`)
report(n, count)
await nl.close()
