/** Deadlines, abort, close and order: what ends a call, and when. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Call } from '../../src/call.ts'
import { Conversation, type ConversationOptions } from '../../src/conversation.ts'
import { NetlinkError } from '../../src/error.ts'
import type { Lane } from '../../src/pending.ts'
import { FakeKernel, type FakeOptions, type Handler, message, text } from './fake-kernel.ts'

const opened: Conversation[] = []
/** Jobs that the fake keeps in the pool until they are let go. */
let held: (() => void)[] = []
const hold: FakeOptions = { delay: (job) => void held.push(job) }
const letGo = () => {
  for (const job of held.splice(0)) job()
}
const tick = () => new Promise(setImmediate)

afterEach(async () => {
  const closing = opened.splice(0).map((conversation) => conversation.close())
  letGo()
  held = []
  await Promise.all(closing)
})

async function start(handler?: Handler, options: FakeOptions & Omit<ConversationOptions, 'open'> = {}) {
  const kernel = new FakeKernel(handler, options)
  const conversation = await Conversation.open({ ...options, open: kernel.open })
  opened.push(conversation)
  return { kernel, conversation }
}

const call = (payload: string, more: Partial<Call> = {}): Call => ({
  bytes: message(20, payload, 1),
  operation: 'RTM_TEST',
  ...more,
})

const sent = (kernel: FakeKernel) => kernel.writes.map((write) => write.map(({ payload }) => text(payload)).join(' '))

const verdict = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: unknown) => {
      expect(error).toBeInstanceOf(NetlinkError)
      return `${(error as NetlinkError).code} ${(error as NetlinkError).outcome}`
    },
  )

describe('deadlines', () => {
  test('say whether the request had been sent', async () => {
    const { kernel, conversation } = await start(undefined, { ...hold, deadline: 30 })
    const first = verdict(conversation.request(call('a')))
    await tick()
    const second = verdict(conversation.request(call('b')))
    const patient = verdict(conversation.request(call('c', { deadline: 5000 })))
    expect(await first).toBe('ETIMEDOUT unknown')
    expect(await second).toBe('ETIMEDOUT unsent')
    letGo()
    await tick()
    letGo()
    expect(await patient).toBe('ok')
    expect(sent(kernel)).toEqual(['a', 'c'])
  })

  test('do not beat an answer that came while this thread was busy', async () => {
    const { conversation } = await start(undefined, { deadline: 20 })
    const answered = verdict(conversation.request(call('a')))
    const until = performance.now() + 60
    await Promise.resolve()
    while (performance.now() < until);
    expect(await answered).toBe('ok')
  })

  test('bound a task too, whatever it waits for, and free its place', async () => {
    const { kernel, conversation } = await start(undefined, { deadline: 5000 })
    const stuck = verdict(conversation.ordered({ operation: 'stuck', deadline: 20 }, () => new Promise(() => {})))
    const behind = verdict(conversation.request(call('behind')))
    expect(await stuck).toBe('ETIMEDOUT unsent')
    expect(await behind).toBe('ok')
    expect(sent(kernel)).toEqual(['behind'])
  })
})

describe('abort', () => {
  test('before, while it waits, and after it was sent', async () => {
    const { kernel, conversation } = await start(undefined, hold)
    expect(await verdict(conversation.request(call('a', { signal: AbortSignal.abort() })))).toBe('ABORT_ERR unsent')
    const [out, waiting] = [new AbortController(), new AbortController()]
    const first = verdict(conversation.request(call('b', { signal: out.signal })))
    await tick()
    const second = verdict(conversation.request(call('c', { signal: waiting.signal })))
    const third = verdict(conversation.request(call('d')))
    waiting.abort()
    out.abort()
    expect(await Promise.all([first, second])).toEqual(['ABORT_ERR unknown', 'ABORT_ERR unsent'])
    letGo()
    await tick()
    letGo()
    expect(await third).toBe('ok')
    expect(sent(kernel)).toEqual(['b', 'd'])
  })

  test('carries the reason, and one signal serves many calls', async () => {
    const { conversation } = await start(undefined, hold)
    const abort = new AbortController()
    const calls = Array.from({ length: 200 }, (_, i) => conversation.request(call(`${i}`, { signal: abort.signal })))
    abort.abort(new Error('changed my mind'))
    const results = await Promise.allSettled(calls)
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    await expect(calls[0]).rejects.toMatchObject({ cause: { message: 'changed my mind' } })
  })
})

test('a task that throws at once is a call that fails, and no later one waits for it', async () => {
  const { conversation } = await start()
  const thrown = new TypeError('at once')
  const task = conversation.ordered({ operation: 'task' }, () => {
    throw thrown
  })
  const behind = conversation.request(call('behind'))
  await expect(task).rejects.toBe(thrown)
  expect(await verdict(behind)).toBe('ok')
})

