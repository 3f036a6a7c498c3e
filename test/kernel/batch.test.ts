/** nl.batch() in a namespace: order, results, what is not executed, names that the batch itself creates. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import { RTM_GETLINK } from '../../protocol/route/operations.ts'
import { type CommandResult, type Link, Namespace, NetlinkError } from '../../src/index.ts'

const codes = (results: readonly CommandResult<unknown>[]): string[] =>
  results.map((result) => {
    if (result.status === 'fulfilled') return 'ok'
    expect(result.reason).toBeInstanceOf(NetlinkError)
    return result.reason instanceof NetlinkError ? `${result.reason.code} ${result.reason.outcome}` : ''
  })
const valueIn = <T>(result: CommandResult<T>): T | undefined =>
  result.status === 'fulfilled' ? result.value : undefined
const address = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}/32`

describe.each([{ blocking: false }, { blocking: true }])('nl.batch() (%o)', (options) => {
  test('gives the result of each command, in order and with its type', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(options)
    const results = await nl.batch((b) => [
      b.link.add({ kind: 'bridge', name: 'br0', up: true }),
      // Both names are the batch's own.
      b.link.add({ kind: 'veth', name: 'v0', master: 'br0', data: { peer: { name: 'v1' } } }),
      b.addr.add({ dev: 'br0', address: '192.0.2.1/24' }),
      b.route.add({ to: '198.51.100.0/24', via: '192.0.2.2' }),
      b.route.add({ to: '198.51.100.0/24', via: '192.0.2.2' }),
      b.link.get('v1'),
      b.link.del('nothing'),
      b.route.list({ family: 'inet' }),
      b.request(RTM_GETLINK, { ifname: 'br0' }),
    ])
    expect(codes(results)).toEqual(['ok', 'ok', 'ok', 'ok', 'EEXIST refused', 'ok', 'ENODEV unsent', 'ok', 'ok'])
    expect(valueIn(results[0])).toMatchObject({ kind: 'bridge', name: 'br0' })
    expect(valueIn(results[1])).toMatchObject({ name: 'v0', master: 'br0', data: { peer: { name: 'v1' } } })
    expect(valueIn(results[7])).toContainEqual(expect.objectContaining({ to: '198.51.100.0/24', via: '192.0.2.2' }))
    expect(valueIn(results[8])).toEqual([expect.objectContaining({ ifname: 'br0' })])
    expectTypeOf(results[0]).toEqualTypeOf<CommandResult<Link>>()
    expectTypeOf(results[2]).not.toEqualTypeOf<CommandResult<Link>>()
  })

  test('gives all results where none are named, 5,000 with each seventh failing', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(options)
    const lo = { dev: 'lo' } as const
    await nl.link.set('lo', { up: true })
    await nl.batch((b) => {
      for (let i = 0; i < 5000; i += 7) b.route.add({ to: address(i), ...lo })
    })
    const results = await nl.batch((b) => {
      for (let i = 0; i < 5000; i += 1) b.route.add({ to: address(i), ...lo })
    })
    expect(codes(results)).toEqual(Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? 'EEXIST refused' : 'ok')))
    expect((await nl.route.list({ family: 'inet' })).length).toBe(5000)
    expectTypeOf(results).toEqualTypeOf<CommandResult<unknown>[]>()
  })

  test('stopOnError executes nothing behind the first that fails', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(options)
    await nl.link.set('lo', { up: true })
    const results = await nl.batch(
      (b) => [
        b.addr.add({ dev: 'lo', address: '192.0.2.1/32' }),
        b.addr.add({ dev: 'lo', address: '192.0.2.1/32' }),
        b.addr.add({ dev: 'lo', address: '192.0.2.2/32' }),
        b.link.add({ kind: 'bridge', name: 'br0' }),
      ],
      { stopOnError: true },
    )
    expect(codes(results)).toEqual(['ok', 'EEXIST refused', 'ECANCELED unsent', 'ECANCELED unsent'])
    expect(results[3]).toMatchObject({
      reason: {
        message: 'link.add: not executed: addr.add, before it in the batch, failed (ECANCELED)',
        cause: { code: 'EEXIST' },
      },
    })
    expect((await nl.addr.list({ dev: 'lo', family: 'inet' })).map((each) => each.address)).not.toContain(
      '192.0.2.2/32',
    )
    expect((await nl.link.list()).map(({ name }) => name)).toEqual(['lo'])
  })

  test('a signal ends it between commands', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(options)
    const abort = new AbortController()
    abort.abort()
    for (const stopOnError of [false, true]) {
      const results = await nl.batch((b) => [b.link.add({ kind: 'bridge', name: 'br0' })], {
        signal: abort.signal,
        stopOnError,
      })
      expect(codes(results)).toEqual(['ABORT_ERR unsent'])
    }
    expect((await nl.link.list()).length).toBe(1)
  })

  test('so does a deadline: each command is done, or says that it was not begun', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(options)
    const many = 20_000
    for (const stopOnError of [false, true]) {
      const results = await nl.batch(
        (b) => {
          for (let i = 1; i <= many; i += 1) b.route.add({ to: `10.0.${i >> 8}.${i & 255}`, dev: 'lo' })
        },
        { deadline: 20, stopOnError },
      )
      const counts: Record<string, number> = {}
      for (const code of codes(results)) counts[code] = (counts[code] ?? 0) + 1
      // lo is down: each that is begun fails, and the first ends the batch where errors do. Those of the first 20 ms: how many differs.
      const { 'ENETDOWN refused': begun = 0, 'ETIMEDOUT unsent': late = 0, 'ECANCELED unsent': cancelled = 0 } = counts
      expect(begun + late + cancelled).toBe(many)
      expect(begun).toBeLessThan(stopOnError ? 2 : many)
      expect(cancelled).toBe(stopOnError && begun === 1 ? many - 1 : 0)
    }
  })

  test('what cannot be meant is refused, and nothing is sent', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink(options)
    const late = nl.batch(async (b) => {
      b.link.add({ kind: 'bridge', name: 'br0' })
    })
    await expect(late).rejects.toMatchObject({ code: 'EINVAL', path: 'build' })
    await expect(
      nl.batch((b) => {
        b.link.add({ kind: 'bridge', name: 'br0' })
        throw new RangeError('mine')
      }),
    ).rejects.toThrow('mine')
    let kept: (() => unknown) | undefined
    await nl.batch((b) => {
      kept = () => b.link.del('lo')
    })
    expect(() => kept?.()).toThrow('after the batch had been sent')
    expect((await nl.link.list()).length).toBe(1)
    // Checks of single commands are their results.
    const wrong = await nl.batch((b) => [
      b.link.add({ kind: 'bridge', name: 'with space' }),
      b.link.list({ master: '' }),
    ])
    expect(codes(wrong)).toEqual(['EINVAL unsent', 'EINVAL unsent'])
    expect(await nl.batch(() => {})).toEqual([])
  })

  test('closing the client settles every command', async () => {
    await using ns = await Namespace.create()
    const nl = await ns.netlink(options)
    const results = nl.batch((b) => {
      for (let i = 0; i < 3000; i += 1) b.route.add({ to: address(i), dev: 'lo' })
    })
    await nl.close()
    expect((await results).length).toBe(3000)
    expect(codes(await results).at(-1)).toBe('ERR_CLOSED unsent')
  })
})
