/** nl.addr on the real kernel, beside `ip address`. As root. */
import { describe, expect, test } from 'vitest'
import type { Netlink } from '../../src/index.ts'
import { beside, ip, type Json, quiet, same, shown, steady, volatile } from './lab.ts'

const show = [['addr'], ['route', 'show', 'table', 'all']]
const before = ['link add v0 address 02:00:00:00:00:0a type veth peer name v1', 'link set v0 up', 'link set v1 up']

interface Row {
  title: string
  more?: readonly string[]
  ours: (nl: Netlink) => Promise<unknown>
  theirs: readonly string[]
}

const rows: readonly Row[] = [
  {
    title: 'an address',
    ours: (nl) => nl.addr.add({ dev: 'v0', address: '192.0.2.1/24' }),
    theirs: ['addr add 192.0.2.1/24 dev v0'],
  },
  {
    title: 'one without a length is a host',
    ours: (nl) => nl.addr.add({ dev: 'v0', address: '10.0.0.10' }),
    theirs: ['addr add 10.0.0.10 dev v0'],
  },
  {
    title: "broadcast '+' and '-'",
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '192.0.2.129/25', broadcast: '+' })
      await nl.addr.add({ dev: 'v0', address: '10.1.2.3/9', broadcast: '-' })
      await nl.addr.add({ dev: 'v0', address: '198.51.100.1/30', broadcast: '+' })
    },
    theirs: [
      'addr add 192.0.2.129/25 brd + dev v0',
      'addr add 10.1.2.3/9 brd - dev v0',
      'addr add 198.51.100.1/30 brd + dev v0',
    ],
  },
  {
    title: "broadcast '+' where there is none: /31 and /32",
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '192.0.2.0/31', broadcast: '+' })
      await nl.addr.add({ dev: 'v0', address: '192.0.2.9/32', broadcast: '+' })
    },
    theirs: ['addr add 192.0.2.0/31 brd + dev v0', 'addr add 192.0.2.9/32 brd + dev v0'],
  },
  {
    title: 'a broadcast address',
    ours: (nl) => nl.addr.add({ dev: 'v0', address: '192.0.2.1/24', broadcast: '192.0.2.200' }),
    theirs: ['addr add 192.0.2.1/24 brd 192.0.2.200 dev v0'],
  },
  {
    title: 'lifetimes, which run',
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '192.0.2.1/24', validLft: 5000, preferredLft: 3000 })
      await nl.addr.add({ dev: 'v0', address: '192.0.2.2/24', validLft: 5000 })
      await nl.addr.add({ dev: 'v0', address: '2001:db8::1/64', validLft: 5000, preferredLft: 0 })
      await nl.addr.add({ dev: 'v0', address: '2001:db8::2/64', validLft: 'forever', preferredLft: 100 })
    },
    theirs: [
      'addr add 192.0.2.1/24 dev v0 valid_lft 5000 preferred_lft 3000',
      'addr add 192.0.2.2/24 dev v0 valid_lft 5000 preferred_lft 5000',
      'addr add 2001:db8::1/64 dev v0 valid_lft 5000 preferred_lft 0',
      'addr add 2001:db8::2/64 dev v0 valid_lft forever preferred_lft 100',
    ],
  },
  {
    title: 'noprefixroute',
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '192.0.2.1/24', flags: ['noprefixroute'] })
      await nl.addr.add({ dev: 'v0', address: '2001:db8::1/64', flags: ['noprefixroute'] })
    },
    theirs: ['addr add 192.0.2.1/24 dev v0 noprefixroute', 'addr add 2001:db8::1/64 dev v0 noprefixroute'],
  },
  {
    title: 'nodad, home, optimistic, mngtmpaddr, autojoin',
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '2001:db8::1/64', flags: ['nodad'] })
      await nl.addr.add({ dev: 'v0', address: '2001:db8::2/64', flags: ['homeaddress'] })
      await nl.addr.add({ dev: 'v0', address: '2001:db8::3/64', flags: ['optimistic'] })
      await nl.addr.add({ dev: 'v0', address: '239.1.1.1/32', flags: ['mcautojoin'] })
      await nl.addr.add({ dev: 'v0', address: '2001:db8:1::4/64', flags: ['managetempaddr'] })
    },
    theirs: [
      'addr add 2001:db8::1/64 dev v0 nodad',
      'addr add 2001:db8::2/64 dev v0 home',
      'addr add 2001:db8::3/64 dev v0 optimistic',
      'addr add 239.1.1.1/32 dev v0 autojoin',
      'addr add 2001:db8:1::4/64 dev v0 mngtmpaddr',
    ],
  },
  {
    title: 'a peer',
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '10.0.0.1', peer: '10.0.0.2' })
      await nl.addr.add({ dev: 'v0', address: '10.1.0.1', peer: '10.1.0.2/24' })
      await nl.addr.add({ dev: 'v0', address: '2001:db8::1', peer: '2001:db8::2/128' })
    },
    theirs: [
      'addr add 10.0.0.1 peer 10.0.0.2 dev v0',
      'addr add 10.1.0.1 peer 10.1.0.2/24 dev v0',
      'addr add 2001:db8::1 peer 2001:db8::2/128 dev v0',
    ],
  },
  {
    title: 'a label',
    ours: (nl) => nl.addr.add({ dev: 'v0', address: '192.0.2.1/24', label: 'v0:second' }),
    theirs: ['addr add 192.0.2.1/24 dev v0 label v0:second'],
  },
  {
    title: 'scopes, by name and number; host of itself for 127.0.0.0/8',
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '169.254.7.7/16', scope: 'link' })
      await nl.addr.add({ dev: 'v0', address: '192.0.2.1/28', scope: 'host' })
      await nl.addr.add({ dev: 'v0', address: '192.0.2.33/28', scope: 'site' })
      await nl.addr.add({ dev: 'v0', address: '192.0.2.65/28', scope: 77 })
      await nl.addr.add({ dev: 'lo', address: '127.0.0.5/8' })
    },
    theirs: [
      'addr add 169.254.7.7/16 dev v0 scope link',
      'addr add 192.0.2.1/28 dev v0 scope host',
      'addr add 192.0.2.33/28 dev v0 scope site',
      'addr add 192.0.2.65/28 dev v0 scope 77',
      'addr add 127.0.0.5/8 dev lo',
    ],
  },
  {
    title: 'a metric',
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: '192.0.2.1/24', metric: 700 })
      await nl.addr.add({ dev: 'v0', address: '2001:db8::1/64', metric: 800 })
    },
    theirs: ['addr add 192.0.2.1/24 dev v0 metric 700', 'addr add 2001:db8::1/64 dev v0 metric 800'],
  },
  {
    title: 'IPv6: link-local, site-local, a host, in any spelling',
    ours: async (nl) => {
      await nl.addr.add({ dev: 'v0', address: 'FE80:0::1/64', scope: 'link' })
      await nl.addr.add({ dev: 'v0', address: '2001:DB8:0:0:1:0:0:1/64' })
      await nl.addr.add({ dev: 'v0', address: '2001:db8:2::5' })
      await nl.addr.add({ dev: 'lo', address: '::ffff:192.0.2.1/128' })
    },
    theirs: [
      'addr add fe80::1/64 dev v0 scope link',
      'addr add 2001:db8::1:0:0:1/64 dev v0',
      'addr add 2001:db8:2::5 dev v0',
      'addr add ::ffff:192.0.2.1/128 dev lo',
    ],
  },
  {
    title: 'replace: adds, and changes what is there',
    more: ['addr add 192.0.2.1/24 dev v0', 'addr add 2001:db8::1/64 dev v0 valid_lft 900 preferred_lft 800'],
    ours: async (nl) => {
      await nl.addr.replace({ dev: 'v0', address: '192.0.2.1/24', validLft: 4000, preferredLft: 2000 })
      await nl.addr.replace({ dev: 'v0', address: '192.0.2.2/24' })
      await nl.addr.replace({ dev: 'v0', address: '2001:db8::1/64', metric: 99, flags: ['noprefixroute'] })
    },
    theirs: [
      'addr replace 192.0.2.1/24 dev v0 valid_lft 4000 preferred_lft 2000',
      'addr replace 192.0.2.2/24 dev v0',
      'addr replace 2001:db8::1/64 dev v0 metric 99 noprefixroute',
    ],
  },
  {
    title: 'del, and the secondary address that goes with its primary',
    more: [
      'addr add 192.0.2.1/24 dev v0',
      'addr add 192.0.2.2/24 dev v0',
      'addr add 10.0.0.1 peer 10.0.0.2 dev v0',
      'addr add 2001:db8::1/64 dev v0',
      'addr add 203.0.113.1/24 dev v0',
    ],
    ours: async (nl) => {
      await nl.addr.del({ dev: 'v0', address: '192.0.2.1/24' })
      await nl.addr.del({ dev: 'v0', address: '10.0.0.1', peer: '10.0.0.2/32' })
      await nl.addr.del({ dev: 'v0', address: '2001:db8::1/64' })
    },
    theirs: [
      'addr del 192.0.2.1/24 dev v0',
      'addr del 10.0.0.1 peer 10.0.0.2/32 dev v0',
      'addr del 2001:db8::1/64 dev v0',
    ],
  },
  {
    title: 'flush of a device',
    more: [
      'addr add 192.0.2.1/24 dev v0',
      'addr add 192.0.2.2/24 dev v0',
      'addr add 2001:db8::1/64 dev v0',
      'addr add 192.0.2.9/24 dev v1',
    ],
    ours: (nl) => nl.addr.flush({ dev: 'v0' }),
    theirs: ['addr flush dev v0'],
  },
  {
    title: 'flush of a family of a device',
    more: ['addr add 192.0.2.1/24 dev v0', 'addr add 2001:db8::1/64 dev v0'],
    ours: (nl) => nl.addr.flush({ dev: 'v0', family: 'inet6' }),
    theirs: ['-6 addr flush dev v0'],
  },
]

