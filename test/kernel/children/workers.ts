/**
 * Worker threads: `together` runs four that each do everything once, `terminate` ends forty wherever they are. What is left over is printed.
 * As a process of its own, because what may go wrong here is a crash.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Namespace, Netlink, NetlinkError } from '../../../src/index.ts'
import { descriptors } from './descriptors.ts'
import { exit, message } from './threads.ts'

const address = (i: number) => `10.0.${i >> 8}.${i & 255}/32`

/** Whatever a client does, in namespaces of its own; returns what it saw. */
async function work(blocking: boolean, step: (name: string) => void) {
  await using ns = await Namespace.create()
  step('namespace')
  await using peer = await Namespace.create()
  await using nl = await ns.netlink({ blocking })
  await using other = await peer.netlink({ blocking })
  step('clients')
  const veth = await nl.link.add({
    kind: 'veth',
    name: 'v0',
    up: true,
    data: { peer: { name: 'v1', namespace: peer, up: true } },
  })
  step('link')
  await nl.link.set('lo', { up: true })
  await nl.addr.add({ dev: 'v0', address: '192.0.2.1/24' })
  const results = await nl.batch((b) => {
    for (let i = 0; i < 1000; i += 1) b.route.add({ to: address(i), dev: veth.index })
  })
  step('batch')
  let routes = 0
  // Left half-way, and then to its end.
  for await (const _ of nl.route.list({ family: 'inet' })) if (++routes > 100) break
  const listed = (await nl.route.list({ family: 'inet' })).length
  step('dump')
  const refused = await nl.link.add({ kind: 'bridge', name: 'v0' }).then(
    () => 'nothing',
    (error: unknown) => (error instanceof NetlinkError ? error.code : String(error)),
  )
  await ns.sysctl.set('net.ipv4.ip_forward', 1)
  const done = results.filter(({ status }) => status === 'fulfilled').length
  const seen = (await other.link.list()).map(({ name }) => name).sort()
  return { done, listed, refused, seen, forward: await ns.sysctl.get('net.ipv4.ip_forward') }
}

async function once(): Promise<void> {
  const warnings: string[] = []
  process.on('warning', ({ message }) => warnings.push(message))
  const result = await work(workerData.blocking, () => {})
  // Warnings are told in a later turn.
  await delay(10)
  parentPort?.postMessage({ ...result, warnings })
}

async function forever(): Promise<void> {
  for (let round = 0; round < 1000; round += 1)
    await work(workerData.blocking, (name) => {
      if (round === 0) parentPort?.postMessage(name)
    })
}

const start = (data: Record<string, unknown>) => new Worker(fileURLToPath(import.meta.url), { workerData: data })

async function together(blocking: boolean): Promise<unknown> {
  const before = descriptors()
  const workers = Array.from({ length: 4 }, () => start({ task: 'once', blocking }))
  const exits = workers.map(exit)
  const results = await Promise.all(workers.map(message))
  await Promise.all(exits)
  return { results, before, after: descriptors() }
}

async function terminate(blocking: boolean): Promise<unknown> {
  // This thread works on all the while; its own descriptors are not counted.
  await using nl = await Netlink.open()
  await nl.link.list()
  const before = descriptors()
  const steps = ['namespace', 'clients', 'link', 'batch', 'dump']
  const reached = new Set<unknown>()
  for (let round = 0; round < 10; round += 1) {
    const workers = Array.from({ length: 4 }, () => start({ task: 'forever', blocking }))
    const exits = workers.map(exit)
    await Promise.all(
      workers.map(async (worker, i) => {
        const wanted = steps[(round * 4 + i) % steps.length]
        await new Promise<void>((resolve, reject) => {
          worker.on('error', reject)
          worker.on('message', (name) => {
            if (name !== wanted) return
            reached.add(name)
            resolve()
          })
        })
        // From there on at moments that differ.
        await delay((round * 7 + i * 3) % 29)
        await worker.terminate()
      }),
    )
    await Promise.all([...exits, nl.link.list()])
  }
  return { reached: reached.size, before, after: descriptors() }
}

if (!isMainThread) await (workerData.task === 'once' ? once() : forever())
else {
  const [task, mode] = process.argv.slice(2)
  const blocking = mode === 'blocking'
  console.log(JSON.stringify(await (task === 'together' ? together(blocking) : terminate(blocking))))
}
