/** The decompiler without a kernel: captured rules, also those of iptables-nft, rules with parts missing, and what nft itself gets wrong. */
import { describe, expect, test } from 'vitest'
import type { ElementsMessage, SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import type { NftExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import type { RuleMessage } from '../../../protocol/netfilter/nftables/rule.ts'
import type { SetMessage } from '../../../protocol/netfilter/nftables/set.ts'
import { decodeMessages } from '../../../protocol/protocols.ts'
import type { NftFamily, Statement } from '../../../src/nft/ast.ts'
import { type DecompileContext, decompileRule } from '../../../src/nft/decompile/rule.ts'
import { familyOf } from '../../../src/nft/names.ts'
import { definitionOf, type SetDefinition } from '../../../src/nft/objects/set-definition.ts'
import { printRule } from '../../../src/nft/print/rule.ts'
import { captured } from '../../protocol/harness.ts'

interface Captured {
  id: string
  family: NftFamily
  expressions: readonly NftExpression[]
  context: DecompileContext
}

/** Every rule that a fixture sends or receives, with the sets that were seen before it. */
function rules(area: string): Captured[] {
  const found = new Map<string, Captured>()
  const sets = new Map<string, { message: SetMessage; elements: SetElement[]; definition?: SetDefinition }>()
  for (const { protocol, bytes, fixture } of captured(area)) {
    if (protocol !== 'netfilter') continue
    for (const message of decodeMessages(protocol, bytes, { exact: false })) {
      if ('error' in message) continue
      const { type, body } = message
      // The type says which message it is.
      if (type === 'NFT_MSG_NEWSET') {
        const set = body as SetMessage
        sets.set(`${fixture.id} ${set.table} ${set.name}`, { message: set, elements: [] })
      }
      if (type === 'NFT_MSG_NEWSETELEM') {
        const { table, set, elements } = body as ElementsMessage
        sets.get(`${fixture.id} ${table} ${set}`)?.elements.push(...(elements ?? []))
      }
      if (type !== 'NFT_MSG_NEWRULE') continue
      const { header, table, expressions = [] } = body as RuleMessage
      const family = familyOf(header) ?? 'ip'
      const set = (name: string) => {
        const known = sets.get(`${fixture.id} ${table} ${name}`)
        if (known === undefined) return undefined
        known.definition ??= definitionOf(known.message)
        return { definition: known.definition, elements: known.elements }
      }
      // the same rules are listed again and again
      const key = JSON.stringify([family, expressions], (_key, value) => (typeof value === 'bigint' ? 0 : value))
      found.set(key, { id: fixture.id, family, expressions, context: { family, set } })
    }
  }
  return [...found.values()]
}

const isXt = ({ name }: NftExpression): boolean => name === 'match' || name === 'target'

describe('captured rules', () => {
  const all = ['nftables', 'netfilter'].flatMap(rules)
  const xt = all.filter(({ expressions }) => expressions.some(isXt))

  test('there are many, of xtables too', () => {
    expect(all.length).toBeGreaterThan(30)
    expect(xt.length).toBeGreaterThan(10)
  })

  test('all of them are told, and no expression goes missing where they are not xtables', () => {
    for (const { id, family, expressions, context } of all) {
      const statements = decompileRule(expressions, context)
      const text = printRule(statements, { family })
      expect(text.startsWith('# '), `${id}: ${text}`).toBe(expressions.some(isXt))
    }
  })

  test('what is of xtables is named, in its place, and its rule cannot be loaded without it', () => {
    for (const { expressions, context } of xt) {
      const statements = decompileRule(expressions, context)
      const names = statements.flatMap((one) => ('xt' in one && one.xt ? [one.xt.name] : []))
      expect(names).toEqual(expressions.filter(isXt).map(({ data }) => (data as { name: string }).name)) // of match and target
    }
  })

  test('rules with an expression missing, twice or elsewhere: whatever is made of them, nothing is thrown', () => {
    for (const { expressions, context, family } of all) {
      for (let i = 0; i < expressions.length; i++) {
        const without = expressions.toSpliced(i, 1)
        const moved = [...without.slice(i), ...expressions.slice(i, i + 1), ...without.slice(0, i)]
        for (const list of [without, moved, [...expressions, ...without]]) {
          expect(() => printRule(decompileRule(list, context), { family })).not.toThrow()
        }
      }
    }
  })
})

/** A value with some of its numbers, bytes and words changed. `random` gives 0..1. */
function mutated(value: unknown, random: () => number): unknown {
  const changed = random() < 0.15
  if (typeof value === 'number') return changed ? Math.floor(random() ** 8 * 2 ** 32) : value
  if (typeof value === 'string') return changed ? 'x' : value
  if (value instanceof Uint8Array) return changed ? value.slice(0, Math.floor(random() * 20)) : value
  if (Array.isArray(value)) return value.map((part) => mutated(part, random))
  if (typeof value !== 'object' || value === null) return value
  const parts = Object.entries(value).filter(() => random() > 0.03)
  return Object.fromEntries(parts.map(([key, part]) => [key, mutated(part, random)]))
}

/** A linear congruential generator: the same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

test('rules with anything in their expressions: nothing is thrown', () => {
  const random = numbers(5)
  const all = ['nftables', 'netfilter'].flatMap(rules)
  for (let round = 0; round < 20; round++) {
    for (const { expressions, context, family } of all) {
      const changed = mutated(expressions, random) as NftExpression[] // or nearly so
      expect(() => printRule(decompileRule(changed, context), { family })).not.toThrow()
    }
  }
})

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

/** A rule in the kernel's words, and what it is in nft's. */
interface Row {
  what: string
  family?: NftFamily
  expressions: readonly NftExpression[]
  statements: Statement[]
  text: string
}

const accept: NftExpression = { name: 'immediate', data: { dreg: 0, data: { verdict: { code: 'accept' } } } }
const nothing: DecompileContext['set'] = () => undefined

const rows: Row[] = [
  {
    what: 'a prefix of an address of conntrack, which nft 1.0.6 reads from the wrong end',
    expressions: [
      { name: 'ct', data: { dreg: 1, key: 'src', direction: 'original' } },
      { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('0a') } } },
    ],
    statements: [
      {
        match: {
          op: '==',
          left: { ct: { key: 'saddr', dir: 'original' } },
          right: { prefix: { addr: '10.0.0.0', len: 8 } },
        },
      },
    ],
    text: 'ct original saddr 10.0.0.0/8',
  },
  {
    what: 'an address of conntrack by its old key: the family that nft leaves out of its JSON',
    family: 'inet',
    expressions: [
      { name: 'meta', data: { dreg: 1, key: 'nfproto' } },
      { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('02') } } },
      { name: 'ct', data: { dreg: 1, key: 'src', direction: 'original' } },
      { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('01020304') } } },
    ],
    statements: [
      { match: { op: '==', left: { ct: { key: 'saddr', dir: 'original', family: 'ip' } }, right: '1.2.3.4' } },
    ],
    text: 'ct original ip saddr 1.2.3.4',
  },
  {
    what: 'an expression of a newer kernel: what follows is not taken for something else',
    expressions: [
      { name: 'meta', data: { dreg: 1, key: 'mark' } },
      { name: 'twist', data: hex('0102') },
      { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('01000000') } } },
      accept,
    ],
    statements: [{ xt: null }, { xt: null }, { accept: null }],
    text: '# unknown expression unknown expression accept',
  },
  {
    what: 'two registers combined, as Linux 6.13 can',
    expressions: [
      { name: 'meta', data: { dreg: 1, key: 'mark' } },
      { name: 'ct', data: { dreg: 9, key: 'mark' } },
      { name: 'bitwise', data: { sreg: 1, sreg2: 9, dreg: 1, len: 4, op: 'or' } },
      { name: 'meta', data: { sreg: 1, key: 'mark' } },
    ],
    statements: [
      {
        mangle: {
          key: { meta: { key: 'mark' } },
          value: { '|': [{ meta: { key: 'mark' } }, { ct: { key: 'mark' } }] },
        },
      },
    ],
    text: 'meta mark set meta mark | ct mark',
  },
  {
    what: 'a statement between a match and what implies it: the match stays',
    expressions: [
      { name: 'meta', data: { dreg: 1, key: 'l4proto' } },
      { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('06') } } },
      { name: 'counter', data: { packets: 1n, bytes: 2n } },
      { name: 'payload', data: { dreg: 1, base: 'transport_header', offset: 2, len: 2 } },
      { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('0016') } } },
    ],
    statements: [
      { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } },
      { counter: { packets: 1, bytes: 2 } },
      { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 22 } },
    ],
    text: 'meta l4proto tcp counter packets 1 bytes 2 tcp dport 22',
  },
  {
    what: 'queues, which not every kernel has',
    expressions: [{ name: 'queue', data: { num: 1, total: 5, flags: ['bypass', 'cpu_fanout'] } }],
    statements: [{ queue: { num: { range: [1, 5] }, flags: ['bypass', 'fanout'] } }],
    text: 'queue flags bypass,fanout to 1-5',
  },
  {
    what: 'a queue by the packet',
    expressions: [
      { name: 'hash', data: { dreg: 1, modulus: 4, offset: 10, type: 'sym' } },
      { name: 'queue', data: { sregQnum: 1, flags: ['bypass'] } },
    ],
    statements: [{ queue: { num: { symhash: { mod: 4, offset: 10 } }, flags: 'bypass' } }],
    text: 'queue flags bypass to symhash mod 4 offset 10',
  },
  {
    what: 'a flowtable, a time and a tunnel, which nft 1.0.6 or the kernel here has not',
    expressions: [
      { name: 'tunnel', data: { dreg: 1, key: 'id' } },
      { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('07000000') } } },
      { name: 'last', data: { set: 1, msecs: 2000n } },
      { name: 'flow_offload', data: { tableName: 'ft' } },
    ],
    statements: [
      { match: { op: '==', left: { tunnel: { key: 'id' } }, right: 7 } },
      { last: { used: 2000 } },
      { flow: { op: 'add', flowtable: '@ft' } },
    ],
    text: 'tunnel id 7 last used 2s flow add @ft',
  },
  {
    what: 'a set that is not there',
    expressions: [
      { name: 'meta', data: { dreg: 1, key: 'mark' } },
      { name: 'lookup', data: { set: 'gone', sreg: 1 } },
    ],
    statements: [{ xt: null }],
    text: '# unknown expression',
  },
]

