/** Sets and maps in nft's syntax, and the same as `nl.nft.set.add()` takes them: what test/kernel/nft-builder.test.ts goes through. */
import { accept, counter, drop, jump, limit, quota } from '../../src/nft/build/index.ts'
import type { NftSetInput } from '../../src/nft/objects/set-object.ts'

type Row = readonly [text: string, set: Omit<NftSetInput, 'family' | 'table' | 'name'>]

const mac = '00:11:22:33:44:55'

export const sets: readonly Row[] = [
  ['type ipv4_addr', { type: 'ipv4_addr' }],
  ['type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 }', { type: 'ipv4_addr', elements: ['10.0.0.1', '10.0.0.2'] }],
  [
    'type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.0.1-192.168.0.9, 1.2.3.4 }',
    {
      type: 'ipv4_addr',
      flags: ['interval'],
      elements: ['10.0.0.0/8', '192.168.0.1-192.168.0.9', '1.2.3.4'],
    },
  ],
  [
    'type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/25, 10.0.0.128/25 }',
    { type: 'ipv4_addr', flags: ['interval'], autoMerge: true, elements: ['10.0.0.0/25', '10.0.0.128/25'] },
  ],
  [
    'type ipv6_addr; flags interval; elements = { 2001:db8::/32, fe80::1 }',
    { type: 'ipv6_addr', flags: ['interval'], elements: ['2001:db8::/32', 'fe80::1'] },
  ],
  [
    'type ipv4_addr; flags constant; elements = { 10.0.0.1 }',
    { type: 'ipv4_addr', flags: ['constant'], elements: ['10.0.0.1'] },
  ],
  ['type ipv4_addr; timeout 1h', { type: 'ipv4_addr', timeout: 3600 }],
  ['type ipv4_addr; flags timeout; gc-interval 10s', { type: 'ipv4_addr', flags: ['timeout'], gcInterval: 10 }],
  ['type ipv4_addr; size 1000; flags dynamic', { type: 'ipv4_addr', size: 1000, flags: ['dynamic'] }],
  [
    'type ipv4_addr; size 1000; flags dynamic; counter',
    { type: 'ipv4_addr', size: 1000, flags: ['dynamic'], statements: [counter()] },
  ],
  [
    'type ipv4_addr; size 1000; flags dynamic; limit rate 10/second burst 5 packets',
    { type: 'ipv4_addr', size: 1000, flags: ['dynamic'], statements: [limit({ rate: 10, per: 'second' })] },
  ],
  [
    'type ipv4_addr; size 1000; flags dynamic; counter quota 500 bytes',
    { type: 'ipv4_addr', size: 1000, flags: ['dynamic'], statements: [counter(), quota({ val: 500 })] },
  ],
  ['type ipv4_addr; policy memory', { type: 'ipv4_addr', policy: 'memory' }],
  ['type ipv4_addr; comment "who was bad"', { type: 'ipv4_addr', comment: 'who was bad' }],
  [
    'type ipv4_addr; elements = { 10.0.0.1 comment "router" }',
    { type: 'ipv4_addr', elements: [{ elem: { val: '10.0.0.1', comment: 'router' } }] },
  ],
  [
    'type ipv4_addr; counter; elements = { 10.0.0.1 counter packets 3 bytes 4 }',
    {
      type: 'ipv4_addr',
      statements: [counter()],
      elements: [{ elem: { val: '10.0.0.1', counter: { packets: 3, bytes: 4 } } }],
    },
  ],
  ['type ether_addr; elements = { 00:11:22:33:44:55 }', { type: 'ether_addr', elements: [mac] }],
  ['type inet_service; elements = { 22, 80, 443 }', { type: 'inet_service', elements: [22, 80, 443] }],
  [
    'type inet_service; flags interval; elements = { 22, 1000-2000 }',
    { type: 'inet_service', flags: ['interval'], elements: [22, '1000-2000'] },
  ],
  ['type inet_proto; elements = { tcp, udp }', { type: 'inet_proto', elements: ['tcp', 'udp'] }],
  ['type mark; elements = { 1, 2 }', { type: 'mark', elements: [1, 2] }],
  [
    'type mark; flags interval; elements = { 1-10 }',
    { type: 'mark', flags: ['interval'], elements: [{ range: [1, 10] }] },
  ],
  ['type ifname; elements = { "eth0", "br0" }', { type: 'ifname', elements: ['eth0', 'br0'] }],
  ['type ct_state; elements = { established, related }', { type: 'ct_state', elements: ['established', 'related'] }],
  ['type icmp_type; elements = { echo-request }', { type: 'icmp_type', elements: ['echo-request'] }],
  ['type icmpv6_type; elements = { nd-neighbor-solicit }', { type: 'icmpv6_type', elements: ['nd-neighbor-solicit'] }],
  ['type ether_type; elements = { ip, arp }', { type: 'ether_type', elements: ['ip', 'arp'] }],
  ['type uid; elements = { 1000 }', { type: 'uid', elements: [1000] }],
  ['type dscp; elements = { cs1, af11 }', { type: 'dscp', elements: ['cs1', 'af11'] }],
  [
    'type ipv4_addr . inet_service; elements = { 10.0.0.1 . 80, 10.0.0.2 . 443 }',
    {
      type: ['ipv4_addr', 'inet_service'],
      elements: [{ concat: ['10.0.0.1', 80] }, { concat: ['10.0.0.2', 443] }],
    },
  ],
  [
    'type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80-90 }',
    { type: ['ipv4_addr', 'inet_service'], flags: ['interval'], elements: [{ concat: ['10.0.0.0/8', '80-90'] }] },
  ],
  [
    'type ifname . ipv4_addr . inet_proto; elements = { "eth0" . 10.0.0.1 . tcp }',
    { type: ['ifname', 'ipv4_addr', 'inet_proto'], elements: [{ concat: ['eth0', '10.0.0.1', 'tcp'] }] },
  ],
  [
    'type ipv6_addr . ether_addr; elements = { fe80::1 . 00:11:22:33:44:55 }',
    { type: ['ipv6_addr', 'ether_addr'], elements: [{ concat: ['fe80::1', mac] }] },
  ],
  [
    'type inet_service : verdict; elements = { 22 : accept, 80 : jump o, 443 : drop }',
    {
      type: 'inet_service',
      map: 'verdict',
      elements: [
        [22, accept()],
        [80, jump('o')],
        [443, drop()],
      ],
    },
  ],
  [
    'type ipv4_addr : verdict; flags interval; elements = { 10.0.0.0/8 : drop, 192.168.0.0/16 : accept }',
    {
      type: 'ipv4_addr',
      map: 'verdict',
      flags: ['interval'],
      elements: [
        ['10.0.0.0/8', drop()],
        ['192.168.0.0/16', accept()],
      ],
    },
  ],
  [
    'type inet_service : ipv4_addr; elements = { 80 : 10.0.0.1, 81 : 10.0.0.2 }',
    {
      type: 'inet_service',
      map: 'ipv4_addr',
      elements: [
        [80, '10.0.0.1'],
        [81, '10.0.0.2'],
      ],
    },
  ],
  [
    'type inet_service : ipv4_addr . inet_service; elements = { 80 : 10.0.0.1 . 8080 }',
    {
      type: 'inet_service',
      map: ['ipv4_addr', 'inet_service'],
      elements: [[80, { concat: ['10.0.0.1', 8080] }]],
    },
  ],
  [
    'type ipv4_addr : mark; elements = { 10.0.0.1 : 5 }',
    { type: 'ipv4_addr', map: 'mark', elements: [['10.0.0.1', 5]] },
  ],
  [
    'type ipv4_addr . inet_service : verdict; elements = { 10.0.0.1 . 80 : accept }',
    {
      type: ['ipv4_addr', 'inet_service'],
      map: 'verdict',
      elements: [[{ concat: ['10.0.0.1', 80] }, accept()]],
    },
  ],
  [
    'type inet_service : counter; elements = { 80 : "cnt" }',
    { type: 'inet_service', map: 'counter', elements: [[80, 'cnt']] },
  ],
  ['type inet_service : quota', { type: 'inet_service', map: 'quota' }],
  ['type mark : limit', { type: 'mark', map: 'limit' }],
  [
    'type ipv4_addr : inet_service; flags dynamic,timeout; size 100',
    {
      type: 'ipv4_addr',
      map: 'inet_service',
      flags: ['dynamic', 'timeout'],
      size: 100,
    },
  ],
  [
    'type ipv4_addr : ipv4_addr; flags interval; elements = { 10.1.0.0/24 : 10.2.0.1 }',
    {
      type: 'ipv4_addr',
      map: 'ipv4_addr',
      flags: ['interval'],
      elements: [['10.1.0.0/24', '10.2.0.1']],
    },
  ],
]
