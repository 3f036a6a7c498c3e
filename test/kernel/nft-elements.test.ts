/** Sets and maps of many shapes: read as `nft -j` prints them, and given back to the kernel so that nft sees no difference. As root. */
import { describe, expect, test } from 'vitest'
import { Namespace } from '../../src/index.ts'
import { listed, load, steady, text } from './nft-list.ts'

const head = 'counter cnt { packets 1 bytes 2; }\nquota q { 1000 bytes used 0 bytes; }\nchain o { }\nchain p { }'

/** `set NAME { ... }` each; a map where there is a ':' in its type. */
const shapes = [
  // Intervals of one key: ends, neighbours, the whole range.
  'type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.0-192.0.2.9, 7.7.7.7, 255.0.0.0/8 }',
  'type ipv4_addr; flags interval; elements = { 0.0.0.0/8, 1.0.0.0/8, 255.255.255.255 }',
  'type ipv4_addr; flags interval; elements = { 0.0.0.0/0 }',
  'type ipv4_addr; flags interval; elements = { 0.0.0.0, 0.0.0.2-255.255.255.254 }',
  'type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/8, 11.0.0.0/8, 11.2.3.4, 13.0.0.1 }',
  'type ipv6_addr; flags interval; elements = { ::/127, fe80::/10, 2001:db8::1-2001:db8::7, ffff::/16 }',
  'type inet_service; flags interval; elements = { 0-79, 80, 81-90, 65535 }',
  'type mark; flags interval; elements = { 5-7, 0x100/24, 0xffffff00-0xffffffff }',
  'type ether_addr; flags interval; elements = { 02:00:00:00:00:00-02:00:00:00:00:ff, 04:00:00:00:00:00 }',
  'type ifname; flags interval; elements = { "eth*", "lo", "wlan0", "veth-abcdefghi*" }',
  'type uid; flags interval; elements = { 0, 1000-1999 }',
  'type inet_proto; flags interval; elements = { 1-17, 200-255 }',
  // One value each.
  'type ipv4_addr; elements = { 9.9.9.9, 1.1.1.1, 5.5.5.5 }',
  'type ipv6_addr; elements = { ::ffff:1.2.3.4, fe80::1, :: }',
  'type ct_state; elements = { new, established, established | related, 0x80 }',
  'type ct_status; elements = { snat, dnat | assured }',
  'type tcp_flag; elements = { syn, syn | ack, fin | psh | urg, 0 }',
  'type icmp_code; elements = { host-unreachable, 99 }',
  'type dscp; elements = { af11, cs0, 0x05 }',
  'type arp_op; elements = { request, 99 }',
  'type boolean; elements = { exists }',
  'type iface_type; elements = { ether, loopback, 9 }',
  'type iface_index; elements = { 88, 77 }',
  'type realm; elements = { 0, 7 }',
  'type classid; elements = { 1:2, none, root }',
  'type devgroup; elements = { default, 7 }',
  'type fib_addrtype; elements = { local, 77 }',
  'type time; elements = { 5s, 1h30m }',
  'typeof meta day; elements = { "Monday", "Sunday" }',
  'typeof meta hour; elements = { "13:30", "04:05:06" }',
  'type nf_proto; elements = { ipv4, 7 }',
  'type mh_type; elements = { home-test }',
  'type ifname; elements = { "zz", "aa", "ab" }',
  // Concatenations.
  'type ipv4_addr . mark . ifname; elements = { 1.2.3.4 . 5 . "lo", 1.2.3.4 . 256 . "eth0", 1.2.3.3 . 1 . "zz" }',
  'type ct_state . inet_proto . ether_addr; elements = { new . tcp . 02:00:00:00:00:01, established . 200 . 02:00:00:00:00:01 }',
  'type ipv4_addr . inet_proto . inet_service; flags interval; elements = { 192.0.2.0/24 . tcp . 1000-2000, 1.1.1.1 . udp . 53 }',
  'type mark . ipv6_addr; flags interval; elements = { 1-2 . fe80::/10, 0x100 . ::1-::ff }',
  'type ifname . ipv4_addr; flags interval; elements = { "eth*" . 1.2.3.0/24, "lo" . 127.0.0.1, "abcdefgh" . 0.0.0.0/0 }',
  'type uid . inet_service; flags interval; elements = { 1000-1999 . 1-1024 }',
  // What belongs to elements.
  'type ipv4_addr; flags timeout; elements = { 1.2.3.4 timeout 1h, 1.2.3.5 timeout 2h comment "for a while", 1.2.3.6 }',
  'type ipv4_addr; flags interval, timeout; timeout 1h; elements = { 10.0.0.0/8 timeout 5m comment "net", 11.0.0.1-11.0.0.5 }',
  'type ipv4_addr; counter; elements = { 1.2.3.4 counter packets 5 bytes 7, 1.2.3.5 }',
  'type ipv4_addr; flags interval; counter; elements = { 10.0.0.0/8 counter packets 1 bytes 2, * }',
  'type ipv4_addr; quota over 10 mbytes; elements = { 1.2.3.4 }',
  'type ipv4_addr; limit rate 10/second burst 20 packets; elements = { 1.2.3.4, * }',
  'type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80 comment "web", * comment "others" }',
  // typeof
  'typeof ip saddr . tcp dport; elements = { 1.2.3.4 . 5 }',
  'typeof vlan id; elements = { 5, 4095 }',
  'typeof meta length; flags interval; elements = { 1-100, 1500 }',
  'typeof meta mark . ct bytes; elements = { 5 . 1000000000000 }',
  'typeof tcp option maxseg size; elements = { 1460 }',
  'typeof ct original ip saddr . meta iifname; elements = { 1.2.3.4 . "lo" }',
  'typeof frag frag-off; elements = { 5 }',
  'typeof ip daddr . @th,16,16; elements = { 1.2.3.4 . 0x50 }',
  'typeof rt ip nexthop . ip dscp; elements = { 1.2.3.4 . ef }',
  // Maps.
  'type inet_service : ipv4_addr; elements = { 80 : 1.2.3.4, 22 : 4.3.2.1 }',
  'type ipv4_addr : verdict; flags interval; elements = { 1.2.3.0/24 : accept, 1.2.4.0/24 : jump o, 1.2.5.0-1.2.5.9 : goto p, * : continue }',
  'type ipv4_addr : mark; flags interval; elements = { 1.2.3.0/24 : 5, 1.2.4.0-1.2.4.5 : 6 }',
  'type ipv4_addr . inet_service : ipv4_addr . inet_service; elements = { 1.2.3.4 . 80 : 4.3.2.1 . 8080 }',
  'type inet_service : interval ipv4_addr; flags interval; elements = { 80 : 1.2.3.0/24, 81 : 1.2.3.4-1.2.3.9 }',
  'type inet_service : counter; elements = { 80 : "cnt" }',
  'type ipv4_addr : quota; flags interval; elements = { 10.0.0.0/8 : "q" }',
  'type ipv4_addr : classid; flags timeout; elements = { 1.2.3.4 timeout 1h : 1:2 }',
  'type ipv4_addr : ifname; elements = { 1.2.3.4 : "eth0" }',
  'type ct_state . ifname : verdict; elements = { new . "lo" : accept, established . "eth0" : drop }',
  'typeof ip saddr : meta mark; elements = { 1.2.3.4 comment "no" : 5 }',
  'typeof ip saddr . ip daddr : tcp dport; flags interval; elements = { 10.0.0.0/8 . 1.1.1.1 : 80 }',
]

