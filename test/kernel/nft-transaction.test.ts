/** Transactions of nl.nft on the real kernel: errors, verbs, sizes, and other programs at the same time. As root. */
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Namespace, type Netlink } from '../../src/index.ts'
import type { Statement } from '../../src/nft/ast.ts'
import type { NftError } from '../../src/nft/errors.ts'
import type { NftBatch } from '../../src/nft/transaction/batch.ts'
import { root } from './hosts.ts'

const saddr = (address: string): Statement => ({
  match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: address },
})
const accept: Statement = { accept: null }
const counter: Statement = { counter: null }
const address = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
const at = { table: 't', chain: 'c' } as const

const list = async (ns: Namespace): Promise<string> => (await ns.exec('nft', ['list', 'ruleset'])).stdout
const base = (b: NftBatch): void => {
  b.table.add({ name: 't' })
  b.chain.add({ table: 't', name: 'c' })
  b.chain.add({ table: 't', name: 'pre', type: 'nat', hook: 'prerouting', priority: 'dstnat' })
}
const failed = (promise: Promise<unknown>): Promise<NftError> =>
  promise.then(
    () => {
      throw new Error('did not fail')
    },
    (error: NftError) => error,
  )

async function started() {
  const ns = await Namespace.create()
  const nl = await ns.netlink()
  await nl.nft.batch(base)
  return { ns, nl, [Symbol.asyncDispose]: () => ns.close().then(() => nl.close()) }
}

describe('errors', () => {
  const rows: readonly [title: string, build: (b: NftBatch) => unknown, code: string, path: string][] = [
    ['a chain that is not there', (b) => b.rule.add({ ...at, chain: 'x', rule: [accept] }), 'ENOENT', 'chain'],
    ['a table that is not there', (b) => b.chain.add({ table: 'x', name: 'c' }), 'ENOENT', 'table'],
    [
      'an expression: a jump to nowhere',
      (b) => b.rule.add({ ...at, rule: [saddr('192.0.2.1'), counter, { jump: { target: 'x' } }] }),
      'ENOENT',
      'rule[2]',
    ],
    [
      'an object that is not there',
      (b) => b.rule.add({ ...at, rule: [accept].map(() => ({ counter: 'x' })) }),
      'ENOENT',
      'rule[0]',
    ],
    [
      'an expression in the kernel’s words',
      (b) =>
        b.rule.add({
          ...at,
          expressions: [
            { name: 'counter', data: {} },
            { name: 'lookup', data: { set: 'x', sreg: 1 } },
          ],
        }),
      'ENOENT',
      'expressions[1]',
    ],
    [
      'an expression that no kernel has',
      (b) => b.rule.add({ ...at, expressions: [{ name: 'nonsense' }] }),
      'ENOENT',
      'expressions[0]',
    ],
    [
      'a set that is not there',
      (b) => b.element.add({ table: 't', set: 'x', elements: ['192.0.2.1'] }),
      'ENOENT',
      'set',
    ],
    [
      'a masquerade outside postrouting',
      (b) => b.rule.add({ table: 't', chain: 'pre', rule: [saddr('192.0.2.1'), { masquerade: null }] }),
      'EINVAL',
      'rule[1].masquerade',
    ],
    ['a rule that is not there', (b) => b.rule.del({ ...at, handle: 99 }), 'ENOENT', 'handle'],
    ['a chain that is there', (b) => b.chain.create({ table: 't', name: 'c' }), 'EEXIST', 'name'],
  ]
  test.each(rows)('%s', async (_, build, code, path) => {
    await using lab = await started()
    const before = await list(lab.ns)
    const error = await failed(
      lab.nl.nft.batch((b) => {
        b.table.add({ name: 'other' })
        build(b)
      }),
    )
    expect(error).toMatchObject({ code, name: 'NftError' })
    expect(error.path).toMatch(new RegExp(`^commands\\[1\\]\\.${path.replace(/[[\]]/g, '\\$&')}`))
    expect(error.commands).toMatchObject([{ index: 1, code }])
    expect(await list(lab.ns)).toBe(before)
  })

  test('the 5,000th of 10,000 rules: named, and nothing is done', async () => {
    await using lab = await started()
    const before = await list(lab.ns)
    const error = await failed(
      lab.nl.nft.batch((b) => {
        for (let i = 0; i < 10_000; i += 1)
          b.rule.add({
            ...at,
            rule: [saddr(address(i)), counter, i === 4999 ? { jump: { target: 'nowhere' } } : accept],
          })
      }),
    )
    expect(error).toMatchObject({ code: 'ENOENT', outcome: 'refused', path: 'commands[4999].rule[2]' })
    expect(await list(lab.ns)).toBe(before)
  })

  test('our own checks, before anything is sent: of the 5,000th too', async () => {
    await using lab = await started()
    const error = await failed(
      lab.nl.nft.batch((b) => {
        for (let i = 0; i < 6000; i += 1)
          b.rule.add({ ...at, rule: [saddr(i === 4999 ? 'nonsense' : address(i)), accept] })
      }),
    )
    expect(error).toMatchObject({ code: 'EINVAL', outcome: 'unsent' })
    expect(error.path).toMatch(/^commands\[4999\]\.rule\[0\]\.match\.right/)
  })
})

