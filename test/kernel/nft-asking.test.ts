/** Questions about nftables: of what is not there, and of names that several families have. */
import { expect, test } from 'vitest'
import { Namespace, NetlinkError, type NftElement } from '../../src/index.ts'

async function failed(promise: Promise<unknown>): Promise<NetlinkError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof NetlinkError) return error
  throw new Error(`did not fail as it should: ${String(error)}`)
}

test('elements of what is not there: the words are the caller’s', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const { element, set, table } = nl.nft
  await table.add({ name: 't' })
  await set.add({ table: 't', name: 's', type: 'ipv4_addr', flags: ['interval'], elements: ['10.0.0.0/8'] })
  for (const verb of ['get', 'list', 'reset'] as const) {
    const operation = `nft.element.${verb}`
    const asked = { table: 't', set: 's', elements: ['10.0.0.1'] }
    const noTable = await failed(element[verb]({ ...asked, table: 'nothing' }))
    expect(noTable).toMatchObject({ code: 'ENOENT', operation, path: 'table', outcome: 'refused' })
    expect(noTable.message).toBe(`${operation} ip nothing s: table: is not there (ENOENT)`)
    const noSet = await failed(element[verb]({ ...asked, family: 'ip', set: 'nothing' }))
    expect(noSet).toMatchObject({ code: 'ENOENT', operation })
    expect(noSet.message).toMatch(`${operation} ip t nothing: `)
  }
  const none = await failed(element.get({ table: 't', set: 's', elements: ['10.0.0.1', '192.0.2.1'] }))
  expect(none).toMatchObject({ code: 'ENOENT', operation: 'nft.element.get', path: 'elements[1]' })
  expect(none.message).toBe('nft.element.get ip t s: elements[1]: is not in the set (ENOENT)')
})

test('elements that are there: all that are asked for, as the set has them', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const { element, set, table } = nl.nft
  await table.add({ name: 't' })
  const addresses = Array.from({ length: 250 }, (_, i) => `10.0.0.${i}`)
  await set.add({ table: 't', name: 'plain', type: 'ipv4_addr', elements: [...addresses, '10.1.0.0'] })
  const plain = { table: 't', set: 'plain' } as const
  expect(await element.get({ ...plain, elements: addresses })).toEqual(addresses)
  const late = await failed(element.get({ ...plain, elements: [...addresses.slice(0, 200), '192.0.2.1', '10.0.0.1'] }))
  expect(late).toMatchObject({ code: 'ENOENT', path: 'elements[200]' })
  const range: NftElement = { range: ['172.16.0.1', '172.16.0.9'] }
  const prefix = { prefix: { addr: '10.0.0.0', len: 8 } }
  await set.add({ table: 't', name: 'nets', type: 'ipv4_addr', flags: ['interval'], elements: [prefix, range] })
  const asked = ['172.16.0.3', '10.0.0.1', '10.255.255.255', '172.16.0.3']
  expect(await element.get({ table: 't', set: 'nets', elements: asked })).toEqual([prefix, range])
})

test('lists of what is not there are empty', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const filter = { family: 'ip', table: 'nothing' } as const
  for (const kind of ['table', 'chain', 'rule', 'set', 'object', 'flowtable'] as const)
    expect(await nl.nft[kind].list(filter)).toEqual([])
  expect(await nl.nft.rule.reset(filter)).toEqual([])
  expect(await nl.nft.object.reset({ ...filter, kind: 'counter', name: 'nothing' })).toEqual([])
})

test('a table’s name in three families: all of them are listed, and set back', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const { nft } = nl
  const counted = { packets: 3, bytes: 30 }
  await nft.batch((b) => {
    for (const family of ['ip', 'inet', 'ip6'] as const) {
      const table = { family, table: 't' }
      b.table.add({ family, name: 't' })
      for (const name of ['c', 'd'].slice(family === 'ip' ? 1 : 0)) {
        b.chain.add({ ...table, name })
        b.rule.add({ ...table, chain: name, rule: [{ counter: counted }] })
        b.object.add({ ...table, kind: 'counter', name, ...counted })
      }
    }
  })
  const where = (rules: readonly { family: string; chain: string }[]): string =>
    rules.map(({ family, chain }) => `${family} ${chain}`).join(', ')
  expect(where(await nft.rule.list({ table: 't', chain: 'c' }))).toBe('inet c, ip6 c')
  expect(where(await nft.rule.list({ table: 't' }))).toBe('ip d, inet c, inet d, ip6 c, ip6 d')
  expect(where(await nft.rule.list({ chain: 'd' }))).toBe('ip d, inet d, ip6 d')

  const counting = async (): Promise<string> =>
    where((await nft.rule.list()).filter(({ statements }) => JSON.stringify(statements).includes('"packets":3')))
  // Nothing but what is told is set back.
  expect(await failed(nft.rule.reset({ chain: 'c' }))).toMatchObject({ code: 'EINVAL', path: 'table' })
  expect(where(await nft.rule.reset({ family: 'inet', table: 't', chain: 'c' }))).toBe('inet c')
  expect(await counting()).toBe('ip d, inet d, ip6 c, ip6 d')
  expect(where(await nft.rule.reset({ table: 't', chain: 'd' }))).toBe('ip d, ip6 d, inet d')
  expect(await counting()).toBe('ip6 c')

  const objects = async (): Promise<string> =>
    (await nft.object.list())
      .flatMap((object) => (object.kind === 'counter' && object.packets === 3 ? `${object.family} ${object.name}` : []))
      .join(', ')
  expect(await failed(nft.object.reset({ table: 't', name: 'c' }))).toMatchObject({ code: 'EINVAL', path: 'kind' })
  const [one, ...others] = await nft.object.reset({ family: 'inet', table: 't', kind: 'counter', name: 'c' })
  expect(one).toMatchObject({ family: 'inet', name: 'c', ...counted })
  expect(others).toEqual([])
  expect(await objects()).toBe('ip d, inet d, ip6 c, ip6 d')
  expect(await nft.object.reset({ table: 't', kind: 'counter', name: 'd' })).toHaveLength(3)
  expect(await objects()).toBe('ip6 c')
})
