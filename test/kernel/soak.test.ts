/** One hundredth of `npm run soak`, with the same demands. */
import { describe, expect, test } from 'vitest'
import { inFlight } from '../soak/in-flight.ts'
import { MiB } from '../soak/measure.ts'
import { soak } from '../soak/soak.ts'
import { stream } from '../soak/stream.ts'

const timeout = 300_000

describe.each([false, true])('10,000 mixed requests beside 4 dumps (blocking: %s)', { timeout }, (blocking) => {
  test('each comes to what it must, sockets and heap stay flat', async () => {
    const report = await soak({ count: 10_000, blocking })
    console.log(report)
    expect(report).toMatchObject({ requests: 10_000, wrong: [] })
    expect(Object.keys(report.outcomes).sort()).toEqual([
      'EADDRNOTAVAIL',
      'EEXIST',
      'EINVAL',
      'ENETUNREACH',
      'ENODEV',
      'ESRCH',
      'ok',
    ])
    expect(report.dumps).toBeGreaterThan(4)
    expect(report.sockets[1]).toBeLessThanOrEqual(report.sockets[0])
    expect(report.heap[1] - report.heap[0]).toBeLessThan(4 * MiB)
  })
})

test('100,000 requests of one Promise.all settle, in bounded heap', { timeout }, async () => {
  const report = await inFlight(100_000)
  console.log(report)
  expect(report).toMatchObject({ outcomes: { ok: 66_667, EEXIST: 33_333 }, wrong: 0 })
  // 900 measured; a promise, a closure and the bytes of the message.
  expect(report.perRequest).toBeLessThan(4096)
  expect(report.left).toBeLessThan(8 * MiB)
})

test('for await over 100,000 routes takes 64 MiB of heap at most', { timeout }, async () => {
  const report = await stream(100_000)
  console.log(report)
  expect(report.streamed).toBe(100_000)
  expect(report.peak).toBeLessThan(64 * MiB)
})
