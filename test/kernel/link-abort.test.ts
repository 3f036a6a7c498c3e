/** link.add that is given up at any moment leaves nothing behind. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Namespace, NetlinkError } from '../../src/index.ts'

test('40 pairs whose creation is aborted at spread moments: none is left', async () => {
  await using here = await Namespace.create()
  await using there = await Namespace.create()
  await using nl = await here.netlink()
  await using other = await there.netlink()
  const outcomes = new Map<string, number>()
  for (let i = 0; i < 40; i += 1) {
    const stop = new AbortController()
    // The peer in another namespace, up: a second message follows the first.
    const peer = { name: `b${i}`, namespace: there, up: true }
    const adding = nl.link.add({ kind: 'veth', name: `a${i}`, up: true, data: { peer } }, { signal: stop.signal })
    const timer = setTimeout(() => stop.abort(), i / 2)
    const outcome = await adding.then(
      () => 'added',
      (error: unknown) => (error instanceof NetlinkError ? error.code : String(error)),
    )
    clearTimeout(timer)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (outcome === 'added') await nl.link.del(`a${i}`)
  }
  console.log('aborted link.add:', Object.fromEntries(outcomes))
  expect([...outcomes.keys()].filter((code) => code !== 'added' && code !== 'ABORT_ERR')).toEqual([])
  expect(outcomes.get('ABORT_ERR')).toBeGreaterThan(0)
  // The removal follows the kernel's answer, behind the promise.
  let left: string[] = []
  for (let i = 0; i < 100; i += 1) {
    left = [...(await nl.link.list()), ...(await other.link.list())].map(({ name }) => name)
    if (left.length === 2) break
    await delay(20)
  }
  expect(left).toEqual(['lo', 'lo'])
})
