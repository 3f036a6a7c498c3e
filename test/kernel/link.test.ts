/** nl.link on the real kernel, beside `ip link`: add, set, del. As root. */
import { describe, expect, test } from 'vitest'
import type { Netlink } from '../../src/index.ts'
import { beside, quiet, shown, steady } from './lab.ts'

const show = [['link']]
const A = '02:00:00:00:00:0a'
const B = '02:00:00:00:00:0b'
const long = 'a-name-that-is-longer-than-fifteen-bytes'
const longest = 'x'.repeat(127)

interface Row {
  title: string
  before?: readonly string[]
  ours: (nl: Netlink) => Promise<unknown>
  theirs: readonly string[]
}

const additions: readonly Row[] = [
  {
    title: 'a pair',
    ours: (nl) => nl.link.add({ kind: 'veth', name: 'v0', data: { peer: { name: 'v1' } } }),
    theirs: ['link add v0 type veth peer name v1'],
  },
  {
    title: 'a pair with properties of both ends',
    ours: (nl) =>
      nl.link.add({
        kind: 'veth',
        name: 'v0',
        address: A,
        mtu: 1400,
        txqlen: 77,
        group: 5,
        numTxQueues: 4,
        numRxQueues: 3,
        ifalias: 'one end',
        altnames: ['one', long],
        up: true,
        data: {
          peer: {
            name: 'v1',
            address: B,
            mtu: 1300,
            txqlen: 33,
            group: 6,
            altnames: ['two'],
            ifalias: 'other',
            up: true,
          },
        },
      }),
    theirs: [
      `link add v0 address ${A} mtu 1400 txqueuelen 77 group 5 numtxqueues 4 numrxqueues 3 type veth peer name v1 address ${B} mtu 1300 txqueuelen 33 group 6`,
      'link set v0 alias "one end"',
      `link property add dev v0 altname one altname ${long}`,
      'link property add dev v1 altname two',
      'link set v1 alias other',
      'link set v0 up',
      'link set v1 up',
    ],
  },
  {
    title: 'a pair whose ends are ports of two bridges',
    before: [`link add br0 address ${A} type bridge`, `link add br1 address ${B} type bridge`],
    ours: (nl) =>
      nl.link.add({
        kind: 'veth',
        name: 'v0',
        master: 'br0',
        up: true,
        data: { peer: { name: 'v1', master: 'br1', up: true } },
      }),
    theirs: ['link add v0 master br0 up type veth peer name v1', 'link set v1 master br1 up'],
  },
  {
    title: 'flags',
    ours: async (nl) => {
      await nl.link.add({ kind: 'bridge', name: 'br0', flags: ['up', 'noarp', 'promisc', 'broadcast', 'multicast'] })
      await nl.link.add({ kind: 'veth', name: 'v0', data: { peer: { name: 'v1', flags: ['allmulti', 'broadcast'] } } })
    },
    theirs: [
      'link add br0 type bridge',
      'link set br0 up arp off promisc on',
      'link add v0 type veth peer name v1',
      'link set v1 allmulticast on multicast off',
    ],
  },
  {
    title: 'a bridge',
    ours: (nl) => nl.link.add({ kind: 'bridge', name: 'br0' }),
    theirs: ['link add br0 type bridge'],
  },
  {
    title: 'a bridge with options',
    ours: (nl) =>
      nl.link.add({
        kind: 'bridge',
        name: 'br0',
        address: A,
        up: true,
        data: {
          forwardDelay: 400,
          helloTime: 300,
          maxAge: 1500,
          ageingTime: 1234,
          stpState: 1,
          priority: 4096,
          groupFwdMask: 8,
          groupAddr: '01:80:c2:00:00:05',
          mcastSnooping: false,
          mcastQuerier: true,
          mcastHashMax: 1024,
          mcastLastMemberCnt: 3,
          mcastStartupQueryCnt: 4,
          mcastLastMemberIntvl: 200n,
          mcastMembershipIntvl: 30000n,
          mcastQueryUseIfaddr: true,
          mcastStatsEnabled: true,
          mcastIgmpVersion: 3,
          mcastMldVersion: 2,
          nfCallIptables: true,
        },
      }),
    theirs: [
      `link add br0 address ${A} type bridge forward_delay 400 hello_time 300 max_age 1500 ageing_time 1234 stp_state 1 priority 4096 group_fwd_mask 8 group_address 01:80:c2:00:00:05 mcast_snooping 0 mcast_querier 1 mcast_hash_max 1024 mcast_last_member_count 3 mcast_startup_query_count 4 mcast_last_member_interval 200 mcast_membership_interval 30000 mcast_query_use_ifaddr 1 mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2 nf_call_iptables 1`,
      'link set br0 up',
    ],
  },
]

