import { constants } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { NLM_F_ACK } from '../../protocol/netlink/constants.ts'
import type { Call } from '../../src/call.ts'
import { Conversation, type ConversationOptions } from '../../src/conversation.ts'
import { Descriptor } from '../../src/descriptor.ts'
import { NetlinkError } from '../../src/error.ts'
import { acknowledgement, FakeKernel, type FakeOptions, type Handler, message, reply, text } from './fake-kernel.ts'

const { errno } = constants
const opened: Conversation[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((conversation) => conversation.close()))
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
  subject: payload,
  ...more,
})

/** A GET: what it was answered with. */
const get = (conversation: Conversation, payload: string, more: Partial<Call> = {}) => {
  const answers: string[] = []
  const take: Call['reply'] = ({ bytes, offset, end }) => answers.push(text(bytes.slice(offset, end)))
  return conversation
    .request(call(payload, { answer: 'reply', idempotent: true, reply: take, ...more }))
    .then(() => answers.join())
}

const sent = (kernel: FakeKernel) => kernel.writes.map((write) => write.map(({ payload }) => text(payload)))

/** 'ok', or code and outcome. */
const settled = async (promises: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(promises)).map((result) => {
    if (result.status === 'fulfilled') return 'ok'
    expect(result.reason).toBeInstanceOf(NetlinkError)
    return `${(result.reason as NetlinkError).code} ${(result.reason as NetlinkError).outcome}`
  })

const failOn =
  (pattern: RegExp): Handler =>
  ({ payload }) =>
    pattern.test(text(payload)) ? { errno: errno.EEXIST, text: `no ${text(payload)}` } : {}

describe('thousands in one go', () => {
  const names = Array.from({ length: 5000 }, (_, i) => (i % 1000 === 7 ? `x${i}` : `n${i}`))

  test('the kernel begins meanwhile, in their order, and each has its own answer', async () => {
    const { kernel, conversation } = await start(failOn(/^x/), { early: true })
    const running = names.map((name) => conversation.request(call(name)))
    // Before anybody has waited for anything.
    const meanwhile = sent(kernel).flat().length
    expect(meanwhile).toBeGreaterThan(3000)
    expect(meanwhile).toBeLessThan(5000)
    const results = await Promise.allSettled(running)
    expect(sent(kernel).flat()).toEqual(names)
    expect(results.flatMap(({ status }, i) => (status === 'rejected' ? [names[i]] : []))).toEqual(
      names.filter((name) => name.startsWith('x')),
    )
  })

  test('where it has not answered yet, the next write waits', async () => {
    const { kernel, conversation } = await start()
    const running = names.map((name) => conversation.request(call(name)))
    expect(kernel.sockets[0]?.jobs).toBe(1)
    await Promise.all(running)
    expect(sent(kernel).flat()).toEqual(names)
  })

  test('answers that were lost meanwhile are lost', async () => {
    const failures = [-errno.ENOBUFS]
    const { conversation } = await start(({ payload }) => (text(payload) === 'n100' ? { failures } : {}), {
      early: true,
    })
    const outcomes = await settled(names.map((name) => conversation.request(call(name))))
    // The first write: who of them was refused cannot be known.
    expect(outcomes[0]).toBe('ENOBUFS unknown')
    expect(outcomes[4999]).toBe('ok')
  })

  test('closed in between: those that were answered are done', async () => {
    const { kernel, conversation } = await start(undefined, { early: true })
    const running = names.map((name) => conversation.request(call(name)))
    const closing = conversation.close()
    const outcomes = await settled(running)
    await closing
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'ERR_CLOSED unknown', 'ERR_CLOSED unsent']))
    expect(kernel.sockets[0]?.reallyClosed).toBe(true)
  })
})

