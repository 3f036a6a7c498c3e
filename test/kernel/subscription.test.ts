/** Subscriptions to the real kernel, in fresh namespaces, beside what `ip` does and prints there. As root. */
import { execFileSync } from 'node:child_process'
import { closeSync, writeSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { addressFamily, socketType } from '../../src/constants.ts'
import { Namespace, type RouteEvent, type Subscription } from '../../src/index.ts'
import { connect } from '../../src/libc.ts'
import { message } from '../src/fake-kernel.ts'

const groups = ['link', 'ipv4_ifaddr', 'ipv4_route', 'neigh'] as const

/** Runs commands of `ip` inside and lets nothing else run meanwhile: nobody reads what the kernel sends. */
function ip(ns: Namespace, commands: readonly string[]): void {
  execFileSync('nsenter', ['--net=/proc/self/fd/3', 'ip', '-batch', '-'], {
    input: `${commands.join('\n')}\n`,
    stdio: ['pipe', 'ignore', 'inherit', ns.fd],
  })
}

/** What an event is about: 'RTM_NEWADDR 10.0.0.1'. */
function brief(event: RouteEvent): string {
  switch (event.type) {
    case 'overrun':
      return 'overrun'
    case 'RTM_NEWLINK':
    case 'RTM_DELLINK':
      return `${event.type} ${event.message.ifname}`
    case 'RTM_NEWADDR':
    case 'RTM_DELADDR':
      return `${event.type} ${event.message.local}/${event.message.header.prefixlen}`
    case 'RTM_NEWROUTE':
    case 'RTM_DELROUTE':
      return `${event.type} ${event.message.dst}/${event.message.header.dstLen}`
    case 'RTM_NEWNEIGH':
    case 'RTM_DELNEIGH':
      return `${event.type} ${event.message.dst}`
    default:
      return String(event.type)
  }
}

/** All events up to the one that `last` is the brief form of. */
async function until(events: Subscription<RouteEvent>, last: string): Promise<RouteEvent[]> {
  const seen: RouteEvent[] = []
  for (;;) {
    const { value } = await events.next()
    if (value === undefined) throw new Error(`ended after ${seen.length} events without ${last}`)
    seen.push(value)
    if (brief(value) === last) return seen
  }
}

const routes = (count: number, verb = 'add', base = 0) =>
  Array.from({ length: count }, (_, i) => {
    const n = base + i
    return `route ${verb} 10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32 dev lo`
  })

describe('events', () => {
  test('are what was done, in its order', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await using events = await nl.subscribe({ groups })
    ip(ns, [
      'link add v0 type veth peer name v1',
      'link set v0 up',
      'link set v1 up',
      'address add 10.0.0.1/24 dev v0',
      'route add 10.1.0.0/16 via 10.0.0.2',
      'neighbour add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent',
      'route del 10.1.0.0/16',
      'address del 10.0.0.1/24 dev v0',
      'link del v0',
    ])
    const seen = await until(events, 'RTM_DELLINK v0')
    const told = seen.map(brief)
    const done = [
      'RTM_NEWLINK v1',
      'RTM_NEWLINK v0',
      'RTM_NEWADDR 10.0.0.1/24',
      'RTM_NEWROUTE 10.1.0.0/16',
      'RTM_NEWNEIGH 10.0.0.2',
      'RTM_DELROUTE 10.1.0.0/16',
      'RTM_DELADDR 10.0.0.1/24',
      'RTM_DELLINK v0',
    ]
    expect(done.map((each) => told.indexOf(each))).not.toContain(-1)
    const order = done.map((each) => told.indexOf(each))
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(seen.every(({ type }) => typeof type === 'string' && type !== 'overrun')).toBe(true)
  })

  test('those of our own requests carry their sequence number and port; a replaced route says so', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await nl.link.set('lo', { up: true })
    await using events = await nl.subscribe({ groups: ['ipv4_route'] })
    await nl.route.add({ to: '10.0.0.0/8', dev: 'lo' })
    await nl.route.replace({ to: '10.0.0.0/8', dev: 'lo', src: '127.0.0.1' })
    const [added] = await until(events, 'RTM_NEWROUTE 10.0.0.0/8')
    const [replaced] = await until(events, 'RTM_NEWROUTE 10.0.0.0/8')
    expect(added).toMatchObject({ seq: expect.any(Number), flags: expect.arrayContaining(['create', 'excl']) })
    expect(replaced).toMatchObject({ flags: expect.arrayContaining(['replace']) })
    if (added?.type !== 'RTM_NEWROUTE') throw new Error('no route')
    expect([added.seq > 0, added.portid > 0, added.nsid]).toEqual([true, true, undefined])
  })

  test('everything after the await is seen, also what is done at once', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    for (let i = 0; i < 20; i += 1) {
      await using events = await nl.subscribe({ groups: ['link'] })
      const adding = nl.link.add({ kind: 'bridge', name: `br${i}` })
      expect(brief((await events.next()).value as RouteEvent)).toBe(`RTM_NEWLINK br${i}`)
      await adding
    }
  })

  test('a group that no kernel has, and one of another protocol', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await expect(nl.subscribe({ groups: ['link', 100_000] })).rejects.toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining('group 100000: this kernel has no such group'),
    })
    await expect(nl.subscribe({ protocol: 'nonesuch', groups: [1] })).rejects.toMatchObject({ path: 'protocol' })
    // NFNLGRP_NFTABLES by its number: what nft does.
    await using events = await nl.subscribe({ protocol: 'netfilter', groups: [7] })
    execFileSync('nsenter', ['--net=/proc/self/fd/3', 'nft', 'add table ip t'], {
      stdio: ['ignore', 'ignore', 'inherit', ns.fd],
    })
    const { value } = await events.next()
    expect(value).toMatchObject({ type: expect.anything(), message: expect.anything() })
  })
})

