/** inside KEY PICKS: runs contenders of a workload in the namespaces that this process was started in; a line of JSON for each. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Tools } from './tools.ts'
import { type Contender, type Result, type Workload, workloads } from './workloads.ts'

/** What one contender did in one phase. */
export interface Outcome extends Partial<Result> {
  pick: number
  phase: string
  failed?: string
}

const sh = (command: string): string => execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim()

function timed(argv: readonly string[], starts: number): Result {
  const [file = '', ...args] = argv
  const start = performance.now()
  let text = ''
  for (let i = 0; i < starts; i += 1) {
    const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 24 })
    if (error) throw error
    if (status !== 0) throw new Error(stderr.slice(-400))
    text = stdout
  }
  const t = (performance.now() - start) / 1e3 / starts
  return parse(text) ?? { t }
}

/** Runs `cause` when the contender is ready for it, and waits until it has seen all. */
async function watching(argv: readonly string[], cause: readonly string[]): Promise<Result> {
  const [file = '', ...args] = argv
  const watcher = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(watcher, 'close')
  let text = ''
  for await (const part of watcher.stdout) {
    const before = text.includes('ready')
    text += String(part)
    const [program = '', ...rest] = cause
    if (!before && text.includes('ready')) execFileSync(program, rest, { stdio: 'ignore' })
  }
  await ended
  return parse(text) ?? fail(`no result: ${text}`)
}

function fail(why: string): never {
  throw new Error(why)
}

function parse(text: string): Result | undefined {
  const line = text.split('\n').find((each) => each.startsWith('{"t"'))
  return line === undefined ? undefined : (JSON.parse(line) as Result)
}

function verify({ check, counts, n }: Workload, phase: string, { count }: Result): void {
  const seen = check?.[phase]
  if (seen !== undefined) {
    const found = sh(`${seen.command} || true`)
    if (found !== seen.expected.trim()) throw new Error(`not done: '${found}', not '${seen.expected}'`)
  }
  if (counts !== undefined && count !== undefined && !(count >= n && count <= n + counts))
    throw new Error(`not all: ${count} of ${n}`)
}

async function run(workload: Workload, { argv }: Contender, pick: number): Promise<void> {
  const device = workload.setup.includes(' d0 ') ? sh('ip -o link show d0 | cut -d: -f1') : ''
  for (const phase of workload.phases ?? ['']) {
    const fill = (each: string): string =>
      each.replace('{n}', String(workload.n)).replace('{device}', device).replace('{phase}', phase)
    const filled = argv.map(fill)
    let outcome: Outcome
    try {
      const result = workload.meanwhile
        ? await watching(filled, workload.meanwhile.map(fill))
        : timed(filled, workload.starts ?? 1)
      verify(workload, phase, result)
      outcome = { ...result, pick, phase }
    } catch (error) {
      outcome = { pick, phase, failed: error instanceof Error ? error.message : String(error) }
    }
    console.log(JSON.stringify(outcome))
  }
}

const [key, picks = '[]', tools = '', scale] = process.argv.slice(2)
const workload = workloads(JSON.parse(tools) as Tools, Number(scale)).find((each) => each.key === key)
if (workload === undefined) throw new Error(`no such workload: ${key}`)
sh(workload.setup)
for (const pick of JSON.parse(picks) as number[]) {
  const contender = workload.contenders[pick]
  if (contender !== undefined) await run(workload, contender, pick)
}