describe('coalescing', () => {
  test('requests of one tick travel in one write, with an ACK on the last only', async () => {
    const { kernel, conversation } = await start()
    expect(await settled(['a', 'b', 'c'].map((name) => conversation.request(call(name))))).toEqual(['ok', 'ok', 'ok'])
    expect(sent(kernel)).toEqual([['a', 'b', 'c']])
    expect(kernel.writes[0]?.map(({ flags }) => flags & NLM_F_ACK)).toEqual([0, 0, NLM_F_ACK])
  })

  test('so do those made after awaits of the same tick, and those made while a write is out', async () => {
    const { kernel, conversation } = await start()
    const late = async (name: string) => {
      await undefined
      await undefined
      return conversation.request(call(name))
    }
    const first = [late('a'), conversation.request(call('b'))]
    await new Promise(setImmediate)
    const second = [conversation.request(call('c')), late('d')]
    await Promise.all([...first, ...second])
    expect(sent(kernel)).toEqual([
      ['b', 'a'],
      ['c', 'd'],
    ])
  })

  test('failures come back to whom they belong, with the text of the kernel', async () => {
    const { conversation } = await start(failOn(/^x/))
    const results = await Promise.allSettled(['a', 'x1', 'b', 'x2'].map((name) => conversation.request(call(name))))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
    expect(results.flatMap((r) => (r.status === 'rejected' ? [String(r.reason)] : []))).toEqual([
      'NetlinkError: RTM_TEST x1: no x1 (EEXIST)',
      'NetlinkError: RTM_TEST x2: no x2 (EEXIST)',
    ])
  })

  test('a hook makes the error from errno and offset', async () => {
    const { conversation } = await start(() => ({ errno: errno.EINVAL, text: 'bad', offset: 36 }))
    const refused: Call['refused'] = (first) =>
      new NetlinkError({ code: 'EINVAL', operation: 'X', path: `at${first.extack?.offset}` })
    await expect(conversation.request(call('a', { refused }))).rejects.toMatchObject({ path: 'at36' })
  })

  test.each([212_992, 16_384])('a batch of failures alone fits a receive buffer of %d', async (receiveBuffer) => {
    const { kernel, conversation } = await start(failOn(/./), { receiveBuffer })
    const results = await settled(Array.from({ length: 1000 }, (_, i) => conversation.request(call(`x${i}`))))
    expect(new Set(results)).toEqual(new Set(['EEXIST refused']))
    expect(kernel.writes.length).toBe(Math.ceil(1000 / (receiveBuffer / 2 / 1024)))
  })

  test('a batch keeps below the send buffer, and a single longer message makes it grow', async () => {
    const { kernel, conversation } = await start(undefined, { sendLimit: 1000 })
    const long = 'x'.repeat(300)
    await Promise.all([1, 2, 3, 4, 5].map(() => conversation.request(call(long))))
    expect(kernel.writes.map(({ length }) => length)).toEqual([3, 2])
    await conversation.request(call('y'.repeat(5000)))
    expect(kernel.sockets[0]?.sendLimit).toBeGreaterThan(5000)
  })

  test('100,000 requests in flight all settle', async () => {
    const { kernel, conversation } = await start(failOn(/7$/))
    const results = await settled(Array.from({ length: 100_000 }, (_, i) => conversation.request(call(`${i}`))))
    expect(results.filter((result) => result === 'ok').length).toBe(90_000)
    expect(kernel.writes.length).toBeLessThan(100)
  })

  test('bytes that are not what they say are never sent', async () => {
    const { kernel, conversation } = await start()
    const short = message(20, 'abcdefgh').subarray(0, 20)
    expect(await settled([conversation.request(call('a', { bytes: short }))])).toEqual(['EINVAL unsent'])
    expect(kernel.writes).toEqual([])
  })
})

describe('replies', () => {
  test('belong to requests by sequence number', async () => {
    const { kernel, conversation } = await start((request) => ({
      replies: [reply(request, `<${text(request.payload)}>`)],
    }))
    expect(await Promise.all([get(conversation, 'a'), get(conversation, 'b')])).toEqual(['<a>', '<b>'])
    expect(kernel.writes[0]?.map(({ flags }) => flags & NLM_F_ACK)).toEqual([0, 0])
  })

  test('of another sequence, or repeated, are nobody’s', async () => {
    const { conversation } = await start((request) => {
      const answer = reply(request, 'right')
      return { replies: [message(16, 'wrong', 0, request.seq + 1000), message(16, 'event', 0, 0), answer, answer] }
    })
    expect(await get(conversation, 'a')).toBe('right')
    expect(await get(conversation, 'b')).toBe('right')
  })

  test('what the callback throws is the error of its call alone', async () => {
    const { conversation } = await start((request) => ({ replies: [reply(request, 'r')] }))
    const bad = get(conversation, 'a', {
      reply: () => {
        throw new TypeError('cannot decode')
      },
    })
    const good = get(conversation, 'b')
    await expect(bad).rejects.toThrow('cannot decode')
    expect(await good).toBe('r')
  })

  test('a warning comes with the ACK that was asked for', async () => {
    const { conversation } = await start(() => ({ text: 'deprecated' }))
    const [first, second] = await Promise.all([
      conversation.request(call('a', { ack: true })),
      conversation.request(call('b')),
    ])
    expect(first?.text).toBe('deprecated')
    expect(second?.text).toBe('deprecated')
  })
})

