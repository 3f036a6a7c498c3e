/** Clients and namespaces in worker threads. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, bundle } from './bundle.ts'
import { left, type Seen } from './workers.ts'

let program: Bundle
beforeAll(async () => {
  program = await bundle('workers', 'esm')
})
afterAll(() => program.remove())

async function run(...args: string[]): Promise<Seen> {
  const limits = { timeout: 60_000, killSignal: 'SIGKILL' } as const
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program.main, ...args], limits)
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

describe.each(['pooled', 'blocking'])('in worker threads (%s)', { timeout: 120_000 }, (mode) => {
  test('four at once do everything, and leave nothing', async () => {
    const one = { done: 1000, listed: 1001, refused: 'EEXIST', seen: ['lo', 'v1'], forward: '1', warnings: [] }
    const seen = await run('together', mode)
    expect(seen).toMatchObject({ results: [one, one, one, one] })
    expect(left(seen)).toEqual([])
  })

  test('forty terminations, each somewhere else, end neither the process nor leave its descriptors', async () => {
    const seen = await run('terminate', mode)
    expect(seen).toMatchObject({ reached: 5 })
    // Without adopt() it is some 300. One in a hundred ends between the system call and the list of Node's.
    expect(left(seen).length).toBeLessThan(5)
  })
})