describe('add makes what ip link add makes', () => {
  test.each(additions)('$title', ({ before = [], ours, theirs }) => beside({ before, ours, theirs, show }))
})

const pair = [`link add v0 address ${A} type veth peer name v1 address ${B}`]
const changes: readonly Row[] = [
  { title: 'up', ours: (nl) => nl.link.set('v0', { up: true }), theirs: ['link set v0 up'] },
  {
    title: 'down',
    before: [...pair, 'link set v0 up', 'link set v1 up'],
    ours: (nl) => nl.link.set('v0', { up: false }),
    theirs: ['link set v0 down'],
  },
  { title: 'rename', ours: (nl) => nl.link.set('v0', { name: 'w0' }), theirs: ['link set v0 name w0'] },
  {
    title: 'address and broadcast',
    ours: (nl) => nl.link.set('v0', { address: '02:00:00:00:00:01', broadcast: '02:00:00:ff:ff:ff' }),
    theirs: ['link set v0 address 02:00:00:00:00:01 broadcast 02:00:00:ff:ff:ff'],
  },
  { title: 'mtu', ours: (nl) => nl.link.set('v0', { mtu: 9000 }), theirs: ['link set v0 mtu 9000'] },
  {
    title: 'several at once, by altname',
    before: [...pair, `link property add dev v0 altname ${long}`],
    ours: (nl) => nl.link.set(long, { mtu: 2000, txqlen: 5, group: 9, ifalias: 'text with ünicode', up: true }),
    theirs: ['link set v0 mtu 2000 txqueuelen 5 group 9 alias "text with ünicode" up'],
  },
  {
    title: 'alias taken away',
    before: [...pair, 'link set v0 alias text'],
    ours: (nl) => nl.link.set('v0', { ifalias: '' }),
    theirs: ['link set v0 alias ""'],
  },
  {
    title: 'altnames: the whole list, long ones too',
    before: [...pair, 'link property add dev v0 altname one altname two altname three'],
    ours: (nl) => nl.link.set('v0', { altnames: ['two', longest, 'four'] }),
    theirs: [
      'link property del dev v0 altname one altname three',
      `link property add dev v0 altname ${longest} altname four`,
    ],
  },
  {
    title: 'no altnames',
    before: [...pair, `link property add dev v0 altname one altname ${long}`, 'link set v0 mtu 1400'],
    ours: async (nl) => {
      await nl.link.set('v0', { altnames: [] })
      await nl.link.set('v0', { mtu: 1401 })
    },
    theirs: [`link property del dev v0 altname one altname ${long}`, 'link set v0 mtu 1401'],
  },
  {
    title: 'a master',
    before: [...pair, 'link add br0 type bridge'],
    ours: (nl) => nl.link.set('v0', { master: 'br0' }),
    theirs: ['link set v0 master br0'],
  },
  {
    title: 'another master',
    before: [...pair, 'link add br0 type bridge', 'link add br1 type bridge', 'link set v0 master br0'],
    ours: (nl) => nl.link.set('v0', { master: 'br1' }),
    theirs: ['link set v0 master br1'],
  },
  {
    title: 'no master',
    before: [...pair, `link add br0 address 02:00:00:00:00:0c type bridge`, 'link set v0 mtu 1400 master br0'],
    ours: (nl) => nl.link.set('v0', { master: null, mtu: 1404 }),
    theirs: ['link set v0 nomaster mtu 1404'],
  },
  {
    title: 'options of a port',
    before: [...pair, 'link add br0 type bridge', 'link set v0 master br0'],
    ours: (nl) =>
      nl.link.set('v0', {
        slaveKind: 'bridge',
        slaveData: {
          cost: 44,
          priority: 8,
          mode: true,
          guard: true,
          learning: false,
          isolated: true,
          neighSuppress: true,
        },
      }),
    theirs: [
      'link set v0 type bridge_slave cost 44 priority 8 hairpin on guard on learning off isolated on neigh_suppress on',
    ],
  },
  {
    title: 'a master and options of the port in one call',
    before: [...pair, 'link add br0 type bridge'],
    ours: (nl) => nl.link.set('v0', { name: 'x0', master: 'br0', slaveData: { cost: 44, mode: true } }),
    theirs: ['link set v0 name x0', 'link set x0 master br0', 'link set x0 type bridge_slave cost 44 hairpin on'],
  },
  {
    title: 'options of a bridge',
    before: [`link add br0 address ${A} type bridge`],
    ours: (nl) => nl.link.set('br0', { data: { stpState: 1, forwardDelay: 800, priority: 100 } }),
    theirs: ['link set br0 type bridge stp_state 1 forward_delay 800 priority 100'],
  },
  {
    title: 'a bridge renamed and changed in one call',
    before: ['link add br0 type bridge'],
    ours: (nl) => nl.link.set('br0', { kind: 'bridge', name: 'br1', mtu: 1400, data: { ageingTime: 100 } }),
    theirs: ['link set br0 name br1', 'link set br1 mtu 1400 type bridge ageing_time 100'],
  },
  {
    title: 'flags',
    ours: (nl) => nl.link.set('v0', { flags: ['noarp', 'allmulti', 'promisc'] }),
    theirs: ['link set v0 arp off allmulticast on promisc on multicast off'],
  },
  {
    title: 'inet6 address generation',
    ours: (nl) => nl.link.set('v0', { afSpec: { inet6: { addrGenMode: 'none' } } }),
    theirs: ['link set v0 addrgenmode none'],
  },
]