describe('close', () => {
  test('rejects everything at once, and closes when the job has come back', async () => {
    const { kernel, conversation } = await start(undefined, hold)
    const out = verdict(conversation.request(call('a')))
    await tick()
    const waiting = verdict(conversation.request(call('b')))
    const task = verdict(conversation.ordered({ operation: 'task' }, (lane) => lane.send(call('c'))))
    const dump = verdict(conversation.chunks(call('d')).next())
    const closing = conversation.close()
    expect(await Promise.all([out, waiting, task, dump])).toEqual([
      'ERR_CLOSED unknown',
      'ERR_CLOSED unsent',
      'ERR_CLOSED unsent',
      'ERR_CLOSED unsent',
    ])
    expect(kernel.openSockets).toBe(1)
    letGo()
    await closing
    expect(kernel.openSockets).toBe(0)
    expect(await verdict(conversation.request(call('late')))).toBe('ERR_CLOSED unsent')
    expect(await verdict(conversation.chunks(call('late')).next())).toBe('ERR_CLOSED unsent')
    expect(sent(kernel)).toEqual(['a'])
  })

  test('twice, and from a reply, is fine', async () => {
    const { conversation } = await start((request) => ({ replies: [message(16, 'r', 0, request.seq)] }))
    await verdict(conversation.request(call('a', { answer: 'reply', reply: () => void conversation.close() })))
    await conversation.close()
    await conversation.close()
  })
})

describe('order', () => {
  /** Looks `name` up, then sends. */
  const lookUp =
    (name: string, log?: string[]) =>
    async (lane: Lane): Promise<void> => {
      log?.push(name)
      await lane.ask(call(`?${name}`, { idempotent: true }))
      await lane.send(call(`${name}!`, { names: false }))
    }

  test('a later request never overtakes one that looks a name up', async () => {
    const { kernel, conversation } = await start()
    await Promise.all([
      conversation.request(call('new')),
      conversation.ordered({ operation: 'x', names: false }, lookUp('a')),
      conversation.request(call('del')),
    ])
    expect(sent(kernel)).toEqual(['new ?a', 'a! del'])
  })

  test('look-ups of neighbours travel together', async () => {
    const { kernel, conversation } = await start()
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(names.map((name) => conversation.ordered({ operation: 'x', names: false }, lookUp(name))))
    expect(sent(kernel)).toEqual(['?a ?b ?c ?d', 'a! b! c! d!'])
  })

  test('but not past one that may change a name', async () => {
    const { kernel, conversation } = await start()
    await Promise.all([
      conversation.ordered({ operation: 'rename' }, lookUp('a')),
      conversation.ordered({ operation: 'x', names: false }, lookUp('b')),
    ])
    expect(sent(kernel)).toEqual(['?a', 'a! ?b', 'b!'])
  })

  test('a task that fails or sends nothing gives its place up', async () => {
    const { kernel, conversation } = await start()
    const results = [
      verdict(
        conversation.ordered({ operation: 'x' }, () =>
          Promise.reject(new NetlinkError({ code: 'ENODEV', operation: 'x' })),
        ),
      ),
      verdict(conversation.ordered({ operation: 'y' }, async () => 'nothing to do')),
      verdict(conversation.request(call('last'))),
    ]
    expect(await Promise.all(results)).toEqual(['ENODEV refused', 'ok', 'ok'])
    expect(sent(kernel)).toEqual(['last'])
  })

  test('what a task sends after its place is used goes ahead', async () => {
    const { kernel, conversation } = await start()
    const task = conversation.ordered({ operation: 'x' }, async (lane) => {
      await Promise.all([lane.send(call('one')), lane.send(call('two'))])
      await lane.send(call('three'))
    })
    await Promise.all([task, conversation.request(call('other'))])
    expect(sent(kernel)).toEqual(['one two other', 'three'])
  })

  test('an aborted task takes its requests along', async () => {
    const { conversation } = await start(undefined, hold)
    const abort = new AbortController()
    const looking = verdict(conversation.ordered({ operation: 'x', signal: abort.signal }, lookUp('a')))
    await tick()
    abort.abort()
    // Only a look-up was sent.
    expect(await looking).toBe('ABORT_ERR unsent')
  })

  test('a dump starts behind the requests made before it', async () => {
    const { kernel, conversation } = await start()
    const requests = [conversation.request(call('a')), conversation.ordered({ operation: 'x' }, lookUp('b'))]
    const dump = verdict(conversation.chunks(call('dump')).next())
    await Promise.all(requests)
    await dump
    expect(sent(kernel)).toEqual(['a ?b', 'b!', 'dump'])
  })

  test('holds in blocking mode, where a call is done when it returns', async () => {
    const { kernel, conversation } = await start(undefined, { blocking: true })
    const first = conversation.request(call('a'))
    expect(sent(kernel)).toEqual(['a'])
    const task = conversation.ordered({ operation: 'x' }, lookUp('b'))
    const last = conversation.request(call('c'))
    await Promise.all([first, task, last])
    expect(sent(kernel)).toEqual(['a', '?b', 'b! c'])
  })
})