const kind = (shape: string): 'map' | 'set' => (/^[^;]* : /.test(shape) ? 'map' : 'set')

function ruleset(shapes: readonly string[]): string {
  const sets = shapes.map((shape, i) => `${kind(shape)} s${i} { ${shape}; }`)
  return `table inet t {\n${head}\n${sets.join('\n')}\n}`
}

describe('sets and maps', () => {
  test(`${shapes.length} shapes`, async () => {
    await using theirs = await Namespace.create()
    await using ours = await Namespace.create()
    await load(theirs, ruleset(shapes))
    await load(ours, `table inet t {\n${head}\n}`)
    await using reader = await theirs.netlink()
    await using writer = await ours.netlink()

    const sets = await reader.nft.set.list({ family: 'inet', table: 't' })
    const said = (await listed(theirs)).flatMap((object) =>
      'set' in object ? [object.set] : 'map' in object ? [object.map] : [],
    )
    const elements = (list: readonly { name: string; elem?: unknown; elements?: unknown }[]) =>
      Object.fromEntries(list.map(({ name, elem, elements = elem ?? [] }) => [name, steady({ elem: elements })]))
    expect(elements(sets)).toEqual(elements(said))

    await writer.nft.batch((b) => {
      for (const set of sets) b.set.add(set)
    })
    expect(steady(await listed(ours))).toEqual(steady(await listed(theirs)))
    // A hash table's order is its own.
    const words = async (ns: Namespace) =>
      (await text(ns))
        .replaceAll(/ expires [0-9a-z]+/g, '')
        .split(/[\s,]+/)
        .sort()
    expect(await words(ours)).toEqual(await words(theirs))
  })
})
