/** nl.route.list and get on the real kernel, beside `ip route`; and what route refuses. As root. */
import { describe, expect, test } from 'vitest'
import type { Netlink, Route } from '../../src/index.ts'
import { ip, type Json, network, quiet, shown, steady } from './lab.ts'

const routes = [
  'route add default via 192.0.2.254',
  'route add default via 2001:db8:1::fe metric 20',
  'route add blackhole 10.1.0.0/16 proto static',
  'route add 10.2.0.0/16 nexthop via 192.0.2.2 weight 2 nexthop dev v1',
  'route add 10.3.0.0/16 dev v1 table 100 metric 7',
  'route add 10.3.0.0/16 dev v1 table 1000 src 198.51.100.1',
  'route add 2001:db8:aa::/48 dev v1 table 1000 proto static',
  'route add 10.4.0.0/16 via inet6 fe80::1 dev v0 mtu 1400',
]

/** A route of ours as `ip -j -d` prints it, what both say. */
const likeIp = ({ to, via, dev, src, table, protocol, scope, type, metric, flags, nexthops }: Route): object => ({
  type,
  dst: to,
  ...(nexthops === undefined && { gateway: via, dev }),
  // Both are in /etc/iproute2/rt_tables.
  table: String(table),
  protocol: String(protocol),
  scope,
  prefsrc: src,
  metric,
  flags,
  nexthops: nexthops?.map((hop) => ({ gateway: hop.via, dev: hop.dev, weight: hop.weight, flags: hop.flags ?? [] })),
})

const likeOurs = ({
  type,
  dst,
  gateway,
  via,
  dev,
  table,
  protocol,
  scope,
  prefsrc,
  metric,
  flags,
  nexthops,
}: Json) => ({
  type,
  dst,
  gateway: gateway ?? (via as Json | undefined)?.host,
  dev,
  table,
  protocol,
  scope,
  prefsrc,
  metric,
  flags,
  nexthops: (nexthops as Json[] | undefined)?.map((hop) => ({
    gateway: hop.gateway ?? (hop.via as Json | undefined)?.host,
    dev: hop.dev,
    weight: hop.weight,
    flags: hop.flags,
  })),
})