describe('set changes what ip link set changes', () => {
  test.each(changes)('$title', ({ before = pair, ours, theirs }) => beside({ before, ours, theirs, show }))

  test('an empty change is none', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await nl.link.add({ kind: 'bridge', name: 'br0' })
    const before = await shown(ns, 'link')
    await nl.link.set('br0', {})
    expect(steady(await shown(ns, 'link'))).toEqual(steady(before))
  })

  test('what cannot be right is told before anything of it is done', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
    await expect(nl.link.set('br0', { altnames: ['a/b'], mtu: 1400 })).rejects.toMatchObject({ path: 'altnames[0]' })
    await expect(nl.link.set('br0', { mtu: 67, kind: 'bridge' })).rejects.toMatchObject({ path: 'mtu' })
    expect((await nl.link.get('br0')).mtu).toBe(1500)
  })
})

describe('del', () => {
  test('by name, long altname and index; a peer goes with its end', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    const add = (name: string, altnames: string[] = []) =>
      nl.link.add({ kind: 'veth', name, altnames, data: { peer: { name: `${name}p` } } })
    await add('a')
    await add('b', [long])
    const { index } = await add('c')
    await add('d')
    await nl.link.del('a')
    await nl.link.del(long)
    await nl.link.del(index)
    expect((await shown(ns, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'dp', 'd'])
  })

  test('lo cannot be deleted; what is gone is ENODEV', async () => {
    await using ns = await quiet()
    await using nl = await ns.netlink()
    await expect(nl.link.del('lo')).rejects.toMatchObject({ code: 'EOPNOTSUPP', operation: 'RTM_DELLINK' })
    for (const device of ['gone', long, 4711])
      await expect(nl.link.del(device)).rejects.toMatchObject({ code: 'ENODEV', path: 'device' })
  })
})
