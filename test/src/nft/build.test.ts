/** The rule builder: values as people write them, and what is refused. The rows of test/kernel/nft-rules/ are the rest. */
import { describe, expect, test } from 'vitest'
import { NetlinkError } from '../../../src/error.ts'
import type { Statement } from '../../../src/nft/ast.ts'
import {
  accept,
  concat,
  ct,
  dnat,
  drop,
  flow,
  ip,
  ip6,
  jhash,
  jump,
  last,
  limit,
  log,
  mapRef,
  masquerade,
  meta,
  numgen,
  queue,
  range,
  redirect,
  reject,
  secmark,
  setRef,
  snat,
  synproxy,
  tcp,
  tproxy,
} from '../../../src/nft/build/index.ts'

const right = (statement: Statement): unknown => ('match' in statement ? statement.match.right : undefined)

describe('values', () => {
  test.each<[string, unknown, unknown]>([
    ['a number', tcp.dport(80), 80],
    ['a number in a string', tcp.dport('80'), 80],
    ['a name', tcp.dport('http'), 'http'],
    ['a range', tcp.dport('1000-2000'), { range: [1000, 2000] }],
    ['an address', ip.saddr('10.0.0.1'), '10.0.0.1'],
    ['a prefix', ip6.saddr('2001:DB8::/32'), { prefix: { addr: '2001:db8::', len: 32 } }],
    ['a range of addresses', ip.saddr('10.0.0.1-10.0.0.9'), { range: ['10.0.0.1', '10.0.0.9'] }],
    ['a range of hardware addresses', meta.iifname('1-2'), '1-2'],
    ['a name with a dash', tcp.dport('microsoft-ds'), 'microsoft-ds'],
    ['a leading zero is no number', meta.iifname('007'), '007'],
    ['several', tcp.dport(80, '90-99'), { set: [80, { range: [90, 99] }] }],
    ['a set', ip.saddr(setRef<'ipv4_addr'>('s')), '@s'],
    ['a set named with @', ip.saddr(setRef<'ipv4_addr'>('@s')), '@s'],
    ['range()', meta.hour(range('08:00', '17:00')), { range: ['08:00', '17:00'] }],
    [
      'a key of several parts is in a set',
      concat(ip.saddr, tcp.dport)(['10.0.0.1', 80]),
      {
        set: [{ concat: ['10.0.0.1', 80] }],
      },
    ],
  ])('%s', (_, statement, expected) => {
    expect(right(statement as Statement)).toEqual(expected)
  })

  test('keys of objects are numbers where they look like it, and words where the type has words', () => {
    expect(tcp.dport.vmap({ 80: accept() })).toMatchObject({ vmap: { data: { set: [[80, accept()]] } } })
    expect(meta.iifname.vmap({ 80: accept() })).toMatchObject({ vmap: { data: { set: [['80', accept()]] } } })
  })
  test('headers are what they look like', () => {
    expect('dport' in tcp && !('dportt' in tcp)).toBe(true)
    expect(Object.keys(ip)).toContain('saddr')
    expect(tcp.dport).toBe(tcp.dport)
  })
  test('statements are plain JSON', () => {
    const rule = [ip.saddr('10.0.0.0/8'), meta.mark.set(ct.mark), jhash(ip.saddr, { mod: 2 }).vmap({ 0: drop() })]
    expect(JSON.parse(JSON.stringify(rule))).toEqual(rule)
  })
})

