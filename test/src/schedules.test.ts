/** Random kernels and random callers: whatever happens, every call settles, and never with a lie. */
import { constants } from 'node:os'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NLM_F_DUMP_INTR } from '../../protocol/netlink/constants.ts'
import { Conversation } from '../../src/conversation.ts'
import { Descriptor } from '../../src/descriptor.ts'
import { Dump } from '../../src/dump.ts'
import { NetlinkError } from '../../src/error.ts'
import {
  type Answer,
  acknowledgement,
  done,
  FakeKernel,
  type FakeRequest,
  message,
  reply,
  text,
} from './fake-kernel.ts'

const { errno } = constants
/** `npm run test:unit` makes 300; the number of a long run comes from outside. */
const RUNS = Number(process.env.SCHEDULES ?? 300)

const kernelTurn = fc.oneof(
  { weight: 8, arbitrary: fc.constant('well' as const) },
  fc.constantFrom(
    'refuse',
    'silent',
    'overrun',
    'refusal lost',
    'stranger',
    'twice',
    'cut',
    'interrupted',
    'no write' as const,
  ),
)
const action = fc.oneof(
  { weight: 6, arbitrary: fc.constant('request' as const) },
  { weight: 4, arbitrary: fc.constant('get' as const) },
  { weight: 2, arbitrary: fc.constantFrom('dump', 'task', 'abort', 'tick', 'late' as const) },
  { weight: 1, arbitrary: fc.constant('close' as const) },
)
const schedule = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 40 }),
  turns: fc.array(kernelTurn, { minLength: 1, maxLength: 30 }),
  delays: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 10 }),
  receiveBuffer: fc.constantFrom(8192, 212_992),
  blocking: fc.boolean(),
  /** So many requests in one go, before the others: more than wait for the caller to let go of the thread. */
  crowd: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: 1000, max: 2600 })),
  early: fc.boolean(),
})

const CUT = 70_000

class Script<T> {
  #at = 0
  readonly #items: readonly T[]
  constructor(items: readonly T[]) {
    this.#items = items
  }
  next(): T {
    const item = this.#items[this.#at % this.#items.length]
    this.#at += 1
    // The arrays above have at least one item.
    return item as T
  }
}

test(`${RUNS} random schedules`, { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async ({ actions, turns, delays, receiveBuffer, blocking, crowd, early }) => {
      const turn = new Script(turns)
      const delay = new Script(delays)
      /** What the kernel really did with each request, by name. */
      const did = new Map<string, 'done' | 'refused'>()
      const answer = (request: FakeRequest): Answer => {
        const name = text(request.payload)
        const what = turn.next()
        if (what === 'refuse') {
          did.set(name, 'refused')
          return { errno: errno.EPERM }
        }
        if (what === 'refusal lost') {
          did.set(name, 'refused')
          return { silent: true, failures: [-errno.ENOBUFS] }
        }
        did.set(name, 'done')
        const failures = what === 'overrun' ? [-errno.ENOBUFS] : []
        if (name.startsWith('dump')) {
          const flags = what === 'interrupted' ? NLM_F_DUMP_INTR : 0
          const first = reply(request, what === 'cut' ? `${name} `.padEnd(CUT) : name, 2 | flags)
          return { dump: what === 'silent' ? [first] : [first, reply(request, `${name} `, 2), done(request)], failures }
        }
        if (what === 'silent' || what === 'overrun') return { silent: true, failures }
        const strangers =
          what === 'stranger'
            ? [message(16, 'x', 0, request.seq + 1_000_000), message(2, new Uint8Array(20), 0, 0)]
            : []
        if (name.startsWith('get')) {
          const own = reply(request, what === 'cut' ? name.padEnd(CUT) : name)
          return { replies: what === 'twice' ? [own, own] : [...strangers, own] }
        }
        return what === 'twice' ? { replies: [acknowledgement(request)] } : { replies: strangers }
      }
      const kernel = new FakeKernel(answer, {
        receiveBuffer,
        early,
        writeErrors: turns.includes('no write') ? [-errno.ENOBUFS] : [],
        delay: (job) => {
          let left = delay.next()
          const wait = () => {
            left -= 1
            if (left < 0) job()
            else setImmediate(wait)
          }
          setImmediate(wait)
        },
      })
      const conversation = await Conversation.open({ open: kernel.open, blocking, deadline: 5000 })
      let released = 0
      const calls: Promise<void>[] = []
      const expected: Descriptor[] = []
      for (const [i, what] of [...Array<'request'>(crowd).fill('request'), ...actions].entries()) {
        const name = `${what}${i}`
        if (what === 'tick') {
          await new Promise(setImmediate)
          continue
        }
        if (what === 'close') {
          void conversation.close()
          continue
        }
        const abort = what === 'abort' ? new AbortController() : undefined
        const descriptor = new Descriptor(1_000_000 + i, name, () => {
          released += 1
        })
        expected.push(descriptor)
        const heard: string[] = []
        const call = {
          bytes: message(20, name, 1),
          operation: 'TEST',
          subject: name,
          keepAlive: [descriptor],
          signal: abort?.signal,
          ...(what === 'late' && { deadline: 0.01 }),
        }
        const take = ({ bytes, offset, end }: { bytes: Uint8Array; offset: number; end: number }) => {
          heard.push(text(bytes.slice(offset, end)).trim())
        }
        let result: Promise<unknown>
        if (what === 'dump')
          result = new Dump({
            prepare: () => call,
            chunks: (request) => conversation.chunks(request),
            decode: ({ bytes, offset, end }) => text(bytes.slice(offset, end)).trim(),
          }).then((list) => expect(list).toEqual([name, name]))
        else if (what === 'get')
          result = conversation
            .request({ ...call, answer: 'reply', idempotent: true, unlocked: i % 2 === 0, reply: take })
            .then(() => expect(heard).toEqual([name]))
        else if (what === 'task')
          result = conversation.ordered({ operation: 'TASK' }, async (lane) => {
            await lane.ask({ bytes: message(20, `ask${i}`, 1), operation: 'ASK', idempotent: true })
            await lane.send(call)
          })
        else result = conversation.request(call)
        calls.push(
          result.then(
            () => {
              // A dump that was refused after all can only have been asked again.
              expect(did.get(name)).toBe('done')
            },
            (error: unknown) => {
              if (!(error instanceof NetlinkError)) throw error
              if (error.outcome === 'unsent') expect(did.has(name)).toBe(false)
              if (error.outcome === 'refused' && error.operation !== 'ASK') expect(did.get(name)).toBe('refused')
            },
          ),
        )
        abort?.abort()
      }
      await Promise.all(calls)
      await conversation.close()
      for (const descriptor of expected) descriptor.close()
      expect(released).toBe(expected.length)
      await new Promise(setImmediate)
      expect(kernel.openSockets).toBe(0)
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 250_000, markInterruptAsFailure: false },
  )
})
