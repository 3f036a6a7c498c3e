/**
 * `npm run soak`, as root, with figures on stdout; exit status 1 where something was lost or grew.
 *
 *     npm run soak -- --count 1000000               mixed requests beside 4 dumps
 *     npm run soak -- in-flight --count 100000      one Promise.all
 *     npm run soak -- stream --count 1000000        for await over a dump
 */
import { parseArgs } from 'node:util'
import { inFlight } from './in-flight.ts'
import { MiB } from './measure.ts'
import { soak } from './soak.ts'
import { stream } from './stream.ts'

const { values, positionals } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string', default: '1' }, blocking: { type: 'boolean' } },
  allowPositionals: true,
})
const [task = 'mixed'] = positionals
const count = Number(values.count ?? { 'in-flight': 100_000 }[task] ?? 1_000_000)
if (!Number.isInteger(count) || count < 1) throw new RangeError(`--count must be a number, got ${values.count}`)

async function run(): Promise<{ report: object; well: boolean }> {
  if (task === 'in-flight') {
    const report = await inFlight(count)
    return { report, well: report.wrong === 0 && report.left < 8 * MiB }
  }
  if (task === 'stream') {
    const report = await stream(count)
    return { report, well: report.streamed === count && report.peak < 64 * MiB }
  }
  if (task !== 'mixed') throw new RangeError(`mixed, in-flight or stream, got ${task}`)
  const report = await soak({
    count,
    seed: Number(values.seed),
    blocking: values.blocking ?? false,
    progress: (done, heap) => console.error(`${done} requests, heap ${(heap / MiB).toFixed(1)} MiB`),
  })
  const flat = report.sockets[1] <= report.sockets[0] && report.heap[1] - report.heap[0] < 4 * MiB
  return { report, well: report.wrong.length === 0 && report.requests === count && flat }
}

const { report, well } = await run()
console.log(JSON.stringify(report, undefined, 2))
if (!well) process.exitCode = 1
