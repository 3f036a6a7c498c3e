/** Rules compiled without a kernel: what this kernel does not have, what nft's JSON cannot say, and sets that rules bring along. */
import { describe, expect, test } from 'vitest'
import type { NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import type { NftFamily, Statement } from '../../../src/nft/ast.ts'
import type { AnonymousSet } from '../../../src/nft/compile/context.ts'
import { compileRule } from '../../../src/nft/compile/rule.ts'
import { context, dport, field, is, mark } from './compile-lab.ts'

const short = (value: unknown): string => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(short).join('+')
  if (typeof value !== 'object' || value === null) return String(value)
  const { name, data } = value as { name?: unknown; data?: unknown }
  if (typeof name === 'string') return `(${one({ name, data })})`
  return Object.values(value).map(short).join(' ')
}

/** 'cmp sreg=1 op=eq data=06' */
function one({ name, data }: { name: string; data?: unknown }): string {
  const words = Object.entries(data ?? {}).map(([key, value]) => `${key}=${short(value)}`)
  return [name, ...words].join(' ')
}

const compiled = (family: NftFamily, statements: readonly Statement[], made?: AnonymousSet[]): string[] =>
  compileRule(statements, context(family, made)).map((expression: NftExpressionInput) => one(expression))

const tcp = ['meta dreg=1 key=l4proto', 'cmp sreg=1 op=eq data=06']
const toPort = [...tcp, 'payload dreg=1 base=transport_header offset=2 len=2']

type Row = readonly [title: string, family: NftFamily, rule: readonly Statement[], expressions: readonly string[]]

