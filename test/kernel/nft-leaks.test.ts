/** What hundreds of transactions, NAT rules and lists of connections leave behind in a process: nothing. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bundle, bundle } from './bundle.ts'
import { left } from './workers.ts'

let program: Bundle
beforeAll(async () => {
  program = await bundle('nft-leaks', 'esm')
})
afterAll(() => program.remove())

test.each(['pooled', 'blocking'])('300 transactions, 50 NAT rules, 50 lists of connections (%s)', async (mode) => {
  const args = ['--net', process.execPath, '--expose-gc', program.main, mode]
  const { stdout, stderr } = await promisify(execFile)('unshare', args, { timeout: 50_000, killSignal: 'SIGKILL' })
  expect(stderr).toBe('')
  const seen = JSON.parse(stdout)
  console.log(
    `${mode}: heap ${(seen.grown.heap / 1024).toFixed()} KiB, buffers ${(seen.grown.buffers / 1024).toFixed()} KiB more`,
  )
  expect(left(seen)).toEqual([])
  // Were the commands of each transaction kept, it would be many MiB.
  expect(seen.grown.heap).toBeLessThan(2 << 20)
  expect(seen.grown.buffers).toBeLessThan(1 << 20)
})
