/**
 * Hundreds of transactions, NAT rules and lists of connections, refused and aborted ones among them, in the namespace it is started in: what is
 * open, and what the heap has, before and after. Prints JSON. Takes --expose-gc.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Netlink } from '../../../src/index.ts'
import { descriptors } from './descriptors.ts'

const at = { table: 't', chain: 'c' } as const
const failed = async (promise: Promise<unknown>): Promise<void> => {
  await promise.then(
    () => {
      throw new Error('did not fail')
    },
    () => undefined,
  )
}

async function transaction(nl: Netlink, i: number): Promise<void> {
  const fill = (count: number, target?: string) =>
    nl.nft.batch((b) => {
      b.table.add({ name: 't' })
      b.chain.add({ table: 't', name: 'c' })
      b.chain.flush({ table: 't', name: 'c' })
      b.set.add({ table: 't', name: `s${i}`, type: 'ipv4_addr', elements: ['192.0.2.1', `192.0.2.${2 + (i & 127)}`] })
      b.set.del({ table: 't', name: `s${i}` })
      for (let n = 0; n < count; n += 1) b.rule.add({ ...at, rule: [{ counter: null }], comment: `${i} ${n}` })
      if (target !== undefined) b.rule.add({ ...at, rule: [{ jump: { target } }] })
    })
  await fill(30)
  if (i % 5 === 0) await failed(fill(30, 'nowhere'))
  if (i % 7 === 0) await failed(nl.nft.batch((b) => b.table.add({ name: 'u' }), { signal: AbortSignal.abort() }))
  if (i % 10 === 0) await nl.nft.list()
}

async function nat(nl: Netlink, i: number): Promise<void> {
  const handle = await nl.nat.masquerade({ source: `10.${i}.0.0/16` })
  await failed(nl.nat.masquerade({ source: '10.0.0.0/8', name: `masquerade 10.${i}.0.0/16` }))
  await handle.remove()
}

async function connections(nl: Netlink, i: number): Promise<void> {
  for (let dport = 1; dport <= 10; dport += 1)
    await nl.conntrack.add({
      protocol: 'udp',
      orig: { src: '192.0.2.1', dst: '198.51.100.1', sport: i + 1, dport },
      timeout: 60,
    })
  await nl.conntrack.list()
  // Left half-way.
  for await (const _ of nl.conntrack.list()) break
  await nl.conntrack.flush()
}

async function all(nl: Netlink, transactions: number): Promise<void> {
  for (let i = 0; i < transactions; i += 1) {
    await transaction(nl, i)
    if (i % 6 === 0) await nat(nl, i / 6)
    if (i % 6 === 3) await connections(nl, i)
  }
}

/** In bytes, once everything that can go has gone. */
async function memory(): Promise<{ heap: number; buffers: number }> {
  for (let i = 0; i < 4; i += 1) {
    await delay(20)
    globalThis.gc?.()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers }
}

async function main(blocking: boolean): Promise<void> {
  const nl = await Netlink.open({ blocking })
  await all(nl, 30)
  const before = descriptors()
  const start = await memory()
  await all(nl, 300)
  const end = await memory()
  // What a dump that was left half-way had may still be closing.
  await delay(120)
  const after = descriptors()
  await nl.close()
  console.log(
    JSON.stringify({ before, after, grown: { heap: end.heap - start.heap, buffers: end.buffers - start.buffers } }),
  )
}

void main(process.argv[2] === 'blocking')
