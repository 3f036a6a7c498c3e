/**
 * What becomes of a program while another process has the RTNL lock for two seconds: `node --import tsx test/vm/rtnl-lock.ts`, as root, in a
 * virtual machine (the lock is one for the whole kernel). Prints figures; exit status 1 where something waited that need not.
 */
import { spawn } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { RTM_GETNSID } from '../../protocol/route/operations.ts'
import { Namespace, Netlink, NetlinkError } from '../../src/index.ts'

const SECONDS = 2
const holder = fileURLToPath(new URL('hold-rtnl.py', import.meta.url))

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN

async function milliseconds(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}

/** stat(2) and getaddrinfo(3), both in libuv's pool, as long as `more` says so. */
async function others(more: (round: number) => boolean): Promise<{ stat: number; dns: number; rounds: number }> {
  const stats: number[] = []
  const lookups: number[] = []
  let rounds = 0
  for (; more(rounds) && rounds < 100_000; rounds += 1) {
    stats.push(await milliseconds(() => stat('/')))
    lookups.push(await milliseconds(() => lookup('localhost')))
  }
  return { stat: median(stats), dns: median(lookups), rounds }
}

const namespaces = await Promise.all(Array.from({ length: 4 }, () => Namespace.create()))
const clients = await Promise.all(namespaces.map((ns) => ns.netlink()))
await Promise.all(clients.map((nl) => nl.link.list()))
const asker = await Netlink.open()
await asker.link.set('lo', { up: true })
/** What the kernel answers without the lock, by a client that waits for nothing else. */
const asking = async (): Promise<unknown> => [
  await asker.route.get('127.0.0.1'),
  await asker.request(RTM_GETNSID, { pid: process.pid }),
]
await asking()
await others((round) => round < 20)
const before = await others((round) => round < 100)

const child = spawn(process.env.PYTHON ?? 'python3', [holder, String(SECONDS)], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const lines = createInterface({ input: child.stdout })
const [held] = await once(lines, 'line')
let released = false
lines.once('line', () => {
  released = true
})

/** A call that is aborted when the pool has done something else meanwhile. */
async function aborted(which: number): Promise<{ took: number; outcome: string | undefined }> {
  const abort = new AbortController()
  const refused = clients[which]?.link.set('lo', { up: true }, { signal: abort.signal }).then(
    () => 'done',
    (error: unknown) => (error instanceof NetlinkError ? `${error.code} ${error.outcome}` : String(error)),
  )
  await stat('/')
  await stat('/')
  let outcome: string | undefined
  const took = await milliseconds(async () => {
    abort.abort()
    outcome = await refused
  })
  return { took, outcome }
}

// With the kernel when it is aborted.
const first = aborted(0)
await new Promise(setImmediate)
let early = 0
const adding = clients.flatMap((nl) =>
  Array.from({ length: 5 }, async (_, i) => {
    await nl.link.add({ kind: 'bridge', name: `br${i}` })
    if (!released) early += 1
  }),
)
// Behind what waits for room in the pool.
const aborts = await Promise.all([first, aborted(3)])
const questions: number[] = []
for (const end = performance.now() + 500; performance.now() < end; ) questions.push(await milliseconds(asking))
const asked = { rounds: questions.length, longest: Math.max(...questions) }
const during = await others(() => !released)
const results = await Promise.allSettled(adding)
const rejected = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
await Promise.all([...clients, asker].map((nl) => nl.close()))
await Promise.all(namespaces.map((ns) => ns.close()))

const well =
  held === 'held' &&
  early === 0 &&
  rejected.length === 0 &&
  during.rounds > 10 &&
  asked.rounds > 10 &&
  asked.longest < 500 &&
  aborts.map(({ outcome }) => outcome).join() === 'ABORT_ERR unknown,ABORT_ERR unsent' &&
  aborts.every(({ took }) => took < 1000) &&
  during.stat < 5 * before.stat + 1 &&
  during.dns < 5 * before.dns + 1
console.log(
  JSON.stringify({ before, during, asked, aborts, added: results.length - rejected.length, rejected, early, well }),
)
if (!well) process.exitCode = 1
