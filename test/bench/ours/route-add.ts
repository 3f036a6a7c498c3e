/** route-add each|all|batch N DEVICE: host routes by way of a device: awaited one by one, one Promise.all, or one nl.batch. */
import { Netlink } from '../../../src/index.ts'
import { argument, begin, report } from './clock.ts'

const mode = argument(0)
const n = Number(argument(1))
const dev = Number(argument(2))
const nl = await Netlink.open()
const destination = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`
const add = (i: number): Promise<void> => nl.route.add({ to: destination(i), dev })

begin()
if (mode === 'each') for (let i = 0; i < n; i += 1) await add(i)
else if (mode === 'all') await Promise.all(Array.from({ length: n }, (_, i) => add(i)))
else if (mode === 'batch') {
  const results = await nl.batch((b) => {
    for (let i = 0; i < n; i += 1) b.route.add({ to: destination(i), dev })
  })
  for (const result of results) if (result.status === 'rejected') throw result.reason
} else throw new Error(`no such mode: ${mode}`)
report(n, n)
await nl.close()
