/** nl.link.get and list on the real kernel, beside `ip link`. As root. */
import { describe, expect, test } from 'vitest'
import type { Link, LinkInput } from '../../src/index.ts'
import { ip, quiet, shown, steady } from './lab.ts'

const A = '02:00:00:00:00:0a'
const B = '02:00:00:00:00:0b'
const long = 'a-name-that-is-longer-than-fifteen-bytes'
const pair = [`link add v0 address ${A} type veth peer name v1 address ${B}`]

/** What add() gives and what get() says: traffic aside, and the other end, which get() does not ask for. */
function withoutTraffic({ stats: _, stats64: _1, afSpec: _2, data, ...link }: Link): unknown {
  return { ...link, ...(link.kind === 'veth' ? {} : { data }) }
}

describe('get and list', () => {
  test('by name, altname, long altname and index: the same', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...pair, `link property add dev v0 altname other altname ${long}`)
    const byName = await nl.link.get('v0')
    for (const device of ['other', long, byName.index])
      expect(withoutTraffic(await nl.link.get(device))).toEqual(withoutTraffic(byName))
    expect(byName).toMatchObject({
      kind: 'veth',
      name: 'v0',
      address: A,
      altnames: ['other', long],
      stats64: { rxPackets: 0n },
    })
    for (const device of ['gone', long.slice(1), 4711])
      await expect(nl.link.get(device)).rejects.toMatchObject({ code: 'ENODEV', path: 'device' })
  })

  test('what add returns is what get says', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    const inputs: LinkInput[] = [
      { kind: 'bridge', name: 'br0', mtu: 1400, altnames: ['b'], data: { stpState: 1, priority: 7 } },
      { kind: 'veth', name: 'v0', data: { peer: { name: 'v1' } } },
      { kind: 'veth', name: 'v2', master: 'br0', ifalias: 'text', group: 3, data: { peer: { name: 'v3', mtu: 1300 } } },
      { kind: 'veth', name: 'v4', altnames: [long] },
    ]
    for (const input of inputs) {
      const made = await nl.link.add(input)
      expect(made.name).toBe(input.name)
      const got = await nl.link.get(input.name)
      expect(steady(withoutTraffic(made), timers)).toEqual(steady(withoutTraffic(got), timers))
      if (made.kind !== 'veth') continue
      // A veth without a peer given has one all the same.
      const { peer } = made.data ?? {}
      if (!peer) throw new Error('no peer')
      expect(withoutTraffic(peer)).toEqual(withoutTraffic(await nl.link.get(peer.name)))
    }
  })
  const timers = new Set(['gcTimer', 'helloTimer', 'holdTimer', 'messageAgeTimer', 'forwardDelayTimer'])

  test('list is what ip shows, as an array and one by one', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...pair, 'link add br0 type bridge', 'link set v1 master br0', 'link set v0 up')
    const links = await nl.link.list()
    const theirs = await shown(ns, 'link')
    expect(links.map(({ index, name, mtu, address, master }) => ({ index, name, mtu, address, master }))).toEqual(
      theirs.map(({ ifindex: index, ifname: name, mtu, address, master }) => ({ index, name, mtu, address, master })),
    )
    expect(links.map(({ kind }) => kind)).toEqual([undefined, 'veth', 'veth', 'bridge'])
    const one: string[] = []
    for await (const { name } of nl.link.list()) one.push(name)
    expect(one).toEqual(links.map(({ name }) => name))
    // The counters of IPv6 only where they are asked for.
    const counted = async (stats: boolean) =>
      (await nl.link.list({ stats })).map(
        ({ afSpec }) => afSpec !== undefined && 'inet6' in afSpec && afSpec.inet6?.stats !== undefined,
      )
    expect(new Set(await counted(false))).toEqual(new Set([false]))
    expect(new Set(await counted(true))).toEqual(new Set([true]))
  })

  test('filters: kind, master, both, none', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(
      ns,
      'link add br0 type bridge',
      'link add br1 type bridge',
      ...pair,
      'link add w0 type veth peer name w1',
      'link set v0 master br0',
      'link set w0 master br0',
      'link set w1 master br1',
    )
    const names = async (filter: Parameters<typeof nl.link.list>[0]) =>
      (await nl.link.list(filter)).map(({ name }) => name).sort()
    expect(await names({ kind: 'bridge' })).toEqual(['br0', 'br1'])
    expect(await names({ kind: 'veth' })).toEqual(['v0', 'v1', 'w0', 'w1'])
    expect(await names({ kind: 'vxlan' })).toEqual([])
    expect(await names({ master: 'br0' })).toEqual(['v0', 'w0'])
    expect(await names({ master: 'br1', kind: 'veth' })).toEqual(['w1'])
    expect(await names({ master: 'br1', kind: 'bridge' })).toEqual([])
    await expect(nl.link.list({ master: 'gone' })).rejects.toMatchObject({ code: 'ENODEV', path: 'master' })
  })

  test('leaving the loop early leaves the client usable, also between datagrams', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    // More than one datagram: a bridge takes some 1.5 KB.
    await Promise.all(Array.from({ length: 100 }, (_, i) => nl.link.add({ kind: 'bridge', name: `br${i}` })))
    for (const stop of [1, 2, 50, 99]) {
      let seen = 0
      for await (const link of nl.link.list())
        if (++seen === stop) {
          expect(link.name).toBeDefined()
          break
        }
      expect(seen).toBe(stop)
      expect((await nl.link.get('br7')).name).toBe('br7')
    }
    expect((await nl.link.list()).length).toBe(101)
  })
})
