import { constants } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { NLM_F_ACK, NLM_F_DUMP_INTR } from '../../protocol/netlink/constants.ts'
import { Conversation, type ConversationOptions } from '../../src/conversation.ts'
import { Dump, type DumpCall, DumpInterruptedError, type DumpOptions } from '../../src/dump.ts'
import { NetlinkError } from '../../src/error.ts'
import {
  acknowledgement,
  datagram,
  done,
  FakeKernel,
  type FakeOptions,
  type FakeRequest,
  type Handler,
  message,
  reply,
  text,
} from './fake-kernel.ts'

const { errno } = constants
const opened: Conversation[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((conversation) => conversation.close()))
})

async function start(handler: Handler, options: FakeOptions & Omit<ConversationOptions, 'open'> = {}) {
  const kernel = new FakeKernel(handler, options)
  const conversation = await Conversation.open({ ...options, open: kernel.open })
  opened.push(conversation)
  const dump = (more: Partial<DumpCall> = {}, options?: DumpOptions) =>
    new Dump<string>(
      {
        prepare: () => ({ bytes: message(22, 'all', 0x301 | NLM_F_ACK), operation: 'RTM_GETTEST', ...more }),
        chunks: (call) => conversation.chunks(call),
        decode: ({ bytes, offset, end }) => text(bytes.slice(offset, end)),
      },
      options,
    )
  return { kernel, conversation, dump }
}