// Lifetimes run: two namespaces are never asked in the same second. They are compared by themselves.
const drop = new Set([...volatile, 'valid_life_time', 'preferred_life_time', 'expires'])

describe('the same as ip address', () => {
  test.each(rows)('$title', ({ more = [], ours, theirs }) =>
    beside({ before: [...before, ...more], ours, theirs, show, drop }),
  )

  test('lifetimes are those of ip, but for the seconds that pass', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...before, 'addr add 192.0.2.1/24 dev v0 valid_lft 5000 preferred_lft 3000')
    await nl.addr.add({ dev: 'v1', address: '192.0.2.1/24', validLft: 5000, preferredLft: 3000 })
    await nl.addr.add({ dev: 'v1', address: '192.0.2.3/24', validLft: 'forever', preferredLft: 100 })
    const times = (await nl.addr.list({ family: 'inet' })).map(({ validLft, preferredLft }) => [validLft, preferredLft])
    const theirs = (await shown(ns, '-4', 'addr')).flatMap(({ addr_info }) => addr_info as Json[])
    const about = (value: unknown) =>
      value === 'forever' || value === 4294967295 ? -1 : Math.ceil(Number(value) / 100)
    expect(times.map((pair) => pair.map(about))).toEqual(
      theirs.map(({ valid_life_time, preferred_life_time }) => [about(valid_life_time), about(preferred_life_time)]),
    )
    expect(times.map((pair) => pair.map(about))).toEqual([
      [50, 30],
      // IPv4 has no end of its own for what is preferred (net/ipv4/devinet.c).
      [-1, -1],
      [50, 30],
    ])
  })
})

