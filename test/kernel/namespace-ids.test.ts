/** Ids, what is in a namespace, whose name it is, and names that come and go: beside `ip netns`, over every host. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { Namespace, type NamespaceEvent, type NamespaceWatch } from '../../src/index.ts'
import { NamespaceWatch as Watch } from '../../src/namespace/watch.ts'
import { descriptors, hosts, root, settled } from './hosts.ts'
import { ip, quiet, shown } from './lab.ts'

const prefix = `nsids-${process.pid}`
let count = 0
const fresh = () => `${prefix}-${++count}`

describe.each(hosts)('%s', (_, start) => {
  test('ids, given by us and by `ip netns set`, seen by both', async () => {
    await using place = await start()
    await using here = await Namespace.create(fresh(), place.where)
    await using one = await Namespace.create(fresh(), place.where)
    await using two = await Namespace.create(fresh(), place.where)
    const listed = async () =>
      JSON.parse((await here.exec('ip', ['-j', 'netns', 'list-id'], { sysfs: false })).stdout || '[]')
    expect([await one.id({ in: here }), await two.id({ in: here })]).toEqual([undefined, undefined])
    expect(await Namespace.ids({ ...hostOf(place.where), in: here })).toEqual([])

    expect(await one.setId(7, { in: here })).toBe(7)
    await here.exec('ip', ['netns', 'set', String(two.name), '12'], { sysfs: false })
    expect([await one.id({ in: here }), await two.id({ in: here })]).toEqual([7, 12])
    expect(await listed()).toEqual([
      { nsid: 7, name: one.name },
      { nsid: 12, name: two.name },
    ])
    await using nameless = await Namespace.create(undefined, place.where)
    const chosen = await nameless.setId(undefined, { in: here })
    expect(chosen).toBeGreaterThanOrEqual(0)
    expect(await Namespace.ids({ ...hostOf(place.where), in: here })).toEqual(
      [
        { id: chosen, names: [] },
        { id: 7, names: [one.name] },
        { id: 12, names: [two.name] },
      ].sort((a, b) => a.id - b.id),
    )

    await expect(one.setId(8, { in: here })).rejects.toMatchObject({ code: 'EEXIST', path: undefined })
    await expect(one.setId(undefined, { in: here })).rejects.toMatchObject({ code: 'EEXIST' })
    await using third = await Namespace.create(undefined, place.where)
    await expect(third.setId(7, { in: here })).rejects.toMatchObject({ code: 'EEXIST', path: 'id' })
    for (const wrong of [-1, 1.5, 2 ** 31 - 1, Number.NaN])
      await expect(third.setId(wrong, { in: here })).rejects.toMatchObject({ code: 'EINVAL', path: 'id' })
    await third.close()
    await expect(third.id({ in: here })).rejects.toMatchObject({ code: 'EBADF' })
  })

  test('the id that a link names its peer by', async () => {
    await using place = await start()
    await using here = await Namespace.create(undefined, place.where)
    await using away = await Namespace.create(undefined, place.where)
    await using nl = await here.netlink()
    const made = await nl.link.add({ kind: 'veth', name: 'v0', data: { peer: { name: 'v1', namespace: away } } })
    expect(made.linkNetnsid).toBe(await away.id({ in: here }))
  })

  test('list with details; identify', async () => {
    await using place = await start()
    const { where } = place
    await using one = await Namespace.create(fresh(), where)
    await using two = await Namespace.create(fresh(), where)
    await two.setId()
    const { subprocess } = await one.spawn('sleep', ['60'], { sysfs: false })
    try {
      await expect.poll(async () => (await one.pids()).length).toBeGreaterThan(0)
      const [pid = 0] = await one.pids()
      const details = await Namespace.list({ ...hostOf(where), details: true })
      const ours = details.filter(({ name }) => name.startsWith(prefix))
      expect(ours).toEqual([
        { name: one.name, inode: one.inode, id: undefined, pids: await one.pids() },
        { name: two.name, inode: two.inode, id: await two.id(), pids: [] },
      ])
      expect(details.map(({ name }) => name)).toEqual(await Namespace.list(where))
      expect(await Namespace.identify(pid, where)).toEqual([one.name])
      expect(await Namespace.identify(undefined, where)).toEqual([])
      if (where.host === undefined) expect(await place.run('ip', 'netns', 'identify', String(pid))).toBe(one.name)
    } finally {
      subprocess.kill()
      await subprocess.catch(() => undefined)
    }
    await expect(Namespace.identify(4_194_304, where)).rejects.toMatchObject({ code: 'ENOENT', path: 'pid' })
    await expect(Namespace.identify(0, where)).rejects.toMatchObject({ code: 'EINVAL', path: 'pid' })
  })

  test('all: each once, results by name, a failure stops no other', async () => {
    await using place = await start()
    const { where } = place
    const made = await Promise.all(
      Array.from({ length: 12 }, () => fresh()).map((name) => Namespace.create(name, where)),
    )
    const failing = made[3]?.name
    const before = await descriptors()
    let running = 0
    let most = 0
    const results = await Namespace.all(
      async (ns) => {
        running += 1
        most = Math.max(most, running)
        await delay(5)
        running -= 1
        if (ns.name === failing) throw new Error('not this one')
        await using nl = await ns.netlink()
        return (await nl.link.list()).map(({ name }) => name)
      },
      { ...hostOf(where), concurrency: 4 },
    )
    expect(most).toBe(4)
    expect([...results.keys()]).toEqual(await Namespace.list(where))
    for (const { name = '' } of made)
      expect(results.get(name)).toEqual(
        name === failing
          ? { status: 'rejected', reason: new Error('not this one') }
          : { status: 'fulfilled', value: ['lo'] },
      )
    await expect(Namespace.all(() => 1, { ...hostOf(where), concurrency: 0 })).rejects.toMatchObject({
      code: 'EINVAL',
      path: 'concurrency',
    })
    await settled(before)
    await Promise.all(made.map((ns) => ns.delete()))
  })

  test('watch: what we and `ip netns` add and delete', async () => {
    await using place = await start()
    const { where } = place
    const events: NamespaceEvent[] = []
    await using watching = Namespace.watch(where)
    await watching.ready
    const seen = collect(watching, events)
    const [ours, theirs] = [fresh(), fresh()]
    const ns = await Namespace.create(ours, where)
    await expect.poll(() => events).toEqual([{ action: 'add', name: ours }])
    await place.run('ip', 'netns', 'add', theirs)
    await expect.poll(() => events.slice(1)).toEqual([{ action: 'add', name: theirs }])
    await ns.delete()
    await expect.poll(() => events.slice(2)).toEqual([{ action: 'delete', name: ours }])
    await place.run('ip', 'netns', 'del', theirs)
    await expect.poll(() => events.slice(3)).toEqual([{ action: 'delete', name: theirs }])
    await watching.close()
    await seen
    expect(events).toHaveLength(4)
  })

  test('a device moves there and back', async () => {
    await using place = await start()
    const { where } = place
    await using home = await Namespace.current(where)
    await using away = await Namespace.create(undefined, where)
    await using nl = await home.netlink()
    await using there = await away.netlink()
    const [name, moving] = [`mv${process.pid}`, `mw${process.pid}`]
    await nl.link.add({ kind: 'veth', name, data: { peer: { name: moving, mtu: 1400, namespace: away } } })
    try {
      await there.link.set(moving, { namespace: home })
      await expect(there.link.get(moving)).rejects.toMatchObject({ code: 'ENODEV' })
      expect(await nl.link.get(moving)).toMatchObject({ kind: 'veth', mtu: 1400, link: name })
      await nl.link.set(moving, { namespace: away, name: 'eth0' })
      expect(await there.link.get('eth0')).toMatchObject({
        kind: 'veth',
        mtu: 1400,
        linkNetnsid: await home.id({ in: away }),
      })
    } finally {
      await nl.link.del(name)
    }
  })
})

describe.runIf(root)('beside `ip` as root', () => {
  afterEach(async () => {
    for (const name of await Namespace.list()) if (name.startsWith(prefix)) await Namespace.delete(name)
  })

  test('`ip link add ... netns`: both ends in two others', async () => {
    await using here = await quiet()
    await using one = await quiet(fresh())
    await using two = await quiet(fresh())
    await using sibling = await quiet()
    await using siblingOne = await quiet(fresh())
    await using siblingTwo = await quiet(fresh())
    await using nl = await here.netlink()
    await nl.link.add({
      kind: 'veth',
      name: 'v0',
      namespace: one,
      address: '02:00:00:00:00:0a',
      data: { peer: { name: 'v1', namespace: two, address: '02:00:00:00:00:0b' } },
    })
    await ip(
      sibling,
      `link add v0 netns ${siblingOne.name} address 02:00:00:00:00:0a type veth peer name v1 netns ${siblingTwo.name} address 02:00:00:00:00:0b`,
    )
    for (const [ours, theirs] of [
      [here, sibling],
      [one, siblingOne],
      [two, siblingTwo],
    ] as const)
      expect(await shown(ours, 'link')).toEqual(await shown(theirs, 'link'))
  })

  test('the same events as `ip netns monitor`, of 40 that come and go', async () => {
    // Into a pipe it prints in blocks of 4 KiB.
    const monitor = spawn('stdbuf', ['-oL', 'ip', 'netns', 'monitor'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(monitor, 'exit')
    onTestFinished(async () => {
      monitor.kill()
      await ended
    })
    let printed = ''
    monitor.stdout.setEncoding('utf8').on('data', (text) => (printed += text))
    const events: NamespaceEvent[] = []
    await using watching = Namespace.watch()
    const seen = collect(watching, events)
    // It listens when it has told of this one.
    const probe = fresh()
    await expect
      .poll(async () => {
        await using _ns = await Namespace.create(probe)
        await delay(20)
        return printed
      })
      .toContain(probe)
    await expect.poll(() => events.at(-1)).toEqual({ action: 'delete', name: probe })
    const skip = events.length
    const made = await Promise.all(Array.from({ length: 40 }, () => Namespace.create(fresh())))
    await expect.poll(() => events.length - skip).toBe(40)
    await Promise.all(made.map((ns) => ns.delete()))
    await expect.poll(() => events.length - skip).toBe(80)
    const said = () => printed.split('\n').filter((line) => line.includes(prefix) && !line.endsWith(probe))
    await expect.poll(() => said().length).toBe(80)
    expect(new Set(said())).toEqual(new Set(events.slice(skip).map(({ action, name }) => `${action} ${name}`)))
    await watching.close()
    await seen
  })

  test('an added one can be opened at once; a name that goes and comes is told twice', async () => {
    await using watching = Namespace.watch()
    const name = fresh()
    let opened = 0
    const loop = (async () => {
      const actions: string[] = []
      for await (const event of watching) {
        if (event.name !== name) continue
        actions.push(event.action)
        if (event.action === 'add') {
          // By now it may be gone again, but it is never half made.
          const ns = await Namespace.open(name).catch((error) => {
            if (error.code !== 'ENOENT') throw error
          })
          if (ns) opened += 1
          await ns?.close()
        }
        if (actions.filter((action) => action === 'delete').length === 30) return actions
      }
      return actions
    })()
    for (let round = 0; round < 30; round += 1) {
      const ns = await Namespace.create(name)
      await delay(10)
      await ns.delete({ wait: false })
      if (round % 3 === 0) await delay(10)
    }
    expect(await loop).toEqual(Array.from({ length: 60 }, (_, i) => (i % 2 ? 'delete' : 'add')))
    expect(opened).toBeGreaterThan(20)
    expect(watching.closed).toBe(true)
  })

  test('a folder that is not there yet, goes, and comes again', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'names-'))
    const directory = join(parent, 'netns')
    const watching = new Watch(() => ({ directory, list: async () => [], signal: undefined }))
    const events: NamespaceEvent[] = []
    const seen = collect(watching, events)
    try {
      for (let round = 0; round < 2; round += 1) {
        mkdirSync(directory)
        const path = join(directory, 'a')
        execFileSync('touch', [path])
        await delay(30)
        execFileSync('mount', ['--bind', '/proc/self/ns/net', path])
        await expect.poll(() => events.at(-1)).toEqual({ action: 'add', name: 'a' })
        execFileSync('umount', [path])
        rmSync(path)
        await expect.poll(() => events.at(-1)).toEqual({ action: 'delete', name: 'a' })
        rmSync(directory, { recursive: true })
        await delay(30)
      }
      expect(events.map(({ action }) => action)).toEqual(['add', 'delete', 'add', 'delete'])
    } finally {
      await watching.close()
      await seen
      if (existsSync(parent)) rmSync(parent, { recursive: true })
    }
  })
})

describe('a watch ends', () => {
  test('by close, by abort, by leaving the loop; whoever waits is told', async () => {
    // libuv opens its inotify descriptor once.
    await Namespace.watch().close()
    const before = await descriptors()
    const closed = Namespace.watch()
    const waiting = [closed.next(), closed.next()]
    await closed.close()
    await closed.close()
    for (const each of waiting) expect(await each).toEqual({ done: true, value: undefined })
    expect(await closed.next()).toEqual({ done: true, value: undefined })

    const controller = new AbortController()
    const aborted = Namespace.watch({ signal: controller.signal })
    const [first, second] = [aborted.next(), aborted.next()]
    controller.abort()
    const results = await Promise.allSettled([first, second, aborted.next()])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    await expect(first).rejects.toMatchObject({ code: 'ABORT_ERR', operation: 'namespace.watch' })
    await expect(Namespace.watch({ signal: controller.signal }).next()).rejects.toMatchObject({ code: 'ABORT_ERR' })
    await expect(Namespace.watch({ signal: controller.signal }).ready).rejects.toMatchObject({ code: 'ABORT_ERR' })

    const nowhere = new Watch(() => ({ directory: '/does/not/exist/netns', list: async () => [], signal: undefined }))
    await expect(nowhere.next()).rejects.toMatchObject({ code: 'ENOENT', operation: 'namespace.watch' })
    expect(nowhere.closed).toBe(true)
    await settled(before)
  })
})

const hostOf = ({ host }: { host?: import('../../src/index.ts').NamespaceHost }) => (host ? { host } : {})

async function collect(watching: NamespaceWatch, events: NamespaceEvent[]): Promise<void> {
  for await (const event of watching) if (event.name.startsWith(prefix) || event.name === 'a') events.push({ ...event })
}
