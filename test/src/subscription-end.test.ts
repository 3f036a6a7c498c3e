/** How a subscription begins and ends, at every moment. */
import { describe, expect, test } from 'vitest'
import { NetlinkError } from '../../src/error.ts'
import { brief, FakeEvents, idle, joined, link, subscribe } from './fake-events.ts'
import { datagram } from './fake-kernel.ts'

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
