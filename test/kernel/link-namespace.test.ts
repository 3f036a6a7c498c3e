/** Links in more than one namespace: born elsewhere, moved, and taken away again where a later step fails. As root. */
import { describe, expect, test } from 'vitest'
import type { LinkInput, Namespace } from '../../src/index.ts'
import { ip, quiet, same, shown, steady } from './lab.ts'

const A = '02:00:00:00:00:0a'
const B = '02:00:00:00:00:0b'
const long = 'a-name-that-is-longer-than-fifteen-bytes'
const pair = [`link add v0 address ${A} type veth peer name v1 address ${B}`]

describe('a peer born in another namespace', () => {
  const birth = async (target: (ns: Namespace) => Promise<{ place: NamespaceOf; end(): Promise<void> }>) => {
    await using here = await quiet()
    await using away = await quiet()
    await using nl = await here.netlink()
    const { place, end } = await target(away)
    try {
      const made = await nl.link.add({
        kind: 'veth',
        name: 'v0',
        address: A,
        up: true,
        data: {
          peer: {
            name: 'eth0',
            namespace: place,
            address: B,
            mtu: 1400,
            up: true,
            altnames: ['inner', long],
            ifalias: 'inside',
          },
        },
      })
      expect(made).toMatchObject({ kind: 'veth', name: 'v0', up: true, address: A, linkNetnsid: 0 })
      if (made.kind !== 'veth') throw new Error('no veth')
      expect(made.data?.peer).toMatchObject({
        name: 'eth0',
        up: true,
        mtu: 1400,
        address: B,
        altnames: ['inner', long],
        ifalias: 'inside',
      })

      await using sibling = await quiet()
      await using siblingAway = await quiet()
      const { subprocess } = await siblingAway.spawn('sleep', ['60'], { sysfs: false })
      try {
        await ip(
          sibling,
          `link add v0 address ${A} type veth peer name eth0 netns ${subprocess.pid} address ${B} mtu 1400`,
          'link set v0 up',
        )
        await ip(
          siblingAway,
          'link set eth0 up alias inside',
          `link property add dev eth0 altname inner altname ${long}`,
        )
      } finally {
        subprocess.kill()
        await subprocess.catch(() => undefined)
      }
      for (const [ours, theirs] of [
        [here, sibling],
        [away, siblingAway],
      ] as const)
        await same(
          async () => steady(await shown(ours, 'link')),
          async () => steady(await shown(theirs, 'link')),
        )
    } finally {
      await end()
    }
  }
  type NamespaceOf = Namespace | { pid: number } | { fd: number }

  test('by Namespace', () => birth(async (ns) => ({ place: ns, end: async () => {} })))
  test('by descriptor', () => birth(async (ns) => ({ place: { fd: ns.fd }, end: async () => {} })))
  test('by the id of a process', () =>
    birth(async (ns) => {
      const { subprocess } = await ns.spawn('sleep', ['60'], { sysfs: false })
      // nsenter becomes sleep: until then its namespace is ours.
      await expect.poll(() => ns.pids()).toContain(subprocess.pid)
      return {
        place: { pid: Number(subprocess.pid) },
        end: async () => {
          subprocess.kill()
          await subprocess.catch(() => undefined)
        },
      }
    }))

  test('as a port of a bridge that is there', async () => {
    await using here = await quiet()
    await using away = await quiet()
    await using nl = await here.netlink()
    await using inside = await away.netlink()
    await inside.link.add({ kind: 'bridge', name: 'br0' })
    await nl.link.add({ kind: 'veth', name: 'v0', data: { peer: { name: 'p0', namespace: away, master: 'br0' } } })
    expect((await inside.link.get('p0')).master).toBe('br0')
  })

  test('the device itself is born elsewhere, its peer here or in a third', async () => {
    await using here = await quiet()
    await using one = await quiet()
    await using two = await quiet()
    await using nl = await here.netlink()
    const made = await nl.link.add({
      kind: 'veth',
      name: 'v0',
      namespace: one,
      up: true,
      data: { peer: { name: 'v1', namespace: two, mtu: 1400 } },
    })
    expect(made).toMatchObject({ name: 'v0', up: true, data: { peer: { name: 'v1', mtu: 1400 } } })
    await nl.link.add({ kind: 'veth', name: 'w0', namespace: one, data: { peer: { name: 'w1' } } })
    const names = async (ns: Namespace) => (await shown(ns, 'link')).map(({ ifname }) => ifname)
    expect([await names(here), await names(one), await names(two)]).toEqual([
      ['lo', 'w1'],
      ['lo', 'v0', 'w0'],
      ['lo', 'v1'],
    ])
    await nl.link.add({ kind: 'bridge', name: 'br0', namespace: two, up: true })
    expect(await names(two)).toEqual(['lo', 'v1', 'br0'])
  })
})

