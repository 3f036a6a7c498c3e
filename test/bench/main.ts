/**
 * npm run bench -- [WORKLOAD ...] [--rounds 5] [--scale 1] [--contenders [FILE]]
 * Runs the workloads, each contender in turn, round after round; prints medians and ratios. README.md says how to read them.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { forHarness } from './contenders.ts'
import type { Outcome } from './inside.ts'
import { printTable } from './table.ts'
import { buildTools, type Tools } from './tools.ts'
import { type Workload, workloads } from './workloads.ts'

const given = process.argv.slice(2)
// The file of --contenders may be left out.
const at = given.indexOf('--contenders')
if (at >= 0 && (given[at + 1] ?? '-').startsWith('-')) given.splice(at + 1, 0, 'contenders.local.json')
const { values, positionals } = parseArgs({
  args: given,
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    contenders: { type: 'string' },
  },
})

const tools = buildTools()
const rounds = Number(values.rounds)
const scale = Number(values.scale)
if (values.contenders !== undefined) {
  writeFileSync(values.contenders, `${JSON.stringify(forHarness(tools), undefined, 2)}\n`)
  console.log(`written: ${values.contenders}`)
} else bench()

function bench(): void {
  const all = workloads(tools, scale)
  const chosen = all.filter(({ key }) => positionals.length === 0 || positionals.some((word) => key.startsWith(word)))
  if (chosen.length === 0) throw new Error(`no such workload; there are ${all.map(({ key }) => key).join(', ')}`)
  for (const workload of chosen) printTable(workload, measure(workload), rounds)
}

function measure(workload: Workload): Outcome[] {
  const picks = workload.contenders.flatMap(({ missing }, i) => (missing === undefined ? [i] : []))
  const outcomes: Outcome[] = []
  for (let round = 0; round < rounds; round += 1) {
    // Each round starts with another one.
    const first = round % Math.max(picks.length, 1)
    const order = [...picks.slice(first), ...picks.slice(0, first)]
    for (const group of workload.shared === true ? [order] : order.map((pick) => [pick]))
      outcomes.push(...inNamespace(workload, group, tools))
  }
  return outcomes
}

/** In network and mount namespaces that end with it. */
function inNamespace({ key }: Workload, picks: number[], { ours }: Tools): Outcome[] {
  const inside = [`${ours}/inside.js`, key, JSON.stringify(picks), JSON.stringify(tools), String(scale)]
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    ['--net', '--mount', '--propagation', 'private', process.execPath, ...inside],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${key}: ${stderr.slice(-600)} (root is needed)`)
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Outcome)
}
