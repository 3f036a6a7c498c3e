/** Medians and ratios, as text. */
import type { Outcome } from './inside.ts'
import type { Workload } from './workloads.ts'

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

const cell = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : '-')

export function printTable(workload: Workload, outcomes: readonly Outcome[], rounds: number): void {
  for (const phase of workload.phases ?? ['']) {
    console.log(`\n${workload.key}${phase === '' ? '' : ` ${phase}`}: ${workload.title}   (${rounds} rounds)`)
    const head = ['contender', `us a ${workload.unit}`, 'ratio', 'least', 'CPU us', 'CPU ratio', 'to reach']
    const rows = workload.contenders.map(({ name, missing, target }, pick) => {
      const runs = outcomes.filter((each) => each.pick === pick && each.phase === phase)
      const failed = runs.find((each) => each.failed !== undefined)?.failed
      const times = runs.flatMap(({ t }) => (t === undefined ? [] : [t]))
      const cpus = runs.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]))
      return {
        name,
        note: missing ?? (failed && `FAILED: ${failed}`),
        target,
        times,
        cpus,
      }
    })
    const base = rows[0]
    const lines = rows.map(({ name, note, target, times, cpus }) => {
      if (note !== undefined) return [name, note]
      const time = median(times) / workload.n
      const cpu = median(cpus) / workload.n
      return [
        name,
        cell(time * 1e6, 2),
        cell(median(times) / median(base?.times ?? []), 2),
        // Of the least disturbed rounds: what counts where the machine has other work.
        cell(Math.min(...times) / Math.min(...(base?.times ?? [])), 2),
        cell(cpu * 1e6, 2),
        cell(median(cpus) / median(base?.cpus ?? []), 2),
        target === undefined ? '' : `<= ${target}`,
      ]
    })
    for (const [name = '', ...cells] of [head, ...lines])
      console.log(`  ${name.padEnd(44)}${cells.map((each) => each.padStart(12)).join('')}`)
  }
}
