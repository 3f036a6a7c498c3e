/** Rules in nft's syntax, and the same as the builder makes them: what test/kernel/nft-builder.test.ts goes through. */
import type { NftFamily, Statement } from '../../src/nft/ast.ts'
import * as b from '../../src/nft/build/index.ts'

const { ip, ip6, tcp, udp, icmp, icmpv6, meta, ct, ether, vlan, arp, th, fib, concat, range } = b
const { accept, drop, jump, goto_, return_, continue_, counter, limit, log, quota, reject, setRef, mapRef } = b
const { dnat, snat, masquerade, redirect, numgen, jhash, symhash, rt, socket, osf, ipsec, raw } = b

export interface Chain {
  family: NftFamily
  /** 'type filter hook input priority filter;' */
  base: string
  /** Sets and objects in front. */
  before?: string
  rules: readonly (readonly [text: string, rule: readonly Statement[]])[]
}

/** Sets, maps and objects that rules refer to. */
const named = `
  set s { type ipv4_addr; flags interval; }
  set dyn { type ipv4_addr; size 65535; flags dynamic,timeout; }
  set pairs { type ipv4_addr . inet_service; size 65535; flags dynamic; }
  map m { type inet_service : ipv4_addr; }
  map vm { type inet_service : verdict; }
  map seen { type ipv4_addr : inet_service; size 65535; flags dynamic,timeout; }
  counter cnt { }
  quota q { over 10 mbytes }
  limit l { rate 10/second }
  chain o { }
`
const blocked = setRef<'ipv4_addr'>('s')
const dyn = setRef<'ipv4_addr'>('dyn')
const pairs = setRef({ name: 'pairs', type: ['ipv4_addr', 'inet_service'] })
const backends = mapRef({ name: 'm', type: 'inet_service', map: 'ipv4_addr' })
const policy = mapRef<'inet_service', 'verdict'>('vm')
const seen = mapRef<'ipv4_addr', 'inet_service'>('seen')

