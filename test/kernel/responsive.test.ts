/** The event loop while the kernel works. As root. */
import { expect, test } from 'vitest'
import { RTM_GETROUTE } from '../../protocol/route/operations.ts'
import { Netlink } from '../../src/index.ts'
import { quiet } from './lab.ts'

const PAIRS = 20

interface Ticks {
  /** Between two ticks of a 1 ms interval, in milliseconds. */
  largestGap: number
  total: number
  /** How many ticks came within each deletion. */
  within: number[]
}

/** Deletes PAIRS pairs one after another, and watches an interval of 1 ms meanwhile. */
async function watched(nl: Netlink): Promise<Ticks & { duration: number }> {
  await Promise.all(
    Array.from({ length: PAIRS }, (_, i) =>
      nl.link.add({ kind: 'veth', name: `v${i}`, up: true, data: { peer: { name: `w${i}`, up: true } } }),
    ),
  )
  let last = performance.now()
  let largestGap = 0
  let total = 0
  const tick = () => {
    const now = performance.now()
    largestGap = Math.max(largestGap, now - last)
    last = now
    total += 1
  }
  const timer = setInterval(tick, 1)
  const within: number[] = []
  const start = performance.now()
  last = start
  for (let i = 0; i < PAIRS; i++) {
    const before = total
    await nl.link.del(`v${i}`)
    within.push(total - before)
  }
  const duration = performance.now() - start
  // What the last deletion held up counts too.
  largestGap = Math.max(largestGap, performance.now() - last)
  clearInterval(timer)
  return { largestGap, total, within, duration }
}

test('an interval of 1 ms keeps ticking while 20 pairs are deleted one after another', async () => {
  await using ns = await quiet()
  await using nl = await ns.netlink()
  await using blocking = await Netlink.open({ namespace: ns, blocking: true })
  // The first use of anything is slower.
  await watched(nl)
  const async = await watched(nl)
  const sync = await watched(blocking)
  const line = (name: string, { largestGap, total, duration }: Awaited<ReturnType<typeof watched>>) =>
    `${name}: ${total} ticks in ${duration.toFixed(0)} ms, largest gap ${largestGap.toFixed(1)} ms`
  console.log(`${PAIRS} pairs deleted, ${line('in the pool', async)}; ${line('blocking', sync)}`)
  // A blocking call lets no timer run inside of it: none of its deletions has a tick. Of ours at least half do; a deletion
  // waits for an RCU grace period, many times longer than a tick, on any machine.
  expect(sync.within.filter((ticks) => ticks > 0)).toEqual([])
  expect(async.within.filter((ticks) => ticks > 0).length).toBeGreaterThan(PAIRS / 2)
})

test('a route is told at once while others hold the lock of the kernel, also to who asks without end', async () => {
  await using ns = await quiet()
  await using nl = await ns.netlink()
  await using other = await ns.netlink()
  const ask = () => other.request(RTM_GETROUTE, { header: { family: 'inet', dstLen: 32 }, dst: '127.0.0.1' })
  await nl.link.set('lo', { up: true })
  await ask()
  let deleting = true
  let asked = 0
  const asking = async (): Promise<void> => {
    for (; deleting; asked += 1) await ask()
  }
  const deletions = watched(nl).finally(() => {
    deleting = false
  })
  const [{ within, largestGap, duration }] = await Promise.all([deletions, asking()])
  console.log(`${asked} routes asked for, largest gap ${largestGap.toFixed(1)} ms in ${duration.toFixed(0)} ms`)
  expect(within.filter((ticks) => ticks > 0).length).toBeGreaterThan(PAIRS / 2)
  // A deletion takes milliseconds: were each to wait for one, there would be as many.
  expect(asked).toBeGreaterThan(10 * PAIRS)
})
