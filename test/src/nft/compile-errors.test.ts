/** Rules that cannot be: which property is at fault, and why. */
import { expect, test } from 'vitest'
import { EncodeError } from '../../../protocol/wire/codec.ts'
import type { Expr, NftFamily, Statement } from '../../../src/nft/ast.ts'
import type { CompileContext } from '../../../src/nft/compile/context.ts'
import { compileRule } from '../../../src/nft/compile/rule.ts'
import { context, dport, field, is, mark } from './compile-lab.ts'

type Chain = NonNullable<CompileContext['chain']>
type Row = readonly [family: NftFamily, rule: readonly unknown[], path: string, reason: RegExp, chain?: Chain]

const saddr = field('ip', 'saddr')
const accept: Statement = { accept: null }
const prefix = (addr: Expr, len: number): Expr => ({ prefix: { addr, len } })
const postrouting: Chain = { type: 'nat', hook: 'postrouting' }
const prerouting: Chain = { type: 'nat', hook: 'prerouting' }
const input: Chain = { type: 'filter', hook: 'input' }

const rows: readonly Row[] = [
  // Statements
  ['ip', [{ acept: null }], '[0]', /no statement 'acept'; known: accept, continue/],
  ['ip', [{}], '[0]', /no statement undefined/],
  ['ip', [accept, null], '[1]', /must be a statement, got null/],
  ['ip', [{ counter: null }, () => accept], '[1]', /must be a statement, got a function: call it$/],
  ['ip', [{ accept: null, counter: null }], '[0]', /one statement, got accept and counter/],
  ['ip', [accept, { counter: null }], '[1].counter', /never reached: it is behind accept/],
  ['ip', [{ xt: { type: 'match', name: 'comment' } }], '[0].xt', /xtables match 'comment' cannot be compiled/],
  ['ip', [{ jump: {} }], '[0].jump.target', /must be a chain/],
  ['ip', [{ limit: { rate: 1, per: 'second', inv: 1 } }], '[0].limit.inv', /must be true or false, got 1/],
  ['ip', [{ quota: { val: 1, val_unit: 'bytes', inv: 'no' } }], '[0].quota.inv', /must be true or false, got 'no'/],
  // What there is
  ['ip', [is(field('tcp', 'port'), 1)], '[0].match.left.payload.field', /no field of tcp 'port'; known: sport, dport/],
  ['ip', [is(field('tpc', 'dport'), 1)], '[0].match.left.payload.protocol', /no protocol 'tpc'/],
  ['ip', [is({ meta: { key: 'makr' } }, 1)], '[0].match.left.meta.key', /no key of meta 'makr'; known: length/],
  ['ip', [is({ ct: { key: 'saddr' } }, '192.0.2.1')], '[0].match.left.ct.dir', /needs a direction/],
  ['inet', [is({ ct: { key: 'saddr', dir: 'reply' } }, '::1')], '[0].match.left.ct.family', /needs a family/],
  // Values of their type
  ['ip', [is(saddr, '::1')], '[0].match.right', /must be an IPv4 address/],
  ['ip', [is(dport, 70000)], '[0].match.right', /from 0 to 65535, got 70000/],
  ['ip', [is({ ct: { key: 'state' } }, 'estab', 'in')], '[0].match.right', /one of invalid, new, established/],
  ['ip', [is(dport, { range: [90, 80] })], '[0].match.right.range', /lower to the higher/],
  ['ip', [is(dport, { range: [90] as unknown as [Expr, Expr] })], '[0].match.right.range', /must be the two ends/],
  ['ip', [is(dport, { range: [80, 'x'] })], '[0].match.right.range[1]', /must be/],
  ['ip', [is(saddr, prefix('10.0.0.0', 33))], '[0].match.right.prefix.len', /from 0 to 32, got 33/],
  ['ip', [is(saddr, prefix('10.0', 8))], '[0].match.right.prefix.addr', /IPv4 address/],
  ['ip', [is({ meta: { key: 'iifname' } }, prefix('eth', 24))], '[0].match.right', /write 'eth\*'/],
  ['ip', [is({ meta: { key: 'iifname' } }, 'a'.repeat(16))], '[0].match.right', /less than 16 bytes/],
  ['ip', [is({ meta: { key: 'iif' } }, 'eth9')], '[0].match.right', /interface that exists/],
  ['ip', [is({ numgen: { mode: 'inc', mod: 2 } }, 2)], '[0].match.right', /from 0 to 1, got 2/],
  ['ip', [is({ numgen: { mode: 'inc', mod: 0 } }, 0)], '[0].match.left.numgen.mod', /from 1 to/],
  ['ip', [is({ concat: [saddr, dport] }, { concat: ['192.0.2.1', 80] })], '[0].match.right', /must be a set/],
  ['ip', [is(22, 22)], '[0].match.left', /something of the packet/],
  ['ip', [is(dport, mark)], '[0].match.right', /must be a constant/],
  ['ip', [is(dport, { set: [] })], '[0].match.right.set', /must have elements/],
  ['ip', [is(dport, { set: [22, 'x'] })], '[0].match.right.set[1]', /must be/],
  ['ip', [is(dport, '@hosts')], '[0].match.right', /@hosts has keys of type ipv4_addr, this is inet_service/],
  ['ip', [is(dport, '@hosts', '<')], '[0].match.right', /type ipv4_addr|by == and !=/],
  ['ip', [{ match: { op: '=', left: dport, right: 1 } }], '[0].match.op', /one of ==, in, !=/],
  ['ip', [{ match: { op: '!', left: dport, right: 1 } }], '[0].match.right', /for bits/],
  // Protocols that contradict each other
  [
    'inet',
    [is(saddr, '192.0.2.1'), is(field('ip6', 'saddr'), '::1')],
    '[1].match.left',
    /packets are ip here, not ip6/,
  ],
  ['ip', [is(field('ip6', 'saddr'), '::1')], '[0].match.left', /packets are ip here, not ip6/],
  ['ip', [is(dport, 22), is(field('udp', 'dport'), 53)], '[1].match.left', /packets are tcp here, not udp/],
  [
    'inet',
    [is({ meta: { key: 'l4proto' } }, { set: ['tcp', 'udp'] }), is(dport, 22)],
    '[1].match.left',
    /packets are udp here, not tcp/,
  ],
  [
    'ip',
    [is(field('icmp', 'type'), 3), is(field('icmp', 'id'), 5)],
    '[1].match.left',
    /type 3 have no id: those of type 8/,
  ],
  ['arp', [is(dport, 22)], '[0].match.left', /arp/],
  ['ip', [is({ exthdr: { name: 'frag' } }, true)], '[0].match.left', /packets are ip here, not ip6/],
  ['ip', [is({ ct: { key: 'ip6 saddr', dir: 'original' } }, '::1')], '[0].match.left', /packets are ip here/],
  // NAT
  ['ip', [{ dnat: { addr: '10.0.0.1', port: 80 } }], '[0].dnat.port', /needs a transport protocol/],
  ['inet', [{ dnat: { addr: '10.0.0.1' } }], '[0].dnat.family', /is missing: 'ip' or 'ip6'/],
  ['inet', [is(saddr, '192.0.2.1'), { snat: { family: 'ip6', addr: '::1' } }], '[1].snat.family', /cannot be ip6/],
  ['ip', [{ dnat: { addr: '::1' } }], '[0].dnat.addr', /IPv4 address/],
  ['ip', [{ dnat: { addr: prefix('10.0.0.0', 40) } }], '[0].dnat.addr.prefix.len', /from 0 to 32/],
  ['ip', [{ dnat: { addr: { set: ['10.0.0.1'] } } }], '[0].dnat.addr', /not a set/],
  ['ip', [{ dnat: { addr: dport } }], '[0].dnat.addr', /must be a ipv4_addr, got a inet_service/],
  ['ip', [{ dnat: {} }], '[0].dnat.addr', /needs an address or a port/],
  ['ip', [{ masquerade: { flags: 'rand' } }], '[0].masquerade.flags', /one of random, fully-random/],
  ['bridge', [{ masquerade: null }], '[0].masquerade', /families ip, ip6 and inet only, this one is bridge/],
  ['ip', [{ masquerade: null }], '[0].masquerade', /hook postrouting only, this chain is in prerouting/, prerouting],
  ['ip', [{ masquerade: null }], '[0].masquerade', /chains of type nat only, this one is of type filter/, input],
  ['ip', [{ snat: { addr: '192.0.2.1' } }], '[0].snat', /hook postrouting or input only/, prerouting],
  ['ip', [{ dnat: { addr: '192.0.2.1' } }], '[0].dnat', /hook prerouting or output only/, postrouting],
  ['ip', [{ redirect: null }], '[0].redirect', /hook prerouting or output only/, postrouting],
  ['ip', [{ tproxy: { port: 80 } }], '[0].tproxy', /needs a transport protocol/],
  ['ip', [is(dport, 80), { tproxy: { port: { range: [80, 81] } } }], '[1].tproxy.port', /takes no ranges/],
  // Rejects
  [
    'ip',
    [is(field('udp', 'dport'), 53), { reject: { type: 'tcp reset' } }],
    '[1].reject.type',
    /TCP only: the packets are udp/,
  ],
  ['ip', [{ reject: { type: 'icmpv6', expr: 'no-route' } }], '[0].reject.type', /cannot be ip6/],
  ['ip', [{ reject: { type: 'icmpx', expr: 'no-route' } }], '[0].reject.type', /both families; use icmp/],
  ['ip', [{ reject: { type: 'icmp', expr: 'nowhere' } }], '[0].reject.expr', /must be a number or one of/],
  ['arp', [{ reject: null }], '[0].reject', /no reject in tables of family arp/],
  ['ip', [{ reject: null }], '[0].reject', /hook input, forward, output or prerouting only/, postrouting],
  // Selectors that not every hook has
  [
    'ip',
    [is({ rt: { key: 'mtu' } }, 1500)],
    '[0].match.left',
    /rt mtu works in the hook forward, output or postrouting/,
    input,
  ],
  ['ip', [is({ socket: { key: 'mark' } }, 1)], '[0].match.left', /socket works in the hook prerouting/, postrouting],
  [
    'ip',
    [is({ ipsec: { key: 'spi', dir: 'out' } }, 1)],
    '[0].match.left',
    /ipsec out works in the hook forward/,
    input,
  ],
  // The rest
  ['ip', [{ mangle: { key: { meta: { key: 'iif' } }, value: 1 } }], '[0].mangle.key', /read only/],
  ['ip', [{ mangle: { key: mark, value: { range: [1, 2] } } }], '[0].mangle.value', /not a range/],
  ['ip', [{ mangle: { key: mark, value: dport } }], '[0].mangle.value', /must be a mark, got a inet_service/],
  ['ip', [{ mangle: { key: saddr, value: 80 } }], '[0].mangle.value', /IPv4 address/],
  ['ip', [{ mangle: { key: { '&': [mark, 1] }, value: 80 } }], '[0].mangle.key', /header field/],
  ['ip', [{ limit: { rate: 1, per: 'year' } }], '[0].limit.per', /one of second, minute/],
  ['ip', [{ limit: { rate: -1, per: 'day' } }], '[0].limit.rate', /whole number/],
  ['ip', [{ quota: { val: 1, val_unit: 'gbytes' } }], '[0].quota.val', /one of bytes, kbytes/],
  ['ip', [{ log: { level: 'loud' } }], '[0].log.level', /one of emerg, alert/],
  ['ip', [{ log: { level: 'info', group: 1 } }], '[0].log.level', /exclude each other/],
  ['ip', [{ log: { prefix: 'x'.repeat(128) } }], '[0].log.prefix', /1 to 127 bytes/],
  ['ip', [{ set: { op: 'add', elem: saddr, set: 'seen' } }], '[0].set.set', /must be '@' and the name/],
  ['ip', [{ set: { op: 'add', elem: dport, set: '@seen' } }], '[0].set.elem', /@seen has keys of type ipv4_addr/],
  ['ip', [{ set: { op: 'add', elem: '192.0.2.1', set: '@seen' } }], '[0].set.elem', /must come from the packet/],
  [
    'ip',
    [{ set: { op: 'add', elem: saddr, set: '@seen', stmt: [accept] } }],
    '[0].set.stmt[0]',
    /keeps counter, limit, quota/,
  ],
  ['ip', [{ set: { op: 'add', elem: saddr, set: '@ports' } }], '[0].set.set', /@ports is a map/],
  ['ip', [{ map: { op: 'add', elem: saddr, data: dport, map: '@seen' } }], '[0].map.map', /@seen is no map/],
  [
    'ip',
    [{ map: { op: 'add', elem: { elem: { val: saddr, timeout: 5 } }, data: dport, map: '@ports' } }],
    '[0].map.elem.elem.timeout',
    /needs the flag 'timeout'/,
  ],
  ['ip', [is(saddr, '@ports')], '[0].match.right', /@ports is a map/],
  ['ip', [{ queue: { num: 5, flags: 'fanout' } }], '[0].queue.num', /needs a range of queues/],
  ['ip', [{ queue: { num: 70000 } }], '[0].queue.num', /from 0 to 65535/],
  ['ip', [{ flow: { op: 'add', flowtable: 'ft' } }], '[0].flow.flowtable', /must be '@' and/],
  ['ip', [{ fwd: { dev: 'lo' } }], '[0].fwd', /family netdev only/],
  ['inet', [{ dup: { addr: '192.0.2.1' } }], '[0].dup', /families ip, ip6 and netdev only/],
  ['ip', [{ vmap: { key: dport, data: '@hosts' } }], '[0].vmap.data', /keys of type|no map of this kind/],
  ['ip', [{ vmap: { key: dport, data: { set: [22] } } }], '[0].vmap.data.set', /pairs of key and value/],
  [
    'ip',
    [{ counter: { map: { key: dport, data: { set: [[22, 5]] } } } }],
    '[0].counter.map.data.set[0][1]',
    /name of an object/,
  ],
  ['ip', [is({ '<<': [mark, 40] }, 1)], '[0].match.left.<<[1]', /less than the 32 bits/],
  ['ip', [is({ '&': [mark, mark] }, 1)], '[0].match.left.&[1]', /must be a constant/],
]