const inetFilter: Chain['rules'] = [
  ['ct state established,related accept', [ct.state('established', 'related'), accept()]],
  ['ct state established accept', [ct.state('established'), accept()]],
  ['ct state ! invalid accept', [ct.state.not('invalid'), accept()]],
  ['ct state ! new,untracked', [ct.state.not('new', 'untracked')]],
  ['ct state { established, related } accept', [ct.state.oneOf('established', 'related'), accept()]],
  [
    'ct state vmap { invalid : drop, established : accept }',
    [ct.state.vmap({ invalid: drop(), established: accept() })],
  ],
  ['ct status snat,dnat', [ct.status('snat', 'dnat')]],
  ['ct direction original', [ct.direction('original')]],
  ['ct mark 5', [ct.mark(5)]],
  ['ct mark and 0xff != 0', [ct.mark.and(0xff).not(0)]],
  ['ct mark set meta mark', [ct.mark.set(meta.mark)]],
  ['ct mark set ct mark or 0x100', [ct.mark.set(ct.mark.or(0x100))]],
  ['ct expiration 10s', [ct.expiration(10)]],
  ['ct expiration 1m-1h', [ct.expiration(range(60, 3600))]],
  ['ct helper "ftp"', [ct.helper('ftp')]],
  ['ct helper { "ftp", "tftp" }', [ct.helper('ftp', 'tftp')]],
  ['ct bytes > 100000', [ct.bytes.gt(100000)]],
  ['ct original packets >= 100', [ct.original.packets.ge(100)]],
  ['ct reply avgpkt < 100', [ct.reply.avgpkt.lt(100)]],
  ['ct original ip saddr 10.0.0.0/8', [ct.original.ipSaddr('10.0.0.0/8')]],
  ['ct reply ip6 daddr 2001:db8::1', [ct.reply.ip6Daddr('2001:db8::1')]],
  ['meta l4proto tcp ct original proto-dst 80', [meta.l4proto('tcp'), ct.original.protoDst(80)]],
  ['ct original protocol udp', [ct.protocol('udp')]],
  ['ct l3proto ipv6', [ct.l3proto('ipv6')]],
  ['ct zone 1', [ct.zone(1)]],
  ['ct event set new,related', [ct.event.set('new', 'related')]],
  ['ct count over 20 drop', [ct.count(20, { over: true }), drop()]],
  ['tcp flags syn', [tcp.flags('syn')]],
  ['tcp flags syn,ack', [tcp.flags('syn', 'ack')]],
  ['tcp flags ! rst', [tcp.flags.not('rst')]],
  ['tcp flags == syn', [tcp.flags.is('syn')]],
  ['tcp flags != syn', [tcp.flags.isNot('syn')]],
  ['tcp flags & (fin|syn|rst|ack) == syn', [tcp.flags.and('fin', 'syn', 'rst', 'ack').is('syn')]],
  [
    'tcp flags & (fin|syn|rst|ack) != syn ct state new drop',
    [tcp.flags.and('fin', 'syn', 'rst', 'ack').isNot('syn'), ct.state('new'), drop()],
  ],
  ['tcp flags & (fin|syn) == fin|syn drop', [tcp.flags.and('fin', 'syn').is('fin', 'syn'), drop()]],
  ['tcp flags { syn|ack, syn }', [tcp.flags.oneOf(['syn', 'ack'], 'syn')]],
  ['tcp dport 22', [tcp.dport(22)]],
  ['tcp dport { 80, 443 }', [tcp.dport(80, 443)]],
  ['tcp dport != { 80, 443 }', [tcp.dport.not(80, 443)]],
  ['tcp dport { 80, 443, 1000-2000 }', [tcp.dport(80, 443, '1000-2000')]],
  ['tcp dport 1000-2000', [tcp.dport('1000-2000')]],
  ['tcp dport != 1000-2000', [tcp.dport.not(range(1000, 2000))]],
  ['tcp sport >= 1024', [tcp.sport.ge(1024)]],
  ['tcp sport <= 1023', [tcp.sport.le(1023)]],
  ['tcp dport 80 tcp sport 1024-65535 accept', [tcp.dport(80), tcp.sport('1024-65535'), accept()]],
  ['tcp window > 100', [tcp.window.gt(100)]],
  ['tcp doff 5', [tcp.doff(5)]],
  ['tcp sequence 1', [tcp.sequence(1)]],
  ['tcp dport set 8080', [tcp.dport.set(8080)]],
  ['tcp dport set tcp dport map { 80 : 8080 }', [tcp.dport.set(tcp.dport.map({ 80: 8080 }))]],
  [
    'tcp dport vmap { 22 : jump o, 80 : goto o, 1000-2000 : drop, 443 : accept }',
    [tcp.dport.vmap({ 22: jump('o'), 80: goto_('o'), '1000-2000': drop(), 443: accept() })],
  ],
  ['tcp dport vmap { 22 : jump o, * : drop }', [tcp.dport.vmap({ 22: jump('o'), '*': drop() })]],
  ['tcp dport vmap @vm', [tcp.dport.vmap(policy)]],
  ['udp dport 53 udp length > 8', [udp.dport(53), udp.length.gt(8)]],
  ['meta l4proto { tcp, udp } th dport 53', [meta.l4proto('tcp', 'udp'), th.dport(53)]],
  ['sctp dport 36412', [b.sctp.dport(36412)]],
  ['sctp chunk data exists', [b.sctp.chunk.data.exists()]],
  ['sctp chunk init num-outbound-streams 2', [b.sctp.chunk.init.numOutboundStreams(2)]],
  ['dccp type { request, response }', [b.dccp.type('request', 'response')]],
  ['udplite csumcov 8', [b.udplite.csumcov(8)]],
  ['ah spi 1', [b.ah.spi(1)]],
  ['esp spi 1-10', [b.esp.spi('1-10')]],
  ['comp cpi 1', [b.comp.cpi(1)]],
  ['ip saddr 192.168.1.0/24', [ip.saddr('192.168.1.0/24')]],
  ['ip saddr != 192.168.1.7', [ip.saddr.not('192.168.1.7')]],
  ['ip saddr 10.0.0.1-10.0.0.5', [ip.saddr('10.0.0.1-10.0.0.5')]],
  ['ip saddr { 10.0.0.0/8, 1.2.3.4-1.2.3.9 } drop', [ip.saddr('1.2.3.4-1.2.3.9', '10.0.0.0/8'), drop()]],
  ['ip daddr & 255.255.0.255 == 10.0.0.1', [ip.daddr.and('255.255.0.255')('10.0.0.1')]],
  ['ip saddr @s drop', [ip.saddr(blocked), drop()]],
  ['ip saddr != @s accept', [ip.saddr.not(blocked), accept()]],
  ['ip protocol { tcp, udp }', [ip.protocol('tcp', 'udp')]],
  ['ip dscp af11', [ip.dscp('af11')]],
  ['ip dscp set cs1', [ip.dscp.set('cs1')]],
  ['ip ecn ce', [ip.ecn('ce')]],
  ['ip ttl < 5', [ip.ttl.lt(5)]],
  ['ip ttl set 64', [ip.ttl.set(64)]],
  ['ip length 100-200', [ip.length('100-200')]],
  ['ip frag-off & 0x1fff != 0 drop', [ip.fragOff.and(0x1fff).not(0), drop()]],
  ['ip version 4', [ip.version(4)]],
  ['ip option lsrr exists drop', [ip.option.lsrr.exists(), drop()]],
  ['ip option rr addr 1', [ip.option.rr.addr(1)]],
  ['ip6 saddr 2001:db8::/32', [ip6.saddr('2001:db8::/32')]],
  ['ip6 saddr { 2001:db8::1, 2001:db8:1::/48 }', [ip6.saddr('2001:db8::1', '2001:db8:1::/48')]],
  ['ip6 nexthdr tcp', [ip6.nexthdr('tcp')]],
  ['ip6 flowlabel 5', [ip6.flowlabel(5)]],
  ['ip6 dscp cs1', [ip6.dscp('cs1')]],
  [
    'icmp type echo-request limit rate 10/second accept',
    [icmp.type('echo-request'), limit({ rate: 10, per: 'second' }), accept()],
  ],
  ['icmp type { echo-reply, echo-request }', [icmp.type('echo-reply', 'echo-request')]],
  ['icmp code port-unreachable', [icmp.code('port-unreachable')]],
  ['icmp mtu 1500', [icmp.mtu(1500)]],
  ['icmpv6 type nd-neighbor-solicit accept', [icmpv6.type('nd-neighbor-solicit'), accept()]],
  ['icmpv6 max-delay 1', [icmpv6.maxDelay(1)]],
  ['ether saddr 00:11:22:33:44:55', [ether.saddr('00:11:22:33:44:55')]],
  ['vlan id 5 vlan pcp 3', [vlan.id(5), vlan.pcp(3)]],
  ['exthdr frag exists drop', [b.frag.exists(), drop()]],
  ['exthdr hbh missing', [b.hbh.missing()]],
  ['frag more-fragments 1', [b.frag.moreFragments(1)]],
  ['frag id 5', [b.frag.id(5)]],
  ['mh type binding-update', [b.mh.type('binding-update')]],
  ['srh tag 1', [b.srh.tag(1)]],
  ['srh sid[1] 2001:db8::1', [b.srh.sid(1)('2001:db8::1')]],
  ['tcp option maxseg size 1-500 drop', [tcp.option.maxseg.size('1-500'), drop()]],
  ['tcp option maxseg size set 1400', [tcp.option.maxseg.size.set(1400)]],
  ['tcp option sack-perm exists', [tcp.option.sackPerm.exists()]],
  ['tcp option timestamp tsval 1', [tcp.option.timestamp.tsval(1)]],
  ['reset tcp option sack-perm', [tcp.option.sackPerm.reset()]],
  ['@nh,96,32 0x0a000001', [raw('nh', 96, 32)(0x0a000001)]],
  ['meta iifname "eth*"', [meta.iifname('eth*')]],
  ['meta oifname { "a", "b" }', [meta.oifname('a', 'b')]],
  ['meta oifname != "br0"', [meta.oifname.not('br0')]],
  ['meta iif "lo" accept', [meta.iif('lo'), accept()]],
  ['meta mark 0x10-0x20', [meta.mark('16-32')]],
  ['meta mark and 0xff == 1', [meta.mark.and(0xff)(1)]],
  ['meta mark set 1', [meta.mark.set(1)]],
  ['meta mark set ct mark and 0xffff', [meta.mark.set(ct.mark.and(0xffff))]],
  [
    'meta mark set ip saddr map { 10.0.0.1 : 1, 10.0.0.2 : 2 }',
    [meta.mark.set(ip.saddr.map({ '10.0.0.1': 1, '10.0.0.2': 2 }))],
  ],
  [
    'meta mark set jhash ip saddr . tcp dport mod 4 seed 0xdead offset 100',
    [meta.mark.set(jhash(concat(ip.saddr, tcp.dport), { mod: 4, seed: 0xdead, offset: 100 }))],
  ],
  ['meta mark set symhash mod 4', [meta.mark.set(symhash({ mod: 4 }))]],
  ['meta mark set numgen random mod 10 offset 3', [meta.mark.set(numgen('random', { mod: 10, offset: 3 }))]],
  [
    'numgen inc mod 3 vmap { 0 : jump o, 1 : goto o, 2 : accept }',
    [numgen('inc', { mod: 3 }).vmap({ 0: jump('o'), 1: goto_('o'), 2: accept() })],
  ],
  ['meta priority set 1:10', [meta.priority.set('1:10')]],
  ['meta nftrace set 1', [meta.nftrace.set(1)]],
  ['meta nfproto ipv4', [meta.nfproto('ipv4')]],
  ['meta protocol { ip, arp, ip6 }', [meta.protocol('ip', 'arp', 'ip6')]],
  ['meta l4proto != tcp', [meta.l4proto.not('tcp')]],
  ['meta length 64-1500', [meta.length('64-1500')]],
  ['meta skuid 1000', [meta.skuid(1000)]],
  ['meta skgid { 0, 1000 }', [meta.skgid(0, 1000)]],
  ['meta pkttype broadcast drop', [meta.pkttype('broadcast'), drop()]],
  ['meta cpu 0', [meta.cpu(0)]],
  ['meta iifgroup default', [meta.iifgroup('default')]],
  ['meta hour "08:00"-"17:00"', [meta.hour(range('08:00', '17:00'))]],
  ['meta day { Sunday, Saturday }', [meta.day('Sunday', 'Saturday')]],
  ['meta time > "2024-01-01 00:00:00"', [meta.time.gt('2024-01-01 00:00:00')]],
  ['meta ipsec exists', [meta.ipsec(true)]],
  ['meta iifkind "veth"', [meta.iifkind('veth')]],
  ['fib daddr type local', [fib('daddr').type('local')]],
  ['fib daddr . mark type { unicast, local }', [fib('daddr', 'mark').type('unicast', 'local')]],
  ['fib saddr . iif oif missing drop', [fib('saddr', 'iif').oif.missing(), drop()]],
  ['fib saddr oifname "eth0"', [fib('saddr').oifname('eth0')]],
  ['socket transparent 1', [socket.transparent(1)]],
  ['socket mark 1', [socket.mark(1)]],
  ['osf name "Linux"', [osf.name('Linux')]],
  ['osf ttl loose version "Linux:3.0"', [osf.loose.version('Linux:3.0')]],
  ['ipsec in reqid 1', [ipsec.in.reqid(1)]],
  ['rt ip nexthop 10.0.0.1', [rt.ipNexthop('10.0.0.1')]],
  ['rt ipsec exists', [rt.ipsec(true)]],
  [
    'ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 443 } accept',
    [concat(ip.saddr, tcp.dport)(['10.0.0.1', 80], ['10.0.0.2', 443]), accept()],
  ],
  ['ip saddr . tcp dport != { 10.0.0.1 . 80 } drop', [concat(ip.saddr, tcp.dport).not(['10.0.0.1', 80]), drop()]],
  [
    'ip saddr . tcp dport { 10.0.0.0/8 . 80-90 } accept',
    [concat(ip.saddr, tcp.dport)(['10.0.0.0/8', '80-90']), accept()],
  ],
  [
    'ip saddr . tcp dport vmap { 10.0.0.1 . 80 : accept }',
    [concat(ip.saddr, tcp.dport).vmap([[['10.0.0.1', 80], accept()]])],
  ],
  ['ip saddr . tcp dport @pairs', [concat(ip.saddr, tcp.dport)(pairs)]],
  ['add @dyn { ip saddr }', [dyn.add(ip.saddr)]],
  ['add @dyn { ip saddr timeout 1m }', [dyn.add(ip.saddr, { timeout: 60 })]],
  [
    'update @dyn { ip saddr timeout 1m limit rate 10/second burst 5 packets }',
    [dyn.update(ip.saddr, { timeout: 60, statements: [limit({ rate: 10, per: 'second' })] })],
  ],
  ['delete @dyn { ip saddr }', [dyn.delete(ip.saddr)]],
  ['update @pairs { ip saddr . tcp dport }', [pairs.update(concat(ip.saddr, tcp.dport))]],
  ['add @seen { ip saddr timeout 10s : tcp dport }', [seen.add(ip.saddr, tcp.dport, { timeout: 10 })]],
  ['update @seen { ip saddr : 80 }', [seen.update(ip.saddr, 80)]],
  ['counter', [counter()]],
  ['counter name "cnt"', [counter('cnt')]],
  ['counter name tcp dport map { 80 : "cnt" }', [counter(tcp.dport.map({ 80: 'cnt' }))]],
  ['quota name "q"', [quota('q')]],
  ['quota over 10 mbytes drop', [quota({ val: 10, unit: 'mbytes', over: true }), drop()]],
  ['quota 100 bytes used 10 bytes', [quota({ val: 100, used: 10 })]],
  ['limit name "l"', [limit('l')]],
  ['limit rate 10/week', [limit({ rate: 10, per: 'week' })]],
  [
    'limit rate over 10/minute burst 3 packets drop',
    [limit({ rate: 10, per: 'minute', burst: 3, over: true }), drop()],
  ],
  [
    'limit rate 1 mbytes/second burst 512 kbytes',
    [limit({ rate: 1, unit: 'mbytes', per: 'second', burst: 512, burstUnit: 'kbytes' })],
  ],
  ['limit rate over 1 kbytes/second', [limit({ rate: 1, unit: 'kbytes', per: 'second', over: true })]],
  ['log', [log()]],
  [
    'log prefix "x: " level info flags tcp sequence,options',
    [log({ prefix: 'x: ', level: 'info', flags: ['tcp sequence', 'tcp options'] })],
  ],
  ['log flags all', [log({ flags: ['all'] })]],
  [
    'log prefix "y" group 2 snaplen 100 queue-threshold 5',
    [log({ prefix: 'y', group: 2, snaplen: 100, queueThreshold: 5 })],
  ],
  ['log level audit', [log({ level: 'audit' })]],
  ['reject with icmpx type port-unreachable', [reject('icmpx', 'port-unreachable')]],
  ['reject with icmpx type admin-prohibited', [reject('icmpx', 'admin-prohibited')]],
  ['reject with icmp type host-unreachable', [reject('icmp', 'host-unreachable')]],
  ['reject with icmpv6 type addr-unreachable', [reject('icmpv6', 'addr-unreachable')]],
  ['meta l4proto tcp reject with tcp reset', [meta.l4proto('tcp'), reject('tcp reset')]],
  ['jump o', [jump('o')]],
  ['return', [return_()]],
  ['continue', [continue_()]],
]

