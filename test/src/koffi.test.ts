/** koffi is loaded without its JavaScript, in the version that package.json names. */
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { koffiVersion, loadKoffi } from '../../src/koffi.ts'

const require = createRequire(import.meta.url)

test('the version is the one that package.json pins', () => {
  expect(require('../../package.json').dependencies.koffi).toBe(koffiVersion)
})

test('it stands beside a koffi that the program loads itself', () => {
  const others = require('koffi') as ReturnType<typeof loadKoffi>
  const ours = loadKoffi()
  expect(ours.version).toBe(koffiVersion)
  for (const koffi of [ours, others, ours]) {
    expect(koffi.load(null).func('int getpid()')()).toBe(process.pid)
    expect(koffi.load(null).func('int close(int fd)')(-1)).toBe(-1)
    // EBADF
    expect(koffi.errno()).toBe(9)
  }
})
