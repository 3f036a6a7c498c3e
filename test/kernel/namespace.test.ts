/** Namespaces on the real kernel, beside iproute2. As root. */
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, test } from 'vitest'
import { addressFamily, socketType } from '../../src/constants.ts'
import { InProcessHost } from '../../src/namespace/in-process.ts'
import { Namespace } from '../../src/namespace/namespace.ts'
import { homeNamespace } from '../../src/namespace/stretch.ts'
import { root } from './hosts.ts'

const prefix = `nstest-${process.pid}`
let count = 0
const fresh = () => `${prefix}-${++count}`
const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8', timeout: 10_000 })
const ipNames = () =>
  ip('netns', 'list')
    .split('\n')
    .flatMap((line) => line.split(' ')[0] || [])
const descriptors = () => readdirSync('/proc/self/fd').length
const socketOf = (ns: Namespace) => ns.openSocket(addressFamily.AF_NETLINK, socketType.SOCK_RAW, 0)

const inodeOf = (name: string) => statSync(`/run/netns/${name}`).ino

afterEach(() => {
  const left = readdirSync('/run/netns').filter((name) => name.startsWith(prefix))
  for (const name of left) ip('netns', 'del', name)
  expect(left).toEqual([])
})

describe('beside iproute2', () => {
  test('it lists, uses and deletes what we make', async () => {
    const name = fresh()
    const ns = await Namespace.create(name)
    expect(ipNames()).toContain(name)
    expect(ip('netns', 'exec', name, 'readlink', '/proc/self/ns/net').trim()).toBe(`net:[${ns.inode}]`)
    ip('netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up')
    ip('netns', 'del', name)
    expect(await Namespace.list()).not.toContain(name)
    // Its name was taken away, which is all that disposing wants.
    await ns[Symbol.asyncDispose]()
    expect(ns.closed).toBe(true)
  })

  test('we list, use and delete what it makes', async () => {
    const name = fresh()
    ip('netns', 'add', name)
    expect(await Namespace.list()).toContain(name)
    const ns = await Namespace.open(name)
    expect(ns.inode).toBe(inodeOf(name))
    closeSync(await socketOf(ns))
    await ns.delete()
    expect(ipNames()).not.toContain(name)
    expect(existsSync(`/run/netns/${name}`)).toBe(false)
  })

  test.runIf(root)('/run/netns is shared with other mount namespaces, once', async () => {
    await using _ns = await Namespace.create(fresh())
    const mounts = execFileSync('findmnt', ['-n', '-o', 'TARGET,PROPAGATION', '/run/netns'], { encoding: 'utf8' })
    expect(mounts.trim().split('\n')).toEqual([expect.stringMatching(/^\/run\/netns\s+shared$/)])
  })
})