describe('verbs', () => {
  test('rules: add, insert, replace, del, with handles', async () => {
    await using lab = await started()
    const { rule } = lab.nl.nft
    const first = await rule.add({ ...at, rule: [saddr('192.0.2.1'), accept] })
    const second = await rule.add({ ...at, rule: [saddr('192.0.2.2'), accept] })
    await rule.insert({ ...at, rule: [saddr('192.0.2.3'), accept] })
    await rule.add({ ...at, rule: [saddr('192.0.2.4'), accept], position: first.handle })
    const replaced = await rule.replace({ ...at, handle: second.handle, rule: [counter] })
    const rules = await rule.list({ table: 't' })
    expect(rules.map(String)).toEqual([
      'ip saddr 192.0.2.3 accept',
      'ip saddr 192.0.2.1 accept',
      'ip saddr 192.0.2.4 accept',
      'counter packets 0 bytes 0',
    ])
    await rule.del({ ...at, handle: first.handle })
    if (rules[0] !== undefined) await rule.del(rules[0])
    expect((await rule.list()).map(({ handle }) => handle)).toEqual([rules[2]?.handle, replaced.handle])
    await lab.nl.nft.chain.flush({ table: 't', name: 'c' })
    expect(await rule.list()).toEqual([])
  })

  test('elements: add, create, get, del, list, flush, in sets with and without intervals', async () => {
    await using lab = await started()
    const { set, element } = lab.nl.nft
    await set.add({ table: 't', name: 'plain', type: 'ipv4_addr' })
    await set.add({ table: 't', name: 'nets', type: 'ipv4_addr', flags: ['interval'] })
    const plain = { table: 't', set: 'plain' } as const
    const nets = { table: 't', set: 'nets' } as const
    await element.add({ ...plain, elements: ['192.0.2.1', '192.0.2.2'] })
    await element.add({ ...plain, elements: ['192.0.2.2', '192.0.2.3'] })
    await element.add({ ...nets, elements: [{ prefix: { addr: '10.0.0.0', len: 8 } }] })
    await element.add({ ...nets, elements: [{ prefix: { addr: '172.16.0.0', len: 12 } }, '192.0.2.1'] })
    expect(await element.list(plain)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    expect(await element.list(nets)).toEqual([
      { prefix: { addr: '10.0.0.0', len: 8 } },
      { prefix: { addr: '172.16.0.0', len: 12 } },
      '192.0.2.1',
    ])
    expect(await element.get({ ...plain, elements: ['192.0.2.3'] })).toEqual(['192.0.2.3'])
    const there = await failed(element.create({ ...plain, elements: ['192.0.2.9', '192.0.2.3'] }))
    expect(there).toMatchObject({ code: 'EEXIST', path: 'elements[1]' })
    await element.del({ ...nets, elements: [{ prefix: { addr: '172.16.0.0', len: 12 } }] })
    await element.del({ ...plain, elements: ['192.0.2.1'] })
    const gone = await failed(element.del({ ...plain, elements: ['192.0.2.2', '192.0.2.1'] }))
    expect(gone).toMatchObject({ code: 'ENOENT', path: 'elements[1]' })
    expect(await list(lab.ns)).toContain('elements = { 10.0.0.0/8, 192.0.2.1 }')
    await set.flush({ table: 't', name: 'plain' })
    expect(await element.list(plain)).toEqual([])
    const wrong = await failed(element.add({ ...plain, elements: ['192.0.2.1', 'nonsense'] }))
    expect(wrong).toMatchObject({ code: 'EINVAL', outcome: 'unsent', path: 'elements[1]' })
  })

  test('counters: reset of objects, rules and elements tells what they were', async () => {
    await using lab = await started()
    const { nft } = lab.nl
    await nft.batch((b) => {
      b.object.add({ kind: 'counter', table: 't', name: 'n', packets: 5, bytes: 50 })
      b.set.add({ table: 't', name: 's', type: 'ipv4_addr', statements: [counter] })
      b.element.add({
        table: 't',
        set: 's',
        elements: [{ elem: { val: '192.0.2.1', counter: { packets: 7, bytes: 70 } } }],
      })
      b.rule.add({ ...at, rule: [{ counter: { packets: 3, bytes: 30 } }] })
    })
    expect(await nft.object.reset({ kind: 'counter' })).toMatchObject([{ kind: 'counter', packets: 5, bytes: 50 }])
    expect(await nft.object.list()).toMatchObject([{ packets: 0, bytes: 0 }])
    const [rule] = await nft.rule.reset({ table: 't' })
    expect(rule?.expressions).toMatchObject([{ name: 'counter', data: { packets: 3n, bytes: 30n } }])
    expect(String((await nft.rule.list())[0])).toBe('counter packets 0 bytes 0')
    const place = { table: 't', set: 's' } as const
    expect(await nft.element.reset(place)).toMatchObject([{ elem: { val: '192.0.2.1', counter: { packets: 7 } } }])
    expect(await nft.element.list(place)).toMatchObject([{ elem: { counter: { packets: 0 } } }])
  })

  test('chains and tables: rename, policy, flush, destroy', async () => {
    await using lab = await started()
    const { nft } = lab.nl
    await nft.chain.rename({ table: 't', name: 'c' }, 'd')
    expect((await nft.chain.list()).map(({ name }) => name)).toEqual(['d', 'pre'])
    expect(await failed(nft.chain.rename({ table: 't', name: 'c' }, 'e'))).toMatchObject({
      code: 'ENOENT',
      path: 'name',
    })
    await nft.chain.add({ table: 't', name: 'in', hook: 'input', priority: 0 })
    await nft.chain.add({ table: 't', name: 'in', policy: 'drop' })
    expect((await nft.chain.list())[2]).toMatchObject({ name: 'in', policy: 'drop', priority: 0, type: 'filter' })
    await nft.chain.destroy({ table: 't', name: 'nothing' })
    await nft.table.destroy({ name: 't' })
    await nft.table.destroy({ name: 't' })
    await nft.table.add({ name: 'asleep', flags: ['dormant'], comment: 'of an inn' })
    expect(await nft.table.list()).toMatchObject([
      { family: 'ip', name: 'asleep', flags: ['dormant'], comment: 'of an inn' },
    ])
    await nft.flush({ family: 'ip6' })
    expect(await nft.table.list()).toHaveLength(1)
    await nft.flush()
    expect(await nft.table.list()).toEqual([])
  })
})

describe('sizes', () => {
  const rules = (count: number) => (b: NftBatch) => {
    for (let i = 0; i < count; i += 1) b.rule.add({ ...at, rule: [saddr(address(i)), counter, accept] })
  }
  const addresses = (count: number): string[] => Array.from({ length: count }, (_, i) => address(i))
  const count = async (ns: Namespace, word: string): Promise<number> =>
    (await ns.exec('nft', ['-j', 'list', 'ruleset'], { maxBuffer: 1 << 28 })).stdout.split(word).length - 1

  test.runIf(root)('10,000 rules, and 100,000 elements of a set, in one transaction each', async () => {
    await using lab = await started()
    const { nft } = lab.nl
    const before = (await nft.list()).generation
    await nft.batch(rules(10_000))
    await nft.set.add({ table: 't', name: 's', type: 'ipv4_addr', elements: addresses(100_000) })
    const after = await nft.list()
    expect(after.generation - before).toBe(2)
    expect(after.rules).toHaveLength(10_000)
    expect(after.sets[0]?.elements).toHaveLength(100_000)
    expect(await count(lab.ns, '"counter"')).toBe(10_000)
  })

  // test/rootless.sh: root of the machine has no limit.
  test.skipIf(root)('without rights on the machine: what the limit is, and in steps', async () => {
    await using lab = await started()
    const { nl } = lab
    // setsockopt() doubles what it is asked for, and an element with this comment takes more than 128 bytes.
    const limit = 2 * Number(readFileSync('/proc/sys/net/core/wmem_max', 'utf8'))
    const comment = 'x'.repeat(108)
    const elements = addresses(Math.ceil(limit / 128)).map((val) => ({ elem: { val, comment } }))
    const fill = (b: NftBatch) => b.set.add({ table: 't', name: 's', type: 'ipv4_addr', elements })
    const error = await failed(nl.nft.batch(fill))
    expect(error).toMatchObject({ code: 'EMSGSIZE', outcome: 'unsent' })
    expect(error.message).toContain('net.core.wmem_max')
    expect(await nl.nft.set.list()).toEqual([])
    await nl.nft.batch(fill, { steps: true })
    expect(await nl.nft.element.list({ table: 't', set: 's' })).toHaveLength(elements.length)
  })
})

describe('other programs', () => {
  const comments = async (nl: Netlink): Promise<unknown[]> => (await nl.nft.rule.list()).map(({ comment }) => comment)
  const theirs = (ns: Namespace, comment: string) =>
    ns.exec('nft', ['add', 'rule', 'ip', 't', 'c', 'counter', 'comment', `"${comment}"`])

  test('that change the ruleset between read and write: batch() with a generation reports it', async () => {
    await using lab = await started()
    const { nft } = lab.nl
    const ruleset = await nft.list()
    await theirs(lab.ns, 'theirs')
    const late = nft.batch((b) => b.chain.flush({ table: 't', name: 'c' }), { generation: ruleset.generation })
    expect(await failed(late)).toMatchObject({ code: 'ERESTART', outcome: 'refused', commands: [] })
    expect(await comments(lab.nl)).toEqual(['theirs'])
    const now = await nft.list()
    await nft.batch((b) => b.chain.flush({ table: 't', name: 'c' }), { generation: now.generation })
    expect(await comments(lab.nl)).toEqual([])
  })

  test('the same: update() reads again, and nothing of others is lost', async () => {
    await using lab = await started()
    await theirs(lab.ns, 'their 0')
    const seen: number[] = []
    await lab.nl.nft.update(async (ruleset, b) => {
      seen.push(ruleset.rules.length)
      if (seen.length < 3) await theirs(lab.ns, `their ${seen.length}`)
      for (const rule of ruleset.rules) b.rule.replace({ ...rule, comment: `${rule.comment} seen` })
    })
    expect(seen).toEqual([1, 2, 3])
    expect(await comments(lab.nl)).toEqual(['their 0 seen', 'their 1 seen', 'their 2 seen'])
  })

  test('that are always faster: update() gives up, and says so', async () => {
    await using lab = await started()
    let times = 0
    const running = lab.nl.nft.update(
      async (_, b) => {
        times += 1
        await theirs(lab.ns, 'theirs')
        b.rule.add({ ...at, rule: [counter], comment: 'ours' })
      },
      { attempts: 3 },
    )
    expect(await failed(running)).toMatchObject({ code: 'ERESTART' })
    expect(times).toBe(3)
    expect(await comments(lab.nl)).toEqual(['theirs', 'theirs', 'theirs'])
  })

  test('two clients that add rules at the same time: none is lost', async () => {
    await using lab = await started()
    await using other = await lab.ns.netlink()
    const add = (nl: Netlink, who: string) =>
      Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          nl.nft.update(
            (ruleset, b) => {
              b.rule.add({ ...at, rule: [counter], comment: `${who} ${i} after ${ruleset.rules.length}` })
            },
            { attempts: 1000 },
          ),
        ),
      )
    await Promise.all([add(lab.nl, 'a'), add(other, 'b')])
    const found = await comments(lab.nl)
    // Each was made of the ruleset that it says.
    expect(found.map((comment) => Number(String(comment).split(' ').pop()))).toEqual(
      Array.from({ length: 40 }, (_, i) => i),
    )
    expect(new Set(found).size).toBe(40)
  })

  test('a ruleset that is read while others change it is one that there was', async () => {
    await using lab = await started()
    await using other = await lab.ns.netlink()
    let going = true
    const changing = (async () => {
      for (let i = 0; going; i += 1) {
        await other.nft.batch((b) => {
          b.table.add({ name: 'pair' })
          b.chain.add({ table: 'pair', name: `c${i}` })
          b.set.add({ table: 'pair', name: `s${i}`, type: 'mark', elements: [i] })
        })
        await setTimeout(20)
        await other.nft.table.del({ name: 'pair' })
      }
    })()
    for (let i = 0; i < 20; i += 1) {
      const { chains, sets } = await lab.nl.nft.list()
      const pair = chains.filter(({ table }) => table === 'pair')
      expect(sets).toHaveLength(pair.length)
      expect(sets.map(({ name }) => name.slice(1))).toEqual(pair.map(({ name }) => name.slice(1)))
      expect(sets.every(({ elements }) => elements.length === 1)).toBe(true)
    }
    going = false
    await changing
  })
})

