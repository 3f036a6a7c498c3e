/** Translations, in the two chains of the inet family that have them. */
import { dnat, ip, masquerade, meta, numgen, redirect, snat, tcp, udp } from '../../../src/nft/build/index.ts'
import { backends } from './named.ts'
import type { Row } from './row.ts'

export const destinations: readonly Row[] = [
  ['tcp dport 5000 dnat ip to 192.168.1.10:5000', [tcp.dport(5000), dnat({ to: '192.168.1.10:5000' })]],
  ['dnat ip to 10.0.0.1', [dnat({ to: '10.0.0.1' })]],
  ['dnat ip to 10.0.0.1-10.0.0.9', [dnat({ to: '10.0.0.1-10.0.0.9' })]],
  ['udp dport 53 dnat ip6 to [2001:db8::1]:53', [udp.dport(53), dnat({ to: '[2001:db8::1]:53' })]],
  [
    'tcp dport 80 dnat ip to 10.0.0.1:8080-8090 random,persistent',
    [tcp.dport(80), dnat({ to: '10.0.0.1:8080-8090', flags: ['random', 'persistent'] })],
  ],
  [
    'dnat ip to tcp dport map { 80 : 10.0.0.1, 81 : 10.0.0.2 }',
    [dnat({ to: tcp.dport.map({ 80: '10.0.0.1', 81: '10.0.0.2' }), family: 'ip' })],
  ],
  [
    'dnat ip to tcp dport map { 80 : 10.0.0.1 . 8080, 81 : 10.0.0.2 . 8081 }',
    [dnat({ to: tcp.dport.map({ 80: ['10.0.0.1', 8080], 81: ['10.0.0.2', 8081] }), family: 'ip' })],
  ],
  ['dnat ip to tcp dport map @m', [dnat({ to: tcp.dport.map(backends), family: 'ip' })]],
  [
    'dnat ip to numgen inc mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }',
    [dnat({ to: numgen('inc', { mod: 2 }).map({ 0: '10.0.0.1', 1: '10.0.0.2' }), family: 'ip' })],
  ],
  [
    'dnat ip prefix to ip daddr map { 10.1.0.0/24 : 10.2.0.0/24 }',
    [dnat({ to: ip.daddr.map({ '10.1.0.0/24': '10.2.0.0/24' }), family: 'ip', flags: ['netmap'] })],
  ],
  ['tcp dport 80 redirect to :8080', [tcp.dport(80), redirect({ port: 8080 })]],
  ['redirect', [redirect()]],
  'tcp dport 80 redirect',
  'tcp dport 80 redirect to :8080-8090 random',
  'tcp dport 80 redirect to :tcp dport map { 80 : 8080 }',
  'dnat ip to 10.0.0.0/24',
  'dnat ip prefix to ip daddr map { 192.0.2.0/24 : 10.0.0.0/24 }',
  'tcp dport 80 dnat ip to 10.0.0.1:8080',
  'tcp dport 80 dnat ip6 to [2001:db8::1]:8080',
  'tcp dport 80 dnat to :8080',
  'dnat ip to tcp dport map { 80 : 10.0.0.1, 443 : 10.0.0.2 }',
  'dnat ip to tcp dport map { 80 : 10.0.0.1 . 8080, 443 : 10.0.0.2 . 8443 }',
  'dnat ip to tcp dport map { 80 : 10.0.0.1-10.0.0.9 . 8080-8090 }',
  'dnat ip to meta l4proto . th dport map { tcp . 80 : 10.0.0.1 . 8080 }',
  'dnat ip to tcp dport map @backends',
  'tcp dport 1-5 dnat ip to 10.0.0.1 : tcp dport map @targets',
  'udp dport 53 dnat ip to 10.0.0.1-10.0.0.4',
  'tcp dport 1000-2000 dnat ip to 10.0.0.1:3000-4000 persistent',
  'meta l4proto tcp dnat to :80',
  'tcp dport 22 redirect to :2222',
  'udp dport 5000 redirect',
]

export const sources: readonly Row[] = [
  [
    'ip saddr 192.168.1.0/24 oifname != "br0" masquerade',
    [ip.saddr('192.168.1.0/24'), meta.oifname.not('br0'), masquerade()],
  ],
  [
    'meta l4proto tcp masquerade to :1024-2048 random',
    [meta.l4proto('tcp'), masquerade({ port: '1024-2048', flags: ['random'] })],
  ],
  ['masquerade fully-random', [masquerade({ flags: ['fully-random'] })]],
  ['meta l4proto tcp snat ip to 10.0.0.1:1000-2000', [meta.l4proto('tcp'), snat({ to: '10.0.0.1:1000-2000' })]],
  ['snat ip6 to 2001:db8::1', [snat({ to: '2001:db8::1' })]],
  'masquerade',
  'masquerade random,persistent',
  'meta l4proto tcp masquerade to :1024-2048',
  'ip saddr 192.0.2.0/24 masquerade fully-random',
  'snat ip to 192.0.2.1',
  'snat ip to 192.0.2.1-192.0.2.9 persistent',
  'tcp dport 80 snat ip to 192.0.2.1:1024-65535',
  'ip saddr 10.0.0.1 snat to 192.0.2.1',
  'snat ip to ip saddr map { 10.0.0.1 : 192.0.2.1, 10.0.0.2 : 192.0.2.2 }',
  'snat ip to ip saddr map { 10.0.0.0/24 : 192.0.2.1-192.0.2.9 }',
  'snat ip prefix to ip saddr map { 10.0.0.0/24 : 192.0.2.0/24 }',
  'udp dport 53 snat ip to ip saddr map { 10.0.0.1 : 192.0.2.1 . 53 }',
  'meta l4proto tcp snat ip to 192.0.2.1-192.0.2.9:1024-2048 random,persistent',
  'ip saddr 10.0.0.0/8 masquerade',
  'tcp sport 1-65535 masquerade to :1024-2048',
  'meta l4proto udp snat ip6 to [2001:db8::1]:53',
]
