/** Each public method of the services with arguments that have every property: junk.test.ts puts something else in the place of each. */
import type { NftBatch } from '../../src/nft/transaction/batch.ts'

const control = { signal: new AbortController().signal, deadline: 1000 }

const link = {
  kind: 'veth',
  name: 'a',
  mtu: 1400,
  address: '02:00:00:00:00:01',
  txqlen: 1,
  ifalias: 'x',
  master: 1,
  altnames: ['b'],
  up: true,
  flags: ['up'],
  slaveKind: 'bridge',
  slaveData: { cost: 1 },
  namespace: undefined,
  data: { peer: { name: 'b', mtu: 1400, up: true, altnames: ['c'], master: 1 } },
}
const route = {
  family: 'inet',
  to: '10.0.0.0/8',
  from: '10.0.0.1',
  via: '10.0.0.1',
  dev: 1,
  src: '10.0.0.1',
  table: 'main',
  protocol: 'boot',
  scope: 'global',
  type: 'unicast',
  metric: 1,
  tos: 0,
  flags: ['onlink'],
  mark: 1,
  metrics: { mtu: 1400 },
}
const multipath = { to: 'default', nexthops: [{ via: '10.0.0.1', dev: 1, weight: 1, flags: ['onlink'] }] }
const address = {
  dev: 1,
  address: '10.0.0.1/24',
  peer: '10.0.0.2/24',
  broadcast: '+',
  label: 'x',
  scope: 'global',
  flags: ['nodad'],
  validLft: 10,
  preferredLft: 5,
  metric: 1,
  protocol: 1,
}
const family = 'inet'

const orig = { src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2, zone: 1 }
const reply = { src: '10.0.0.2', dst: '10.0.0.1', sport: 2, dport: 1, zone: 1 }
const target = { protocol: 'tcp', orig, reply, zone: 1, id: 1 }
const seqAdj = { correctionPos: 1, offsetBefore: 1, offsetAfter: 1 }
const entry = {
  family,
  protocol: 'tcp',
  orig,
  reply,
  zone: 1,
  timeout: 60,
  status: ['assured'],
  mark: 1,
  markMask: 1,
  state: 'established',
  labels: [1],
  helper: 'ftp',
  nat: { src: { address: '10.0.0.9', port: 3 }, dst: { address: '10.0.0.8', port: 4 } },
  // icmp has no ports: what is missing then is 'type'.
  master: { ...orig, protocol: 'tcp' },
  seqAdj: { orig: seqAdj, reply: seqAdj },
  synproxy: { isn: 1, its: 1, tsoff: 1 },
  tcp: { wscaleOriginal: 1, wscaleReply: 1, flagsOriginal: ['sack_perm'], flagsReply: ['sack_perm'] },
}
const sctp = { ...target, timeout: 1, state: 'established', sctp: { vtagOriginal: 1, vtagReply: 1 } }
const dccp = { ...target, timeout: 1, state: 'open', dccp: { role: 'client', handshakeSeq: 1n } }
const entries = {
  family,
  protocol: 'tcp',
  orig,
  reply,
  mark: 1,
  markMask: 1,
  status: ['assured'],
  statusMask: ['assured'],
  zone: 1,
  state: 'established',
  labels: [1],
  ...control,
}

const named = { name: 'n', table: 't' }
const sources = { source: '10.0.0.0/8', except: ['10.1.0.0/16'], out: 'eth0', family: 'ip', ...named }
const snat = { ...sources, to: '10.9.0.1' }
const forward = { protocol: 'tcp', port: 1, on: '10.0.0.1', to: '10.0.0.2:1', localhost: true, hairpin: '10.0.0.0/8' }
const redirect = { protocol: 'tcp', port: 1, to: 2, in: 'eth0', on: '10.0.0.1', family: 'ip', ...named }

