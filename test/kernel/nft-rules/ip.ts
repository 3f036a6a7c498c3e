/** Rules that are of one hook, or of ip and ip6 alone. */

import * as b from '../../../src/nft/build/index.ts'
import {
  accept,
  concat,
  ct,
  drop,
  fib,
  icmp,
  icmpv6,
  ip,
  ip6,
  meta,
  reject,
  rt,
  tcp,
} from '../../../src/nft/build/index.ts'
import type { Row } from './row.ts'

export const ipPrerouting: readonly Row[] = [
  ['ip saddr 10.0.0.0/8 ip daddr != 10.1.0.0/16', [ip.saddr('10.0.0.0/8'), ip.daddr.not('10.1.0.0/16')]],
  ['tcp dport 22', [tcp.dport(22)]],
  ['dup to 10.0.0.1', [b.dup({ to: '10.0.0.1' })]],
  ['dup to 10.0.0.1 device "lo"', [b.dup({ to: '10.0.0.1', dev: 'lo' })]],
  ['meta l4proto tcp tproxy to 127.0.0.1:50080', [meta.l4proto('tcp'), b.tproxy({ addr: '127.0.0.1', port: 50080 })]],
  ['tcp dport 80 tproxy to :50080 accept', [tcp.dport(80), b.tproxy({ port: 50080 }), accept()]],
  ['notrack', [b.notrack()]],
  ['icmp type echo-request drop', [icmp.type('echo-request'), drop()]],
  ['fib saddr . iif oif missing', [fib('saddr', 'iif').oif.missing()]],
  ['ct original ip saddr 10.0.0.1', [ct.original.ipSaddr('10.0.0.1')]],
  [
    'meta iifname . ip saddr { "lo" . 127.0.0.1 } accept',
    [concat(meta.iifname, ip.saddr)(['lo', '127.0.0.1']), accept()],
  ],
]

export const ipInput: readonly Row[] = [
  ['reject with icmp type net-unreachable', [reject('icmp', 'net-unreachable')]],
  ['reject with tcp reset', [reject('tcp reset')]],
  [
    'tcp dport 80 synproxy mss 1460 wscale 7 timestamp sack-perm',
    [tcp.dport(80), b.synproxy({ mss: 1460, wscale: 7, flags: ['timestamp', 'sack-perm'] })],
  ],
  ['synproxy', [b.synproxy()]],
  'tcp dport 22 log prefix "ssh" reject with tcp reset',
  'reject',
  'reject with icmp net-prohibited',
  'meta protocol ip accept',
  'meta protocol ip',
  'ip saddr 192.0.2.1 meta protocol ip counter',
  'ether saddr 02:00:00:00:00:01 accept',
  'vlan id 5 counter',
  'icmp type { echo-request, echo-reply } icmp id 5',
  'dup to 192.0.2.7',
  'dup to 192.0.2.7 device "lo"',
  'dup to ip saddr map { 192.0.2.1 : 192.0.2.2 }',
  'ct original saddr 192.0.2.1',
  'rt nexthop 192.0.2.1',
  'meta iif "lo" accept',
  'meta iif != { "lo" }',
  'osf name "Linux"',
  'osf ttl skip version "Linux:3.0"',
]

export const ip6Input: readonly Row[] = [
  ['ip6 daddr 2001:db8::1-2001:db8::f', [ip6.daddr('2001:db8::1-2001:db8::f')]],
  [
    'icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept',
    [icmpv6.type('nd-router-advert', 'nd-neighbor-solicit'), accept()],
  ],
  ['icmpv6 code no-route', [icmpv6.code('no-route')]],
  ['tcp dport 80', [tcp.dport(80)]],
  ['reject with icmpv6 type no-route', [reject('icmpv6', 'no-route')]],
  ['ip6 hoplimit < 5 drop', [ip6.hoplimit.lt(5), drop()]],
  ['rt ip6 nexthop 2001:db8::1', [rt.ip6Nexthop('2001:db8::1')]],
  ['exthdr rt exists drop', [b.routing.exists(), drop()]],
]

export const ip6Prerouting: readonly Row[] = [
  'tcp dport 80 tproxy to [::1]:8080',
  'udp dport 53 tproxy to :53 accept',
  'notrack',
  'reject with icmpv6 admin-prohibited',
  'meta protocol ip6 counter',
  'exthdr frag exists drop',
  'ip6 saddr . ip6 daddr { ::1 . ::2 }',
  'ct original daddr 2001:db8::1',
]

export const inetForward: readonly Row[] = [
  'tcp flags syn tcp option maxseg size set rt mtu',
  'tcp option maxseg size > 1400 tcp option maxseg size set 1400',
  'rt mtu 1280-1500',
  'ipsec out spnum 1 ip saddr 192.0.2.0/24',
  'meta oifname "ppp0" tcp flags & (syn | rst) == syn counter',
]

export const inetPrerouting: readonly Row[] = [
  'tcp dport 80 tproxy ip to 127.0.0.1:50080 accept',
  'tcp dport 80 tproxy ip6 to [::1]:50080',
  'meta l4proto tcp tproxy to :50080',
  'meta pkttype set host',
]

export const inetOutput: readonly Row[] = [
  'tcp option maxseg size set rt mtu',
  'rt mtu 1400',
  'ipsec out ip daddr 192.168.1.2',
]

export const ipOutput: readonly Row[] = [
  'ip saddr 10.0.0.1 icmp type echo-request accept',
  'reject with icmp port-unreachable',
  'reject with icmp admin-prohibited',
  'dup to 10.0.0.9 device "lo"',
  'ip saddr 10.0.0.1 dup to 10.0.0.3',
  'tcp dport { 80, 443 } ip daddr != 10.0.0.0/8 counter',
  'ip dscp != { cs1, cs2 }',
  'icmp code host-unreachable',
  'igmp type membership-query igmp mrt 5',
  'ct original saddr 10.0.0.1',
  'meta mark set ip saddr map { 10.0.0.0/8 : 0x1, 192.168.0.0/16 : 0x2 }',
  'rt nexthop 192.168.0.1',
]

export const ip6Forward: readonly Row[] = [
  'ip6 saddr 2001:db8::/32 accept',
  'reject with icmpv6 port-unreachable',
  'reject with icmpv6 addr-unreachable',
  'dup to 2001:db8::9 device "lo"',
  'icmpv6 type nd-neighbor-solicit accept',
  'ip6 daddr . tcp dport { 2001:db8::1 . 80 }',
  'ct original saddr 2001:db8::1',
  'ip6 saddr 2001:db8::1-2001:db8::ff drop',
]
