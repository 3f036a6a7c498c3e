/** Subscriptions on a socket that is none. */
import { constants } from 'node:os'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { protocol as declare, operation } from '../../protocol/netlink/operation.ts'
import { protocols } from '../../protocol/protocols.ts'
import type { LinkMessage } from '../../protocol/route/link/link.ts'
import { RTM_NEWLINK } from '../../protocol/route/operations.ts'
import { bytes } from '../../protocol/wire/leaf.ts'
import { NetlinkError } from '../../src/error.ts'
import type { AnyEvent, RouteEvent, RouteMessages } from '../../src/events.ts'
import type { SubscribeOptions } from '../../src/subscribe-options.ts'
import { Subscribing, Subscription } from '../../src/subscription.ts'
import { FakeEvents, link } from './fake-events.ts'
import { datagram, message } from './fake-kernel.ts'

const { errno } = constants

type Options = Partial<SubscribeOptions>

function subscribe(socket: FakeEvents, options: Options = {}, open: () => Promise<FakeEvents> = async () => socket) {
  let ended = 0
  const parts = { protocol: protocols.route, open, ended: () => (ended += 1) }
  const subscribing = new Subscribing(() => new Subscription<RouteEvent>({ groups: ['link'], ...options }, parts))
  return { subscribing, ended: () => ended }
}

async function joined(socket: FakeEvents, options: Options = {}) {
  return subscribe(socket, options).subscribing
}

/** The index of a link; 'gap LOST' of an overrun. */
function brief(event: RouteEvent | undefined): number | string {
  if (event === undefined) return 'done'
  if (event.type === 'overrun') return `gap ${event.lost}`
  return event.type === 'RTM_NEWLINK' ? (event.message.header.index ?? 0) : String(event.type)
}

async function take(events: AsyncIterator<RouteEvent, undefined>, count: number): Promise<(number | string)[]> {
  const taken: (number | string)[] = []
  for (let i = 0; i < count; i += 1) taken.push(brief((await events.next()).value))
  return taken
}

