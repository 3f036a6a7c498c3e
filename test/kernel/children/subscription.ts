/** Subscriptions and how processes end. The first argument says which case; it runs in a network namespace of its own. */
import { readdirSync } from 'node:fs'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { Netlink } from '../../../src/netlink.ts'

const print = (value: unknown) => console.log(JSON.stringify(value))
const turn = () => new Promise(setImmediate)
const groups = ['link', 'ipv4_ifaddr', 'ipv4_route'] as const
const descriptors = () => readdirSync('/proc/self/fd').length
const lo = (nl: Netlink, up: boolean) => nl.link.set('lo', { up })

const cases: Record<string, () => Promise<void>> = {
  /** Nobody awaits an event: the process ends by itself. */
  async idle() {
    const nl = await Netlink.open()
    const events = await nl.subscribe({ groups })
    await lo(nl, true)
    await events.next()
    print('idle')
  },

  /** Somebody does: it lives until the event comes. The timer alone would not keep it alive. */
  async awaited() {
    const nl = await Netlink.open()
    setTimeout(() => lo(nl, true), 300).unref()
    for await (const event of nl.subscribe({ groups })) {
      print(event.type)
      break
    }
  },

  async exit() {
    const nl = await Netlink.open()
    const events = await nl.subscribe({ groups })
    void events.next()
    await lo(nl, true)
    setImmediate(() => process.exit(7))
  },

  /** Nobody holds it any more, nothing was closed; and then something comes. */
  async forgotten() {
    const other = await Netlink.open()
    for (let i = 0; i < 50; i += 1) {
      const nl = await Netlink.open()
      const events = await nl.subscribe({ groups })
      void events.next()
    }
    for (let i = 0; i < 5; i += 1) {
      globalThis.gc?.()
      await turn()
      await lo(other, i % 2 === 0)
    }
    print('alive')
    process.exit(0)
  },

  async churn() {
    const nl = await Netlink.open()
    // What is made once: koffi, epoll, buffers.
    await (await nl.subscribe({ groups })).close()
    const before = descriptors()
    let seen = 0
    for (let i = 0; i < 1000; i += 1) {
      const controller = new AbortController()
      const events = nl.subscribe({ groups, signal: controller.signal })[Symbol.asyncIterator]()
      const next = events.next().then(
        ({ done }) => (seen += done ? 0 : 1),
        () => 0,
      )
      // Closed at different moments, in different ways, with events on their way.
      if (i % 3 > 0) await events.ready
      if (i % 3 > 1) await lo(nl, i % 2 === 0)
      for (let turns = i % 5; turns > 0; turns -= 1) await turn()
      if (i % 7 === 0) controller.abort()
      await events.close()
      await next
    }
    const subscriptions = await Promise.all(Array.from({ length: 50 }, () => nl.subscribe({ groups })))
    const open = descriptors() - before
    await nl.close()
    const ended = await Promise.all(subscriptions.map((each) => each.next()))
    // The client's own socket is closed too.
    print({ open, left: descriptors() - before + 1, seen: seen > 0, ended: ended.every(({ done }) => done) })
  },

  /** Threads that are ended at any moment of a flood; each says when it has seen something. */
  async workers() {
    const nl = await Netlink.open()
    let running = true
    const flood = (async () => {
      for (let i = 0; running; i += 1) await lo(nl, i % 2 === 0)
    })()
    const before = descriptors()
    let seen = 0
    for (let i = 0; i < 40; i += 1) {
      const worker = new Worker(new URL(import.meta.url), { argv: ['worker'] })
      await new Promise((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      })
      seen += 1
      for (let turns = i; turns > 0; turns -= 1) await turn()
      await worker.terminate()
    }
    running = false
    await flood
    print({ seen, left: descriptors() - before })
    await nl.close()
  },

  async worker() {
    const nl = await Netlink.open()
    let told = false
    for await (const event of nl.subscribe({ groups })) {
      if (!told) parentPort?.postMessage(event.type)
      told = true
    }
  },

  /** A Worker that has nothing else to do ends, and so does its awaited subscription when it is closed. */
  async workerEnds() {
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url), { argv: ['workerEnds'] })
      print(await new Promise((resolve) => worker.once('exit', resolve)))
      return
    }
    const nl = await Netlink.open()
    const closed = await nl.subscribe({ groups })
    setTimeout(() => closed.close(), 50)
    for await (const event of closed) print(event.type)
    await nl.subscribe({ groups })
  },

  async unprivileged() {
    const nl = await Netlink.open()
    await using events = await nl.subscribe({ groups: ['link'] })
    const refused = (error: unknown) => {
      const { code, message } = error as { code: string; message: string }
      return { code, message }
    }
    const netfilter = await nl.subscribe({ protocol: 'netfilter', groups: [1] }).catch(refused)
    const everywhere = await nl.subscribe({ groups: ['link'], allNsid: true }).catch(refused)
    print({ netfilter, everywhere, closed: events.closed })
  },
}

await cases[process.argv[2] ?? '']?.()