describe('list', () => {
  test('says what ip says, whole and filtered', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(
      ns,
      ...before,
      'link set lo up',
      'addr add 192.0.2.1/24 brd + dev v0 label v0:x',
      'addr add 10.0.0.1 peer 10.0.0.2 dev v1',
      'addr add 2001:db8::1/64 dev v1 nodad',
    )
    const theirs = async (...args: string[]) =>
      (await shown(ns, ...args)).flatMap(({ ifname, ifindex, addr_info }) =>
        (addr_info as Json[]).map(({ local, address, prefixlen, scope, broadcast, label }) => ({
          dev: ifname,
          index: ifindex,
          address: address === undefined ? `${local}/${prefixlen}` : local,
          ...(address !== undefined && { peer: `${address}/${prefixlen}` }),
          scope,
          ...(broadcast !== undefined && { broadcast }),
          ...(label !== undefined && { label }),
        })),
      )
    const ours = async (filter: Parameters<typeof nl.addr.list>[0]) =>
      (await nl.addr.list(filter)).map(
        ({ flags: _, validLft: _1, preferredLft: _2, protocol: _3, ...address }) => address,
      )
    const order = (list: Json[] | object[]) => list.map((each) => JSON.stringify(steadyKeys(each))).sort()
    const pairs = [
      [{}, ['addr']],
      [{ dev: 'v1' }, ['addr', 'show', 'dev', 'v1']],
      [{ family: 'inet' }, ['-4', 'addr']],
      [{ family: 'inet6', dev: 'v0' }, ['-6', 'addr', 'show', 'dev', 'v0']],
    ] as const
    for (const [filter, args] of pairs) {
      const wanted = order(await theirs(...args))
      expect(wanted.length).toBeGreaterThan(0)
      expect(order(await ours(filter))).toEqual(wanted)
    }
    const one: string[] = []
    for await (const { address } of nl.addr.list({ dev: 'v1', family: 'inet' })) one.push(address)
    expect(one).toEqual(['10.0.0.1'])
    expect(await nl.addr.list({ dev: 'v1', family: 'inet' })).toHaveLength(1)
    await expect(nl.addr.list({ dev: 'gone' })).rejects.toMatchObject({ code: 'ENODEV', path: 'dev' })
  })
  const steadyKeys = (value: object) => Object.fromEntries(Object.entries(value).sort())

  test('who added an address (iproute2 6.1 does not know it)', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...before)
    await nl.addr.add({ dev: 'v0', address: '192.0.2.1/24', protocol: 5 })
    await nl.addr.add({ dev: 'v0', address: '192.0.2.2/24', protocol: 'kernel_ra' })
    const listed = await nl.addr.list({ dev: 'v0' })
    expect(listed.map(({ protocol }) => protocol)).toEqual([5, 'kernel_ra', 'kernel_ll'])
  })

  test('add and flush return what list says', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await ip(ns, ...before, 'link property add dev v0 altname other')
    const made = [
      await nl.addr.add({ dev: 'v0', address: '192.0.2.1/24', broadcast: '+', label: 'v0' }),
      await nl.addr.add({ dev: 'other', address: '192.0.2.2/24', metric: 5 }),
      await nl.addr.add({ dev: 'v0', address: '10.0.0.1', peer: '10.0.0.2' }),
    ]
    const listed = await nl.addr.list({ dev: 'v0', family: 'inet' })
    for (const { flags: _, dev: _1, ...each } of made)
      expect(listed.find(({ address }) => address === each.address)).toMatchObject(each)
    const gone = await nl.addr.flush({ dev: 'v0', family: 'inet' })
    expect(gone).toEqual(listed)
    expect(await nl.addr.list({ dev: 'v0', family: 'inet' })).toEqual([])
  })

  test('a device by index, altname and long altname', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    const long = 'a-name-that-is-longer-than-fifteen-bytes'
    await ip(ns, ...before, `link property add dev v0 altname other altname ${long}`)
    const { index } = await nl.link.get('v0')
    for (const [i, dev] of [index, 'other', long].entries()) await nl.addr.add({ dev, address: `192.0.2.${i}/24` })
    await same(
      async () => (await nl.addr.list({ dev: long, family: 'inet' })).map(({ dev, address }) => `${dev} ${address}`),
      async () => ['v0 192.0.2.0/24', 'v0 192.0.2.1/24', 'v0 192.0.2.2/24'],
    )
    expect(steady(await shown(ns, 'addr', 'show', 'dev', 'v0'))).toMatchObject([{ ifname: 'v0' }])
  })
})