const idle = async (turns = 3): Promise<void> => {
  for (let i = 0; i < turns; i += 1) await new Promise(setImmediate)
}
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('a stream', () => {
  test('gives the events in order, typed, each message of a datagram for itself', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket, { groups: ['link', 'ipv4_ifaddr', 5, 1000] })
    expect(socket.groups).toEqual([1, 5, 1000])
    socket.deliver(link(1, 7))
    socket.deliver(datagram(link(2), link(3)))
    const { value } = await events.next()
    expect(value).toMatchObject({
      type: 'RTM_NEWLINK',
      message: { header: { index: 1 } },
      flags: [],
      seq: 7,
      portid: 0,
    })
    expect(value).not.toHaveProperty('nsid')
    expect(await take(events, 2)).toEqual([2, 3])
  })

  test('bytes that an event holds stay as they are', async () => {
    const socket = new FakeEvents({ receiveBuffer: 1 << 30 })
    await using events = await joined(socket)
    socket.deliver(message(99, Uint8Array.of(1, 2, 3, 4)))
    const { value } = await events.next()
    for (const i of from(1, 5000)) socket.deliver(link(i))
    await take(events, 5000)
    expect(value).toEqual({ type: 99, message: Uint8Array.of(1, 2, 3, 4), flags: [], seq: 0, portid: 0 })
  })

  test('nothing that comes is left out: unknown types, short bodies, bytes that are no message', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    socket.deliver(message(4711, 'abc'))
    socket.deliver(message(16, 'ab'))
    socket.deliver(Uint8Array.of(1, 2, 3))
    socket.deliver(datagram(link(1), Uint8Array.of(0x20, 0, 0, 0)))
    socket.deliver(message(1))
    socket.deliver(message(4))
    const got: AnyEvent[] = []
    for (let i = 0; i < 6; i += 1) got.push((await events.next()).value as AnyEvent)
    const plain = { flags: [], seq: 0, portid: 0 }
    expect(got).toMatchObject([
      { type: 4711, message: new Uint8Array(Buffer.from('abc')), ...plain },
      { type: 'RTM_NEWLINK', message: { header: { family: 97 } }, ...plain },
      { type: 0, message: Uint8Array.of(1, 2, 3), ...plain },
      { type: 'RTM_NEWLINK' },
      { type: 0, message: Uint8Array.of(0x20, 0, 0, 0), ...plain },
      // NLMSG_OVERRUN; NLMSG_NOOP said nothing.
      { type: 'overrun', lost: 0 },
    ])
  })

  test('says which namespace an event is of', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    socket.deliver(link(1), 0)
    socket.deliver(link(2), 12)
    socket.deliver(link(3))
    const nsids = [await events.next(), await events.next(), await events.next()].map(
      ({ value }) => (value as { nsid?: number }).nsid,
    )
    expect(nsids).toEqual([0, 12, undefined])
  })

  test('flags carry the names of the kind of message', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    // NLM_F_REPLACE and NLM_F_NONREC are the same bit.
    socket.deliver(message(24, new Uint8Array(12), 0x100))
    socket.deliver(message(25, new Uint8Array(12), 0x100))
    expect((await events.next()).value).toMatchObject({ type: 'RTM_NEWROUTE', flags: ['replace'] })
    expect((await events.next()).value).toMatchObject({ type: 'RTM_DELROUTE', flags: ['nonrec'] })
  })

  test('a message longer than any buffer', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    const body = new Uint8Array(300_000).fill(7)
    const long = message(4711, body)
    socket.deliver(link(1))
    socket.deliver(long)
    socket.deliver(link(2))
    expect(await take(events, 1)).toEqual([1])
    const { value } = await events.next()
    expect(Buffer.compare((value as { message: Uint8Array }).message, body)).toBe(0)
    expect(await take(events, 1)).toEqual([2])
  })

  test('keeps the process alive while an event is awaited, and not otherwise', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    expect(socket.watching?.referenced).toBe(false)
    const next = events.next()
    expect(socket.watching?.referenced).toBe(true)
    socket.deliver(link(1))
    await next
    expect(socket.watching?.referenced).toBe(false)
    const first = subscribe(new FakeEvents()).subscribing[Symbol.asyncIterator]()
    // Awaited before it has joined.
    void first.next()
    await idle()
    await first.close()
  })

  test('a long flood lets others have their turn', async () => {
    const socket = new FakeEvents({ receiveBuffer: 1 << 30, batch: 1 })
    await using events = await joined(socket)
    for (const i of from(1, 1000)) socket.deliver(link(i))
    await idle(2)
    expect(socket.waiting).toBeGreaterThan(0)
    expect(await take(events, 1000)).toEqual(from(1, 1000))
  })
})

describe('an overrun', () => {
  test('stands where something is missing: behind what was received before', async () => {
    const socket = new FakeEvents({ receiveBuffer: 832 * 10 })
    await using events = await joined(socket)
    for (const i of from(1, 14)) socket.deliver(link(i))
    expect(await take(events, 11)).toEqual([...from(1, 10), 'gap 4'])
    socket.deliver(link(15))
    expect(await take(events, 1)).toEqual([15])
  })

  test('is no longer put off than what was waiting is long', async () => {
    // Always something there: the queue is never seen empty.
    const socket = new FakeEvents({ receiveBuffer: 7040, batch: 1 })
    await using events = await joined(socket)
    socket.fail(errno.ENOBUFS)
    for (const i of from(1, 8)) socket.deliver(link(i))
    const seen: (number | string)[] = []
    for (let i = 9; !seen.includes('gap 0') && i < 100; i += 1) {
      seen.push(...(await take(events, 1)))
      socket.deliver(link(i))
    }
    expect(seen).toContain('gap 0')
  })

  test('a second one within the first: both are told', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    socket.fail(errno.ENOBUFS, errno.ENOBUFS)
    socket.deliver(link(1))
    expect(await take(events, 3)).toEqual(['gap 0', 1, 'gap 0'])
  })

  test('also where the kernel could not make a message (netlink_set_err)', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    socket.deliver(link(1))
    socket.fail(errno.ENOMEM)
    expect(await take(events, 2)).toEqual([1, 'gap 0'])
  })

  test('also where a message did not fit the buffer', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    socket.deliver(link(1))
    socket.deliver(link(2), undefined, true)
    socket.deliver(link(3))
    expect(await take(events, 3)).toEqual([1, 'gap 1', 3])
  })

  test('a socket that only fails ends the stream with an error', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    socket.fail(...Array.from({ length: 100 }, () => errno.EBADF))
    const got = []
    await expect(
      (async () => {
        for await (const event of events) got.push(event)
      })(),
    ).rejects.toMatchObject({ code: 'EBADF', operation: 'subscribe' })
    expect(got.length).toBeLessThan(16)
    expect(socket.closed).toBe(1)
  })
})