/** Datagrams of `size` objects, named 0, 1, 2 ... */
const objects = (request: FakeRequest, count: number, size: number, flags = 0): Uint8Array[] => {
  const names = Array.from({ length: count }, (_, i) => `${i}`)
  const parts: Uint8Array[] = []
  for (let i = 0; i < count; i += size)
    parts.push(datagram(...names.slice(i, i + size).map((name) => reply(request, name, 2 | flags))))
  return [...parts, done(request)]
}
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`)

const take = async <T>(iterable: AsyncIterable<T>): Promise<{ seen: T[]; error: unknown }> => {
  const seen: T[] = []
  try {
    for await (const value of iterable) seen.push(value)
  } catch (error) {
    return { seen, error }
  }
  return { seen, error: undefined }
}

describe.each([false, true])('a dump (blocking: %s)', (blocking) => {
  test('is an array when awaited and one object after another when iterated', async () => {
    const { kernel, dump } = await start((request) => ({ dump: objects(request, 25, 10) }), { blocking })
    expect(await dump()).toEqual(numbers(25))
    expect(await take(dump())).toEqual({ seen: numbers(25), error: undefined })
    expect(kernel.writes.every(([request]) => ((request?.flags ?? 0) & NLM_F_ACK) === 0)).toBe(true)
    // The request's socket, and one for dumps, used again.
    expect(kernel.sockets.length).toBe(2)
  })

  test('may be empty, end in the same datagram, or fail at either end', async () => {
    const handlers: Handler[] = [
      (request) => ({ dump: [done(request)] }),
      (request) => ({ dump: [datagram(reply(request, '0', 2), done(request))] }),
      (request) => ({ dump: [acknowledgement(request, { errno: errno.EOPNOTSUPP, text: 'no such dump' })] }),
      (request) => ({ dump: [reply(request, '0', 2), done(request, 0, -errno.ENOMEM)] }),
    ]
    const results: unknown[] = []
    for (const handler of handlers) {
      const { dump } = await start(handler, { blocking })
      results.push(
        await dump().catch((error: unknown) => error instanceof NetlinkError && `${error.code} ${error.kernelText}`),
      )
    }
    expect(results).toEqual([[], ['0'], 'EOPNOTSUPP no such dump', 'ENOMEM undefined'])
  })

  test('of something absent is empty', async () => {
    const { dump } = await start(() => ({ errno: errno.ENOENT }), { blocking })
    expect(await dump({ absent: ['ENOENT'] })).toEqual([])
    expect(await take(dump({ absent: ['ENOENT'] }))).toEqual({ seen: [], error: undefined })
    await expect(dump()).rejects.toMatchObject({ code: 'ENOENT', outcome: 'refused' })
  })
})

describe('a disturbed dump', () => {
  const disturbed =
    (times: number): Handler =>
    (request) => {
      times -= 1
      return { dump: objects(request, 4, 2, times >= 0 ? NLM_F_DUMP_INTR : 0) }
    }

  test('is made again when awaited, a few times', async () => {
    const { kernel, dump } = await start(disturbed(3))
    expect(await dump()).toEqual(numbers(4))
    expect(kernel.writes.length).toBe(4)
  })

  test('is given up with what there is', async () => {
    const { dump } = await start(disturbed(1000))
    const error = await dump().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(DumpInterruptedError)
    expect(error).toMatchObject({ partial: numbers(4), code: 'EINTR', operation: 'RTM_GETTEST' })
  })

  test('hands out each object once when iterated, and throws at the end', async () => {
    const { kernel, dump } = await start(disturbed(1))
    const { seen, error } = await take(dump())
    expect(seen).toEqual(numbers(4))
    expect(error).toBeInstanceOf(DumpInterruptedError)
    expect(kernel.writes.length).toBe(1)
  })

  test('is collected first where consistency is asked for', async () => {
    const { dump } = await start(disturbed(2))
    expect(await take(dump({}, { consistent: true }))).toEqual({ seen: numbers(4), error: undefined })
  })

  test('also if only its end says so', async () => {
    const { dump } = await start((request) => ({ dump: [reply(request, '0', 2), done(request, NLM_F_DUMP_INTR)] }))
    expect((await take(dump())).error).toBeInstanceOf(DumpInterruptedError)
  })
})

describe('a dump that loses something', () => {
  test('is made again with larger buffers: nothing is cut', async () => {
    const long = 'l'.repeat(5_000_000)
    const { dump } = await start((request) => ({
      dump: [reply(request, 'short', 2), reply(request, long, 2), done(request)],
    }))
    expect((await dump()).map(({ length }) => length)).toEqual([5, 5_000_000])
  })

  test('hands out nothing twice when iterated, and does not claim to be undisturbed', async () => {
    let overruns = 1
    const { dump } = await start((request) => {
      const all: (Uint8Array | number)[] = objects(request, 9, 3)
      overruns -= 1
      if (overruns >= 0) all.splice(1, 0, -errno.ENOBUFS)
      return { dump: all }
    })
    const { seen, error } = await take(dump())
    expect(seen).toEqual(numbers(9))
    expect(error).toBeInstanceOf(DumpInterruptedError)
    overruns = 1
    expect(await dump()).toEqual(numbers(9))
  })

  test('fails when it never ends well', async () => {
    const { kernel, dump } = await start((request) => ({ dump: [reply(request, '0', 2)] }))
    await expect(dump()).rejects.toMatchObject({ code: 'ERR_REPLY_LOST', outcome: 'unknown' })
    expect(kernel.writes.length).toBe(5)
  })
})

describe('resources', () => {
  test('any number runs in parallel, and none delays a request', async () => {
    const { conversation, kernel, dump } = await start((request) =>
      text(request.payload) === 'all' ? { dump: objects(request, 100, 5) } : {},
    )
    const slow = dump()[Symbol.asyncIterator]()
    await slow.next()
    const lists = Promise.all(Array.from({ length: 20 }, () => dump()))
    await conversation.request({ bytes: message(20, 'quick', 1), operation: 'RTM_TEST' })
    expect((await lists).every((list) => list.length === 100)).toBe(true)
    await slow.return?.()
    await new Promise(setImmediate)
    // The request's and the idle ones.
    expect(kernel.openSockets).toBeLessThanOrEqual(3)
  })

  test('leaving the loop frees the socket', async () => {
    const { kernel, dump } = await start((request) => ({ dump: objects(request, 100, 5) }))
    for await (const name of dump()) if (name === '7') break
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(kernel.openSockets).toBe(1)
  })

  test('a slow consumer has one datagram ahead, no more', async () => {
    let received = 0
    const { dump } = await start(
      (request) => {
        const parts = objects(request, 100, 1)
        return { dump: parts, replies: [], failures: [] }
      },
      {
        delay: (job) =>
          setImmediate(() => {
            received += 1
            job()
          }),
      },
    )
    const iterator = dump()[Symbol.asyncIterator]()
    await iterator.next()
    await new Promise((resolve) => setTimeout(resolve, 30))
    // The write, the datagram that was handed out and the one ahead.
    expect(received).toBe(3)
    await iterator.return?.()
  })

  test('abort, deadline and close end it, also while it waits', async () => {
    const jobs: (() => void)[] = []
    const { conversation, dump, kernel } = await start((request) => ({ dump: objects(request, 2, 1) }), {
      delay: (job) => void jobs.push(job),
    })
    const abort = new AbortController()
    const verdict = (list: Promise<unknown>) =>
      list.then(
        () => 'ok',
        (error: NetlinkError) => `${error.code} ${error.outcome}`,
      )
    const aborted = verdict(dump({ signal: abort.signal }).then())
    const late = verdict(dump({ deadline: 10 }).then())
    await new Promise((resolve) => setTimeout(resolve, 40))
    abort.abort()
    expect(await Promise.all([aborted, late])).toEqual(['ABORT_ERR unknown', 'ETIMEDOUT unknown'])
    const closed = verdict(dump().then())
    await new Promise(setImmediate)
    const closing = conversation.close()
    expect(await closed).toBe('ERR_CLOSED unsent')
    while (jobs.length > 0) jobs.shift()?.()
    await closing
    await new Promise(setImmediate)
    expect(kernel.openSockets).toBe(0)
  })

  test('one socket after the other is not leaked by failures', async () => {
    const { kernel, dump } = await start(() => ({ dump: [-errno.ENOBUFS] }))
    await expect(dump()).rejects.toBeInstanceOf(NetlinkError)
    await new Promise(setImmediate)
    expect(kernel.openSockets).toBe(1)
  })
})