const named = rows.map(([family, rule, path, reason, chain]) => ({ family, rule, path, reason, chain }))

test.each(named)('$family $path: $reason', ({ family, rule, path, reason, chain }) => {
  try {
    // What is wrong here, the compiler of TypeScript would say of most
    compileRule(rule as Statement[], context(family, [], chain))
  } catch (error) {
    expect(error).toBeInstanceOf(EncodeError)
    expect(error).toMatchObject({ path, reason: expect.stringMatching(reason) })
    return
  }
  expect.unreachable('it compiled')
})

test('a rule is never half compiled: what comes before the fault adds no set', () => {
  const made: unknown[] = []
  const rule = [is(dport, 22), is(dport, { set: [22, 'x'] })]
  expect(() => compileRule(rule, context('ip', made as never))).toThrow(EncodeError)
  expect(made).toEqual([])
})

test.each([
  [[{ match: { op: '==', left: { meta: null }, right: 1 } }], '[0].match.left.meta'],
  [[{ match: null }], '[0].match'],
  [[is(dport, { set: [22, null] } as never)], '[0].match'],
  [[{ log: { flags: 5 } }], '[0].log.flags'],
  [[{ mangle: { key: { payload: 5 }, value: 1 } }], '[0].mangle.key.payload'],
])('what is of another form than the types say: %j', (rule, path) => {
  try {
    compileRule(rule as Statement[], context('ip'))
  } catch (error) {
    expect(error).toBeInstanceOf(EncodeError)
    expect((error as EncodeError).path.startsWith(path)).toBe(true)
    return
  }
  expect.unreachable('it compiled')
})
