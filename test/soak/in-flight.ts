/** Requests by the hundred thousand in one Promise.all: what they take while they wait, and that each comes back. */
import { Namespace, NetlinkError } from '../../src/index.ts'
import { heap, host } from './measure.ts'

export interface InFlightReport {
  count: number
  /** 'ok', or the error's code, and how many. */
  outcomes: Record<string, number>
  wrong: number
  /** Bytes of heap for each request while all wait, garbage of making them included. */
  perRequest: number
  /** Bytes of heap more than before, when all have settled. */
  left: number
  seconds: number
}

/** Each third is a duplicate of the one before: EEXIST is its answer. */
export async function inFlight(count: number): Promise<InFlightReport> {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink({ deadline: 300_000 })
  await nl.link.set('lo', { up: true })
  const { index } = await nl.link.get('lo')
  const number = (i: number) => (i % 3 === 2 ? i - 1 : i)
  const before = await heap()
  const start = performance.now()
  const calls = Array.from({ length: count }, (_, i) =>
    nl.route.add({ to: host(number(i)), dev: index }).then(
      () => 'ok',
      (error: unknown) => (error instanceof NetlinkError ? error.code : String(error)),
    ),
  )
  const during = process.memoryUsage().heapUsed
  const results: string[] = await Promise.all(calls)
  const seconds = (performance.now() - start) / 1000
  calls.length = 0
  const outcomes: Record<string, number> = {}
  for (const result of results) outcomes[result] = (outcomes[result] ?? 0) + 1
  const wrong = results.filter((result, i) => result !== (i % 3 === 2 ? 'EEXIST' : 'ok')).length
  results.length = 0
  return { count, outcomes, wrong, perRequest: (during - before) / count, left: (await heap()) - before, seconds }
}
