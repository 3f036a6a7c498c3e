/** The printer: what the kernel here has not, how constants are written, and texts that mean to be more than one. */
import { describe, expect, test } from 'vitest'
import type { Expr, NftFamily, Statement } from '../../../src/nft/ast.ts'
import { priorityWords } from '../../../src/nft/hooks.ts'
import { printExpr } from '../../../src/nft/print/expression.ts'
import { printRule } from '../../../src/nft/print/rule.ts'
import { printRuleset } from '../../../src/nft/print/ruleset.ts'
import { time } from '../../../src/nft/print/value.ts'
import type { NftJson } from '../../../src/nft/ruleset-json.ts'

const tcp = (field: string): Expr => ({ payload: { protocol: 'tcp', field } })
const mark: Expr = { meta: { key: 'mark' } }

const statements: [text: string, statement: Statement, family?: NftFamily][] = [
  ['queue to 0', { queue: null }],
  ['queue to 3', { queue: { num: 3 } }],
  ['queue flags bypass,fanout to 1-5', { queue: { num: { range: [1, 5] }, flags: ['bypass', 'fanout'] } }],
  ['queue flags bypass to symhash mod 4', { queue: { num: { symhash: { mod: 4 } }, flags: 'bypass' } }],
  ['flow add @ft', { flow: { op: 'add', flowtable: '@ft' } }],
  ['last', { last: null }],
  ['last used 1m3s', { last: { used: 63_000 } }],
  ['meta mark set 0x0000002a', { mangle: { key: mark, value: 42 } }],
  ['meta secmark set "web"', { secmark: 'web' }],
  [
    'limit name tcp dport map { 80 : "l1" }',
    { limit: { map: { key: tcp('dport'), data: { set: [[80, 'l1']] } } } } as unknown as Statement,
  ],
  ['reject', { reject: null }, 'inet'],
  ['reject', { reject: { type: 'icmp', expr: 'port-unreachable' } }, 'ip'],
  ['reject with icmp port-unreachable', { reject: { type: 'icmp', expr: 'port-unreachable' } }, 'inet'],
  ['tcp flags syn / syn,ack', { match: { op: '==', left: { '&': [tcp('flags'), ['syn', 'ack']] }, right: 'syn' } }],
  ['tcp flags != syn / syn,ack', { match: { op: '!=', left: { '&': [tcp('flags'), ['syn', 'ack']] }, right: 'syn' } }],
  ['tcp flags & syn == syn', { match: { op: '==', left: { '&': [tcp('flags'), 'syn'] }, right: 'syn' } }],
  ['tcp flags ! fin,rst', { match: { op: '!', left: tcp('flags'), right: ['fin', 'rst'] } }],
  [
    'tcp option 34 missing',
    { match: { op: '==', left: { 'tcp option': { base: 34, offset: 0, len: 8 } }, right: false } },
  ],
  [
    'icmpv6 code 3-66',
    {
      match: {
        op: '==',
        left: { payload: { protocol: 'icmpv6', field: 'code' } },
        right: { range: ['addr-unreachable', 66] },
      },
    },
  ],
  ['ip protocol set "tcp"', { mangle: { key: { payload: { protocol: 'ip', field: 'protocol' } }, value: 'tcp' } }],
  [
    'meta mark (0x00000001 | 0x00000002) & 0x00000003',
    { match: { op: 'in', left: mark, right: { '&': [{ '|': [1, 2] }, 3] } } },
  ],
  ['dnat to [2001:db8::1]-[2001:db8::9]:80', { dnat: { addr: { range: ['2001:db8::1', '2001:db8::9'] }, port: 80 } }],
  ['dup to "eth0"', { dup: { addr: 'eth0' } }],
  ['dup to 10.0.0.1 device "eth0"', { dup: { addr: '10.0.0.1', dev: 'eth0' } }],
  [
    'socket cgroupv2 level 2 "system.slice/x"',
    { match: { op: '==', left: { socket: { key: 'cgroupv2', level: 2 } }, right: 'system.slice/x' } },
  ],
]

describe('statements', () => {
  test.each(statements)('%s', (text, statement, family) => {
    expect(printRule([statement], family === undefined ? {} : { family })).toBe(text)
  })

  test('one that is unknown is an error, not nothing', () => {
    expect(() => printRule([{ dance: null } as unknown as Statement])).toThrow("unknown statement 'dance'")
  })

  test('a rule of which a part is unknown cannot be loaded without it', () => {
    const rule: Statement[] = [{ xt: { type: 'match', name: 'time' } }, { jump: { target: '__chain0' } }]
    expect(printRule(rule)).toBe('# xt match time jump __chain0')
    expect(printRule(rule, { bound: () => ['drop'] })).toBe('# xt match time jump {\n# \t\t\tdrop\n# \t\t}')
  })
})

