/** What a subscription does where not everything can be kept. */
import { constants } from 'node:os'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brief, FakeEvents, from, idle, joined, link, take } from './fake-events.ts'

const { errno } = constants

describe('an overrun', () => {
  test('stands where something is missing: behind what was received before', async () => {
    const socket = new FakeEvents({ receiveBuffer: 832 * 10 })
    await using events = await joined(socket)
    for (const i of from(1, 14)) socket.deliver(link(i))
    expect(await take(events, 11)).toEqual([...from(1, 10), 'gap 4'])
    socket.deliver(link(15))
    expect(await take(events, 1)).toEqual([15])
  })

  test('is put off by no more than what can have been waiting', async () => {
    // Ten datagrams at most; and there is always another one, so that the queue is never seen empty.
    const socket = new FakeEvents({ receiveBuffer: 7040, batch: 1 })
    const receive = socket.receive.bind(socket)
    let sent = 0
    socket.receive = (sink) => {
      if (sent < 1000) socket.deliver(link(++sent))
      return receive(sink)
    }
    await using events = await joined(socket)
    socket.fail(errno.ENOBUFS)
    expect(await take(events, 12)).toEqual([...from(1, 10), 'gap 0', 11])
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