const chain = {
  family: 'inet',
  table: 't',
  name: 'c',
  type: 'filter',
  hook: 'input',
  priority: 'filter',
  policy: 'drop',
}
const ingress = { ...chain, family: 'netdev', hook: 'ingress', devices: ['d'], flags: ['hw_offload'], comment: 'c' }
const tableInput = { family: 'ip', name: 't', flags: ['dormant'], comment: 'c' }
const ref = { family: 'ip', table: 't', name: 'n', handle: 1 }
const ruleRef = { family: 'ip', table: 't', chain: 'c', handle: 1 }
const rule = {
  family: 'ip',
  table: 't',
  chain: 'c',
  rule: [
    { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '10.0.0.1' } },
    { counter: { packets: 0, bytes: 0 } },
    { accept: null },
  ],
  comment: 'c',
  position: 1,
}
const anonymous = { name: '__set0', flags: ['anonymous', 'constant'], keyType: 7, keyLen: 4 }
const listed = {
  ...ruleRef,
  expressions: [
    { name: 'counter', data: { bytes: 1n, packets: 1n } },
    { name: 'lookup', data: { set: '__set0', sreg: 1 } },
  ],
  sets: [{ name: '__set0', message: anonymous, elements: [{ key: { value: new Uint8Array(4) } }] }],
  comment: 'c',
  userdata: { comment: 'x' },
  compat: { proto: 6, flags: [] },
}
const map = {
  family: 'ip',
  table: 't',
  name: 's',
  type: ['ipv4_addr'],
  map: 'inet_service',
  flags: ['interval'],
  timeout: 1,
  gcInterval: 1,
  size: 10,
  policy: 'memory',
  autoMerge: true,
  comment: 'c',
  elements: [
    ['10.0.0.1', 80],
    [{ prefix: { addr: '10.0.0.0', len: 8 } }, 80],
  ],
  statements: [{ counter: { packets: 0, bytes: 0 } }],
}
const set = {
  ...map,
  type: 'ipv4_addr',
  map: undefined,
  elements: ['10.0.0.1', { elem: { val: '10.0.0.2', timeout: 1 } }],
}
const elements = { family: 'ip', table: 't', set: 's', elements: set.elements }
const list = { family: 'ip', table: 't', ...control }
const objects = [
  { kind: 'counter', packets: 1, bytes: 1 },
  { kind: 'quota', bytes: 1, used: 1, inv: true },
  { kind: 'limit', rate: 1, per: 'second', rate_unit: 'kbytes', burst: 1, burst_unit: 'kbytes', inv: true },
  { kind: 'ct helper', type: 'ftp', protocol: 'tcp', l3proto: 'ip' },
  { kind: 'ct timeout', protocol: 'tcp', l3proto: 'ip', policy: { established: 1 } },
  { kind: 'ct expectation', protocol: 'tcp', l3proto: 'ip', dport: 1, timeout: 1, size: 1 },
  { kind: 'synproxy', mss: 1, wscale: 1, flags: ['timestamp'] },
  { kind: 'secmark', context: 'c' },
].map((each) => ({ family: 'ip', table: 't', name: 'o', comment: 'c', ...each }))
const flowtable = {
  family: 'ip',
  table: 't',
  name: 'f',
  hook: 'ingress',
  priority: 0,
  devices: ['d'],
  flags: ['counter'],
}
const build = (b: NftBatch): unknown => b.table.add({ name: 't' })
const change = (_: unknown, b: NftBatch): unknown => build(b)