describe('a slow consumer', () => {
  test('is kept a bounded number of bytes for; the rest waits in the kernel', async () => {
    const socket = new FakeEvents()
    // A link takes 36 bytes.
    await using events = await joined(socket, { limit: 360 })
    for (const i of from(1, 100)) socket.deliver(link(i))
    await idle()
    expect(socket.waiting).toBeGreaterThanOrEqual(100 - 10 - 4)
    expect(socket.watching?.started).toBe(false)
    const { reads } = socket
    await idle()
    expect(socket.reads).toBe(reads)
    expect(await take(events, 100)).toEqual(from(1, 100))
    socket.deliver(link(101))
    expect(await take(events, 1)).toEqual([101])
  })

  test('misses what neither holds, and is told', async () => {
    const socket = new FakeEvents({ receiveBuffer: 832 * 20 })
    await using events = await joined(socket, { limit: 36 * 8 })
    for (const i of from(1, 20)) socket.deliver(link(i))
    await idle()
    for (const i of from(21, 100)) socket.deliver(link(i))
    const seen = await take(events, 29)
    expect(seen).toEqual([...from(1, 28), 'gap 72'])
  })

  test('whatever the limits: what is not seen is counted, in its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          limit: fc.integer({ min: 1, max: 1000 }),
          room: fc.integer({ min: 1, max: 20 }),
          batch: fc.integer({ min: 1, max: 8 }),
        }),
        fc.array(fc.constantFrom('deliver', 'deliver', 'deliver', 'take', 'wait'), { maxLength: 200 }),
        async ({ limit, room, batch }, steps) => {
          const socket = new FakeEvents({ receiveBuffer: room * 832, batch })
          await using events = await joined(socket, { limit })
          let sent = 0
          const seen: (number | string)[] = []
          for (const step of steps) {
            if (step === 'deliver') socket.deliver(link(++sent))
            else if (step === 'wait') await idle(1)
            else if (sent > 0) {
              // There may be nothing left: one more comes in any case.
              const next = events.next()
              await idle(2)
              socket.deliver(link(++sent))
              seen.push(brief((await next).value))
            }
          }
          await idle()
          // What is left, and one more: the buffers are empty by then.
          const rest = (async () => {
            for await (const event of events) seen.push(brief(event))
          })()
          await idle(100)
          socket.deliver(link(++sent))
          await idle(10)
          expect(seen.at(-1)).toBe(sent)
          await events.close()
          await rest
          let expected = 1
          let lost = 0
          for (const each of seen) {
            if (typeof each === 'string') lost += Number(each.slice(4))
            else {
              // Those between are what gaps before it, or right behind, stand for.
              expect(each).toBeGreaterThanOrEqual(expected)
              lost -= each - expected
              expected = each + 1
            }
          }
          expect(lost).toBe(0)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('consumers', () => {
  test('two share the events', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    const one = take(events, 3)
    const other = take(events, 3)
    for (const i of from(1, 6)) socket.deliver(link(i))
    expect([await one, await other]).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ])
  })

  test('several may be awaited at a time, in order', async () => {
    const socket = new FakeEvents()
    await using events = await joined(socket)
    const all = Promise.all([events.next(), events.next(), events.next()])
    for (const i of from(1, 2)) socket.deliver(link(i))
    await idle()
    socket.deliver(link(3))
    expect((await all).map(({ value }) => brief(value))).toEqual([1, 2, 3])
  })
})