describe('messages of other processes', () => {
  test('are not told: anybody with CAP_NET_ADMIN may send to a group', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await using events = await nl.subscribe({ groups: ['link'] })
    const fd = await ns.openSocket(addressFamily.AF_NETLINK, socketType.SOCK_RAW, 0)
    try {
      // struct sockaddr_nl: to the group, whose mask is its third word.
      const group = Uint32Array.of(0, 0, 1)
      new Uint16Array(group.buffer)[0] = addressFamily.AF_NETLINK
      connect(fd, new Uint8Array(group.buffer))
      expect(writeSync(fd, message(16, new Uint8Array(16)))).toBe(32)
    } finally {
      closeSync(fd)
    }
    ip(ns, ['link add real type bridge'])
    expect(brief((await events.next()).value as RouteEvent)).toBe('RTM_NEWLINK real')
  })
})

describe('100,000 routes', () => {
  test('added by `ip` as fast as it can: none is missing', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await nl.link.set('lo', { up: true })
    await using events = await nl.subscribe({ groups: ['ipv4_route'] })
    const input = `${routes(100_000).join('\n')}\n`
    const writer = ns.exec('ip', ['-batch', '-'], { input, sysfs: false })
    const seen = new Set<string>()
    for await (const event of events) {
      if (event.type !== 'RTM_NEWROUTE') throw new Error(brief(event))
      if (event.message.dst !== undefined) seen.add(event.message.dst)
      if (seen.size === 100_000) break
    }
    await writer
    expect(seen.size).toBe(100_000)
  })

  test('while nobody takes any: those that fit are kept, the others are counted, and the stream goes on', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await nl.link.set('lo', { up: true })
    await using events = await nl.subscribe({ groups: ['ipv4_route'], limit: 1 << 20, receiveBuffer: 1 << 20 })
    await ns.exec('ip', ['-batch', '-'], { input: `${routes(100_000).join('\n')}\n`, sysfs: false })
    let seen = 0
    let lost = 0
    let last = ''
    ip(ns, ['route add 11.0.0.0/8 dev lo'])
    // The last one may be lost as well.
    while (seen + lost < 100_001) {
      const { value } = await events.next()
      if (value?.type === 'overrun') lost += value.lost
      else seen += 1
    }
    expect(seen).toBeGreaterThan(9_000)
    expect(lost).toBeGreaterThan(0)
    ip(ns, ['route add 12.0.0.0/8 dev lo'])
    last = brief((await events.next()).value as RouteEvent)
    expect(last).toBe('RTM_NEWROUTE 12.0.0.0/8')
  })
})

