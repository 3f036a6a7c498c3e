/** Making, finding, joining and removing namespaces: the same on every host, and beside the `ip netns` of its file system. */
import { closeSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressFamily, socketType } from '../../src/constants.ts'
import { Namespace } from '../../src/namespace/namespace.ts'
import { descriptors, hosts, type Place, settled } from './hosts.ts'

const prefix = `nshost-${process.pid}`
let count = 0
const fresh = () => `${prefix}-${++count}`
const socketOf = (ns: Namespace) => ns.openSocket(addressFamily.AF_NETLINK, socketType.SOCK_RAW, 0)

describe.each(hosts)('%s', (_title, start) => {
  let place: Place
  beforeAll(async () => {
    place = await start()
  })
  afterAll(async () => {
    const left = (await Namespace.list(place.where)).filter((name) => name.startsWith(prefix))
    await place[Symbol.asyncDispose]()
    expect(left).toEqual([])
  })
  const create = (name?: string) => Namespace.create(name, place.where)
  const ipNames = async () => (await place.run('ip', 'netns', 'list')).split('\n').map((line) => line.split(' ')[0])

  test('iproute2 lists, uses and deletes what we make', async () => {
    const name = fresh()
    await using ns = await create(name)
    expect(await ipNames()).toContain(name)
    expect(await place.run('ip', 'netns', 'exec', name, 'readlink', '/proc/self/ns/net')).toBe(`net:[${ns.inode}]`)
    await place.run('ip', 'netns', 'del', name)
    expect(await Namespace.list(place.where)).not.toContain(name)
  })

  test('we list, use and delete what it makes', async () => {
    const name = fresh()
    await place.run('ip', 'netns', 'add', name)
    expect(await Namespace.list(place.where)).toContain(name)
    const ns = await Namespace.open(name, place.where)
    expect((await ns.exec('readlink', ['/proc/self/ns/net'], { sysfs: false })).stdout).toBe(`net:[${ns.inode}]`)
    await ns.delete()
    expect(await ipNames()).not.toContain(name)
  })

  test('a name that is taken is EEXIST; of parallel creators exactly one wins', async () => {
    const name = fresh()
    const made = await Promise.allSettled(Array.from({ length: 12 }, () => create(name)))
    const won = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const lost = made.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    expect(won).toHaveLength(1)
    expect(lost).toHaveLength(11)
    for (const reason of lost) expect(reason).toMatchObject({ name: 'NetlinkError', code: 'EEXIST', path: 'name' })
    await won[0]?.delete()
  })

  test.each(['', '..', 'a/b', 'a\0b', 'x'.repeat(256)])(
    'the name %j is refused before anything is done',
    async (name) => {
      const refused = { code: 'EINVAL', path: 'name', outcome: 'unsent' }
      await expect(create(name)).rejects.toMatchObject(refused)
      await expect(Namespace.open(name, place.where)).rejects.toMatchObject(refused)
      await expect(Namespace.delete(name, place.where)).rejects.toMatchObject(refused)
    },
  )

  test('names with spaces, quotes and 255 bytes', async () => {
    for (const name of [`${prefix} "it's" $HOME`, `${prefix}-${'ü'.repeat((255 - prefix.length - 1) >> 1)}`]) {
      await using ns = await create(name)
      expect(await Namespace.list(place.where)).toContain(name)
      expect((await ns.exec('readlink', ['/proc/self/ns/net'])).stdout).toBe(`net:[${ns.inode}]`)
    }
  })

  test('one without a name lives in its descriptor, and can be opened by it', async () => {
    const ns = await create()
    expect(ns.name).toBeUndefined()
    await using again = await Namespace.open({ fd: ns.fd }, place.where)
    expect(again.inode).toBe(ns.inode)
    await ns.delete()
    expect(ns.closed).toBe(true)
    closeSync(await socketOf(again))
    await expect(socketOf(ns)).rejects.toMatchObject({ code: 'EBADF' })
  })

  test('open by path, by a process, and the current one', async () => {
    await using ns = await create(fresh())
    const { subprocess } = await ns.spawn('sleep', ['30'], { sysfs: false })
    await expect.poll(async () => (await ns.pids()).length).toBeGreaterThan(0)
    const pid = Math.max(...(await ns.pids()))
    for (const where of [{ path: `/run/netns/${ns.name}` }, { pid }]) {
      await using same = await Namespace.open(where, place.where)
      expect(same.inode).toBe(ns.inode)
    }
    subprocess.kill()
    await subprocess.catch(() => undefined)
    await using home = await Namespace.current(place.where)
    expect(await place.run('readlink', '/proc/self/ns/net')).toBe(`net:[${home.inode}]`)
  })

  test.each([
    [{ name: 'does-not-exist' }, 'ENOENT', 'name'],
    [{ path: '/does/not/exist' }, 'ENOENT', 'path'],
    [{ path: '/etc/passwd' }, 'EINVAL', 'path'],
    [{ pid: 0 }, 'EINVAL', 'pid'],
    [{ pid: 4_194_304 }, 'ENOENT', 'pid'],
  ])('opening %j is %s', async (where, code, path) => {
    await expect(Namespace.open(where, place.where)).rejects.toMatchObject({ code, path })
  })

  test('deleting what is not there, or is another by now, is ENOENT', async () => {
    await expect(Namespace.delete('does-not-exist', place.where)).rejects.toMatchObject({
      code: 'ENOENT',
      path: 'name',
    })
    const name = fresh()
    const ns = await create(name)
    await place.run('ip', 'netns', 'del', name)
    await place.run('ip', 'netns', 'add', name)
    await expect(ns.delete()).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await ipNames()).toContain(name)
    await Namespace.delete(name, place.where)
  })

  test('a pair between two, addresses, routes, sysctl; then nothing of it is left', async () => {
    const build = async () => {
      await using one = await create(fresh())
      await using two = await create(fresh())
      await using nl = await one.netlink()
      await nl.link.add({
        kind: 'veth',
        name: 'left0',
        up: true,
        data: { peer: { name: 'right0', namespace: two, up: true } },
      })
      await nl.addr.add({ dev: 'left0', address: '192.0.2.1/24' })
      await using other = await two.netlink()
      await other.addr.add({ dev: 'right0', address: '192.0.2.2/24' })
      await other.route.add({ to: 'default', via: '192.0.2.1' })
      expect((await other.route.get('198.51.100.1')).via).toBe('192.0.2.1')
      await one.sysctl.set('net.ipv4.ip_forward', true)
      expect([await one.sysctl.get('net.ipv4.ip_forward'), await two.sysctl.get('net.ipv4.ip_forward')]).toEqual([
        '1',
        '0',
      ])
      const server = await two.listen({ host: '192.0.2.2' }, (socket) => socket.end('across'))
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      const client = await one.connect({ host: '192.0.2.2', port })
      let text = ''
      for await (const chunk of client) text += String(chunk)
      expect(text).toBe('across')
    }
    // The first time this process's own namespace is opened, for good.
    await build()
    const before = await descriptors()
    await build()
    await settled(before)
  })

  test('a run straight after a run never meets what the last one left: 20 times', async () => {
    await using outer = await create(fresh())
    await using nl = await outer.netlink()
    const name = fresh()
    for (let run = 0; run < 20; run++) {
      await using ns = await create(name)
      await nl.link.add({ kind: 'veth', name: 'left0', data: { peer: { name: 'right0', namespace: ns } } })
    }
  })

  test('a socket closed here is closed: its port is free at once', async () => {
    await using ns = await create()
    await ns.exec('ip', ['link', 'set', 'lo', 'up'], { sysfs: false })
    for (let i = 0; i < 20; i++) {
      const server = await ns.listen({ port: 4242, host: '127.0.0.1' })
      await new Promise((resolve) => server.close(resolve))
      await expect(ns.connect({ port: 4242 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }
  })

  test('what the kernel refuses is refused with the same error', async () => {
    await using ns = await create()
    await expect(ns.openSocket(12345, 1, 0)).rejects.toMatchObject({
      name: 'NetlinkError',
      code: 'EAFNOSUPPORT',
      operation: 'socket',
    })
    await expect(ns.sysctl.get('net.nope')).rejects.toMatchObject({ code: 'ENOENT', path: 'name' })
  })

  test('200 namespaces at once', async () => {
    const before = await descriptors()
    const all = await Promise.all(Array.from({ length: 200 }, (_, i) => create(`${prefix}-many-${i}`)))
    expect((await Namespace.list(place.where)).filter((name) => name.startsWith(`${prefix}-many`))).toHaveLength(200)
    expect(new Set(all.map((ns) => ns.inode)).size).toBe(200)
    for (const fd of await Promise.all(all.map(socketOf))) {
      expect(statSync(`/proc/self/fd/${fd}`).isSocket()).toBe(true)
      closeSync(fd)
    }
    await Promise.all(all.map((ns) => ns.delete()))
    await settled(before)
  })
})
