/** Rules pressed from moulds have the bytes that compiling each of them gives. */
import { describe, expect, test } from 'vitest'
import type { Statement } from '../../../src/nft/ast.ts'
import type { NftRuleInput } from '../../../src/nft/objects/rule-object.ts'
import { Models } from '../../../src/nft/transaction/alike.ts'
import { type KnownChain, NftCommand, type Verb, type Writer } from '../../../src/nft/transaction/command.ts'
import { Moulds, type WriteRule } from '../../../src/nft/transaction/moulds.ts'
import { Transaction } from '../../../src/nft/transaction/transaction.ts'
import { ruleVerbs } from '../../../src/nft/verbs/rule-verbs.ts'

const accept: Statement = { accept: null }
const field = (name: string, right: unknown, op = '=='): Statement =>
  // Wrong ones among them: what they throw is compared.
  ({ match: { op, left: { payload: { protocol: 'ip', field: name } }, right } }) as Statement
const at = { table: 't', chain: 'c' } as const

let seed = 7
const random = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
  return (seed >> 8) & 255
}
const address = (): string => `${random()}.${random()}.${random()}.${random()}`

const kinds: Readonly<Record<string, (a: string, b: string) => Omit<NftRuleInput, 'table' | 'chain'>>> = {
  'one address': (a) => ({ rule: [field('saddr', a), { counter: null }, accept] }),
  'another operator': (a) => ({ rule: [field('saddr', a, '!='), accept] }),
  'two, compared in one go': (a, b) => ({ rule: [field('saddr', a), field('daddr', b), accept] }),
  'with a comment': (a) => ({ rule: [field('daddr', a), accept], comment: 'always the same' }),
  'with a comment that looks like one': (a) => ({ rule: [field('daddr', a), accept], comment: a }),
  'a prefix, which is masked': (a) => ({ rule: [field('saddr', { prefix: { addr: a, len: 17 } }), accept] }),
  'a range, which has an order': (a, b) => ({ rule: [field('saddr', { range: [a, b] }), accept] }),
  'a set, which is sorted': (a, b) => ({ rule: [field('saddr', { set: [a, b] }), accept] }),
  'nat to an address': (a, b) => ({ rule: [field('daddr', a), { dnat: { addr: b, port: 80 } }] }),
  'a jump to a chain that looks like one': (a) => ({ rule: [field('saddr', '192.0.2.1'), { jump: { target: a } }] }),
  'a set of the kernel’s that looks like one': (a) => ({ rule: [field('saddr', `@${a}`), accept] }),
  'not an address': (a) => ({ rule: [field('saddr', `${a}.`), accept] }),
  'a mangled one': (a) => ({
    rule: [{ mangle: { key: { payload: { protocol: 'ip', field: 'saddr' } }, value: a } } as Statement],
  }),
  'no address': () => ({ rule: [{ counter: null }, accept] }),
}

function writer(moulds: Moulds | undefined): Writer {
  return {
    transaction: new Transaction(undefined, false, 1024),
    moulds,
    missing: 0,
    names: {},
    set: () => undefined,
    define: () => {},
    chain: (): KnownChain => ({ type: 'nat', hook: 'prerouting' }),
    defineChain: () => {},
    step: () => {},
  }
}

/** The bytes, and the errors in between. */
function written(rules: readonly NftRuleInput[], moulds: Moulds | undefined, verbs = [ruleVerbs.add]): unknown[] {
  const into = writer(moulds)
  const models = verbs.map(() => new Models())
  const errors = rules.map((rule, i) => {
    const mark = into.transaction.mark()
    const which = i % verbs.length
    try {
      new NftCommand(verbs[which] as Verb<never>, models[which]?.find(rule) ?? rule).write(into)
      return undefined
    } catch (error) {
      into.transaction.rewind(mark)
      return String(error)
    }
  })
  return [Buffer.from(into.transaction.finish()).toString('hex'), errors]
}

