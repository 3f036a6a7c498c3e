/** Kill -9 in the middle of nl.nft.batch(): each transaction is there whole, or not at all, and the next one works. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NFT_MSG_GETCHAIN } from '../../protocol/netfilter/nftables/operations.ts'
import { Namespace } from '../../src/index.ts'
import { type Bundle, bundle } from './bundle.ts'

const RULES = 20_000
let program: Bundle
beforeAll(async () => {
  program = await bundle('nft-batch', 'esm')
})
afterAll(() => program.remove())

interface Killed {
  /** Rules of the transactions that the kernel was given, the last one at most half-way through. */
  sent: number[]
  /** Rules that are there. */
  there: number
  /** It had said that all is done. */
  done: boolean
  /** Milliseconds from the beginning, and from the first transaction, to the end. */
  whole: number
  inKernel: number
}

/** Kills it some time after it has given the kernel its n-th transaction; 0: after the beginning. Without `after`, it may finish. */
async function killed(how: 'whole' | 'steps', nth: number, after?: number): Promise<Killed> {
  const args = ['--net', process.execPath, program.main, String(RULES), how]
  const child = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const sent: number[] = []
  let done = false
  const reached = once(child, 'nth')
  let [begun, first] = [0, 0]
  createInterface(child.stdout).on('line', (line) => {
    if (line === 'ready') child.emit('ready')
    else if (line === 'done') done = true
    else if (sent.push(Number(line)) === 1) first = performance.now()
    if (sent.length === nth) child.emit('nth')
  })
  await once(child, 'ready')
  // It keeps the namespace, whatever becomes of the child.
  await using ns = await Namespace.open({ pid: child.pid ?? 0 })
  begun = performance.now()
  child.stdin.write('go')
  if (after !== undefined) {
    if (nth > 0) await Promise.race([reached, closed])
    await delay(after)
    child.kill('SIGKILL')
  }
  await closed
  const end = performance.now()
  await using nl = await ns.netlink()
  const there = (await nl.dump(NFT_MSG_GETCHAIN, {}))[0]?.use ?? -1
  // Another transaction
  await nl.nft.batch((b) => {
    b.chain.flush({ table: 't', name: 'c' })
    b.rule.add({ table: 't', chain: 'c', rule: [{ drop: null }] })
  })
  expect((await nl.nft.rule.list()).map(String)).toEqual(['drop'])
  return { sent, there, done, whole: end - begun, inKernel: end - first }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

test('20,000 rules in one transaction: all or none, wherever it is killed', async () => {
  const alive = await killed('whole', 0)
  expect(alive).toMatchObject({ sent: [RULES], there: RULES, done: true })
  const rounds = 6
  const seen = { unsent: 0, none: 0, all: 0 }
  for (let round = 0; round < rounds; round += 1) {
    // Half of them while the commands are written, half of them while the kernel has them.
    const share = (round >> 1) / (rounds / 2 - 1)
    const [nth, after] = round % 2 ? [1, alive.inKernel * share] : [0, (alive.whole - alive.inKernel) * share]
    const { sent, there } = await killed('whole', nth, after)
    expect([0, sum(sent)], `killed ${after} ms after ${nth}`).toContain(there)
    seen[sent.length === 0 ? 'unsent' : there === 0 ? 'none' : 'all'] += 1
  }
  console.log(
    `killed ${rounds}: ${JSON.stringify(seen)}; alive it took ${alive.whole.toFixed()} ms, ${alive.inKernel.toFixed()} of the kernel`,
  )
  // The first is killed at once.
  expect(seen.unsent).toBeGreaterThan(0)
  expect(seen.none + seen.all).toBeGreaterThan(0)
})

test('in steps: each of them, up to the one that it was killed in', async () => {
  const alive = await killed('steps', 0)
  expect(alive).toMatchObject({ there: RULES, done: true })
  expect(sum(alive.sent)).toBe(RULES)
  const { length } = alive.sent
  expect(length).toBeGreaterThan(3)
  const last: string[] = []
  for (const [i, nth] of [1, 2, length - 1, length].entries()) {
    const { sent, there } = await killed('steps', nth, (alive.inKernel / length / 2) * (i % 2))
    expect(sent.length).toBeGreaterThanOrEqual(nth)
    expect([sum(sent.slice(0, -1)), sum(sent)], `killed in transaction ${nth}`).toContain(there)
    last.push(`${sent.length}: ${there === sum(sent) ? 'there' : 'not'}`)
  }
  console.log(`killed in transactions of ${length}: ${last.join(', ')}`)
})