describe('ends', () => {
  test('abort, deadline, and close in the middle: all of it is there, or nothing', async () => {
    await using lab = await started()
    const many = (b: NftBatch): void => {
      for (let i = 0; i < 4000; i += 1) b.rule.add({ ...at, rule: [saddr(address(i)), accept] })
    }
    for (const milliseconds of [0, 5, 20, 40, 80]) {
      const controller = new AbortController()
      const running = lab.nl.nft.batch(many, { signal: controller.signal }).catch((error: NftError) => error)
      await setTimeout(milliseconds)
      controller.abort()
      const result = (await running) as NftError | undefined
      const there = (await lab.nl.nft.rule.list()).length
      if (result === undefined) expect(there).toBe(4000)
      else {
        expect(result.code).toBe('ABORT_ERR')
        expect([0, 4000]).toContain(there)
        if (result.outcome === 'unsent') expect(there).toBe(0)
      }
      await lab.nl.nft.chain.flush({ table: 't', name: 'c' })
    }
    const late = await failed(lab.nl.nft.batch(many, { deadline: 1 }))
    expect(late.code).toBe('ETIMEDOUT')
    // It may have been on its way.
    await lab.nl.nft.chain.flush({ table: 't', name: 'c' })
    const closing = await lab.ns.netlink()
    const closed = failed(closing.nft.batch(many))
    await setTimeout(10)
    await closing.close()
    expect((await closed).code).toBe('ERR_CLOSED')
    expect([0, 4000]).toContain((await lab.nl.nft.rule.list()).length)
  })
})