/** What this machine's kernel or nft has not, or its JSON does not show. */
test.each<[string, Statement, unknown]>([
  ['queue', queue(), { queue: { num: 0 } }],
  [
    'queue num 1-3 bypass,fanout',
    queue({ num: '1-3', flags: ['bypass', 'fanout'] }),
    {
      queue: { num: { range: [1, 3] }, flags: ['bypass', 'fanout'] },
    },
  ],
  [
    'queue to numgen',
    queue({ num: numgen('inc', { mod: 4 }) }),
    {
      queue: { num: { numgen: { mode: 'inc', mod: 4, offset: 0 } } },
    },
  ],
  ['flow add @f', flow('f'), { flow: { op: 'add', flowtable: '@f' } }],
  ['meta secmark set "ssh"', secmark('ssh'), { secmark: 'ssh' }],
  ['last', last(), { last: null }],
  ['synproxy name "sy"', synproxy('sy'), { synproxy: 'sy' }],
  ['ct helper set "ftp"', ct.helper.set('ftp'), { 'ct helper': 'ftp' }],
  ['ct timeout set "slow"', ct.timeout.set('slow'), { 'ct timeout': 'slow' }],
  ['ct expectation set "e"', ct.expectation.set('e'), { 'ct expectation': 'e' }],
  ['tproxy ip6 to :1', tproxy({ port: 1, family: 'ip6' }), { tproxy: { family: 'ip6', port: 1 } }],
  ['reject', reject(), { reject: null }],
])('%s', (_, statement, json) => {
  expect(statement).toEqual(json)
})

describe('refused, with the property', () => {
  /** What a JavaScript caller can do, and no TypeScript one. */
  const untyped = <T>(value: T): never => value as never
  test.each<[string, () => unknown, string]>([
    ['no value', () => tcp.dport(), 'values'],
    ['undefined', () => tcp.dport(untyped(undefined)), 'values[0]'],
    ['null in a list', () => ip.saddr('10.0.0.1', untyped(null)), 'values[1]'],
    ['an order of bits', () => (ct.state as unknown as typeof tcp.dport).lt(untyped('new')), 'value'],
    ['an order of ranges', () => tcp.dport.lt(untyped('1-2')), 'value'],
    ['a key with a part too few', () => concat(ip.saddr, tcp.dport)(untyped(['10.0.0.1'])), 'values[0]'],
    ['an empty map', () => tcp.dport.vmap({}), 'entries'],
    ['a value where a verdict belongs', () => tcp.dport.vmap({ 80: untyped(1) }), 'entries.80'],
    ['no pair', () => tcp.dport.vmap(untyped([[80]])), 'entries[0]'],
    ['an address and a port without brackets', () => dnat({ to: '2001:db8::1.80' }), 'to'],
    ['two ports', () => dnat({ to: '10.0.0.1:80', port: 81 }), 'port'],
    ['a port by name', () => redirect({ port: untyped('http') }), 'port'],
    ['a port too high', () => dnat({ to: '10.0.0.1:65536' }), 'to'],
    ['the other family', () => snat({ to: '10.0.0.1', family: 'ip6' }), 'family'],
    ['addresses of two families', () => snat({ to: '10.0.0.1-2001:db8::1' }), 'to'],
    ['nothing to translate to', () => dnat({}), 'to'],
    ['a chain without a name', () => jump(''), 'chain'],
    ['a set without a name', () => setRef<'mark'>(''), 'name'],
    ['a map without a name', () => mapRef(untyped({})), 'name'],
    ['a timeout in words', () => setRef<'ipv4_addr'>('s').add(ip.saddr, { timeout: untyped('1m') }), 'timeout'],
    ['a rate that is no number', () => limit({ rate: untyped('10'), per: 'second' }), 'rate'],
    ['a burst in bytes of packets', () => limit({ rate: 1, per: 'day', burstUnit: 'bytes' }), 'burstUnit'],
    ['snaplen without a group', () => log({ snaplen: 10 }), 'group'],
    ['a level in a group', () => log({ group: 1, level: 'info' }), 'group'],
    ['a code without a type', () => reject(untyped('host-unreachable')), 'type'],
    ['a type without a code', () => reject(untyped('icmp')), 'code'],
    ['a modulus of 0', () => numgen('inc', { mod: 0 }), 'mod'],
  ])('%s', (_, call, path) => {
    expect(call).toThrow(NetlinkError)
    try {
      call()
    } catch (error) {
      expect(error).toMatchObject({ code: 'EINVAL', outcome: 'unsent', path })
    }
  })
  test('the error names the selector', () => {
    expect(() => tcp.option.maxseg.size()).toThrow('tcp.option.maxseg.size: values: are missing (EINVAL)')
    expect(() => masquerade({ port: untyped('x') })).toThrow(/^masquerade: port: must be a port 0..65535/)
  })
})
