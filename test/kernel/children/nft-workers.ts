/**
 * nl.nft, nl.nat and nl.conntrack in worker threads: `together` runs four that each do everything in a namespace of its own, then something in one
 * that they share; `terminate` ends twelve in the middle of transactions. What was seen is printed.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { NFT_MSG_GETCHAIN } from '../../../protocol/netfilter/nftables/operations.ts'
import { Namespace, type Netlink } from '../../../src/index.ts'
import type { NftBatch } from '../../../src/nft/transaction/batch.ts'
import { descriptors } from './descriptors.ts'
import { exit, message } from './threads.ts'

interface Task {
  what: 'once' | 'forever'
  /** The shared namespace. */
  shared: string
  number: number
  blocking: boolean
}

/** A ruleset of so many rules, whatever was there. */
const rules = (count: number) => (b: NftBatch) => {
  b.table.add({ name: 't' })
  b.chain.add({ table: 't', name: 'c' })
  b.chain.flush({ table: 't', name: 'c' })
  for (let i = 0; i < count; i += 1) b.rule.add({ table: 't', chain: 'c', rule: [{ counter: null }], comment: `${i}` })
}
/** How many rules the chain has. */
const there = async (nl: Netlink) => (await nl.dump(NFT_MSG_GETCHAIN, {})).find(({ name }) => name === 'c')?.use
const tcp = (dport: number) =>
  ({
    protocol: 'tcp',
    orig: { src: '192.0.2.1', dst: '198.51.100.1', sport: 1, dport },
    timeout: 600,
    state: 'established',
  }) as const

async function once({ shared, number, blocking }: Task) {
  await using own = await Namespace.create()
  await using nl = await own.netlink({ blocking })
  await nl.nft.batch(rules(1000))
  const nat = await nl.nat.masquerade({ source: '10.0.0.0/8' })
  const listed = (await nl.nft.list()).rules.length
  await nat.remove()
  for (let i = 1; i <= 10; i += 1) await nl.conntrack.add(tcp(i))
  const entries = (await nl.conntrack.list({ protocol: 'tcp' })).length
  const removed = await nl.conntrack.flush({ orig: { dport: 3 } })
  const left = await nl.conntrack.count()
  const refused = await nl.nft.rule.add({ table: 't', chain: 'x', rule: [{ drop: null }] }).then(
    () => 'nothing',
    ({ code }: { code: string }) => code,
  )
  await using together = await Namespace.open(shared)
  await using ours = await together.netlink({ blocking })
  const add = (i: number) => (b: NftBatch) =>
    b.rule.add({ ...at, rule: [{ counter: null }], comment: `${number} ${i}` })
  for (let i = 0; i < 10; i += 1) await ours.nft.update((_, b) => void add(i)(b))
  await ours.nat.masquerade({ source: `10.${number}.0.0/16` })
  return { listed, entries, removed, left, refused }
}
const at = { table: 't', chain: 'c' } as const

async function forever({ shared, number, blocking }: Task): Promise<void> {
  const ns = await Namespace.open(shared)
  const nl = await ns.netlink({ blocking })
  parentPort?.postMessage('going')
  for (let i = 0; ; i += 1) {
    await nl.nft.batch(rules(i % 2 ? 500 : 1000))
    await nl.nat.masquerade({ source: `10.${number}.0.0/16` })
    await nl.nat.remove(`masquerade 10.${number}.0.0/16`)
    for await (const _ of nl.conntrack.list()) break
  }
}

const start = (task: Task) => new Worker(fileURLToPath(import.meta.url), { workerData: task })

async function together(blocking: boolean): Promise<unknown> {
  await using ns = await Namespace.create(`nft-workers-${process.pid}`)
  await using nl = await ns.netlink()
  await nl.nft.batch(rules(0))
  // What this client opens once is open now.
  await nl.nft.list()
  const before = descriptors()
  const task = { what: 'once', shared: ns.name ?? '', blocking } as const
  const workers = [1, 2, 3, 4].map((number) => start({ ...task, number }))
  const exits = workers.map(exit)
  const results = await Promise.all(workers.map(message))
  await Promise.all(exits)
  const nat = (await nl.nat.list()).map(({ name }) => name).sort()
  const comments = (await nl.nft.rule.list({ table: 't' })).map(({ comment }) => comment).sort()
  return { results, nat, comments, before, after: descriptors() }
}

async function terminate(blocking: boolean): Promise<unknown> {
  await using ns = await Namespace.create(`nft-workers-${process.pid}`)
  await using nl = await ns.netlink()
  await nl.nft.batch(rules(5))
  for (let i = 1; i <= 3; i += 1) await nl.conntrack.add(tcp(i))
  await there(nl)
  const before = descriptors()
  const seen = new Set<number | undefined>()
  // On a busy machine the first ones end before their first transaction has.
  const early = (round: number): boolean => round < 60 && [...seen].every((count) => count === 5)
  for (let round = 0; round < 6 || early(round); round += 1) {
    const workers = [0, 1].map((number) => start({ what: 'forever', shared: ns.name ?? '', number, blocking }))
    const exits = workers.map(exit)
    await Promise.all(
      workers.map(async (worker, i) => {
        await message(worker)
        await delay(round < 6 ? (round * 67 + i * 31) % 293 : 100 * round)
        await worker.terminate()
      }),
    )
    await Promise.all(exits)
    seen.add(await there(nl))
    // Another transaction, and as it was in the beginning.
    await nl.nft.batch(rules(5))
    if ((await there(nl)) !== 5) throw new Error('the next transaction does not do what it says')
  }
  return { seen: [...seen].sort(), before, after: descriptors() }
}

if (!isMainThread) {
  // Sent by start().
  const task = workerData as Task
  if (task.what === 'forever') await forever(task)
  else parentPort?.postMessage(await once(task))
} else {
  const [what, mode] = process.argv.slice(2)
  console.log(JSON.stringify(await (what === 'together' ? together : terminate)(mode === 'blocking')))
}