/** What a program may have put into the kernel to be printed, and then loaded by somebody else. */
const hostile = ['x" accept', 'x\naccept', 'x; accept', 'x } accept', '# x', '$x', 'x y', '', '@x; drop', '"', 'a\0b']

describe('hostile names and texts', () => {
  const statementsWith = (text: string): Statement[][] => [
    [{ log: { prefix: text } }],
    [{ counter: text }],
    [{ jump: { target: text } }],
    [{ match: { op: '==', left: { meta: { key: 'iifname' } }, right: text } }],
    [{ match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: text } }],
    [{ match: { op: '==', left: { payload: { protocol: text, field: text } }, right: 1 } }],
    [{ match: { op: '==', left: { meta: { key: text } }, right: 1 } }],
    [{ set: { op: 'add', elem: 1, set: `@${text}` } }],
    [{ dup: { addr: text } }],
    [{ xt: { type: 'match', name: text } }],
  ]

  test.each(hostile)('%j stays one word or one string', (text) => {
    for (const statement of statementsWith(text)) {
      for (const printed of [printRule(statement), printRule(statement, { comment: text })]) {
        expect(printed).not.toMatch(/[\n\0]/)
        // outside of strings, nothing that ends a statement, a block or a line
        expect(printed.replace(/^# |"[^"]*"|\{ 1 \}/g, '')).not.toMatch(/[;}"#$]/)
      }
    }
  })
})

test.each<[NftFamily, string, number, string]>([
  ['ip', 'input', 0, 'filter'],
  ['ip', 'postrouting', 100, 'srcnat'],
  ['ip', 'prerouting', 100, '100'],
  ['inet', 'prerouting', -95, 'dstnat + 5'],
  ['ip6', 'output', -310, 'raw - 10'],
  ['ip6', 'output', -311, '-311'],
  ['arp', 'input', 50, '50'],
  ['bridge', 'output', 103, 'out + 3'],
  ['bridge', 'input', 0, '0'],
  ['netdev', 'ingress', -1, 'filter - 1'],
])('priority in %s, %s: %i is %s', (family, hook, priority, text) => {
  expect(priorityWords(family, hook, priority)).toBe(text)
})

test.each([
  [0, '0s'],
  [59, '59s'],
  [60, '1m'],
  [90_061.5, '1d1h1m1s500ms'],
])('%d seconds are %s', (seconds, text) => {
  expect(time(seconds)).toBe(text)
})

test('binary operations have as many brackets as they need', () => {
  expect(printExpr({ '|': [{ '&': [mark, 255] }, 16] })).toBe('meta mark & 0x000000ff | 0x00000010')
  expect(printExpr({ '&': [{ '|': [mark, 255] }, 16] })).toBe('(meta mark | 0x000000ff) & 0x00000010')
  expect(printExpr({ '<<': [{ '|': [mark, 1] }, 8] })).toBe('(meta mark | 0x00000001) << 8')
})

test('a table with all that nft 1.0.6 leaves out of its JSON', () => {
  const at = { family: 'inet', table: 't' } as const
  const objects: NftJson[] = [
    { table: { family: 'inet', name: 't', flags: 'dormant', comment: 'why' } },
    {
      flowtable: { ...at, name: 'ft', hook: 'ingress', prio: 5, dev: ['eth0', 'eth1'], flags: ['offload', 'counter'] },
    },
    {
      set: {
        ...at,
        name: 's',
        type: { typeof: tcp('dport') },
        flags: ['dynamic', 'timeout'],
        timeout: 60,
        'auto-merge': true,
      },
    },
    {
      map: {
        ...at,
        name: 'm',
        type: ['ipv4_addr', 'inet_service'],
        map: 'ipv4_addr',
        elem: [[{ concat: ['1.1.1.1', 80] }, { prefix: { addr: '10.0.0.0', len: 8 } }]],
      },
    },
    {
      chain: {
        ...at,
        name: 'c',
        comment: 'because',
        type: 'filter',
        hook: 'ingress',
        prio: 0,
        policy: 'drop',
        dev: ['a', 'b'],
        flags: 'offload',
      },
    },
    { 'ct timeout': { ...at, name: 'x', protocol: 'udp', l3proto: 'ip', policy: null } },
  ]
  expect(printRuleset(objects)).toBe(`table inet t {
	flags dormant
	comment "why"

	ct timeout x {
		protocol udp
		l3proto ip
	}

	set s {
		typeof tcp dport
		flags dynamic,timeout
		auto-merge
		timeout 1m
	}

	map m {
		type ipv4_addr . inet_service : interval ipv4_addr
		elements = { 1.1.1.1 . 80 : 10.0.0.0/8 }
	}

	flowtable ft {
		hook ingress priority filter + 5
		devices = { "eth0", "eth1" }
		flags offload
		counter
	}

	chain c {
		comment "because"
		type filter hook ingress devices = { "a", "b" } priority filter; policy drop; flags offload;
	}
}
`)
})
