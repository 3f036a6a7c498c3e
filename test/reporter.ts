/**
 * A vitest reporter that ends a run with one plain line, 'N passed, N failed, N skipped', and, where TEST_COUNTS names
 * a file, appends the same line to it: .ci/run adds those up. Files that do not load and errors outside of any test
 * count as failed tests, so that a broken run never reads as a small one.
 */
import { appendFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

export default class Counts implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    let passed = 0
    let failed = unhandled.length
    let skipped = 0
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'skipped') skipped += 1
        else failed += 1
      }
    }
    const line = `${passed} passed, ${failed} failed, ${skipped} skipped`
    const file = process.env.TEST_COUNTS
    if (file !== undefined && file !== '') appendFileSync(file, `${line}\n`)
    else console.log(`\n${line}`)
  }
}
