/** nl.nft.update() and nl.nat beside others that change the same ruleset all the time: nothing of anybody is lost. */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Namespace, type Netlink } from '../../src/index.ts'

const at = { table: 't', chain: 'c' } as const

test('30 updates beside 60 times nft add rule', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  await nl.nft.batch((b) => {
    b.table.add({ name: 't' })
    b.chain.add({ table: 't', name: 'c' })
  })
  // What is loaded on first use takes longer than all of theirs.
  await nl.nft.update(() => undefined)
  const theirs =
    'for i in $(seq 60); do nft add rule ip t c counter comment \\"theirs $i\\" || exit 1; sleep 0.02; done'
  const adding = ns.exec('sh', ['-c', theirs], { sysfs: false })
  const tries: number[] = []
  await expect.poll(() => nl.nft.rule.list()).not.toEqual([])
  for (let i = 0; i < 30; i += 1) {
    let times = 0
    await nl.nft.update(async ({ rules }, b) => {
      times += 1
      // Time for others.
      await delay(5)
      b.rule.add({ ...at, rule: [{ counter: null }], comment: `ours ${i} after ${rules.length}` })
    })
    tries.push(times)
    await delay(20)
  }
  await adding
  const comments = (await nl.nft.rule.list()).map(({ comment }) => comment ?? '')
  const ours = comments.flatMap((comment, place) => (comment.startsWith('ours') ? [[comment, place]] : []))
  // In their order, and each behind all that it was made of.
  expect(ours).toEqual(ours.map(([, place], i) => [`ours ${i} after ${place}`, place]))
  expect(ours).toHaveLength(30)
  const others = comments.filter((comment) => comment.startsWith('theirs'))
  expect(others).toEqual(Array.from({ length: 60 }, (_, i) => `theirs ${i + 1}`))
  const again = tries.filter((times) => times > 1).length
  console.log(`${again} of 30 updates were done again, ${Math.max(...tries)} times at most`)
  expect(again).toBeGreaterThan(0)
  expect(Math.max(...tries)).toBeLessThanOrEqual(10)
})

const publish = (nl: Netlink, port: number) => nl.nat.forward({ protocol: 'tcp', port, to: '192.0.2.1:80' })
const ports = Array.from({ length: 24 }, (_, i) => 5000 + i)

test.each([1, 6])('%i clients that publish 24 ports at once, and take them back', async (count) => {
  await using ns = await Namespace.create()
  const clients = await Promise.all(Array.from({ length: count }, () => ns.netlink()))
  await using nl = await ns.netlink()
  const handles = await Promise.all(ports.map((port, i) => publish(clients[i % count] ?? nl, port)))
  expect((await nl.nat.list()).map(({ name }) => name).sort()).toEqual(ports.map((port) => `forward tcp ${port}`))
  await Promise.all(handles.map((handle) => handle.remove()))
  expect(await nl.nft.table.list()).toEqual([])
  for (const client of clients) await client.close()
})

test('an update that does another one meanwhile is done again, and does not wait for itself', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  let times = 0
  await nl.nft.update(async (_, b) => {
    times += 1
    if (times === 1) await publish(nl, 80)
    b.table.add({ name: 't' })
  })
  expect(times).toBe(2)
  expect((await nl.nft.table.list()).map(({ name }) => name)).toEqual(['netlink-ts', 't'])
})
