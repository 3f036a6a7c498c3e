/** A dump of many routes with for await: the heap holds a datagram or two of it, however long it is. */
import { Namespace } from '../../src/index.ts'
import { heap, host } from './measure.ts'

export interface StreamReport {
  routes: number
  streamed: number
  /** Most bytes of heap above the start, garbage included, seen at each 1,000th route. */
  peak: number
  made: number
  seconds: number
}

const SLICE = 50_000

export async function stream(routes: number): Promise<StreamReport> {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  await nl.link.set('lo', { up: true })
  const { index } = await nl.link.get('lo')
  const making = performance.now()
  for (let at = 0; at < routes; at += SLICE) {
    const results = await nl.batch((b) => {
      for (let i = at; i < Math.min(at + SLICE, routes); i += 1) b.route.add({ to: host(i), dev: index })
    })
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  const made = (performance.now() - making) / 1000
  const before = await heap()
  let peak = 0
  let streamed = 0
  const start = performance.now()
  for await (const route of nl.route.list({ family: 'inet' })) {
    if (route.index === index) streamed += 1
    if (streamed % 1000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed - before)
  }
  return { routes, streamed, peak, made, seconds: (performance.now() - start) / 1000 }
}