describe('create', () => {
  test('a name that is taken is EEXIST, whoever took it', async () => {
    const name = fresh()
    await using _ns = await Namespace.create(name)
    const before = descriptors()
    await expect(Namespace.create(name)).rejects.toMatchObject({ code: 'EEXIST', path: 'name' })
    // Fewer are when the thread that creates has given its copy away.
    await expect.poll(descriptors).toBeLessThanOrEqual(before)
    const theirs = fresh()
    ip('netns', 'add', theirs)
    await expect(Namespace.create(theirs)).rejects.toMatchObject({ code: 'EEXIST', path: 'name' })
    ip('netns', 'del', theirs)
  })

  test('of parallel creators exactly one wins', async () => {
    const name = fresh()
    // Hosts of their own have threads of their own.
    const hosts = Array.from({ length: 4 }, () => new InProcessHost())
    const made = await Promise.allSettled([...hosts, ...hosts].map((host) => Namespace.create(name, { host })))
    const won = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const lost = made.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    expect(won).toHaveLength(1)
    expect(lost).toEqual(Array(7).fill('EEXIST'))
    await won[0]?.delete()
    await Promise.all(hosts.map((host) => host.close()))
  })

  test.each(['', '.', '..', '../x', '/', 'a/b', 'a\0b', 'x'.repeat(256)])(
    '%j is refused before anything is done',
    async (name) => {
      const refused = { code: 'EINVAL', path: 'name', outcome: 'unsent' }
      const before = readdirSync('/run/netns')
      await expect(Namespace.create(name)).rejects.toMatchObject(refused)
      await expect(Namespace.open(name)).rejects.toMatchObject(refused)
      await expect(Namespace.delete(name)).rejects.toMatchObject(refused)
      expect(readdirSync('/run/netns')).toEqual(before)
    },
  )

  test('a namespace without a name lives in its descriptor', async () => {
    const before = readdirSync('/run/netns')
    const ns = await Namespace.create()
    expect(ns.name).toBeUndefined()
    expect(readdirSync('/run/netns')).toEqual(before)
    closeSync(await socketOf(ns))
    const { inode } = ns
    await using again = await Namespace.open({ fd: ns.fd })
    expect(again.inode).toBe(inode)
    await ns[Symbol.asyncDispose]()
    expect(again.closed).toBe(false)
    await expect(socketOf(ns)).rejects.toMatchObject({ code: 'EBADF' })
  })

  test('an empty file that a crash of ours left is taken over at once', async () => {
    const name = fresh()
    writeFileSync(`/run/netns/${name}`, '', { mode: 0o400 })
    expect(await Namespace.list()).not.toContain(name)
    await expect(Namespace.open(name)).rejects.toMatchObject({ code: 'EINVAL', path: 'name' })
    await using ns = await Namespace.create(name)
    expect(ns.inode).toBe(inodeOf(name))
  })

  test('one that iproute2 left, when it is old enough not to be in the making', async () => {
    const name = fresh()
    const path = `/run/netns/${name}`
    writeFileSync(path, '', { mode: 0 })
    await expect(Namespace.create(name)).rejects.toMatchObject({ code: 'EEXIST' })
    utimesSync(path, Date.now() / 1000 - 60, Date.now() / 1000 - 60)
    await using ns = await Namespace.create(name)
    expect(ns.inode).toBe(inodeOf(name))
  })

  test('delete removes one too, and never what is no namespace of ours', async () => {
    const name = fresh()
    writeFileSync(`/run/netns/${name}`, '', { mode: 0 })
    await Namespace.delete(name)
    expect(existsSync(`/run/netns/${name}`)).toBe(false)
  })

  test('a file with content is not taken over', async () => {
    const name = fresh()
    writeFileSync(`/run/netns/${name}`, 'mine', { mode: 0o400 })
    await expect(Namespace.create(name)).rejects.toMatchObject({ code: 'EEXIST' })
    rmSync(`/run/netns/${name}`)
  })

  test('names may be kept elsewhere', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'netns-'))
    const host = new InProcessHost({ directory })
    try {
      const ns = await Namespace.create('a', { host })
      expect(await Namespace.list({ host })).toEqual(['a'])
      await ns.delete()
      expect(await Namespace.list({ host })).toEqual([])
    } finally {
      await host.close()
      execFileSync('umount', ['-l', directory])
      rmSync(directory, { recursive: true })
    }
  })
})

describe('open', () => {
  test('by path, pid, descriptor, current', async () => {
    const home = statSync('/proc/self/ns/net').ino
    for (const place of [
      { path: '/proc/self/ns/net' },
      { pid: process.pid },
      { current: true },
      { fd: homeNamespace() },
    ] as const) {
      await using ns = await Namespace.open(place)
      expect(ns.inode).toBe(home)
    }
    await using current = await Namespace.current()
    expect(current.inode).toBe(home)
  })

  test.each([
    [{ name: 'does-not-exist' }, 'ENOENT', 'name'],
    [{ path: '/does/not/exist' }, 'ENOENT', 'path'],
    [{ path: '/etc/passwd' }, 'EINVAL', 'path'],
    [{ path: '/proc/self/ns/mnt' }, 'EINVAL', 'path'],
    [{ pid: 0 }, 'EINVAL', 'pid'],
    [{ pid: 4_194_304 }, 'ENOENT', 'pid'],
    [{ fd: -1 }, 'EINVAL', 'fd'],
    [{ fd: 0 }, 'EINVAL', 'fd'],
  ])('%j is %s', async (place, code, path) => {
    const before = descriptors()
    await expect(Namespace.open(place)).rejects.toMatchObject({ code, path })
    await expect.poll(descriptors).toBeLessThanOrEqual(before)
  })

  test('a socket in the home namespace again, when one inside could not be had', async () => {
    await using ns = await Namespace.create()
    await expect(ns.openSocket(12345, 1, 0)).rejects.toMatchObject({ code: 'EAFNOSUPPORT', operation: 'socket' })
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(readlinkSync('/proc/self/ns/net'))
  })
})

