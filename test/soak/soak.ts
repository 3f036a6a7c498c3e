/**
 * Requests of all sorts beside endless dumps. A client keeps the order of calls, so what each call must come to is known when it is made:
 * an answer that is lost, or somebody else's, shows.
 */
import { DumpInterruptedError, Namespace, type Netlink, NetlinkError } from '../../src/index.ts'
import { heap, host, random, sockets } from './measure.ts'

export interface SoakOptions {
  count: number
  dumps?: number
  blocking?: boolean
  seed?: number
  progress?: (done: number, heapUsed: number) => void
}

export interface SoakReport {
  requests: number
  /** 'ok', or the error's code, and how many. */
  outcomes: Record<string, number>
  /** What came to something else than it had to; the first few. */
  wrong: string[]
  dumps: number
  objects: number
  interrupted: number
  /** After a warm-up, and at the end. */
  sockets: [number, number]
  heap: [number, number]
  seconds: number
}

/** Issued together; four such groups are in flight. */
const GROUP = 500
const IN_FLIGHT = 4
const ROUTES = 20_000
const ADDRESSES = 200

/** Calls, and what they must come to. */
class Model {
  readonly #nl: Netlink
  readonly #random: () => number
  readonly #index: number
  readonly #routes = new Set<number>()
  readonly #addresses = new Set<number>()

  constructor(nl: Netlink, index: number, seed: number) {
    this.#nl = nl
    this.#index = index
    this.#random = random(seed)
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below)
  }

  next(): { call: Promise<unknown>; wanted: string } {
    const nl = this.#nl
    const which = this.#random()
    if (which < 0.35) {
      const i = this.#pick(ROUTES)
      const wanted = this.#routes.has(i) ? 'EEXIST' : 'ok'
      this.#routes.add(i)
      // One in eight by name: a look-up in the order of calls.
      return { call: nl.route.add({ to: host(i), dev: i % 8 === 0 ? 'v0' : this.#index }), wanted }
    }
    if (which < 0.6) {
      const i = this.#pick(ROUTES)
      return { call: nl.route.del({ to: host(i) }), wanted: this.#routes.delete(i) ? 'ok' : 'ESRCH' }
    }
    if (which < 0.65) {
      const i = this.#pick(ADDRESSES)
      const wanted = this.#addresses.has(i) ? 'EEXIST' : 'ok'
      this.#addresses.add(i)
      return { call: nl.addr.add({ dev: 'lo', address: `127.1.0.${i}/32` }), wanted }
    }
    if (which < 0.7) {
      const i = this.#pick(ADDRESSES)
      const call = nl.addr.del({ dev: 'lo', address: `127.1.0.${i}/32` })
      return { call, wanted: this.#addresses.delete(i) ? 'ok' : 'EADDRNOTAVAIL' }
    }
    if (which < 0.8) {
      const name = this.#random() < 0.5 ? 'v0' : 'v1'
      const call = nl.link.get(name).then((link) => {
        if (link.name !== name) throw new RangeError(`asked for ${name}, got ${link.name}`)
      })
      return { call, wanted: 'ok' }
    }
    if (which < 0.88) return { call: nl.link.get(`none${this.#pick(100)}`), wanted: 'ENODEV' }
    if (which < 0.94) return { call: nl.route.get('127.0.0.1'), wanted: 'ok' }
    if (which < 0.97) return { call: nl.link.set('v1', { mtu: 70_000 }), wanted: 'EINVAL' }
    return { call: nl.route.add({ to: '12.0.0.0/8', via: '203.0.113.1' }), wanted: 'ENETUNREACH' }
  }
}

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { count, dumps = 4, blocking, seed = 1, progress } = options
  await using ns = await Namespace.create()
  await using nl = await ns.netlink({ blocking })
  const { index } = await nl.link.add({ kind: 'veth', name: 'v0', up: true, data: { peer: { name: 'v1', up: true } } })
  await nl.link.set('lo', { up: true })
  const model = new Model(nl, index, seed)
  const report: SoakReport = {
    requests: 0,
    outcomes: {},
    wrong: [],
    dumps: 0,
    objects: 0,
    interrupted: 0,
    sockets: [0, 0],
    heap: [0, 0],
    seconds: 0,
  }
  const start = performance.now()
  // One tenth, 20,000 at most, until caches are warm and the tables are as full as they stay.
  const warm = Math.min(Math.ceil(count / 10), 20_000)
  await requestsAndDumps(nl, model, warm, dumps, report)
  report.heap[0] = await heap()
  report.sockets[0] = await sockets()
  const step = Math.max(GROUP, Math.ceil((count - warm) / 10))
  for (let done = warm; done < count; done += step) {
    await requestsAndDumps(nl, model, Math.min(step, count - done), dumps, report)
    progress?.(report.requests, await heap())
  }
  report.heap[1] = await heap()
  report.sockets[1] = await sockets()
  report.seconds = (performance.now() - start) / 1000
  return report
}

/** `count` requests, and dumps for as long as they take. */
async function requestsAndDumps(nl: Netlink, model: Model, count: number, dumps: number, report: SoakReport) {
  const requests = { done: false }
  const dumping = Array.from({ length: dumps }, (_, i) => dumpOn(nl, i, requests, report))
  try {
    await request(model, count, report)
  } finally {
    requests.done = true
  }
  await Promise.all(dumping)
}

async function request(model: Model, count: number, report: SoakReport): Promise<void> {
  const groups: Promise<void>[] = []
  for (let issued = 0; issued < count; ) {
    const size = Math.min(GROUP, count - issued)
    groups.push(group(model, size, report))
    issued += size
    if (groups.length === IN_FLIGHT) await groups.shift()
    else await new Promise(setImmediate)
  }
  await Promise.all(groups)
}

async function group(model: Model, size: number, report: SoakReport): Promise<void> {
  const calls = Array.from({ length: size }, () => model.next())
  const results = await Promise.allSettled(calls.map(({ call }) => call))
  for (const [i, result] of results.entries()) {
    const outcome = result.status === 'fulfilled' ? 'ok' : codeOf(result.reason)
    const wanted = calls[i]?.wanted
    report.requests += 1
    report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1
    if (outcome !== wanted && report.wrong.length < 20)
      report.wrong.push(`${wanted} wanted: ${result.status === 'rejected' ? result.reason : 'ok'}`)
  }
}

const codeOf = (error: unknown): string => (error instanceof NetlinkError ? error.code : String(error))

/** One dump after another: to the end, left half-way, awaited. */
async function dumpOn(nl: Netlink, number: number, requests: { done: boolean }, report: SoakReport): Promise<void> {
  for (let round = number; !requests.done; round += 1) {
    // A blocking client's answers are there at once: without this no request would have its turn.
    await new Promise(setImmediate)
    try {
      if (round % 4 === 0) report.objects += (await nl.link.list()).length
      else {
        const limit = round % 4 === 1 ? 100 : Number.POSITIVE_INFINITY
        let seen = 0
        for await (const _ of nl.route.list({ family: 'inet', table: round % 8 === 2 ? 'all' : 'main' }))
          if (++seen >= limit) break
        report.objects += seen
      }
      report.dumps += 1
    } catch (error) {
      // Routes come and go meanwhile.
      if (!(error instanceof DumpInterruptedError)) throw error
      report.interrupted += 1
    }
  }
}
