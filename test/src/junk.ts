/** Each public method of the services with arguments that have every property: junk.test.ts puts something else in the place of each. */

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
]

export const methods: readonly { name: string; args: readonly unknown[] }[] = rows.map(([name, ...args]) => ({
  name,
  args,
}))
