/** What nl.nft finds wrong before anything is sent: the property, and why. */
import { describe, expect, test } from 'vitest'
import { Conversation } from '../../../src/conversation.ts'
import type { NftError } from '../../../src/nft/errors.ts'
import { NftBatch } from '../../../src/nft/transaction/batch.ts'
import { run } from '../../../src/nft/transaction/run.ts'
import { FakeKernel } from '../fake-kernel.ts'

const chain = { table: 't', name: 'c' } as const
const rule = { table: 't', chain: 'c' } as const
const set = { table: 't', name: 's', type: 'ipv4_addr' } as const
const expected = { kind: 'ct expectation', table: 't', name: 'o', protocol: 'tcp', dport: 1, timeout: 1 } as const
const long = 'x'.repeat(256)

/** `build` takes what no compiler would let by as well. */
type Row = readonly [path: string | undefined, reason: RegExp, build: (b: NftBatch) => unknown]
const rows: Readonly<Record<string, readonly Row[]>> = {
  names: [
    ['name', /must not be empty/, (b) => b.table.add({ name: '' })],
    ['name', /shorter than 256 bytes/, (b) => b.table.add({ name: long })],
    ['name', /must not contain NUL/, (b) => b.table.add({ name: 'a\0b' })],
    ['name', /must be a name, got undefined/, (b) => b.table.del({})],
    ['table', /must not be empty/, (b) => b.chain.add({ ...chain, table: '' })],
    ['name', /must not contain '%'/, (b) => b.set.add({ ...set, name: 'a%d' })],
    ['comment', /longer than 128 bytes/, (b) => b.table.add({ name: 't', comment: 'x'.repeat(129) })],
    ['family', /must be one of ip, ip6, inet/, (b) => b.table.add({ family: 'ipv4' as 'ip', name: 't' })],
    ['flags[1]', /must be one of dormant/, (b) => b.table.add({ name: 't', flags: ['dormant', 'x' as 'owner'] })],
    ['handle', /positive integer/, (b) => b.rule.del({ ...rule, handle: 0 })],
    ['newName', /must not be empty/, (b) => b.chain.rename({ ...chain, handle: 1 }, '')],
  ],
  'base chains': [
    [
      'hook',
      /must be one of prerouting, .* in family ip/,
      (b) => b.chain.add({ ...chain, hook: 'ingress', priority: 0 }),
    ],
    [
      'hook',
      /must be one of input, output in family arp/,
      (b) => b.chain.add({ ...chain, family: 'arp', hook: 'forward', priority: 0 }),
    ],
    ['hook', /a nat chain must be at/, (b) => b.chain.add({ ...chain, type: 'nat', hook: 'forward', priority: 0 })],
    [
      'hook',
      /a route chain must be at output/,
      (b) => b.chain.add({ ...chain, type: 'route', hook: 'input', priority: 0 }),
    ],
    [
      'type',
      /there are no nat chains in family arp/,
      (b) => b.chain.add({ ...chain, family: 'arp', type: 'nat', hook: 'input', priority: 0 }),
    ],
    [
      'type',
      /must be one of filter, nat, route/,
      (b) => b.chain.add({ ...chain, type: 'x' as 'nat', hook: 'input', priority: 0 }),
    ],
    ['priority', /is missing/, (b) => b.chain.add({ ...chain, hook: 'input' })],
    ['priority', /must be an integer -2147483648/, (b) => b.chain.add({ ...chain, hook: 'input', priority: 2 ** 31 })],
    [
      'priority',
      /must be above -200/,
      (b) => b.chain.add({ ...chain, type: 'nat', hook: 'prerouting', priority: -200 }),
    ],
    [
      'priority',
      /one of raw, mangle, filter, security, srcnat at input/,
      (b) => b.chain.add({ ...chain, hook: 'input', priority: 'out' }),
    ],
    ['priority', /must be a number or one of/, (b) => b.chain.add({ ...chain, hook: 'forward', priority: 'dstnat' })],
    [
      'devices',
      /must name at least one/,
      (b) => b.chain.add({ ...chain, family: 'netdev', hook: 'ingress', priority: 0 }),
    ],
    [
      'devices',
      /only for ingress and egress/,
      (b) => b.chain.add({ ...chain, hook: 'input', priority: 0, devices: ['d0'] }),
    ],
    ['type', /only for base chains/, (b) => b.chain.add({ ...chain, type: 'filter' })],
    [
      'policy',
      /must be accept or drop/,
      (b) => b.chain.add({ ...chain, hook: 'input', priority: 0, policy: 'x' as 'drop' }),
    ],
    ['policy', /only for base chains/, (b) => b.chain.create({ ...chain, policy: 'drop' })],
  ],
  rules: [
    ['rule', /or expressions must be given/, (b) => b.rule.add(rule)],
    ['rule', /cannot both be given/, (b) => b.rule.add({ ...rule, rule: [], expressions: [] })],
    ['rule', /must be an array of statements/, (b) => b.rule.add({ ...rule, rule: { accept: null } as never })],
    ['sets', /belong to expressions/, (b) => b.rule.add({ ...rule, rule: [], sets: [] })],
    ['handle', /positive integer/, (b) => b.rule.replace({ ...rule, rule: [] })],
    ['position', /positive integer/, (b) => b.rule.add({ ...rule, rule: [], position: -1 })],
  ],
  'sets and objects': [
    ['type', /./, (b) => b.set.add({ ...set, type: 'nonsense' })],
    ['timeout', /at least 0.001/, (b) => b.set.add({ ...set, timeout: 0 })],
    ['size', /must be an integer 1/, (b) => b.set.add({ ...set, size: 0 })],
    ['flags[0]', /must be one of constant/, (b) => b.set.add({ ...set, flags: ['x' as 'interval'] })],
    ['autoMerge', /interval/, (b) => b.set.add({ ...set, autoMerge: true })],
    ['elements[1]', /./, (b) => b.set.add({ ...set, elements: ['192.0.2.1', 'nonsense'] })],
    ['elements', /must be an array/, (b) => b.set.add({ ...set, elements: 'x' as never })],
    ['kind', /is no kind of object/, (b) => b.object.add({ kind: 'x' as 'counter', table: 't', name: 'o' })],
    ['bytes', /must be an integer/, (b) => b.object.add({ kind: 'quota', table: 't', name: 'o', bytes: -1 })],
    [
      'per',
      /must be one of second/,
      (b) => b.object.add({ kind: 'limit', table: 't', name: 'o', rate: 1, per: 'x' as 'day' }),
    ],
    ['size', /must be an integer 0..255/, (b) => b.object.add({ ...expected, size: 256 })],
    ['devices[0]', /shorter than 16 bytes/, (b) => b.flowtable.add({ table: 't', name: 'f', devices: [long] })],
  ],
  /** As from JSON that somebody else wrote. */
  'what is malformed': [
    [undefined, /must be an object, got null/, (b) => b.table.add(null as never)],
    [undefined, /must be an object, got 'x'/, (b) => b.rule.add('x' as never)],
    ['family', /must be one of/, (b) => b.table.add({ family: 'constructor' as 'ip', name: 't' })],
    ['family', /must be one of/, (b) => b.table.add({ family: '__proto__' as 'ip', name: 't' })],
    ['family', /must be one of/, (b) => b.rule.add({ ...rule, family: null as never, rule: [] })],
    ['name', /must be a name/, (b) => b.table.add({ name: Object.create(null) })],
    ['type', /must be the name of a data type/, (b) => b.set.add({ ...set, type: null as never })],
    ['type', /must be the name of a data type/, (b) => b.set.add({ ...set, type: [null] as never })],
    ['type', /no data type 'constructor'/, (b) => b.set.add({ ...set, type: 'constructor' })],
    ['map', /must be the name of a data type/, (b) => b.set.add({ ...set, map: 5 as never })],
    ['statements', /must be an array/, (b) => b.set.add({ ...set, statements: null as never })],
    ['statements[0].limit', /must be/, (b) => b.set.add({ ...set, statements: [{ limit: null as never }] })],
    ['elements', /must be an array/, (b) => b.set.add({ ...set, elements: null as never })],
    ['devices', /must be an array/, (b) => b.flowtable.add({ table: 't', name: 'f', devices: 5 as never })],
    ...(
      [
        [null, '[0]'],
        [Symbol('x'), '[0]'],
        [{ range: 5 }, '[0].range'],
        [{ range: ['192.0.2.1'] }, '[0].range'],
        [{ range: [null, null] }, '[0]'],
        [{ prefix: null }, '[0].prefix'],
        [{ prefix: { addr: '192.0.2.0', len: 'x' } }, '[0].prefix.len'],
        [{ concat: null }, '[0]'],
        [{ constructor: 1 }, '[0]'],
        [{ '|': [] }, '[0].|'],
        [{ elem: null }, '[0].elem'],
        [{ elem: { val: '192.0.2.1', timeout: Infinity } }, '[0].elem.timeout'],
        [{ elem: { val: '192.0.2.1', quota: null } }, '[0].elem.quota'],
      ] as const
    ).map(
      ([element, path]): Row => [
        `elements${path}`,
        /must/,
        (b) => b.set.add({ ...set, flags: ['interval', 'timeout'], elements: [element as never] }),
      ],
    ),
    [
      'elements[0][1]',
      /must be a verdict/,
      (b) => b.set.add({ ...set, map: 'verdict', elements: [['1.2.3.4', null]] as never }),
    ],
  ],
}