describe('rules in the kernel’s words', () => {
  test.each(rows)('$what', ({ family = 'ip', expressions, statements, text }) => {
    const told = decompileRule(expressions, { family, set: nothing })
    expect(told).toEqual(statements)
    expect(printRule(told, { family })).toBe(text)
  })
})

/** `meta nfproto ipv4` and the like, as the kernel has them. */
const asked = (key: 'nfproto' | 'l4proto' | 'iiftype', value: string): NftExpression[] => [
  { name: 'meta', data: { dreg: 1, key } },
  { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex(value) } } },
]
const field = (base: 'network_header' | 'transport_header', offset: number, value: string): NftExpression[] => [
  { name: 'payload', data: { dreg: 1, base, offset, len: value.length / 2 } },
  { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex(value) } } },
]

describe('matches that go without saying, and those that nft takes back though they say more', () => {
  test.each<[string, NftFamily, readonly NftExpression[]]>([
    ['tcp dport 22', 'inet', [...asked('l4proto', '06'), ...field('transport_header', 2, '0016')]],
    ['ip saddr 1.2.3.4', 'inet', [...asked('nfproto', '02'), ...field('network_header', 12, '01020304')]],
    [
      'ip protocol tcp tcp dport 22',
      'inet',
      [...asked('nfproto', '02'), ...field('network_header', 9, '06'), ...field('transport_header', 2, '0016')],
    ],
    ['meta l4proto 253 th dport 22', 'inet', [...asked('l4proto', 'fd'), ...field('transport_header', 2, '0016')]],
    [
      'meta nfproto ipv4 meta l4proto tcp reject with tcp reset',
      'inet',
      [...asked('nfproto', '02'), ...asked('l4proto', '06'), { name: 'reject', data: { type: 'tcp_rst' } }],
    ],
    [
      'meta nfproto ipv4 ct protocol tcp',
      'inet',
      [
        ...asked('nfproto', '02'),
        { name: 'ct', data: { dreg: 1, key: 'protocol' } },
        { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('06') } } },
      ],
    ],
    ['meta iiftype ether meta nfproto ipv4', 'inet', [...asked('iiftype', '0100'), ...asked('nfproto', '02')]],
    [
      'meta l4proto udp tcp option maxseg exists',
      'ip',
      [
        ...asked('l4proto', '11'),
        { name: 'exthdr', data: { dreg: 1, type: 2, offset: 0, len: 1, flags: ['present'], op: 'tcpopt' } },
        { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: hex('01') } } },
      ],
    ],
    ['ip6 version 6 ip6 dscp 0x04/4', 'ip6', field('network_header', 0, '61')],
  ])('%s', (text, family, expressions) => {
    expect(printRule(decompileRule(expressions, { family, set: nothing }), { family })).toBe(text)
  })
})
