/** Rules pressed from moulds have the bytes that compiling each of them gives. */
import { describe, expect, test } from 'vitest'
import type { Statement } from '../../../src/nft/ast.ts'
import type { NftRuleInput } from '../../../src/nft/objects/rule-object.ts'
import { NftBatch } from '../../../src/nft/transaction/batch.ts'
import { type KnownChain, NftCommand, type Verb, type Writer } from '../../../src/nft/transaction/command.ts'
import { Moulds } from '../../../src/nft/transaction/moulds.ts'
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
  const errors = rules.map((rule, i) => {
    const mark = into.transaction.mark()
    try {
      new NftCommand(verbs[i % verbs.length] as Verb<never>, rule).write(into)
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
    const into = writer(moulds)
    let compiled = 0
    for (let i = 0; i < 100; i += 1)
      moulds.write({ ...at, rule: [field('saddr', address()), accept] }, 0, into.transaction, (rule, to) => {
        compiled += 1
        new NftCommand(ruleVerbs.add as Verb<never>, rule).write({ ...into, transaction: to, moulds: undefined })
        return true
      })
    // The first two, and two trials.
    expect(compiled).toBe(4)
  })

  test('an object that is changed and given again is one and the same', () => {
    const batch = new NftBatch()
    const rule = { ...at, rule: [field('saddr', '192.0.2.1'), accept], comment: '' }
    for (let i = 0; i < 20; i += 1) {
      rule.comment = address()
      batch.rule.add(rule)
    }
    const into = writer(new Moulds())
    for (const command of batch.commands) command.write(into)
    const last = Array.from({ length: 20 }, () => rule)
    expect(Buffer.from(into.transaction.finish()).toString('hex')).toBe(written(last, undefined)[0])
  })
})