async function errorOf(build: (b: NftBatch) => unknown): Promise<[NftError, FakeKernel]> {
  const kernel = new FakeKernel()
  await using conversation = await Conversation.open({ open: kernel.open, deadline: 2000 })
  const batch = new NftBatch()
  const call = async (): Promise<void> => {
    build(batch)
    await run(conversation, batch.commands, {}, { operation: 'nft.x', single: true })
  }
  const error = await call().then(
    () => {
      throw new Error('nothing was found')
    },
    (found: NftError) => found,
  )
  return [error, kernel]
}

for (const [title, of] of Object.entries(rows))
  describe(title, () => {
    test.each(of.map(([path, reason, build], i) => ({ name: `${i} ${path}: ${reason.source}`, path, reason, build })))(
      '$name',
      async ({ path, reason, build }) => {
        const [error, kernel] = await errorOf(build)
        expect(error).toMatchObject({ code: 'EINVAL', outcome: 'unsent', path })
        expect(error.message).toMatch(reason)
        expect(kernel.writes.flat().filter(({ type }) => type === 16)).toEqual([])
      },
    )
  })

test('an input whose properties cannot be read is an error of the call', async () => {
  const unreadable = new Proxy(
    {},
    {
      get() {
        throw new RangeError('unreadable')
      },
    },
  )
  const [error] = await errorOf((b) => b.table.add(unreadable as never))
  expect(error).toBeInstanceOf(RangeError)
})
