/** Subscriptions on a socket that is none. */
import { constants } from 'node:os'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { ConntrackMessage } from '../../protocol/netfilter/conntrack/entry.ts'
import { protocol as declare, operation } from '../../protocol/netlink/operation.ts'
import { protocols } from '../../protocol/protocols.ts'
import type { LinkMessage } from '../../protocol/route/link/link.ts'
import { RTM_NEWLINK } from '../../protocol/route/operations.ts'
import { bytes } from '../../protocol/wire/leaf.ts'
import type { NetlinkError } from '../../src/error.ts'
import type { AnyEvent, NetfilterEvent, RouteEvent, RouteMessages } from '../../src/events.ts'
import type { Netlink } from '../../src/netlink.ts'
import { type Subscribing, Subscription } from '../../src/subscription.ts'
import { type TraceEvent, tracedEvents } from '../../src/trace.ts'
import { brief, FakeEvents, from, idle, joined, link, subscribe, take } from './fake-events.ts'
import { datagram, message } from './fake-kernel.ts'

const { errno } = constants

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

test('a trace shows what comes, and what fails', async () => {
  const socket = new FakeEvents()
  const told: TraceEvent[] = []
  const place = { protocol: protocols.route, namespace: 'ns1' }
  const { subscribing } = subscribe(socket, {}, async () => tracedEvents(socket, place, (event) => told.push(event)))
  await using events = await subscribing
  socket.fail(errno.ENOBUFS)
  socket.deliver(link(7))
  socket.deliver(link(8), undefined, true)
  expect(await take(events, 3)).toEqual([7, 'gap 1', 'gap 0'])
  expect(
    told.map((event) =>
      String(event)
        .split('\n', 1)[0]
        ?.replace(/socket \d+/, 'socket N'),
    ),
  ).toEqual([
    'netlink receive route in ns1 socket N: failed: ENOBUFS',
    'netlink receive route in ns1 socket N: 32 bytes',
    'netlink receive route in ns1 socket N: failed: EMSGSIZE',
  ])
  expect(String(told[1])).toContain('RTM_NEWLINK')
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

describe('options', () => {
  test.each([
    [{ groups: [] }, 'groups', 'must name one group or more'],
    [{ groups: ['link', 'lnk'] }, 'groups[1]', /must be one of link, notify, neigh, .*or a number, got 'lnk'/],
    [{ groups: [0] }, 'groups[0]', /number/],
    [{ groups: [1.5] }, 'groups[0]', /number/],
    [{ groups: [2 ** 31] }, 'groups[0]', /number/],
    [{ groups: ['toString'] }, 'groups[0]', /toString/],
    [{ limit: 0 }, 'limit', /integer from 1/],
    [{ limit: Number.NaN }, 'limit', /integer from 1 .*got NaN/],
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
    expect(() => make(['link'])).toThrow(/groups\[0\]: must be a number, got 'link'/)
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

test('options and events are typed by the protocol', () => {
  // Never called: only its types count.
  const typed = async (nl: Netlink): Promise<void> => {
    expectTypeOf(nl.subscribe({ groups: ['link', 5] })).toEqualTypeOf<Subscribing<RouteEvent>>()
    expectTypeOf(nl.subscribe({ protocol: 'route', groups: [1] })).toEqualTypeOf<Subscribing<RouteEvent>>()
    expectTypeOf(await nl.subscribe({ protocol: 'xfrm', groups: [1] })).toEqualTypeOf<Subscription<AnyEvent>>()
    expectTypeOf(nl.subscribe({ protocol: 'netfilter', groups: ['nftables'] })).toEqualTypeOf<
      Subscribing<NetfilterEvent>
    >()
    // @ts-expect-error: no such group
    nl.subscribe({ groups: ['lnk'] })
    // @ts-expect-error: a group of another protocol
    nl.subscribe({ protocol: 'netfilter', groups: ['link'] })
    // @ts-expect-error: this protocol's groups have no names
    nl.subscribe({ protocol: 'xfrm', groups: ['link'] })
    for await (const event of nl.subscribe({ protocol: 'netfilter', groups: ['conntrack_new'] }))
      if (event.type === 'IPCTNL_MSG_CT_NEW') expectTypeOf(event.message).toEqualTypeOf<ConntrackMessage>()
    for await (const event of nl.subscribe({ groups: ['ipv6_route'] }))
      if (event.type === 'RTM_DELROUTE') expectTypeOf(event.message.dst).toEqualTypeOf<string | undefined>()
  }
  expect(typed).toBeTypeOf('function')
})