describe('list', () => {
  const cases: readonly [string, Parameters<Netlink['route']['list']>[0], string[]][] = [
    ['IPv4, main', { family: 'inet' }, ['-4', 'route']],
    ['IPv6, main', { family: 'inet6' }, ['-6', 'route']],
    ['IPv4, all tables', { family: 'inet', table: 'all' }, ['-4', 'route', 'show', 'table', 'all']],
    ['IPv6, all tables', { family: 'inet6', table: 'all' }, ['-6', 'route', 'show', 'table', 'all']],
    ['a small table', { family: 'inet', table: 100 }, ['-4', 'route', 'show', 'table', '100']],
    ['a large table', { family: 'inet', table: 1000 }, ['-4', 'route', 'show', 'table', '1000']],
    ['table local', { family: 'inet', table: 'local' }, ['-4', 'route', 'show', 'table', 'local']],
    ['a device', { family: 'inet', dev: 'v0', table: 'local' }, ['-4', 'route', 'show', 'table', 'local', 'dev', 'v0']],
    ['a protocol', { family: 'inet', protocol: 'static' }, ['-4', 'route', 'show', 'proto', 'static']],
    ['a type', { family: 'inet', type: 'blackhole' }, ['-4', 'route', 'show', 'type', 'blackhole']],
    [
      'a type of all tables',
      { family: 'inet', type: 'broadcast', table: 'all' },
      ['-4', 'route', 'show', 'table', 'all', 'type', 'broadcast'],
    ],
  ]

  test('is what ip route shows, whole and filtered', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...network, ...routes)
    // Until the carriers have told their addresses.
    await expect.poll(async () => (await shown(ns, '-6', 'route', 'show', 'dev', 'w1')).length).toBe(1)
    await expect.poll(async () => (await shown(ns, '-6', 'route', 'show', 'dev', 'w0')).length).toBe(1)
    for (const [title, filter, args] of cases) {
      const theirs = (await shown(ns, ...args)).map(likeOurs).map((route, _, all) => ({
        ...route,
        // Shown only where it is not the one that was asked for.
        table: route.table ?? String(filter?.table ?? 'main'),
        ...(filter?.protocol !== undefined && { protocol: String(filter.protocol) }),
        ...(filter?.dev !== undefined && { dev: all.length > 0 ? filter.dev : undefined }),
      }))
      expect(theirs.length, title).toBeGreaterThan(0)
      expect((await nl.route.list(filter)).map(likeIp), title).toEqual(theirs)
    }
  })

  test('both families, as an array and one by one; what is not there is empty', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...network, ...routes)
    const both = (await nl.route.list({ protocol: 'static', table: 'all' })).map(({ to }) => to)
    expect(both).toEqual(['10.1.0.0/16', '2001:db8:aa::/48'])
    const one: string[] = []
    for await (const { to } of nl.route.list({ protocol: 'static', table: 'all' })) one.push(to)
    expect(one).toEqual(both)
    expect(await nl.route.list({ table: 4711 })).toEqual([])
    expect(await nl.route.list({ table: 200 })).toEqual([])
    expect(await nl.route.list({ type: 'prohibit' })).toEqual([])
    // One that goes by several devices belongs to each; ip route leaves it out.
    const byDevice = async (dev: string) => (await nl.route.list({ dev, family: 'inet' })).map(({ to }) => to)
    expect(await byDevice('v0')).toEqual(['default', '10.2.0.0/16', '10.4.0.0/16', '192.0.2.0/24'])
    expect(await byDevice('v1')).toEqual(['10.2.0.0/16', '198.51.100.0/24'])
    await expect(nl.route.list({ dev: 'gone' })).rejects.toMatchObject({ code: 'ENODEV', path: 'dev' })
  })
})

describe('get', () => {
  const cases: readonly [string, Parameters<Netlink['route']['get']>, string[]][] = [
    ['by the default route', ['203.0.113.7'], ['203.0.113.7']],
    ['by a device', ['192.0.2.7'], ['192.0.2.7']],
    ['to ourselves', ['192.0.2.1'], ['192.0.2.1']],
    ['a broadcast address', ['192.0.2.255'], ['192.0.2.255']],
    ['IPv6', ['2001:db8:2::7'], ['2001:db8:2::7']],
    ['from an address', ['203.0.113.7', { from: '198.51.100.1' }], ['203.0.113.7', 'from', '198.51.100.1']],
    ['out of a device', ['198.51.100.7', { dev: 'v1' }], ['198.51.100.7', 'oif', 'v1']],
    ['with a mark and a tos', ['203.0.113.7', { mark: 5, tos: 16 }], ['203.0.113.7', 'mark', '5', 'tos', '0x10']],
    ['by a gateway of IPv6', ['10.4.0.1'], ['10.4.0.1']],
    ['the entry itself', ['203.0.113.7', { fibmatch: true }], ['fibmatch', '203.0.113.7']],
    ['the entry of several next hops', ['10.2.0.1', { fibmatch: true }], ['fibmatch', '10.2.0.1']],
    ['the entry of IPv6', ['2001:db8:ff::1', { fibmatch: true }], ['fibmatch', '2001:db8:ff::1']],
  ]

  test('is what ip route get says', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...network, ...routes)
    for (const [title, [to, query], args] of cases) {
      const [theirs] = await shown(ns, 'route', 'get', ...args)
      const { gateway, via, dev, prefsrc, table, type } = theirs ?? {}
      const ours = await nl.route.get(to, query)
      expect(theirs?.dst, title).toBeDefined()
      expect([ours.to, ours.via, ours.dev, ours.src, String(ours.table), ours.type], title).toEqual([
        theirs?.dst,
        gateway ?? (via as Json | undefined)?.host,
        dev,
        prefsrc,
        table,
        type,
      ])
      const hops = theirs?.nexthops as Json[] | undefined
      expect(ours.nexthops?.length, title).toBe(hops?.length)
    }
  })

  test('nowhere', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await expect(nl.route.get('192.0.2.1')).rejects.toMatchObject({ code: 'ENETUNREACH' })
    await ip(ns, 'link set lo up', 'route add prohibit 10.0.0.0/8', 'route add blackhole 10.1.0.0/16')
    await expect(nl.route.get('10.0.0.1')).rejects.toMatchObject({ code: 'EACCES', operation: 'RTM_GETROUTE' })
    await expect(nl.route.get('10.1.0.1')).rejects.toMatchObject({ code: 'EINVAL', outcome: 'refused' })
    await expect(nl.route.get('10.0.0.0/8')).rejects.toMatchObject({ code: 'EINVAL', path: 'to', outcome: 'unsent' })
    await expect(nl.route.get('10.0.0.1', { dev: 'gone' })).rejects.toMatchObject({ code: 'ENODEV', path: 'dev' })
    await expect(nl.route.get('10.0.0.1', { iif: 'gone' })).rejects.toMatchObject({ code: 'ENODEV', path: 'iif' })
  })
})

