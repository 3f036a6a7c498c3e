/** nl.route on the real kernel, beside `ip route`: add, replace, append, del. As root. */
import { describe, test } from 'vitest'
import type { Netlink } from '../../src/index.ts'
import { beside, network } from './lab.ts'

const show = [
  ['-4', 'route', 'show', 'table', 'all'],
  ['-6', 'route', 'show', 'table', 'all'],
]
interface Row {
  title: string
  more?: readonly string[]
  ours: (nl: Netlink) => Promise<unknown>
  theirs: readonly string[]
}

const rows: readonly Row[] = [
  {
    title: 'default, both families',
    ours: async (nl) => {
      await nl.route.add({ to: 'default', via: '192.0.2.254' })
      await nl.route.add({ to: 'default', via: '2001:db8:1::fe' })
    },
    theirs: ['route add default via 192.0.2.254', 'route add default via 2001:db8:1::fe'],
  },
  {
    title: 'a device, a gateway, both; a host; 0.0.0.0/0 and ::/0',
    ours: async (nl) => {
      await nl.route.add({ to: '10.0.1.0/24', dev: 'v0' })
      await nl.route.add({ to: '10.0.2.0/24', via: '192.0.2.2' })
      await nl.route.add({ to: '10.0.3.0/24', via: '192.0.2.2', dev: 'v0' })
      await nl.route.add({ to: '10.0.4.5', dev: 'v1' })
      await nl.route.add({ to: '0.0.0.0/0', dev: 'v1', metric: 5 })
      await nl.route.add({ to: '2001:db8:10::/48', dev: 'v0' })
      await nl.route.add({ to: '2001:db8:11::7', via: '2001:db8:2::9' })
      await nl.route.add({ to: '::/0', dev: 'v1', metric: 5 })
    },
    theirs: [
      'route add 10.0.1.0/24 dev v0',
      'route add 10.0.2.0/24 via 192.0.2.2',
      'route add 10.0.3.0/24 via 192.0.2.2 dev v0',
      'route add 10.0.4.5 dev v1',
      'route add 0.0.0.0/0 dev v1 metric 5',
      'route add 2001:db8:10::/48 dev v0',
      'route add 2001:db8:11::7 via 2001:db8:2::9',
      'route add ::/0 dev v1 metric 5',
    ],
  },
  {
    title: 'types without a way',
    ours: async (nl) => {
      for (const [i, type] of (['blackhole', 'unreachable', 'prohibit', 'throw'] as const).entries()) {
        await nl.route.add({ to: `10.1.${i}.0/24`, type })
        await nl.route.add({ to: `2001:db8:a${i}::/64`, type })
      }
    },
    theirs: ['blackhole', 'unreachable', 'prohibit', 'throw'].flatMap((type, i) => [
      `route add ${type} 10.1.${i}.0/24`,
      `route add ${type} 2001:db8:a${i}::/64`,
    ]),
  },
  {
    title: 'types with a table of their own',
    ours: async (nl) => {
      await nl.route.add({ to: '10.2.0.1', type: 'local', dev: 'v0' })
      await nl.route.add({ to: '10.2.0.255', type: 'broadcast', dev: 'v0' })
      await nl.route.add({ to: '239.1.0.0/16', type: 'multicast', dev: 'v1' })
      await nl.route.add({ to: '10.3.0.0/16', type: 'unicast', dev: 'v1' })
      await nl.route.add({ to: '2001:db8:b::1', type: 'local', dev: 'v0' })
      await nl.route.add({ to: '2001:db8:b::2', type: 'anycast', dev: 'v0' })
    },
    theirs: [
      'route add local 10.2.0.1 dev v0',
      'route add broadcast 10.2.0.255 dev v0',
      'route add multicast 239.1.0.0/16 dev v1',
      'route add unicast 10.3.0.0/16 dev v1',
      'route add local 2001:db8:b::1 dev v0',
      'route add anycast 2001:db8:b::2 dev v0',
    ],
  },
  {
    title: 'tables',
    ours: async (nl) => {
      for (const table of ['main', 'local', 'default', 100, 256, 1000, 4294967295] as const)
        await nl.route.add({ to: '10.0.0.0/8', dev: 'v0', table })
      await nl.route.add({ to: '2001:db8:c::/48', dev: 'v0', table: 1000 })
    },
    theirs: [
      ...['main', 'local', 'default', 100, 256, 1000, 4294967295].map(
        (table) => `route add 10.0.0.0/8 dev v0 table ${table}`,
      ),
      'route add 2001:db8:c::/48 dev v0 table 1000',
    ],
  },
  {
    title: 'metric, src, scope, protocol, tos',
    ours: async (nl) => {
      await nl.route.add({ to: '10.0.0.0/8', dev: 'v0', metric: 100 })
      await nl.route.add({ to: '10.0.0.0/8', dev: 'v0', metric: 4294967295 })
      await nl.route.add({ to: '10.4.0.0/16', dev: 'v0', src: '198.51.100.1' })
      await nl.route.add({ to: '10.5.0.0/16', dev: 'v0', scope: 'host' })
      await nl.route.add({ to: '10.6.0.0/16', dev: 'v0', scope: 'global' })
      await nl.route.add({ to: '10.7.0.0/16', dev: 'v0', scope: 99 })
      await nl.route.add({ to: '10.8.0.0/16', dev: 'v0', protocol: 'static' })
      await nl.route.add({ to: '10.9.0.0/16', dev: 'v0', protocol: 'dhcp' })
      await nl.route.add({ to: '10.10.0.0/16', dev: 'v0', protocol: 77 })
      await nl.route.add({ to: '10.11.0.0/16', dev: 'v0', tos: 16 })
      await nl.route.add({ to: '2001:db8:d::/48', dev: 'v0', metric: 77, src: '2001:db8:2::1', protocol: 'ra' })
    },
    theirs: [
      'route add 10.0.0.0/8 dev v0 metric 100',
      'route add 10.0.0.0/8 dev v0 metric 4294967295',
      'route add 10.4.0.0/16 dev v0 src 198.51.100.1',
      'route add 10.5.0.0/16 dev v0 scope host',
      'route add 10.6.0.0/16 dev v0 scope global',
      'route add 10.7.0.0/16 dev v0 scope 99',
      'route add 10.8.0.0/16 dev v0 proto static',
      'route add 10.9.0.0/16 dev v0 proto dhcp',
      'route add 10.10.0.0/16 dev v0 proto 77',
      'route add 10.11.0.0/16 dev v0 tos 0x10',
      'route add 2001:db8:d::/48 dev v0 metric 77 src 2001:db8:2::1 proto ra',
    ],
  },
  {
    title: 'several next hops with weights',
    ours: async (nl) => {
      await nl.route.add({
        to: '10.0.0.0/8',
        nexthops: [{ via: '192.0.2.2', dev: 'v0', weight: 3 }, { via: '198.51.100.2' }, { dev: 'v1', weight: 256 }],
      })
      await nl.route.add({
        to: '2001:db8:e::/48',
        nexthops: [{ via: '2001:db8:1::2' }, { via: '2001:db8:2::2', dev: 'v1', weight: 7 }],
      })
      await nl.route.add({ to: 'default', nexthops: [{ via: '2001:db8:1::2' }, { via: '2001:db8:2::2' }], metric: 9 })
    },
    theirs: [
      'route add 10.0.0.0/8 nexthop via 192.0.2.2 dev v0 weight 3 nexthop via 198.51.100.2 nexthop dev v1 weight 256',
      'route add 2001:db8:e::/48 nexthop via 2001:db8:1::2 nexthop via 2001:db8:2::2 dev v1 weight 7',
      'route add default metric 9 nexthop via 2001:db8:1::2 nexthop via 2001:db8:2::2',
    ],
  },
  {
    title: 'onlink, alone and of a next hop',
    ours: async (nl) => {
      await nl.route.add({ to: '10.0.0.0/8', via: '203.0.113.1', dev: 'v0', flags: ['onlink'] })
      await nl.route.add({ to: '2001:db8:f::/48', via: '2001:db8:99::1', dev: 'v0', flags: ['onlink'] })
      await nl.route.add({
        to: '10.1.0.0/16',
        nexthops: [
          { via: '203.0.113.1', dev: 'v0', flags: ['onlink'] },
          { via: '198.51.100.2', dev: 'v1' },
        ],
      })
    },
    theirs: [
      'route add 10.0.0.0/8 via 203.0.113.1 dev v0 onlink',
      'route add 2001:db8:f::/48 via 2001:db8:99::1 dev v0 onlink',
      'route add 10.1.0.0/16 nexthop via 203.0.113.1 dev v0 onlink nexthop via 198.51.100.2 dev v1',
    ],
  },
  {
    title: 'IPv4 by a gateway of IPv6',
    ours: async (nl) => {
      await nl.route.add({ to: '10.0.0.0/8', via: '2001:db8:1::2', dev: 'v0' })
      await nl.route.add({ to: '10.1.0.0/16', via: 'fe80::1', dev: 'v0' })
      await nl.route.add({
        to: '10.2.0.0/16',
        nexthops: [
          { via: 'fe80::1', dev: 'v0' },
          { via: '198.51.100.2', dev: 'v1' },
        ],
      })
    },
    theirs: [
      'route add 10.0.0.0/8 via inet6 2001:db8:1::2 dev v0',
      'route add 10.1.0.0/16 via inet6 fe80::1 dev v0',
      'route add 10.2.0.0/16 nexthop via inet6 fe80::1 dev v0 nexthop via 198.51.100.2 dev v1',
    ],
  },
  {
    title: 'metrics of the path',
    ours: async (nl) => {
      await nl.route.add({
        to: '10.0.0.0/8',
        dev: 'v0',
        metrics: {
          lock: 1 << 2,
          mtu: 1400,
          advmss: 1300,
          window: 1000,
          rtt: 800,
          rttvar: 400,
          ssthresh: 10,
          cwnd: 12,
          reordering: 5,
          hoplimit: 55,
          initcwnd: 9,
          initrwnd: 8,
          quickack: 1,
          rtoMin: 200,
          features: ['ecn'],
          fastopenNoCookie: 1,
        },
      })
      await nl.route.add({ to: '10.1.0.0/16', dev: 'v0', metrics: { ccAlgo: 'reno' } })
      await nl.route.add({ to: '2001:db8:aa::/48', dev: 'v0', metrics: { mtu: 1300, hoplimit: 3 } })
    },
    theirs: [
      'route add 10.0.0.0/8 dev v0 mtu lock 1400 advmss 1300 window 1000 rtt 100ms rttvar 100ms ssthresh 10 cwnd 12 reordering 5 hoplimit 55 initcwnd 9 initrwnd 8 quickack 1 rto_min 200ms features ecn fastopen_no_cookie 1',
      'route add 10.1.0.0/16 dev v0 congctl reno',
      'route add 2001:db8:aa::/48 dev v0 mtu 1300 hoplimit 3',
    ],
  },
  {
    title: 'pref and expiry of IPv6; a next hop object; ttl propagation aside',
    more: ['nexthop add id 5 via 192.0.2.2 dev v0', 'nexthop add id 6 via 2001:db8:1::2 dev v0'],
    ours: async (nl) => {
      await nl.route.add({ to: '2001:db8:ab::/48', dev: 'v0', pref: 'high' })
      await nl.route.add({ to: '10.0.0.0/8', nhId: 5 })
      await nl.route.add({ to: '2001:db8:ac::/48', nhId: 6 })
    },
    theirs: [
      'route add 2001:db8:ab::/48 dev v0 pref high',
      'route add 10.0.0.0/8 nhid 5',
      'route add 2001:db8:ac::/48 nhid 6',
    ],
  },
  {
    title: 'replace: changes the one that is there, adds where none is',
    more: ['route add 10.0.0.0/8 dev v0', 'route add 10.0.0.0/8 dev v0 metric 5', 'route add 2001:db8:ad::/48 dev v0'],
    ours: async (nl) => {
      await nl.route.replace({ to: '10.0.0.0/8', via: '198.51.100.9' })
      await nl.route.replace({ to: '10.1.0.0/16', dev: 'v1' })
      await nl.route.replace({ to: '2001:db8:ad::/48', via: '2001:db8:2::9' })
    },
    theirs: [
      'route replace 10.0.0.0/8 via 198.51.100.9',
      'route replace 10.1.0.0/16 dev v1',
      'route replace 2001:db8:ad::/48 via 2001:db8:2::9',
    ],
  },
  {
    title: 'append: behind the one that is there; IPv6 makes it a next hop',
    more: ['route add 10.0.0.0/8 via 192.0.2.9', 'route add 2001:db8:ae::/48 via 2001:db8:1::9'],
    ours: async (nl) => {
      await nl.route.append({ to: '10.0.0.0/8', via: '198.51.100.9' })
      await nl.route.append({ to: '2001:db8:ae::/48', via: '2001:db8:2::9' })
    },
    theirs: ['route append 10.0.0.0/8 via 198.51.100.9', 'route append 2001:db8:ae::/48 via 2001:db8:2::9'],
  },
  {
    title: 'del: the first that matches what is said',
    more: [
      'route add 10.0.0.0/8 dev v0 metric 1',
      'route add 10.0.0.0/8 dev v1 metric 2',
      'route add 10.0.0.0/8 via 192.0.2.3 metric 3',
      'route add 10.0.0.0/8 dev v0 table 100',
      'route add 10.0.0.0/8 dev v0 table 1000',
      'route add blackhole 10.1.0.0/16',
      'route add default via 192.0.2.254',
      'route add 2001:db8:af::/48 dev v0 metric 1',
      'route add 2001:db8:af::/48 dev v0 metric 2',
    ],
    ours: async (nl) => {
      await nl.route.del({ to: '10.0.0.0/8', dev: 'v1' })
      await nl.route.del({ to: '10.0.0.0/8', via: '192.0.2.3' })
      await nl.route.del({ to: '10.0.0.0/8', table: 1000 })
      await nl.route.del({ to: '10.1.0.0/16' })
      await nl.route.del({ to: 'default' })
      await nl.route.del({ to: '2001:db8:af::/48', metric: 2 })
    },
    theirs: [
      'route del 10.0.0.0/8 dev v1',
      'route del 10.0.0.0/8 via 192.0.2.3',
      'route del 10.0.0.0/8 table 1000',
      'route del 10.1.0.0/16',
      'route del default',
      'route del 2001:db8:af::/48 metric 2',
    ],
  },
  {
    title: 'the tutorials: two subnets over one veth',
    ours: async (nl) => {
      await nl.route.add({ to: '10.0.2.0/24', dev: 'v0', scope: 'link' })
      await nl.route.add({ to: '10.0.1.0', dev: 'v0', scope: 'link' })
    },
    theirs: ['route add 10.0.2.0/24 dev v0 scope link', 'route add 10.0.1.0 dev v0 scope link'],
  },
]

describe('the same as ip route', () => {
  test.each(rows)('$title', ({ more = [], ours, theirs }) =>
    beside({ before: [...network, ...more], ours, theirs, show }),
  )
})
