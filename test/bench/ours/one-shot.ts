/** one-shot request|get default|blocking N: the median of N round trips of RTM_GETROUTE, bare or as a route object. */
import { RTM_GETROUTE } from '../../../protocol/index.ts'
import { Netlink } from '../../../src/index.ts'
import { argument } from './clock.ts'

const mode = argument(0)
const n = Number(argument(2))
const nl = await Netlink.open({ blocking: argument(1) === 'blocking' })
const took = new Float64Array(n)

const request = async (): Promise<string | undefined> => {
  const question = { header: { family: 'inet', dstLen: 32 }, dst: '127.0.0.1' } as const
  const [route] = await nl.request(RTM_GETROUTE, question)
  return route?.prefsrc
}
const get = async (): Promise<string | undefined> => (await nl.route.get('127.0.0.1')).src
const ask = mode === 'get' ? get : request

const before = process.cpuUsage()
for (let i = 0; i < n; i += 1) {
  const start = performance.now()
  const source = await ask()
  took[i] = (performance.now() - start) / 1e3
  if (source !== '127.0.0.1') throw new Error(`a strange reply: ${source}`)
}
const { user, system } = process.cpuUsage(before)
took.sort()
const at = (part: number): number | undefined => took[Math.floor(n * part)]
console.log(JSON.stringify({ t: at(0.5), cpu: (user + system) / 1e6 / n, n: 1, count: 1, p99: at(0.99) }))
await nl.close()