const rows: readonly Row[] = [
  ['queue', 'inet', [{ queue: null }], ['queue num=0 total=1']],
  ['queue num 3 bypass', 'inet', [{ queue: { num: 3, flags: 'bypass' } }], ['queue num=3 total=1 flags=bypass']],
  [
    'queue flags fanout to 1-4',
    'inet',
    [{ queue: { num: { range: [1, 4] }, flags: ['fanout'] } }],
    ['queue num=1 total=4 flags=cpu_fanout'],
  ],
  [
    'queue to jhash ip saddr mod 4',
    'ip',
    [{ queue: { num: { jhash: { mod: 4, expr: field('ip', 'saddr') } }, flags: 'bypass' } }],
    [
      'payload dreg=2 base=network_header offset=12 len=4',
      'hash sreg=2 dreg=1 len=4 modulus=4 offset=0 type=jenkins',
      'queue sregQnum=1 flags=bypass',
    ],
  ],
  ['bridge: reject', 'bridge', [{ reject: null }], ['reject type=icmpx_unreach icmpCode=1']],
  [
    'bridge: log reject with icmp host-unreachable',
    'bridge',
    [{ log: null }, { reject: { type: 'icmp', expr: 'host-unreachable' } }],
    ['meta dreg=1 key=protocol', 'cmp sreg=1 op=eq data=0800', 'log', 'reject type=icmp_unreach icmpCode=1'],
  ],
  [
    'bridge: ip saddr 192.0.2.1 reject with tcp reset',
    'bridge',
    [is(field('ip', 'saddr'), '192.0.2.1'), { reject: { type: 'tcp reset' } }],
    [
      ...tcp,
      'meta dreg=1 key=protocol',
      'cmp sreg=1 op=eq data=0800',
      'payload dreg=1 base=network_header offset=12 len=4',
      'cmp sreg=1 op=eq data=c0000201',
      'reject type=tcp_rst icmpCode=0',
    ],
  ],
  ['flow add @ft', 'inet', [{ flow: { op: 'add', flowtable: '@ft' } }], ['flow_offload tableName=ft']],
  ['last used never', 'inet', [{ last: null }, { last: { used: 500 } }], ['last', 'last set=1 msecs=500']],
  ['secmark', 'inet', [{ secmark: 'web' }], ['objref immType=secmark immName=web']],
  ['ct expectation', 'inet', [{ 'ct expectation': 'e' }], ['objref immType=ct_expect immName=e']],
  [
    'ct helper set, as a mangle',
    'inet',
    [{ mangle: { key: { ct: { key: 'helper' } }, value: 'ftp' } }],
    ['objref immType=ct_helper immName=ftp'],
  ],
  [
    'meta pkttype set host',
    'inet',
    [{ mangle: { key: { meta: { key: 'pkttype' } }, value: 'host' } }],
    ['immediate dreg=1 data=00', 'meta key=pkttype sreg=1'],
  ],
  [
    'tunnel id 5',
    'inet',
    [is({ tunnel: { key: 'id' } }, 5)],
    ['tunnel dreg=1 key=id', 'cmp sreg=1 op=eq data=05000000'],
  ],
  [
    'socket cgroupv2 level 2',
    'inet',
    [is({ socket: { key: 'cgroupv2', level: 2 } }, 7)],
    ['socket dreg=1 key=cgroupv2 level=2', 'cmp sreg=1 op=eq data=0700000000000000'],
  ],
  [
    'ct mark >> 8 == 1: nft 1.0.6 has no shifts in matches',
    'inet',
    [is({ '>>': [{ ct: { key: 'mark' } }, 8] }, 1)],
    ['ct dreg=1 key=mark', 'bitwise sreg=1 dreg=1 op=rshift len=4 data=08000000', 'cmp sreg=1 op=eq data=01000000'],
  ],
  [
    'three operands',
    'inet',
    [is({ '|': [mark, 1, 2] }, 3)],
    [
      'meta dreg=1 key=mark',
      'bitwise sreg=1 dreg=1 len=4 mask=fcffffff xor=03000000',
      'cmp sreg=1 op=eq data=03000000',
    ],
  ],
  [
    'update @ports { ip saddr : tcp dport }',
    'ip',
    [{ map: { op: 'update', elem: field('ip', 'saddr'), data: dport, map: '@ports' } }],
    [
      ...tcp,
      'payload dreg=1 base=network_header offset=12 len=4',
      'payload dreg=2 base=transport_header offset=2 len=2',
      'dynset setName=ports op=update sregKey=1 sregData=2',
    ],
  ],
  [
    'two states of an element',
    'ip',
    [
      {
        set: {
          op: 'add',
          elem: field('ip', 'saddr'),
          set: '@seen',
          stmt: [{ counter: null }, { limit: { rate: 1, per: 'second' } }],
        },
      },
    ],
    [
      'payload dreg=1 base=network_header offset=12 len=4',
      'dynset setName=seen op=add sregKey=1 expressions=(counter)+(limit rate=1 unit=1 type=pkts burst=5 flags=) flags=expr',
    ],
  ],
  [
    'dnat by a named map of address and port',
    'ip',
    [{ dnat: { addr: { map: { key: dport, data: '@targets' } } } }],
    [...toPort, 'lookup set=targets sreg=1 dreg=1', 'nat type=dnat family=ipv4 regAddrMin=1 regProtoMin=9'],
  ],
  [
    'a set that is not known yet',
    'ip',
    [is(field('ip', 'saddr'), '@later'), { set: { op: 'add', elem: field('ip', 'saddr'), set: '@later' } }],
    [
      'payload dreg=1 base=network_header offset=12 len=4',
      'lookup set=later sreg=1',
      'payload dreg=1 base=network_header offset=12 len=4',
      'dynset setName=later op=add sregKey=1',
    ],
  ],
  [
    'a mark in a set of intervals',
    'ip',
    [is(mark, '@marks')],
    ['meta dreg=1 key=mark', 'byteorder sreg=1 dreg=1 op=hton len=4 size=4', 'lookup set=marks sreg=1'],
  ],
  [
    'meta protocol ip in family ip, before something and alone',
    'ip',
    [is({ meta: { key: 'protocol' } }, 'ip'), { accept: null }],
    ['immediate dreg=0 data=accept'],
  ],
  [
    'prefixes and ranges in one word',
    'ip',
    [is(field('ip', 'saddr'), '10.0.0.0/8'), is(dport, '80-90'), { dnat: { addr: '10.0.0.1-10.0.0.9' } }],
    [
      'payload dreg=1 base=network_header offset=12 len=1',
      'cmp sreg=1 op=eq data=0a',
      ...toPort,
      'cmp sreg=1 op=gte data=0050',
      'cmp sreg=1 op=lte data=005a',
      'immediate dreg=1 data=0a000001',
      'immediate dreg=2 data=0a000009',
      'nat type=dnat family=ipv4 regAddrMin=1 regAddrMax=2',
    ],
  ],
  [
    'neighbours with a protocol between them: what tells the protocol stays',
    'bridge',
    [is(field('ether', 'saddr'), '02:00:00:00:00:01'), is(field('ether', 'type'), 'ip')],
    ['payload dreg=1 base=ll_header offset=6 len=8', 'cmp sreg=1 op=eq data=0200000000010800'],
  ],
  [
    'fib ... exists, in both words',
    'ip',
    [is({ fib: { result: 'check', flags: ['saddr', 'iif'] } }, true)],
    ['fib dreg=1 result=oif flags=saddr+iif+present', 'cmp sreg=1 op=eq data=01000000'],
  ],
]

