/** nl.nft on the real kernel, beside nft: objects of all kinds, their verbs, and what is listed given back. As root. */
import { describe, expect, test } from 'vitest'
import { Namespace, type Netlink } from '../../src/index.ts'
import type { Statement } from '../../src/nft/ast.ts'
import type { NftBatch } from '../../src/nft/transaction/batch.ts'
import { type Json, without } from './lab.ts'

const handles = new Set(['handle'])

/** `nft -j list ruleset` without its first line. */
async function shown(ns: Namespace): Promise<Json[]> {
  const { stdout } = await ns.exec('nft', ['-j', 'list', 'ruleset'])
  return (JSON.parse(stdout) as { nftables: Json[] }).nftables.slice(1)
}
const load = (ns: Namespace, ruleset: string) => ns.exec('nft', ['-f', '-'], { input: ruleset })

const saddr = (address: string): Statement => ({
  match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: address },
})
const accept: Statement = { accept: null }
const counter: Statement = { counter: null }

interface Row {
  title: string
  ours: (b: NftBatch) => void
  theirs: string
}

const rows: readonly Row[] = [
  {
    title: 'tables of all families',
    ours: (b) => {
      for (const family of ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'] as const) b.table.add({ family, name: 't' })
    },
    theirs: `table ip t {}; table ip6 t {}; table inet t {}; table arp t {}; table bridge t {}; table netdev t {}`,
  },
  {
    title: 'base chains: hooks and priorities by name',
    ours: (b) => {
      b.table.add({ family: 'inet', name: 't' })
      const chain = { family: 'inet', table: 't' } as const
      b.chain.add({ ...chain, name: 'pre', type: 'nat', hook: 'prerouting', priority: 'dstnat - 10' })
      b.chain.add({ ...chain, name: 'post', type: 'nat', hook: 'postrouting', priority: 'srcnat' })
      b.chain.add({ ...chain, name: 'in', hook: 'input', priority: 'filter', policy: 'drop' })
      b.chain.add({ ...chain, name: 'through', hook: 'forward', priority: 'security + 5' })
      b.chain.add({ ...chain, name: 'rerouted', type: 'route', hook: 'output', priority: 'mangle' })
      b.chain.add({ ...chain, name: 'early', hook: 'output', priority: -2_000_000_000 })
      b.chain.add({ ...chain, name: 'plain' })
    },
    theirs: `table inet t {
      chain pre { type nat hook prerouting priority dstnat - 10; }
      chain post { type nat hook postrouting priority srcnat; }
      chain in { type filter hook input priority filter; policy drop; }
      chain through { type filter hook forward priority security + 5; }
      chain rerouted { type route hook output priority mangle; }
      chain early { type filter hook output priority -2000000000; }
      chain plain { }
    }`,
  },
  {
    title: 'base chains of bridge, arp and netdev, with devices',
    ours: (b) => {
      b.table.add({ family: 'bridge', name: 't' })
      b.chain.add({ family: 'bridge', table: 't', name: 'c', hook: 'forward', priority: 'filter' })
      b.chain.add({ family: 'bridge', table: 't', name: 'd', hook: 'output', priority: 'out' })
      b.table.add({ family: 'arp', name: 't' })
      b.chain.add({ family: 'arp', table: 't', name: 'c', hook: 'input', priority: 'filter', policy: 'drop' })
      b.table.add({ family: 'netdev', name: 't' })
      const netdev = { family: 'netdev', table: 't' } as const
      b.chain.add({ ...netdev, name: 'one', hook: 'ingress', priority: 0, devices: ['d0'] })
      b.chain.add({ ...netdev, name: 'two', hook: 'ingress', priority: 'filter', devices: ['d0', 'd1'] })
      b.chain.add({ ...netdev, name: 'leaving', hook: 'egress', priority: 10, devices: ['d1'] })
      b.table.add({ family: 'inet', name: 't' })
      b.chain.add({ family: 'inet', table: 't', name: 'c', hook: 'ingress', priority: 1, devices: ['d0'] })
    },
    theirs: `table bridge t {
      chain c { type filter hook forward priority filter; }
      chain d { type filter hook output priority out; }
    }
    table arp t { chain c { type filter hook input priority filter; policy drop; }; }
    table netdev t {
      chain one { type filter hook ingress device "d0" priority 0; }
      chain two { type filter hook ingress devices = { d0, d1 } priority filter; }
      chain leaving { type filter hook egress device "d1" priority 10; }
    }
    table inet t { chain c { type filter hook ingress device "d0" priority 1; }; }`,
  },
  {
    title: 'stateful objects',
    ours: (b) => {
      b.table.add({ name: 't' })
      const at = { table: 't' } as const
      b.object.add({ ...at, kind: 'counter', name: 'c', packets: 3, bytes: 4, comment: 'of packets' })
      b.object.add({ ...at, kind: 'quota', name: 'q', bytes: 10 << 20, used: 1024, inv: true })
      b.object.add({ ...at, kind: 'limit', name: 'l', rate: 400, per: 'minute', burst: 7, inv: true })
      b.object.add({ ...at, kind: 'limit', name: 'b', rate: 10, rate_unit: 'kbytes', burst: 3 })
      b.object.add({ ...at, kind: 'ct helper', name: 'h', type: 'ftp', protocol: 'tcp' })
      b.object.add({ ...at, kind: 'ct timeout', name: 't', protocol: 'tcp', policy: { established: 120, close: 20 } })
      b.object.add({
        ...at,
        kind: 'ct expectation',
        name: 'e',
        protocol: 'udp',
        dport: 5000,
        timeout: 600_000,
        size: 12,
      })
      b.object.add({ ...at, kind: 'synproxy', name: 's', mss: 1460, wscale: 7, flags: ['timestamp', 'sack-perm'] })
    },
    theirs: `table ip t {
      counter c { packets 3 bytes 4; comment "of packets"; }
      quota q { over 10 mbytes used 1 kbytes; }
      limit l { rate over 400/minute burst 7 packets; }
      limit b { rate 10 kbytes/second burst 3 kbytes
      }
      ct helper h { type "ftp" protocol tcp; l3proto ip; }
      ct timeout t { protocol tcp; l3proto ip; policy = { established : 120, close : 20 };
      }
      ct expectation e { protocol udp; dport 5000; timeout 10m; size 12; l3proto ip; }
      synproxy s { mss 1460; wscale 7; timestamp sack-perm; }
    }`,
  },
  {
    title: 'sets and maps with their elements',
    ours: (b) => {
      b.table.add({ name: 't' })
      b.object.add({ kind: 'counter', table: 't', name: 'c' })
      const at = { table: 't', type: 'ipv4_addr' } as const
      b.set.add({ ...at, name: 'plain', size: 100, comment: 'some', elements: ['192.0.2.1', '192.0.2.2'] })
      b.set.add({
        ...at,
        name: 'nets',
        flags: ['interval'],
        policy: 'memory',
        elements: [{ prefix: { addr: '10.0.0.0', len: 8 } }, { range: ['192.0.2.5', '192.0.2.9'] }],
      })
      b.set.add({
        ...at,
        name: 'short',
        flags: ['timeout'],
        timeout: 3600,
        gcInterval: 10,
        elements: [{ elem: { val: '192.0.2.1', comment: 'stays' } }],
      })
      b.set.add({ ...at, name: 'both', type: ['ipv4_addr', 'inet_service'], elements: [{ concat: ['192.0.2.1', 80] }] })
      b.set.add({ ...at, name: 'kept', statements: [counter], elements: [] })
      b.set.add({ ...at, name: 'way', map: 'verdict', elements: [['192.0.2.1', { drop: null }]] })
      b.set.add({ ...at, name: 'ports', type: 'inet_service', map: 'ipv4_addr', elements: [[80, '10.0.0.1']] })
      b.set.add({ ...at, name: 'counters', map: 'counter', elements: [['192.0.2.1', 'c']] })
    },
    theirs: `table ip t {
      counter c { }
      set plain { type ipv4_addr; size 100; comment "some"; elements = { 192.0.2.1, 192.0.2.2 }
      }
      set nets { type ipv4_addr; flags interval; policy memory; elements = { 10.0.0.0/8, 192.0.2.5-192.0.2.9 }
      }
      set short { type ipv4_addr; flags timeout; timeout 1h; gc-interval 10s; elements = { 192.0.2.1 comment "stays" }
      }
      set both { type ipv4_addr . inet_service; elements = { 192.0.2.1 . 80 }
      }
      set kept { type ipv4_addr; counter;
      }
      map way { type ipv4_addr : verdict; elements = { 192.0.2.1 : drop }
      }
      map ports { type inet_service : ipv4_addr; elements = { 80 : 10.0.0.1 }
      }
      map counters { type ipv4_addr : counter; elements = { 192.0.2.1 : "c" }
      }
    }`,
  },
  {
    title: 'devices and users by name',
    ours: (b) => {
      b.table.add({ name: 't' })
      b.set.add({ table: 't', name: 's', type: 'iface_index', elements: ['d1', 'lo'] })
      b.chain.add({ table: 't', name: 'c' })
      const is = (key: string, right: string): Statement => ({ match: { op: '==', left: { meta: { key } }, right } })
      b.rule.add({ table: 't', chain: 'c', rule: [is('iif', 'd0'), accept] })
      b.rule.add({ table: 't', chain: 'c', rule: [is('oif', '@s'), is('skuid', 'nobody')] })
    },
    theirs: `table ip t {
      set s { type iface_index; elements = { "d1", "lo" }
      }
      chain c {
        iif "d0" accept
        oif @s meta skuid "nobody"
      }
    }`,
  },
  {
    title: 'rules: at the end, at the beginning, in between, with sets of their own',
    ours: (b) => {
      b.table.add({ name: 't' })
      b.chain.add({ table: 't', name: 'c' })
      b.chain.add({ table: 't', name: 'd' })
      const at = { table: 't', chain: 'c' } as const
      const first = b.rule.add({ ...at, rule: [saddr('192.0.2.1'), counter, accept], comment: 'first' })
      b.rule.add({ ...at, rule: [{ jump: { target: 'd' } }] })
      b.rule.insert({ ...at, rule: [{ drop: null }] })
      b.rule.add({ ...at, rule: [saddr('192.0.2.2')], position: first })
      b.rule.insert({ ...at, rule: [saddr('192.0.2.3')], position: first })
      b.rule.add({
        table: 't',
        chain: 'd',
        rule: [
          {
            match: {
              op: '==',
              left: { payload: { protocol: 'ip', field: 'saddr' } },
              right: { set: ['192.0.2.1', '192.0.2.2'] },
            },
          },
          accept,
        ],
      })
    },
    theirs: `table ip t {
      chain d { ip saddr { 192.0.2.1, 192.0.2.2 } accept; }
      chain c {
        drop
        ip saddr 192.0.2.3
        ip saddr 192.0.2.1 counter accept comment "first"
        ip saddr 192.0.2.2
        jump d
      }
    }`,
  },
]

/** Chains by name: one that another jumps to comes first where nft makes them. */
function sorted(list: Json[]): Json[] {
  const plain = list.map((object) => without(object, new Set(['handle', 'expires'])) as Json)
  return plain.sort((a, b) => rank(a).localeCompare(rank(b)))
}
const rank = (object: Json): string => {
  const [[kind, value] = ['', {}]] = Object.entries(object) as [string, Json][]
  return kind === 'chain'
    ? `chain ${String(value.name)}`
    : kind === 'rule'
      ? `rule ${String(value.chain)}`
      : kind === 'table'
        ? '0'
        : '1'
}

async function devices(nl: Netlink): Promise<void> {
  await nl.link.add({ kind: 'veth', name: 'd0', data: { peer: { name: 'd1' } } })
}

describe('made by nl.nft and by nft: the same', () => {
  test.each(rows)('$title', async ({ ours, theirs }) => {
    await using ns = await Namespace.create()
    await using other = await Namespace.create()
    await using nl = await ns.netlink()
    await using there = await other.netlink()
    await Promise.all([devices(nl), devices(there)])
    await nl.nft.batch((b) => void ours(b))
    await load(other, theirs)
    expect(sorted(await shown(ns))).toEqual(sorted(await shown(other)))
  })
})

describe('listed', () => {
  test.each(rows)('as nft lists it, and added again the same: $title', async ({ theirs }) => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await devices(nl)
    await load(ns, theirs)
    const before = await shown(ns)
    const ruleset = await nl.nft.list()
    expect(without(JSON.parse(JSON.stringify(ruleset)).nftables, more)).toEqual(without(before, more))

    await nl.nft.flush()
    expect(await shown(ns)).toEqual([])
    await nl.nft.batch((b) => {
      for (const table of ruleset.tables) b.table.add(table)
      for (const object of ruleset.objects) b.object.add(object)
      for (const chain of ruleset.chains) b.chain.add(chain)
      for (const set of ruleset.sets) b.set.add(set)
      for (const rule of ruleset.rules) b.rule.add(rule)
    })
    expect(without(await shown(ns), new Set([...handles, 'expires']))).toEqual(
      without(before, new Set([...handles, 'expires'])),
    )
    // The text as well.
    const { stdout } = await ns.exec('nft', ['list', 'ruleset'])
    expect(still(String(await nl.nft.list()))).toBe(still(`${stdout}\n`))
  })
  /** What later releases have in their JSON, and what runs down. */
  const more = new Set(['expires', 'dev'])
  const still = (text: string): string =>
    text
      .replace(/expires \S+/g, 'expires')
      .replace(/devices = .*? }/g, (list) => list.replaceAll('"', ''))
      .trim()
})