describe('a receive buffer that runs over', () => {
  test('is told behind what it held, with the number of what is missing, again and again', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    ip(ns, ['link set lo up'])
    await using events = await nl.subscribe({ groups: ['ipv4_route'], receiveBuffer: 20_000 })
    for (let round = 0; round < 5; round += 1) {
      ip(ns, routes(500, 'add', round * 500))
      const first = await until(events, 'overrun')
      const gap = first.at(-1)
      const kept = first.length - 1
      expect(kept).toBeGreaterThan(10)
      expect(gap).toEqual({ type: 'overrun', lost: 500 - kept })
      // The first ones, in order.
      expect(first.slice(0, -1).map(brief)).toEqual(
        Array.from({ length: kept }, (_, i) => {
          const n = round * 500 + i
          return `RTM_NEWROUTE 10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32`
        }),
      )
    }
    ip(ns, ['route add 11.0.0.0/8 dev lo'])
    expect(brief((await events.next()).value as RouteEvent)).toBe('RTM_NEWROUTE 11.0.0.0/8')
  })

  test('the smallest that there is', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await using events = await nl.subscribe({ groups: ['link'], receiveBuffer: 1 })
    const waiting = events.next()
    ip(
      ns,
      Array.from({ length: 200 }, (_, i) => `link set lo ${i % 2 === 0 ? 'up' : 'down'}`),
    )
    expect(brief((await waiting).value as RouteEvent)).toBe('RTM_NEWLINK lo')
    const rest = await until(events, 'overrun')
    expect(rest.length).toBeLessThan(10)
    ip(ns, ['link set lo up'])
    expect(brief((await events.next()).value as RouteEvent)).toBe('RTM_NEWLINK lo')
  })
})

describe('namespaces', () => {
  test('each is heard by itself', async () => {
    await using one = await Namespace.create()
    await using other = await Namespace.create()
    await using nl = await one.netlink()
    await using there = await other.netlink()
    await using events = await nl.subscribe({ groups: ['link'] })
    await using others = await there.subscribe({ groups: ['link'] })
    ip(one, ['link add one type bridge'])
    ip(other, ['link add other type bridge'])
    expect(brief((await events.next()).value as RouteEvent)).toBe('RTM_NEWLINK one')
    expect(brief((await others.next()).value as RouteEvent)).toBe('RTM_NEWLINK other')
  })

  test('with allNsid those are heard that have an id, each event with that', async () => {
    await using one = await Namespace.create()
    await using other = await Namespace.create()
    await using stranger = await Namespace.create()
    await using nl = await one.netlink()
    // A pair across the border gives the other one an id here.
    await nl.link.add({ kind: 'veth', name: 'v0', data: { peer: { name: 'v1', namespace: other } } })
    await using events = await nl.subscribe({ groups: ['link'], allNsid: true })
    ip(stranger, ['link add unheard type bridge'])
    ip(other, ['link add there type bridge'])
    ip(one, ['link add here type bridge'])
    const [first, second] = [await events.next(), await events.next()].map(({ value }) => value as RouteEvent)
    expect([first, second].map((event) => event && brief(event))).toEqual(['RTM_NEWLINK there', 'RTM_NEWLINK here'])
    expect(first).toMatchObject({ nsid: expect.any(Number) })
    expect(second).not.toHaveProperty('nsid')
    ip(other, ['link add again type bridge'])
    const third = (await events.next()).value as RouteEvent
    expect([brief(third), third.type !== 'overrun' && third.nsid]).toEqual([
      'RTM_NEWLINK again',
      first?.type !== 'overrun' && first?.nsid,
    ])
  })

  test('deleting a namespace ends the streams of its clients', async () => {
    const ns = await Namespace.create()
    const nl = await ns.netlink()
    const events = await nl.subscribe({ groups })
    const seen: string[] = []
    const loop = (async () => {
      for await (const event of events) seen.push(brief(event))
    })()
    ip(ns, ['link add br0 type bridge'])
    while (!seen.includes('RTM_NEWLINK br0')) await new Promise(setImmediate)
    await ns.delete()
    await loop
    expect(seen).toContain('RTM_NEWLINK br0')
    expect(events.closed).toBe(true)
    await expect(nl.subscribe({ groups })).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  test('closing the client while it opens', async () => {
    await using ns = await Namespace.create()
    const nl = await ns.netlink()
    const subscribing = nl.subscribe({ groups }).then(
      () => 'joined',
      (error: unknown) => (error as { code: string }).code,
    )
    await nl.close()
    expect(await subscribing).toBe('ERR_CLOSED')
  })
})
