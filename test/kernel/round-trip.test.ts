/** The round-trip law on the real kernel: what list() returns can be given to add() and makes the same again. As root. */
import { expect, test } from 'vitest'
import type { Address, Link, LinkInput, Netlink, Route } from '../../src/index.ts'
import { ip, type Json, network, quiet, same, shown, volatile, without } from './lab.ts'

/** Bridges, their ports, pairs of all sorts, and two pairs with an end in another namespace. */
const links = [
  'link add br0 type bridge',
  'link add br1 address 02:00:00:00:01:01 type bridge stp_state 1 forward_delay 400 hello_time 100 max_age 1000 priority 4096 ageing_time 6000 group_fwd_mask 8 mcast_snooping 0',
  'link add br2 mtu 1400 txqueuelen 77 type bridge mcast_querier 1 mcast_igmp_version 3 mcast_mld_version 2 mcast_stats_enabled 1 mcast_hash_max 1024 mcast_query_interval 6000 nf_call_iptables 1',
  'link set br2 alias "a bridge" group 7',
  'link property add dev br2 altname br-two altname a-bridge-with-a-name-longer-than-fifteen',
  // A bridge without ports and without an address of its own has no id yet: 'add' gives it the listed address, and with it an id.
  'link add br3 address 02:00:00:00:03:03 type bridge no_linklocal_learn 1 mcast_router 2 vlan_default_pvid 1',
  'link add v0 type veth peer name w0',
  'link add v1 mtu 1300 txqueuelen 55 group 5 type veth peer name w1 mtu 1200',
  'link property add dev v1 altname one altname veth-with-a-name-longer-than-fifteen',
  'link set v1 alias "this end"',
  'link set w1 alias "that end"',
  'link add v2 type veth peer name w2',
  'link set v2 master br0 up',
  'link set v2 type bridge_slave cost 44 priority 8 hairpin on guard on learning off isolated on neigh_suppress on',
  'link add v3 type veth peer name w3',
  'link set v3 master br1',
  'link set w3 master br2',
  'link set v3 type bridge_slave flood off mcast_flood off bcast_flood off mcast_fast_leave on mcast_router 2 group_fwd_mask 8',
  'link add v4 type veth peer name w4',
  'link set v4 arp off promisc on allmulticast on',
  'link set w4 multicast off',
  'link add v5 numtxqueues 4 numrxqueues 3 gso_max_size 30000 gso_max_segs 300 type veth peer name w5',
  'link add v6 address 02:00:00:00:06:06 type veth peer name w6 address 02:00:00:00:06:07',
  'link set v6 broadcast 02:00:00:ff:ff:ff addrgenmode none',
  'link set w6 mode dormant',
  ...['br0', 'br1', 'br2', 'v1', 'w1', 'w2', 'v3', 'w3', 'v4', 'v6'].map((name) => `link set ${name} up`),
]

test('links, both ends given, make the same in a fresh namespace', async () => {
  await using from = await quiet()
  await using fromAway = await quiet()
  await using to = await quiet()
  await using toAway = await quiet()
  await using fromNl = await from.netlink()
  await using fromAwayNl = await fromAway.netlink()
  await ip(from, ...links)
  // The namespace needs an id before a device says where its peer is: both get the same.
  for (const [ns, away] of [[from, fromAway]] as const) {
    const { subprocess } = await away.spawn('sleep', ['60'], { sysfs: false })
    await expect.poll(() => away.pids()).toContain(subprocess.pid)
    await ip(
      ns,
      `link add p0 mtu 1450 type veth peer name eth0 netns ${subprocess.pid} mtu 1440`,
      `link add p1 type veth peer name eth1 netns ${subprocess.pid}`,
      'link set p1 master br0',
      'link set p0 up',
    )
    subprocess.kill()
    await subprocess.catch(() => undefined)
    await ip(away, 'link set eth0 up alias inner', 'link property add dev eth0 altname born-elsewhere')
  }

  const listed = await fromNl.link.list()
  const away = await fromAwayNl.link.list()
  expect(listed.filter(({ kind }) => kind !== undefined).length).toBeGreaterThanOrEqual(12)
  await using toNl = await to.netlink()
  for (const input of additions(listed, away, toAway)) await toNl.link.add(input)

  for (const [ours, theirs] of [
    [to, from],
    [toAway, fromAway],
  ] as const)
    await same(
      async () => byName(await shown(ours, 'link')),
      async () => byName(await shown(theirs, 'link')),
    )
}, 30_000)