export const chains: readonly Chain[] = [
  { family: 'inet', base: 'type filter hook input priority filter; policy drop;', before: named, rules: inetFilter },
  {
    family: 'inet',
    base: 'type nat hook prerouting priority dstnat;',
    before: 'map m { type inet_service : ipv4_addr; }',
    rules: [
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
    ],
  },
  {
    family: 'inet',
    base: 'type nat hook postrouting priority srcnat;',
    rules: [
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
    ],
  },
  {
    family: 'ip',
    base: 'type filter hook prerouting priority mangle;',
    rules: [
      ['ip saddr 10.0.0.0/8 ip daddr != 10.1.0.0/16', [ip.saddr('10.0.0.0/8'), ip.daddr.not('10.1.0.0/16')]],
      ['tcp dport 22', [tcp.dport(22)]],
      ['dup to 10.0.0.1', [b.dup({ to: '10.0.0.1' })]],
      ['dup to 10.0.0.1 device "lo"', [b.dup({ to: '10.0.0.1', dev: 'lo' })]],
      [
        'meta l4proto tcp tproxy to 127.0.0.1:50080',
        [meta.l4proto('tcp'), b.tproxy({ addr: '127.0.0.1', port: 50080 })],
      ],
      ['tcp dport 80 tproxy to :50080 accept', [tcp.dport(80), b.tproxy({ port: 50080 }), accept()]],
      ['notrack', [b.notrack()]],
      ['icmp type echo-request drop', [icmp.type('echo-request'), drop()]],
      ['fib saddr . iif oif missing', [fib('saddr', 'iif').oif.missing()]],
      ['ct original ip saddr 10.0.0.1', [ct.original.ipSaddr('10.0.0.1')]],
      [
        'meta iifname . ip saddr { "lo" . 127.0.0.1 } accept',
        [concat(meta.iifname, ip.saddr)(['lo', '127.0.0.1']), accept()],
      ],
    ],
  },
  {
    family: 'ip',
    base: 'type filter hook input priority filter;',
    rules: [
      ['reject with icmp type net-unreachable', [reject('icmp', 'net-unreachable')]],
      ['reject with tcp reset', [reject('tcp reset')]],
      [
        'tcp dport 80 synproxy mss 1460 wscale 7 timestamp sack-perm',
        [tcp.dport(80), b.synproxy({ mss: 1460, wscale: 7, flags: ['timestamp', 'sack-perm'] })],
      ],
      ['synproxy', [b.synproxy()]],
    ],
  },
  {
    family: 'ip6',
    base: 'type filter hook input priority filter;',
    rules: [
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
    ],
  },
  {
    family: 'arp',
    base: 'type filter hook input priority filter;',
    rules: [
      ['arp operation request', [arp.operation('request')]],
      ['arp operation { request, reply } counter', [arp.operation('request', 'reply'), counter()]],
      ['arp htype 1', [arp.htype(1)]],
      ['arp hlen 6 arp plen 4', [arp.hlen(6), arp.plen(4)]],
      ['arp saddr ip 10.0.0.1 drop', [arp.saddrIp('10.0.0.1'), drop()]],
      ['arp daddr ip 10.0.0.0/8', [arp.daddrIp('10.0.0.0/8')]],
      ['arp daddr ether set 00:11:22:33:44:55', [arp.daddrEther.set('00:11:22:33:44:55')]],
    ],
  },
  {
    family: 'bridge',
    base: 'type filter hook forward priority filter;',
    rules: [
      ['ether saddr 00:11:22:33:44:55 drop', [ether.saddr('00:11:22:33:44:55'), drop()]],
      ['ether type arp', [ether.type('arp')]],
      ['ether type { ip, ip6 }', [ether.type('ip', 'ip6')]],
      ['ip saddr 10.0.0.0/8', [ip.saddr('10.0.0.0/8')]],
      ['ip6 saddr 2001:db8::1', [ip6.saddr('2001:db8::1')]],
      ['tcp dport 80', [tcp.dport(80)]],
      ['vlan id 5', [vlan.id(5)]],
      ['vlan id 1-100', [vlan.id('1-100')]],
      ['vlan pcp 3', [vlan.pcp(3)]],
      ['arp operation request', [arp.operation('request')]],
      ['meta mark set 1', [meta.mark.set(1)]],
      ['icmpv6 type nd-neighbor-solicit', [icmpv6.type('nd-neighbor-solicit')]],
      [
        'ether saddr . ip saddr { 00:11:22:33:44:55 . 10.0.0.1 }',
        [concat(ether.saddr, ip.saddr)(['00:11:22:33:44:55', '10.0.0.1'])],
      ],
    ],
  },
  {
    family: 'netdev',
    base: 'type filter hook ingress device "lo" priority filter;',
    rules: [
      ['ip saddr 10.0.0.0/8 drop', [ip.saddr('10.0.0.0/8'), drop()]],
      ['tcp dport 80 counter', [tcp.dport(80), counter()]],
      ['ether type arp', [ether.type('arp')]],
      ['udp dport 53 drop', [udp.dport(53), drop()]],
      ['ip dscp set cs1', [ip.dscp.set('cs1')]],
      ['vlan id 5', [vlan.id(5)]],
      ['meta pkttype multicast', [meta.pkttype('multicast')]],
      ['tcp flags syn tcp option maxseg size 1-500 drop', [tcp.flags('syn'), tcp.option.maxseg.size('1-500'), drop()]],
      [
        'jhash ip saddr mod 2 vmap { 0 : accept, 1 : drop }',
        [jhash(ip.saddr, { mod: 2 }).vmap({ 0: accept(), 1: drop() })],
      ],
      ['fwd to "lo"', [b.fwd({ dev: 'lo' })]],
      ['fwd ip to 10.0.0.1 device "lo"', [b.fwd({ dev: 'lo', to: '10.0.0.1' })]],
      [
        'fwd to jhash ip saddr mod 2 map { 0 : "lo", 1 : "lo" }',
        [b.fwd({ dev: jhash(ip.saddr, { mod: 2 }).map({ 0: 'lo', 1: 'lo' }) })],
      ],
      ['dup to "lo"', [b.dupTo('lo')]],
    ],
  },
]