describe('the end', () => {
  test('nothing is opened before it is awaited or looped over, and once only', async () => {
    let opened = 0
    const socket = new FakeEvents()
    const { subscribing } = subscribe(socket, {}, async () => {
      opened += 1
      return socket
    })
    await idle()
    expect(opened).toBe(0)
    const one = await subscribing
    expect(await subscribing).toBe(one)
    expect(subscribing[Symbol.asyncIterator]()).toBe(one)
    expect(opened).toBe(1)
    await one.close()
  })

  test('leaving the loop frees everything', async () => {
    const socket = new FakeEvents()
    const { subscribing, ended } = subscribe(socket)
    setImmediate(() => socket.deliver(datagram(link(1), link(2))))
    for await (const event of subscribing) {
      expect(brief(event)).toBe(1)
      break
    }
    expect([socket.closed, socket.watching?.closed, ended()]).toEqual([1, true, 1])
    // What was there is gone, and so is the stream.
    for await (const event of subscribing) throw new Error(`still gives ${brief(event)}`)
  })

  test('close() while an event is awaited ends the loop', async () => {
    const socket = new FakeEvents()
    const events = await joined(socket)
    const waiting = Promise.all([events.next(), events.next()])
    const closing = [events.close(), events.close()]
    expect(await waiting).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    await Promise.all(closing)
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(await events.return()).toEqual({ done: true, value: undefined })
    expect(socket.closed).toBe(1)
  })

  test.each([0, 1, 2, 3, 4])('close() %i turns after it began', async (turns) => {
    const socket = new FakeEvents()
    const { subscribing, ended } = subscribe(socket, {}, async () => {
      await new Promise(setImmediate)
      await new Promise(setImmediate)
      return socket
    })
    const events = subscribing[Symbol.asyncIterator]()
    const next = events.next()
    const ready = subscribing.then(
      () => 'joined',
      (error: unknown) => (error as NetlinkError).code,
    )
    await idle(turns)
    await events.close()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(await ready).toBe(turns < 2 ? 'ERR_CLOSED' : 'joined')
    expect([socket.closed, ended()]).toEqual([1, 1])
  })

  test.each([0, 1, 2, 3, 4])('abort %i turns after it began', async (turns) => {
    const controller = new AbortController()
    const socket = new FakeEvents()
    const { subscribing, ended } = subscribe(socket, { signal: controller.signal }, async () => {
      await new Promise(setImmediate)
      await new Promise(setImmediate)
      return socket
    })
    const events = subscribing[Symbol.asyncIterator]()
    const next = events.next()
    await idle(turns)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(next).rejects.toMatchObject({ code: 'ABORT_ERR', operation: 'subscribe', cause: reason })
    // Told once.
    expect(await events.next()).toEqual({ done: true, value: undefined })
    await events.close()
    expect([socket.closed, ended()]).toEqual([1, 1])
  })

  test('an abort that nobody awaits is told to the next who does, ahead of what waited', async () => {
    const controller = new AbortController()
    const socket = new FakeEvents()
    const events = await joined(socket, { signal: controller.signal })
    socket.deliver(link(1))
    await idle()
    controller.abort()
    await expect(events.next()).rejects.toMatchObject({ code: 'ABORT_ERR' })
    expect(await events.next()).toEqual({ done: true, value: undefined })
    controller.abort()
    await events.close()
  })

  test('aborted before it began: nothing is opened', async () => {
    const { subscribing, ended } = subscribe(new FakeEvents(), { signal: AbortSignal.abort() }, () => {
      throw new Error('opened')
    })
    await expect(subscribing).rejects.toMatchObject({ code: 'ABORT_ERR' })
    await expect(subscribing.finally(() => {})).rejects.toMatchObject({ code: 'ABORT_ERR' })
    expect(await subscribing.catch((error: unknown) => (error as NetlinkError).code)).toBe('ABORT_ERR')
    expect(ended()).toBe(1)
  })

  test('what opening or joining throws is thrown to who awaits, and to who loops', async () => {
    const failing = subscribe(new FakeEvents(), {}, () => Promise.reject(new Error('no socket')))
    await expect(failing.subscribing).rejects.toThrow('no socket')
    const socket = new FakeEvents()
    socket.refuse = new NetlinkError({ code: 'EPERM', operation: 'subscribe' })
    const { subscribing, ended } = subscribe(socket)
    await expect(
      (async () => {
        for await (const event of subscribing) brief(event)
      })(),
    ).rejects.toMatchObject({ code: 'EPERM' })
    expect([socket.closed, socket.watching?.closed, ended()]).toEqual([1, true, 1])
  })
})