describe('pressed as compiled', () => {
  test.each(Object.entries(kinds))('%s', (_, rule) => {
    const rules = Array.from({ length: 12 }, () => ({ ...at, ...rule(address(), address()) }))
    expect(written(rules, new Moulds())).toEqual(written(rules, undefined))
  })

  test('all of them by turns, in two chains', () => {
    const rules = Array.from({ length: 40 }, (_, i) =>
      Object.values(kinds).map((rule) => ({
        table: 't',
        chain: i % 2 === 0 ? 'a' : 'b',
        ...rule(address(), address()),
      })),
    ).flat()
    expect(written(rules, new Moulds())).toEqual(written(rules, undefined))
  })

  test('added and inserted by turns', () => {
    const rules = Array.from({ length: 12 }, () => ({ ...at, rule: [field('saddr', address()), accept] }))
    const verbs = [ruleVerbs.add, ruleVerbs.insert]
    expect(written(rules, new Moulds(), verbs)).toEqual(written(rules, undefined, verbs))
    expect(written(rules, new Moulds(), verbs)).not.toEqual(written(rules, undefined))
  })

  test('and an address that is none, between those that are', () => {
    const wrong = ['1.2.3.256', '01.2.3.4', '1.2.3', '', ' 1.2.3.4', '1.2.3.4\n']
    const rules = [...Array.from({ length: 4 }, address), ...wrong, address()].map((each) => ({
      ...at,
      rule: [field('saddr', each), accept],
    }))
    const [bytes, errors] = written(rules, new Moulds())
    expect([bytes, errors]).toEqual(written(rules, undefined))
    expect((errors as unknown[]).filter((error) => error !== undefined)).toHaveLength(wrong.length)
  })

  test('they are used at all', () => {
    const moulds = new Moulds()
    const models = new Models()
    const into = writer(moulds)
    let compiled = 0
    const compile: WriteRule = (rule, to) => {
      compiled += 1
      new NftCommand(ruleVerbs.add as Verb<never>, rule).write({ ...into, transaction: to, moulds: undefined })
      return true
    }
    for (let i = 0; i < 100; i += 1) {
      const rule = { ...at, rule: [field('saddr', address()), accept] }
      const alike = models.find(rule)
      if (alike === undefined) compile(rule, into.transaction)
      else if (!moulds.press(alike, into.transaction)) moulds.write(alike, into.transaction, compile)
    }
    // The first two, and two trials.
    expect(compiled).toBe(4)
  })
})

describe('noted as their addresses', () => {
  const first = { ...at, rule: [field('saddr', '192.0.2.1'), { counter: null }, accept], comment: '10.0.0.1' }

  test('and given back as they were', () => {
    const models = new Models()
    expect(models.find(first)).toBeUndefined()
    for (const given of ['0.0.0.0', '255.255.255.255', '128.0.0.1', '10.1.2.3']) {
      const rule = { ...at, rule: [field('saddr', given), { counter: null }, accept], comment: given }
      expect(models.find(rule)?.restored()).toEqual(rule)
    }
  })

  const cyclic: Record<string, unknown> = { ...at }
  cyclic.rule = [cyclic]
  const others: Readonly<Record<string, unknown>> = {
    'another order of keys': { chain: 'c', table: 't', rule: first.rule, comment: '10.0.0.1' },
    'a key more': { ...first, family: 'ip' },
    'a key less': { ...at, rule: first.rule },
    'an object in place of an array': { ...first, rule: { ...first.rule } },
    'an array with nothing at the end': { ...first, rule: Object.assign([...first.rule], { length: 4 }) },
    'another type': { ...first, comment: 10 },
    'no address': { ...first, comment: '10.0.0.256' },
    'an object of a class': { ...first, rule: Object.assign(new (class Rule {})(), first.rule) },
    'a cycle': cyclic,
    'no object': null,
  }
  test.each(Object.entries(others))('not: %s', (_, rule) => {
    const models = new Models()
    models.find(first)
    expect(models.find(rule)).toBeUndefined()
  })

  test('not what is larger than rules are', () => {
    const models = new Models()
    const wide = { ...at, rule: Array.from({ length: 17 }, () => field('saddr', '192.0.2.1')) }
    models.find(wide)
    expect(models.find(wide)).toBeUndefined()
  })

  test('what is changed afterwards does not change them', () => {
    const models = new Models()
    const mutable = structuredClone(first)
    models.find(mutable)
    const alike = models.find(mutable)
    mutable.comment = 'changed'
    mutable.rule.length = 0
    expect(alike?.restored()).toEqual(first)
  })
})
