/** Properties are named as the kernel's constants: what they have in common in a set is dropped, the rest in camelCase. */
import { expect, test } from 'vitest'
import { netfilter } from '../../../protocol/netfilter/operations.ts'
import { attributeSets } from '../../attribute-sets.ts'

const sets = attributeSets(Array.from(netfilter.operations.values(), ({ body }) => body))

/** Two sets of counters in one: the old ones end in the number of their bits. */
const exceptions: Record<string, string> = { CTA_COUNTERS32_PACKETS: 'packets32', CTA_COUNTERS32_BYTES: 'bytes32' }

function constantCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

test('every key is the end of its constant, and what comes before is the same in a set', () => {
  expect(sets.length).toBeGreaterThan(90)
  const wrong: string[] = []
  for (const { rows, spec } of sets) {
    const prefixes = new Map<string, string>()
    for (const [key, { constant }] of Object.entries(rows)) {
      if (exceptions[constant] === key) continue
      const end = constantCase(key)
      const prefix = constant.slice(0, constant.length - end.length)
      if (!constant.endsWith(end) || !prefix.endsWith('_')) wrong.push(`${spec} ${constant} ${key}`)
      prefixes.set(prefix, constant)
    }
    if (prefixes.size > 1) wrong.push(`${spec} ${[...prefixes].join(' ')}`)
  }
  expect(wrong).toEqual([])
})

test('no number and no constant is declared twice in a set', () => {
  for (const { rows, spec } of sets) {
    const entries = Object.values(rows)
    expect(new Set(entries.map(({ number }) => number)).size, spec).toBe(entries.length)
    expect(new Set(entries.map(({ constant }) => constant)).size, spec).toBe(entries.length)
  }
})

test('no message type is declared twice', () => {
  expect(netfilter.byName.size).toBe(netfilter.operations.size)
})