describe('options', () => {
  test.each([
    [{ groups: [] }, 'groups', 'must name one group or more'],
    [{ groups: ['link', 'lnk'] }, 'groups[1]', /must be one of link, notify, neigh, .*or a number, got lnk/],
    [{ groups: [0] }, 'groups[0]', /number/],
    [{ groups: [1.5] }, 'groups[0]', /number/],
    [{ groups: [2 ** 31] }, 'groups[0]', /number/],
    [{ groups: ['toString'] }, 'groups[0]', /toString/],
    [{ limit: 0 }, 'limit', /bytes from 1/],
    [{ limit: Number.NaN }, 'limit', /bytes from 1/],
  ])('%j is refused', async (options, path, reason) => {
    const { subscribing } = subscribe(new FakeEvents(), options)
    const error = await subscribing.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'EINVAL', path, outcome: 'unsent' })
    expect((error as NetlinkError).message).toMatch(reason)
  })

  test('a protocol without names takes numbers only', () => {
    const protocol = declare('9', 9, [operation('9', 'AUDIT_GET', 1000, bytes())])
    const make = (groups: (string | number)[]) =>
      new Subscription({ groups }, { protocol, open: async () => new FakeEvents() })
    expect(() => make(['link'])).toThrow(/groups\[0\]: must be a number, got link/)
    return make([3]).close()
  })
})

test('the type of every operation of the protocol is known', () => {
  // `satisfies` holds it against the interface, the test against the operations.
  const types = {
    RTM_NEWLINK: 1,
    RTM_DELLINK: 1,
    RTM_GETLINK: 1,
    RTM_SETLINK: 1,
    RTM_NEWADDR: 1,
    RTM_DELADDR: 1,
    RTM_GETADDR: 1,
    RTM_NEWROUTE: 1,
    RTM_DELROUTE: 1,
    RTM_GETROUTE: 1,
    RTM_NEWNEIGH: 1,
    RTM_DELNEIGH: 1,
    RTM_GETNEIGH: 1,
    RTM_NEWNSID: 1,
    RTM_DELNSID: 1,
    RTM_GETNSID: 1,
    RTM_NEWLINKPROP: 1,
    RTM_DELLINKPROP: 1,
  } satisfies Record<keyof RouteMessages, 1>
  expect(Object.keys(types).sort()).toEqual([...protocols.route.byName.keys()].sort())
})

test('an event narrows by its type', () => {
  const check = (event: RouteEvent): void => {
    if (event.type === 'overrun') expectTypeOf(event.lost).toEqualTypeOf<number>()
    else if (event.type === RTM_NEWLINK.name) expectTypeOf(event.seq).toEqualTypeOf<number>()
    else if (event.type === 'RTM_DELLINK') expectTypeOf(event.message).toEqualTypeOf<LinkMessage>()
    else if (typeof event.type === 'number') expectTypeOf(event.message).toExtend<unknown>()
    // @ts-expect-error: no such operation
    if (event.type === 'RTM_NEWLNIK') check(event)
  }
  expect(check).toBeTypeOf('function')
})
