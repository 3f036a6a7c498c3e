/** events: prints 'ready', then counts new routes until there was none for a second; see c/events.c. */
import { Netlink } from '../../../src/index.ts'

const nl = await Netlink.open()
await using events = await nl.subscribe({ groups: ['ipv4_route'] })
console.log('ready')

let seen = 0
let overruns = 0
let lost = 0
let sum = 0
let first = 0
let last = performance.now()
const idle = setInterval(() => {
  const quiet = performance.now() - last
  if (seen > 0 ? quiet > 1000 : quiet > 20_000) events.close()
}, 250)

for await (const event of events) {
  if (event.type === 'overrun') {
    overruns += 1
    lost += event.lost
    continue
  }
  if (event.type === 'RTM_NEWROUTE') {
    seen += 1
    // As the C program does: something is made of each.
    sum += typeof event.message.dst === 'string' ? event.message.dst.length : 0
  }
  last = performance.now()
  if (first === 0) first = last
}
clearInterval(idle)
const { user, system } = process.cpuUsage()
const cpu = (user + system) / 1e6
console.log(JSON.stringify({ t: (last - first) / 1e3, cpu, n: seen, count: seen, seen, enobufs: overruns, lost, sum }))
await nl.close()