describe('moving', () => {
  test.each(['Namespace', 'pid', 'fd'] as const)('by %s', async (by) => {
    await using here = await quiet()
    await using away = await quiet()
    await using nl = await here.netlink()
    await ip(here, ...pair, 'link set v1 up mtu 1400')
    const { subprocess } = await away.spawn('sleep', ['60'], { sysfs: false })
    try {
      await expect.poll(() => away.pids()).toContain(subprocess.pid)
      const place = { Namespace: away, pid: { pid: Number(subprocess.pid) }, fd: { fd: away.fd } }[by]
      // Name and namespace in one message: it is never there under a name that is taken.
      await ip(away, 'link add v1 type bridge')
      await nl.link.set('v1', { namespace: place, name: 'moved' })
    } finally {
      subprocess.kill()
      await subprocess.catch(() => undefined)
    }
    expect((await shown(here, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'v0'])
    const [moved] = await shown(away, 'link', 'show', 'dev', 'moved')
    // A device that moves goes down and keeps the rest.
    expect(moved).toMatchObject({ address: B, mtu: 1400, flags: expect.not.arrayContaining(['UP']) })
  })

  test('where the name is taken it stays', async () => {
    await using here = await quiet()
    await using away = await quiet()
    await using nl = await here.netlink()
    await ip(here, ...pair)
    await ip(away, 'link add v1 type bridge')
    await expect(nl.link.set('v1', { namespace: away })).rejects.toMatchObject({ code: 'EEXIST' })
    expect((await nl.link.get('v1')).address).toBe(B)
  })
})

describe('a step that fails takes the device away again', () => {
  test.each<[string, LinkInput, object]>([
    // A master that is no master: refused where the peer is set up, after its birth.
    [
      'master of the peer',
      { kind: 'veth', name: 'v0', data: { peer: { name: 'v1', master: 'lo' } } },
      { code: 'EOPNOTSUPP' },
    ],
    [
      'unknown master of the peer',
      { kind: 'veth', name: 'v0', data: { peer: { name: 'v1', master: 'gone' } } },
      { code: 'ENODEV', path: 'data.peer.master' },
    ],
    ['an altname that is taken', { kind: 'bridge', name: 'br1', altnames: ['mine', 'taken'] }, { code: 'EEXIST' }],
    [
      'an altname of the peer that is taken',
      { kind: 'veth', name: 'v0', data: { peer: { name: 'v1', altnames: ['taken'] } } },
      { code: 'EEXIST' },
    ],
    ['a port option without a master', { kind: 'veth', name: 'v0', slaveKind: 'bridge', slaveData: { cost: 5 } }, {}],
  ])('%s', async (_, input, wanted) => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, 'link add br0 type bridge', 'link property add dev br0 altname taken')
    const before = steady(await shown(ns, 'link'))
    await expect(nl.link.add(input)).rejects.toMatchObject({ name: 'NetlinkError', ...wanted })
    expect(steady(await shown(ns, 'link'))).toEqual(before)
  })

  test('also where the peer was born elsewhere', async () => {
    await using here = await quiet()
    await using away = await quiet()
    await using nl = await here.netlink()
    await expect(
      nl.link.add({ kind: 'veth', name: 'v0', data: { peer: { name: 'v1', namespace: away, master: 'gone' } } }),
    ).rejects.toMatchObject({ code: 'ENODEV', path: 'data.peer.master' })
    expect([(await shown(here, 'link')).length, (await shown(away, 'link')).length]).toEqual([1, 1])
  })
})