const rows: readonly (readonly [name: string, ...args: unknown[]])[] = [
  ['link.add', link, control],
  [
    'link.add bridge',
    { kind: 'bridge', name: 'a', data: { vlanFiltering: true, multiBoolopt: { optval: [], optmask: [1] } } },
  ],
  ['link.add other', { kind: 'other', otherKind: 'dummy', name: 'a', data: new Uint8Array(4) }],
  ['link.set', 1, { ...link, data: undefined, namespace: { pid: 1 } }, control],
  ['link.set', 1, { namespace: { fd: 0 }, kind: 'bridge', data: { vlanFiltering: true } }],
  ['link.del', 1, control],
  ['link.get', 1, control],
  ['link.list', { kind: 'veth', master: 1, stats: true, ...control }],
  ['addr.add', address, control],
  ['addr.replace', address, control],
  ['addr.del', { dev: 1, address: '10.0.0.1/24', peer: '10.0.0.2/24', label: 'x' }, control],
  ['addr.list', { dev: 1, family, ...control }],
  ['addr.flush', { dev: 1, family, ...control }],
  ['route.add', route, control],
  ['route.add', multipath, control],
  ['route.replace', route, control],
  ['route.append', route, control],
  ['route.del', route, control],
  ['route.get', '10.0.0.1', { from: '10.0.0.2', dev: 1, iif: 1, mark: 1, tos: 0, uid: 0, fibmatch: true, ...control }],
  ['route.list', { table: 'main', family, dev: 1, protocol: 'boot', type: 'unicast', ...control }],
  ['nat.masquerade', sources, control],
  ['nat.snat', snat, control],
  ['nat.forward', { ...forward, ...named }, control],
  ['nat.redirect', redirect, control],
  ['nat.remove', 'n', { table: 't', ...control }],
  ['nat.list', { table: 't', ...control }],
  ['nat.forwarding', { family: 'ip6' }],
  ['conntrack.list', { ...entries, zero: false }],
  ['conntrack.get', target, control],
  ['conntrack.del', target, control],
  ['conntrack.add', entry, control],
  ['conntrack.add', sctp, control],
  ['conntrack.add', dccp, control],
  ['conntrack.update', target, entry, control],
  ['conntrack.flush', entries],
  ['conntrack.count', control],
  ['conntrack.stats', control],
  ['nft.table.add', tableInput, control],
  ['nft.table.create', tableInput, control],
  ['nft.table.del', { family: 'ip', name: 't', handle: 1 }, control],
  ['nft.table.destroy', { family: 'ip', name: 't' }, control],
  ['nft.table.flush', { family: 'ip', name: 't' }, control],
  ['nft.table.list', list],
  ['nft.chain.add', chain, control],
  ['nft.chain.create', ingress, control],
  ['nft.chain.del', ref, control],
  ['nft.chain.destroy', ref, control],
  ['nft.chain.flush', ref, control],
  ['nft.chain.rename', ref, 'new', control],
  ['nft.chain.list', list],
  ['nft.rule.add', rule, control],
  ['nft.rule.add', listed, control],
  ['nft.rule.insert', rule, control],
  ['nft.rule.replace', { ...listed, ...rule, expressions: undefined, sets: undefined }, control],
  ['nft.rule.del', ruleRef, control],
  ['nft.rule.destroy', ruleRef, control],
  ['nft.rule.list', { ...list, chain: 'c' }],
  ['nft.rule.reset', { ...list, chain: 'c' }],
  ['nft.set.add', map, control],
  ['nft.set.create', set, control],
  ['nft.set.del', ref, control],
  ['nft.set.destroy', ref, control],
  ['nft.set.flush', ref, control],
  ['nft.set.list', list],
  ['nft.element.add', elements, control],
  ['nft.element.create', elements, control],
  ['nft.element.del', elements, control],
  ['nft.element.destroy', elements, control],
  ['nft.element.get', elements, control],
  ['nft.element.list', { family: 'ip', table: 't', set: 's' }, control],
  ['nft.element.reset', { family: 'ip', table: 't', set: 's' }, control],
  ...objects.map((object) => ['nft.object.add', object, control] as const),
  ['nft.object.create', objects[0], control],
  ['nft.object.del', { ...ref, kind: 'counter' }, control],
  ['nft.object.destroy', { ...ref, kind: 'counter' }, control],
  ['nft.object.list', { ...list, kind: 'counter', name: 'o' }],
  ['nft.object.reset', { ...list, kind: 'counter', name: 'o' }],
  ['nft.flowtable.add', flowtable, control],
  ['nft.flowtable.create', flowtable, control],
  ['nft.flowtable.del', ref, control],
  ['nft.flowtable.destroy', ref, control],
  ['nft.flowtable.list', list],
  ['nft.list', list],
  ['nft.flush', { family: 'ip' }, control],
  ['nft.batch', build, { ...control, generation: 1, echo: true, steps: true }],
  ['nft.update', change, { ...list, attempts: 2, echo: true }],
]

export const methods: readonly { name: string; args: readonly unknown[] }[] = rows.map(([name, ...args]) => ({
  name,
  args,
}))
