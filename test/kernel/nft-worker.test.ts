/** nl.nft, nl.nat and nl.conntrack in worker threads, at the same time, and ended in the middle of transactions. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, bundle } from './bundle.ts'
import { left, type Seen } from './workers.ts'

let program: Bundle
beforeAll(async () => {
  program = await bundle('nft-workers', 'esm')
})
afterAll(() => program.remove())

async function run(...args: string[]): Promise<Seen & { seen: number[] }> {
  const limits = { timeout: 60_000, killSignal: 'SIGKILL' } as const
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program.main, ...args], limits)
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe.each(['pooled', 'blocking'])('in worker threads (%s)', (mode) => {
  test('four at once, each in a namespace of its own, then all in one: nothing of any is lost', async () => {
    const one = { listed: 1001, entries: 10, removed: 1, left: 9, refused: 'ENOENT' }
    const seen = await run('together', mode)
    const numbers = [1, 2, 3, 4]
    expect(seen).toMatchObject({
      results: [one, one, one, one],
      nat: numbers.map((n) => `masquerade 10.${n}.0.0/16`),
      comments: numbers.flatMap((n) => Array.from({ length: 10 }, (_, i) => `${n} ${i}`)),
    })
    expect(left(seen)).toEqual([])
  })

  test('twelve are terminated: each transaction is there whole, the process goes on and keeps no descriptors', async () => {
    const seen = await run('terminate', mode)
    expect([5, 500, 1000]).toEqual(expect.arrayContaining(seen.seen))
    expect(seen.seen).not.toEqual([5])
    // One may end between the system call and the list of Node's (src/adopt.ts).
    expect(left(seen).length).toBeLessThan(3)
  })
})