describe('delete', () => {
  test('ENOENT where the name is gone, or is another namespace by now', async () => {
    await expect(Namespace.delete('does-not-exist')).rejects.toMatchObject({ code: 'ENOENT', path: 'name' })
    const name = fresh()
    const ns = await Namespace.create(name)
    ip('netns', 'del', name)
    ip('netns', 'add', name)
    await expect(ns.delete()).rejects.toMatchObject({ code: 'ENOENT' })
    expect(ipNames()).toContain(name)
    ip('netns', 'del', name)
  })

  test('closes the servers and sockets that were opened inside', async () => {
    const ns = await Namespace.create(fresh())
    await ns.exec('ip', ['link', 'set', 'lo', 'up'])
    const server = await ns.listen({ port: 9 })
    const client = await ns.connect({ port: 9 })
    client.on('error', () => {})
    await ns.udp()
    await ns.delete()
    expect(server.listening).toBe(false)
    expect(client.destroyed).toBe(true)
  })
})

describe('devices', () => {
  test('a run straight after a run never meets what the last one left: 100 times', async () => {
    const outer = await Namespace.create(fresh())
    const name = fresh()
    const times: number[] = []
    for (let run = 0; run < 100; run++) {
      const ns = await Namespace.create(name)
      // Fails with EEXIST while the end of the last run is still there.
      ip('-n', outer.name ?? '', 'link', 'add', 'left0', 'type', 'veth', 'peer', 'name', 'right0', 'netns', name)
      const start = performance.now()
      await ns.delete()
      times.push(performance.now() - start)
    }
    await outer.delete()
    times.sort((a, b) => a - b)
    console.log(
      `delete({ wait }) of a namespace with a pair: median ${times[50]?.toFixed(1)} ms, worst ${times[99]?.toFixed(1)} ms`,
    )
  })

  test('a process inside keeps the namespace: no waiting', async () => {
    const outer = await Namespace.create(fresh())
    const ns = await Namespace.create(fresh())
    ip('-n', outer.name ?? '', 'link', 'add', 'left0', 'type', 'veth', 'peer', 'name', 'right0', 'netns', ns.name ?? '')
    const { subprocess } = await ns.spawn('sleep', ['20'])
    await expect.poll(() => ns.pids()).toEqual([subprocess.pid])
    const start = performance.now()
    await ns.delete()
    expect(performance.now() - start).toBeLessThan(2_000)
    subprocess.kill()
    await subprocess.catch(() => {})
    await outer.delete()
  })

  test('a stranger that holds it: the name is gone, and the wait says so in the end', async () => {
    const outer = await Namespace.create(fresh())
    const ns = await Namespace.create(fresh())
    ip('-n', outer.name ?? '', 'link', 'add', 'left0', 'type', 'veth', 'peer', 'name', 'right0', 'netns', ns.name ?? '')
    const stranger = openSync(`/run/netns/${ns.name}`, 'r')
    await expect(ns.delete({ timeout: 300 })).rejects.toMatchObject({ code: 'ETIMEDOUT', outcome: 'unknown' })
    closeSync(stranger)
    await outer.delete()
  })
})

test('10,000 sockets opened and closed leave descriptors and heap flat', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  await using ns = await Namespace.create()
  const round = async () => {
    for (let i = 0; i < 2_000; i++) closeSync(await socketOf(ns))
    collect()
    return { fds: descriptors(), heap: process.memoryUsage().heapUsed }
  }
  await round()
  const first = await round()
  for (let i = 0; i < 3; i++) await round()
  const last = await round()
  expect(last.fds).toBe(first.fds)
  expect(last.heap - first.heap).toBeLessThan(512 * 1024)
})

test('1,000 namespaces created and deleted leave descriptors and threads flat', async () => {
  const round = async (times: number) => {
    for (let i = 0; i < times; i++) await (await Namespace.create(fresh())).delete()
    return descriptors()
  }
  const first = await round(10)
  const start = performance.now()
  await round(1_000)
  console.log(`create and delete: ${((performance.now() - start) / 1_000).toFixed(2)} ms`)
  await expect.poll(descriptors).toBeLessThanOrEqual(first)
})