/** What to add, in order: bridges before their ports, each pair once. */
function additions(listed: Link[], away: Link[], namespace: Parameters<typeof elsewhere>[1]): LinkInput[] {
  const done = new Set<string>()
  const bridges = listed.filter(({ kind }) => kind === 'bridge') as LinkInput[]
  const pairs = listed.flatMap((link): LinkInput[] => {
    if (link.kind !== 'veth' || done.has(link.name)) return []
    const peer =
      link.linkNetnsid === undefined
        ? listed.find(({ name }) => name === link.link)
        : elsewhere(
            away.find(({ index }) => index === link.link),
            namespace,
          )
    if (!peer) throw new Error(`${link.name} has no peer`)
    done.add(peer.name)
    return [{ ...link, data: { peer } }]
  })
  return [...bridges, ...pairs]
}

function elsewhere<N>(link: Link | undefined, namespace: N) {
  return link && { ...link, namespace }
}

const byName = (list: Json[]) =>
  (
    without(
      list,
      // Beside indexes and timers: what follows from the order in which ports joined.
      new Set([...volatile, 'id', 'no', 'designated_port']),
    ) as Json[]
  ).sort((a, b) => String(a.ifname).localeCompare(String(b.ifname)))

const addresses = [
  'addr add 192.0.2.1/24 brd + dev v0',
  'addr add 192.0.2.2/24 brd + dev v0',
  'addr add 192.0.2.3/24 dev v0 label v0:third',
  'addr add 10.0.0.1 peer 10.0.0.2 dev v0',
  'addr add 10.1.0.1 peer 10.1.0.2/24 dev v0',
  'addr add 10.2.0.1/8 dev v0 metric 70',
  'addr add 10.3.0.1/32 dev v1 noprefixroute',
  'addr add 172.16.0.1/16 dev v1 scope link',
  'addr add 172.17.0.1/16 dev v1 valid_lft 5000 preferred_lft 3000',
  'addr add 169.254.1.1/31 dev w1',
  'addr add 127.0.0.9/8 dev lo',
  'addr add 2001:db8:3::1/64 dev v0 nodad',
  'addr add 2001:db8:3::2/64 dev v0 noprefixroute',
  'addr add 2001:db8:3::3/64 dev v0 valid_lft 5000 preferred_lft 0',
  'addr add 2001:db8:3::4/64 dev v1 metric 99 home',
  'addr add 2001:db8:4::1 peer 2001:db8:4::2/128 dev v1',
  'addr add 2001:db8:5::1/128 dev lo',
]

/** Seconds that run, to the hundred. */
const roughly = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(roughly)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      /life_time|Lft|^expires$/.test(key) && typeof part === 'number' ? Math.ceil(part / 100) : roughly(part),
    ]),
  )
}

test('addresses survive del and add in place', async () => {
  await using ns = await quiet()
  await using nl = await ns.netlink()
  await ip(ns, ...network.slice(0, 6), 'link set lo up', ...addresses)
  await settled(ns)
  const before = roughly(await shown(ns, 'addr'))
  const listed = await nl.addr.list()
  expect(listed.length).toBeGreaterThanOrEqual(12)
  // A secondary one goes with its primary.
  for (const address of [...listed].reverse()) await nl.addr.del(address)
  expect(await nl.addr.list()).toEqual([])
  for (const address of listed) await nl.addr.add(address)
  await same(
    async () => sorted(roughly(await shown(ns, 'addr'))),
    async () => sorted(before),
  )
  // More than ip shows: who added it.
  const again = roughly(await nl.addr.list()) as Address[]
  expect(sortedBy(again)).toEqual(sortedBy(roughly(listed) as Address[]))
})

test('addresses survive replace', async () => {
  await using ns = await quiet()
  await using nl = await ns.netlink()
  await ip(ns, ...network.slice(0, 6), 'link set lo up', ...addresses)
  await settled(ns)
  const before = roughly(await shown(ns, 'addr'))
  for (const address of await nl.addr.list()) await nl.addr.replace(address)
  expect(roughly(await shown(ns, 'addr'))).toEqual(before)
})

/** Within IPv6 a new address goes before older ones of the same scope (ipv6_link_dev_addr): order is not kept there. */
function sorted(list: unknown): unknown {
  return (list as Json[]).map((link) => ({ ...link, addr_info: sortedBy(link.addr_info as object[]) }))
}
const sortedBy = <T extends object>(list: T[]): T[] =>
  [...list].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))

/** The carriers of all devices have told their link-local addresses. */
async function settled(ns: Parameters<typeof shown>[0]): Promise<void> {
  const names = ['v0', 'w0', 'v1', 'w1']
  await expect
    .poll(async () => (await shown(ns, '-6', 'route', 'show', 'fe80::/64')).map(({ dev }) => dev).sort(), {
      timeout: 5_000,
    })
    .toEqual(names.sort())
}