describe('what cannot be done', () => {
  test.each<[string, (nl: Netlink) => Promise<unknown>, object]>([
    [
      'a duplicate',
      (nl) => nl.route.add({ to: '192.0.2.0/24', dev: 'v0', protocol: 'kernel', src: '192.0.2.1' }),
      { code: 'EEXIST' },
    ],
    ['no way to the gateway', (nl) => nl.route.add({ to: '10.0.0.0/8', via: '203.0.113.1' }), { code: 'ENETUNREACH' }],
    [
      'an address that is not ours',
      (nl) => nl.route.add({ to: '10.0.0.0/8', dev: 'v0', src: '203.0.113.1' }),
      { code: 'EINVAL' },
    ],
    ['host bits', (nl) => nl.route.add({ to: '10.0.0.1/8', dev: 'v0' }), { code: 'EINVAL' }],
    ['none to delete', (nl) => nl.route.del({ to: '10.0.0.0/8' }), { code: 'ESRCH' }],
    [
      'no device',
      (nl) => nl.route.add({ to: '10.0.0.0/8', dev: 'gone' }),
      { code: 'ENODEV', path: 'dev', outcome: 'unsent' },
    ],
    [
      'no device of a next hop',
      (nl) => nl.route.add({ to: '10.0.0.0/8', nexthops: [{ dev: 'v0' }, { dev: 'gone' }] }),
      { code: 'ENODEV', path: 'nexthops[1].dev', outcome: 'unsent' },
    ],
  ])('%s', async (_, act, wanted) => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...network)
    const before = steady(await shown(ns, '-4', 'route', 'show', 'table', 'all'))
    await expect(act(nl)).rejects.toMatchObject({ name: 'NetlinkError', ...wanted })
    expect(steady(await shown(ns, '-4', 'route', 'show', 'table', 'all'))).toEqual(before)
  })
})

test('devices are named as they are called when the answer comes', async () => {
  await using ns = await quiet()
  await using nl = await ns.netlink()
  // 15 bytes, the most there may be, and two bytes a letter.
  const name = 'überbrücke-b0'
  await nl.link.add({ kind: 'bridge', name: 'br0' })
  await nl.addr.add({ dev: 'br0', address: '10.1.0.1/24' })
  const [, , route, addresses] = await Promise.all([
    nl.link.set('br0', { name }),
    nl.link.set(name, { up: true }),
    nl.route.get('10.1.0.2'),
    nl.addr.list(),
  ])
  expect(route.dev).toBe(name)
  expect(new Set(addresses.map(({ dev }) => dev))).toEqual(new Set([name]))
  expect((await nl.route.list()).every(({ dev }) => dev === name)).toBe(true)
})