describe('lost answers', () => {
  test('no answer is an error at once, never a wait', async () => {
    const { conversation } = await start(() => ({ silent: true }))
    expect(await settled([conversation.request(call('a'))])).toEqual(['ERR_REPLY_LOST unknown'])
  })

  test('a GET is asked again, three times at most', async () => {
    let asked = 0
    const { kernel, conversation } = await start((request) => {
      asked += 1
      return asked < 3 ? { silent: true } : { replies: [reply(request, `${asked}`)] }
    })
    expect(await get(conversation, 'a')).toBe('3')
    asked = -10
    expect(await settled([get(conversation, 'b')])).toEqual(['ERR_REPLY_LOST unknown'])
    expect(kernel.writes.length).toBe(6)
  })

  test('an overrun makes unknown what has no answer of its own, and GETs are asked again', async () => {
    let overrun = true
    const { conversation } = await start((request) => {
      const name = text(request.payload)
      if (name === 'x') return { errno: errno.EEXIST }
      const failures = overrun ? [-errno.ENOBUFS] : []
      overrun = false
      if (name === 'get') return failures.length > 0 ? { failures, silent: true } : { replies: [reply(request, 'got')] }
      return { failures }
    })
    const results = settled(['a', 'x', 'b', 'last'].map((name) => conversation.request(call(name))))
    expect(await results).toEqual(['ENOBUFS unknown', 'EEXIST refused', 'ENOBUFS unknown', 'ok'])
    overrun = true
    expect(await get(conversation, 'get')).toBe('got')
    expect(await settled([conversation.request(call('after'))])).toEqual(['ok'])
  })

  test('a reply that fills the buffer is asked for again with a larger one', async () => {
    const long = 'z'.repeat(200_000)
    const { kernel, conversation } = await start((request) => ({ replies: [reply(request, long)] }))
    expect((await get(conversation, 'a')).length).toBe(200_000)
    expect(kernel.writes.length).toBe(2)
    // An answer to what cannot be asked again is lost with its outcome.
    const { conversation: other } = await start((request) => ({ replies: [reply(request, 'z'.repeat(2_000_000))] }))
    const echo = other.request(call('a', { reply: () => {} }))
    expect(await settled([echo])).toEqual(['EMSGSIZE unknown'])
  })

  test('a write that fails has sent nothing', async () => {
    const { conversation } = await start(undefined, { writeErrors: [-errno.ENOBUFS] })
    const both = settled([conversation.request(call('a')), conversation.request(call('b'))])
    expect(await both).toEqual(['ENOBUFS unsent', 'ENOBUFS unsent'])
    expect(await settled([conversation.request(call('c'))])).toEqual(['ok'])
  })
})

describe('transactions', () => {
  const batch = (flags: number[]): Call => {
    const messages = flags.map((flag, i) => message(20, `m${i}--`, flag))
    const bytes = new Uint8Array(messages.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of messages) {
      bytes.set(part, at)
      at += part.length
    }
    return call('tx', { bytes, transaction: true })
  }

  test('travel alone, with their own flags', async () => {
    const { kernel, conversation } = await start()
    const calls = [
      conversation.request(call('a')),
      conversation.request(batch([1, 1, 5, 1])),
      conversation.request(call('b')),
    ]
    expect(await settled(calls)).toEqual(['ok', 'ok', 'ok'])
    expect(sent(kernel)).toEqual([['a'], ['m0--', 'm1--', 'm2--', 'm3--'], ['b']])
    expect(kernel.writes[1]?.map(({ flags }) => flags)).toEqual([1, 1, 5, 1])
  })

  test('fail with any of their messages, whatever was acknowledged before', async () => {
    const late: Uint8Array[] = []
    const { conversation } = await start((request) => {
      if (text(request.payload) === 'm0--') late.push(acknowledgement(request, { errno: errno.EBUSY }))
      return text(request.payload) === 'm3--' ? { replies: late } : {}
    })
    const seen: number[][] = []
    const refused: Call['refused'] = (_, all) => {
      seen.push(all.map(({ index }) => index))
      return new NetlinkError({ code: 'EBUSY', operation: 'X' })
    }
    expect(await settled([conversation.request({ ...batch([1, 1, 5, 1]), refused })])).toEqual(['EBUSY refused'])
    expect(seen).toEqual([[0]])
  })

  test('without the ACK they asked for are unknown', async () => {
    const { conversation } = await start(() => ({ silent: true }))
    expect(await settled([conversation.request(batch([1, 5]))])).toEqual(['ERR_REPLY_LOST unknown'])
    expect(await settled([conversation.request(batch([1, 1]))])).toEqual(['ok'])
  })
})

describe('descriptors inside of messages', () => {
  test('stay open until the write has returned, also when the call is over before', async () => {
    const jobs: (() => void)[] = []
    const { conversation } = await start(undefined, { delay: (job) => void jobs.push(job) })
    const closed: number[] = []
    const namespace = new Descriptor(1000, 'namespace', (fd) => closed.push(fd))
    const abort = new AbortController()
    const request = settled([conversation.request(call('a', { keepAlive: [namespace], signal: abort.signal }))])
    namespace.close()
    await new Promise(setImmediate)
    abort.abort()
    expect(await request).toEqual(['ABORT_ERR unknown'])
    expect(closed).toEqual([])
    for (const job of jobs.splice(0)) job()
    expect(closed).toEqual([1000])
  })

  test('are let go at once when the request is never sent', async () => {
    const jobs: (() => void)[] = []
    const { conversation } = await start(undefined, { delay: (job) => void jobs.push(job) })
    const busy = settled([conversation.request(call('busy'))])
    await new Promise(setImmediate)
    const closed: number[] = []
    const namespace = new Descriptor(1000, 'namespace', (fd) => closed.push(fd))
    const abort = new AbortController()
    const request = settled([conversation.request(call('a', { keepAlive: [namespace], signal: abort.signal }))])
    namespace.close()
    abort.abort()
    expect(closed).toEqual([1000])
    expect(await request).toEqual(['ABORT_ERR unsent'])
    for (const job of jobs) job()
    expect(await busy).toEqual(['ok'])
  })
})