const routes = [
  'nexthop add id 5 via 192.0.2.5 dev v0',
  'nexthop add id 6 via 2001:db8:1::5 dev v0',
  'route add default via 192.0.2.254',
  'route add default via 2001:db8:1::fe metric 20',
  'route add 10.0.1.0/24 dev v0 scope link src 192.0.2.1',
  'route add 10.0.2.0/24 via 192.0.2.2 dev v0 proto static metric 100',
  'route add 10.0.2.0/24 via 198.51.100.2 proto static metric 200',
  'route append 10.0.2.0/24 via 198.51.100.3 proto static metric 200',
  'route add 10.0.3.0/24 nexthop via 192.0.2.2 weight 3 nexthop dev v1 weight 9',
  'route add 10.0.4.0/24 via 203.0.113.1 dev v0 onlink',
  'route add 10.0.5.0/24 via inet6 fe80::1 dev v0',
  'route add 10.0.6.0/24 dev v0 mtu lock 1400 advmss 1300 initcwnd 9 quickack 1 features ecn congctl reno',
  'route add 10.0.7.0/24 dev v0 table 100',
  'route add 10.0.7.0/24 dev v1 table 1000 tos 0x10',
  'route add blackhole 10.1.0.0/16',
  'route add unreachable 10.2.0.0/16 metric 7',
  'route add prohibit 10.3.0.0/16 proto 77',
  'route add throw 10.4.0.0/16 table 100',
  'route add local 10.5.0.1 dev v0',
  'route add broadcast 10.5.0.255 dev v0',
  'route add multicast 239.1.0.0/16 dev v1',
  'route add 10.6.0.0/16 nhid 5',
  'route add 2001:db8:a::/48 dev v0',
  'route add 2001:db8:b::/48 via 2001:db8:2::2 proto static metric 9 mtu 1300',
  'route add 2001:db8:c::/48 nexthop via 2001:db8:1::2 nexthop via 2001:db8:2::2 dev v1 weight 7',
  'route add blackhole 2001:db8:d::/48',
  'route add 2001:db8:e::/48 dev v1 table 1000 pref high',
  'route add 2001:db8:f::/48 dev v0 expires 5000',
  'route add 2001:db8:10::/48 nhid 6',
  'route add 2001:db8:11::/48 via 2001:db8:99::1 dev v0 onlink',
]

/** Those that others need come first: addresses of this host, then what is on the link, then what goes by a gateway. */
function depth({ type, via, nexthops, nhId }: Route): number {
  if (type === 'local') return 0
  return via === undefined && nexthops === undefined && nhId === undefined ? 1 : 2
}

/**
 * IPv6 routes that the kernel keeps for an address have metric 0, which no request can ask for (0 means the default of 1024,
 * ip6_route_info_create): they come and go with the address.
 */
const ofAnAddress = ({ family, metric, type }: Route) =>
  family === 'inet6' && metric === 0 && (type === 'local' || type === 'anycast')

test('routes survive del and add in place', async () => {
  await using ns = await quiet()
  await using nl = await ns.netlink()
  await ip(ns, ...network, ...routes)
  await settled(ns)
  const before = await tables(ns)
  const all = (await nl.route.list({ table: 'all' })).filter((route) => !ofAnAddress(route))
  const listed = all
    .map((route, i) => ({ route, i }))
    .sort((a, b) => depth(a.route) - depth(b.route) || a.i - b.i)
    .map(({ route }) => route)
  expect(listed.length).toBeGreaterThanOrEqual(24)
  await removeAll(nl, listed)
  expect((await nl.route.list({ table: 'all' })).filter((route) => !ofAnAddress(route))).toEqual([])
  // Of routes that differ in nothing but the way, only the first can be added: the others are appended.
  for (const route of listed) {
    const twin = listed.find((other) => identity(other) === identity(route))
    await (twin === route ? nl.route.add(route) : nl.route.append(route))
  }
  expect(await tables(ns)).toEqual(before)
})

test('routes survive replace', async () => {
  await using ns = await quiet()
  await using nl = await ns.netlink()
  await ip(ns, ...network, ...routes)
  await settled(ns)
  const before = await tables(ns)
  const listed = await nl.route.list({ table: 'all' })
  for (const route of listed) {
    // Replacing the first of two twins by the second would leave two of the second.
    const twins = listed.filter((other) => identity(other) === identity(route))
    if (twins.length === 1 && !ofAnAddress(route)) await nl.route.replace(route)
  }
  expect(await tables(ns)).toEqual(before)
})

const identity = ({ family, to, table, metric, tos }: Route) => [family, to, table, metric, tos].join(' ')

async function removeAll(nl: Netlink, listed: readonly Route[]): Promise<void> {
  for (const route of [...listed].reverse()) await nl.route.del(route)
}

async function tables(ns: Parameters<typeof shown>[0]): Promise<unknown> {
  const four = await shown(ns, '-4', 'route', 'show', 'table', 'all')
  const six = await shown(ns, '-6', 'route', 'show', 'table', 'all')
  // Of IPv6, routes of several devices to one prefix (fe80::/64) are listed in the order they came.
  return roughly([four, sortedBy(six)])
}