test.each(rows)('%s (%s)', (_, family, rule, expressions) => {
  expect(compiled(family, rule)).toEqual(expressions)
})

describe('anonymous sets', () => {
  const setOf = (family: NftFamily, rule: readonly Statement[]) => {
    const made: AnonymousSet[] = []
    const expressions = compiled(family, rule, made)
    const sets = made.map(({ definition: { name, flags, key }, elements }) => ({
      name,
      flags: flags.join(),
      key: key.map(({ type, bits, shift = 0 }) => `${type.name} ${bits} ${shift}`).join(' . '),
      elements: elements.map((element) => short(element)),
    }))
    return { expressions, sets }
  }

  test('of values', () => {
    expect(setOf('inet', [is(dport, { set: [22, 80] }, '!=')])).toEqual({
      expressions: [...toPort, 'lookup set=__set%d setId=1 sreg=1 flags=inv'],
      sets: [{ name: '__set%d', flags: 'anonymous,constant', key: 'inet_service 16 0', elements: ['0016', '0050'] }],
    })
  })

  test('of ranges: numbers of the machine in network order', () => {
    const { expressions, sets } = setOf('inet', [is(mark, { set: [{ range: [1, 5] }, 10] })])
    expect(expressions[1]).toBe('byteorder sreg=1 dreg=1 op=hton len=4 size=4')
    expect(sets[0]).toMatchObject({ flags: 'anonymous,constant,interval', key: 'mark 32 0' })
  })

  test('of prefixes in one word', () => {
    const { sets } = setOf('ip', [is(field('ip', 'saddr'), { set: ['10.0.0.0/8', '192.0.2.1'] })])
    expect(sets[0]).toMatchObject({ flags: 'anonymous,constant,interval' })
    expect(sets[0]?.elements).toContain('0a000000')
  })

  test('of a field that does not fill its bytes: shifted', () => {
    const { expressions, sets } = setOf('ip', [is(field('ip', 'dscp'), { set: ['cs1', 'ef'] })])
    expect(expressions).toEqual([
      'payload dreg=1 base=network_header offset=1 len=1',
      'bitwise sreg=1 dreg=1 len=1 mask=fc xor=00',
      'lookup set=__set%d setId=1 sreg=1',
    ])
    expect(sets[0]).toMatchObject({ key: 'dscp 8 2', elements: ['20', 'b8'] })
  })

  test('of one value: none', () => {
    expect(setOf('ip', [is(dport, { set: [22] })])).toEqual({
      expressions: [...toPort, 'cmp sreg=1 op=eq data=0016'],
      sets: [],
    })
  })

  test('of concatenations', () => {
    const both = { concat: [field('ip', 'saddr'), field('ip', 'dscp')] }
    const { expressions, sets } = setOf('ip', [is(both, { set: [{ concat: ['192.0.2.1', 'cs1'] }] })])
    expect(expressions).toEqual([
      'payload dreg=1 base=network_header offset=12 len=4',
      'payload dreg=9 base=network_header offset=1 len=1',
      'bitwise sreg=9 dreg=9 len=1 mask=fc xor=00',
      'bitwise sreg=9 dreg=9 op=rshift len=1 data=02000000',
      'lookup set=__set%d setId=1 sreg=1',
    ])
    expect(sets[0]?.elements).toEqual(['c000020108000000'])
  })

  test('of icmp types, which a field asks for', () => {
    const { expressions, sets } = setOf('ip', [is(field('icmp', 'id'), 5), is(field('icmp', 'sequence'), 6)])
    expect(expressions.filter((each) => each.startsWith('lookup'))).toHaveLength(1)
    expect(sets[0]).toMatchObject({ key: 'icmp_type 8 0', elements: ['08', '00'] })
  })

  test('of a meter: its own name, and no elements', () => {
    const rule: Statement = {
      meter: {
        name: 'flood',
        key: { elem: { val: field('ip', 'saddr'), timeout: 5 } },
        stmt: { counter: null },
        size: 9,
      },
    }
    expect(setOf('ip', [rule])).toEqual({
      expressions: [
        'payload dreg=1 base=network_header offset=12 len=4',
        'dynset setName=flood setId=1 op=update sregKey=1 timeout=5000 expr=(counter)',
      ],
      sets: [{ name: 'flood', flags: 'anonymous,eval,timeout', key: 'ipv4_addr 32 0', elements: [] }],
    })
  })
})
