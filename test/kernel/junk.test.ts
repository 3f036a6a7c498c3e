/**
 * Input of another type than the types say, where namespaces, clients, programs, sockets, sysctls, subscriptions and TUN devices take some (services:
 * test/src/junk.test.ts): an error that names the property, and nothing opened or left behind. What happens to be allowed each row says. As root.
 */

import { Socket as Datagrams } from 'node:dgram'
import { closeSync, readdirSync, readlinkSync } from 'node:fs'
import { Server, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { RTM_GETLINK } from '../../protocol/index.ts'
import { Namespace, Netlink, NetlinkError, Sandbox, Tun } from '../../src/index.ts'
import { connect, listen, udp } from '../../src/namespace/sockets.ts'

const junk = {
  null: null,
  one: 1,
  negative: -1,
  fraction: 1.5,
  NaN: Number.NaN,
  bigint: 1n,
  empty: '',
  slash: 'x/y',
  NUL: '\0',
  true: true,
  symbol: Symbol('s'),
  array: [],
  object: {},
  function: () => 1,
} as const
type Junk = keyof typeof junk

/** The first word of `name` is the path of the error. `allowed`: what is no junk there, whatever becomes of it. */
type Row = readonly [name: string, call: (given: never) => unknown, ...allowed: Junk[]]

let ns: Namespace
let nl: Netlink
let tun: Tun
let sandbox: Sandbox
let names: string[]

beforeAll(async () => {
  ns = await Namespace.create()
  nl = await ns.netlink()
  tun = await Tun.create({ namespace: ns, mode: 'tun', name: 'junk0' })
  sandbox = await Sandbox.create()
  names = await Namespace.list()
  // A client keeps the socket of a dump for the next.
  await nl.dump(RTM_GETLINK, {})
})
afterAll(async () => {
  await sandbox?.close()
  await tun?.close()
  await ns?.delete()
})

/** Sockets, devices, namespaces. Others belong to threads, which come and go. */
function descriptors(): number {
  const kinds = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^(socket:|net:|\/dev\/net\/tun)/.test(readlinkSync(`/proc/self/fd/${fd}`))
    } catch {
      // It was the folder's own.
      return false
    }
  })
  return kinds.length
}

/** Closes what was made where the value is allowed. */
async function shut(made: unknown): Promise<void> {
  if (typeof made !== 'object' || made === null) return
  const way = ['destroy', 'delete', 'close'].find((each) => each in made)
  if (way !== undefined) await Reflect.apply(Reflect.get(made, way), made, [])
}

/** For what a namespace would not survive. */
async function passing(action: (ns: Namespace) => unknown): Promise<void> {
  await using own = await Namespace.create()
  await action(own)
}

/** A stream has begun, or says why not. */
async function watched(options: never): Promise<unknown> {
  const watching = Namespace.watch(options)
  await watching.ready
  return watching
}

/** What became of a call: an error, or a word. */
async function ending(call: () => unknown): Promise<unknown> {
  try {
    const taken = async (): Promise<string> => {
      await shut(await call())
      return 'it was taken'
    }
    return await Promise.race([taken(), delay(5_000, 'it hangs', { ref: false })])
  } catch (error) {
    return error
  }
}

function isRefused(error: unknown, path: string | undefined): boolean {
  if (!(error instanceof NetlinkError)) return false
  return error.code === 'EINVAL' && error.outcome === 'unsent' && error.path === path
}

function rows(title: string, table: readonly Row[]): void {
  describe(title, () => {
    test.each(table.map(([name, ...rest]) => [name, rest] as const))('%s', async (name, [call, ...allowed]) => {
      const before = descriptors()
      const wrong: string[] = []
      for (const [what, given] of Object.entries(junk)) {
        const error = await ending(() => call(given as never))
        if (isRefused(error, name.split(' ')[0]) === allowed.some((each) => each === what))
          wrong.push(`${what}: ${String(error)}`)
      }
      expect(wrong).toEqual([])
      // What is closed elsewhere, by a helper or in the pool, takes a moment.
      await expect.poll(descriptors, { interval: 5, timeout: 5_000 }).toBeLessThanOrEqual(before)
    })
  })
}

const numbers = ['one', 'negative', 'fraction', 'NaN'] as const
const lo = { ifname: 'lo' }
const port = 1

rows('Namespace', [
  ['name of create()', (name) => Namespace.create(name)],
  ['options of create()', (options) => Namespace.create(undefined, options), 'object'],
  ['host of create()', (host) => Namespace.create(undefined, { host })],
  ['place of open()', (place) => Namespace.open(place), 'empty', 'slash', 'NUL'],
  ['name of open()', (name) => Namespace.open(typeof name === 'string' ? name : { name })],
  ['path of open()', (path) => Namespace.open({ path }), 'slash'],
  ['pid of open()', (pid) => Namespace.open({ pid }), 'one'],
  ['fd of open()', (fd) => Namespace.open({ fd }), 'one'],
  ['current of open()', (current) => Namespace.open({ current }), 'true'],
  ['options of open()', (options) => Namespace.open({ current: true }, options), 'object'],
  ['host of open()', (host) => Namespace.open({ current: true }, { host })],
  ['options of current()', (options) => Namespace.current(options), 'object'],
  ['options of list()', (options) => Namespace.list(options), 'object'],
  ['details of list()', (details) => Namespace.list({ details }), 'true'],
  ['options of ids()', (options) => Namespace.ids(options), 'object'],
  ['in of ids()', (from) => Namespace.ids({ in: from })],
  ['pid of identify()', (pid) => Namespace.identify(pid), 'one'],
  ['options of identify()', (options) => Namespace.identify(process.pid, options), 'object'],
  ['options of watch()', watched, 'object'],
  ['signal of watch()', (signal) => watched({ signal } as never)],
  ['fn of all()', (fn) => Namespace.all(fn), 'function'],
  ['options of all()', (options) => Namespace.all(() => undefined, options), 'object'],
  ['concurrency of all()', (concurrency) => Namespace.all(() => undefined, { concurrency }), 'one'],
  ['name of delete()', (name) => Namespace.delete(name)],
  ['options of delete()', (options) => Namespace.delete('nonesuch', options), 'object'],
])

rows('an object of Namespace', [
  ['id of setId()', (id) => passing((own) => own.setId(id)), 'one'],
  ['options of setId()', (options) => passing((own) => own.setId(undefined, options)), 'object'],
  ['in of setId()', (from) => ns.setId(undefined, { in: from })],
  ['options of id()', (options) => ns.id(options), 'object'],
  ['in of id()', (from) => ns.id({ in: from })],
  ['options of delete()', (options) => passing((own) => own.delete(options)), 'object'],
  ['wait of delete()', (wait) => passing((own) => own.delete({ wait })), 'true'],
  ['timeout of delete()', (timeout) => passing((own) => own.delete({ timeout })), 'one', 'fraction'],
  ['domain of openSocket()', (domain) => ns.openSocket(domain, 1, 0).then(closeSync), 'one'],
  ['type of openSocket()', (type) => ns.openSocket(2, type, 0).then(closeSync), 'one'],
  ['protocol of openSocket()', (protocol) => ns.openSocket(2, 1, protocol).then(closeSync), 'one'],
  ['path of openFile()', (path) => ns.openFile(path, 0).then(closeSync), 'slash'],
  ['flags of openFile()', (flags) => ns.openFile('/proc/net/dev', flags).then(closeSync), 'one'],
  ['close of own()', (close) => ns.own(close), 'function'],
  ['file of exec()', (file) => ns.exec(file), 'slash'],
  ['args of exec()', (args) => ns.exec('true', args), 'array'],
  ['args[1] of exec()', (arg) => ns.exec('true', ['', arg]), 'empty', 'slash'],
  ['options of exec()', (options) => ns.exec('true', [], options), 'object'],
  ['sysfs of exec()', (sysfs) => ns.exec('true', [], { sysfs }), 'true'],
  ['cwd of exec()', (cwd) => ns.exec('true', [], { cwd }), 'empty', 'slash'],
  ['shell of exec()', (shell) => ns.exec('true', [], { shell })],
  ["options of exec(): execa's timeout", (timeout) => ns.exec('true', [], { timeout }), 'one', 'fraction'],
  ['file of spawn()', (file) => ns.spawn(file).then(({ subprocess }) => subprocess), 'slash'],
])

rows('sockets', [
  ['options of listen()', (options) => ns.listen(options), 'object'],
  ['port of listen()', (port) => ns.listen({ port }), 'one'],
  ['host of listen()', (host) => ns.listen({ host }), 'slash'],
  ['device of listen()', (device) => ns.listen({ device })],
  ['backlog of listen()', (backlog) => ns.listen({ backlog }), 'one'],
  ['onConnection of listen()', (listener) => ns.listen({}, listener), 'function'],
  ["options of listen(): Node's highWaterMark", (highWaterMark) => ns.listen({ highWaterMark }), ...numbers],
  ['options of connect()', (options) => ns.connect(options), 'object'],
  ['port of connect()', (port) => ns.connect({ port }), 'one'],
  ['host of connect()', (host) => ns.connect({ port, host }), 'slash'],
  ['localAddress of connect()', (localAddress) => ns.connect({ port, localAddress })],
  ['localPort of connect()', (localPort) => ns.connect({ port, localPort }), 'one'],
  ['device of connect()', (device) => ns.connect({ port, device })],
  ['signal of connect()', (signal) => ns.connect({ port, signal })],
  ['options of udp()', (options) => ns.udp(options), 'object'],
  ['port of udp()', (port) => ns.udp({ port }), 'one'],
  ['host of udp()', (host) => ns.udp({ host }), 'slash'],
  ['type of udp()', (type) => ns.udp({ type })],
  ['device of udp()', (device) => ns.udp({ device })],
  ['signal of udp()', (signal) => ns.udp({ signal })],
  ['reuseAddr of udp()', (reuseAddr) => ns.udp({ reuseAddr }), 'true'],
  // Node looks at it when the socket is bound already, and takes what is false for absent.
  [
    "options of udp(): Node's recvBufferSize",
    (recvBufferSize) => ns.udp({ recvBufferSize }),
    ...(['null', 'one', 'NaN', 'empty'] as const),
  ],
])

const ttl = 'net.ipv4.ip_default_ttl'
rows('sysctl', [
  ['name of get()', (name) => ns.sysctl.get(name)],
  ['name of set()', (name) => ns.sysctl.set(name, 1)],
  // Those that are text the kernel refuses, and says so.
  ['value of set()', (value) => ns.sysctl.set(ttl, value), 'one', 'negative', 'empty', 'slash', 'true'],
])

rows('Netlink', [
  ['options of open()', (options) => Netlink.open(options), 'object'],
  ['namespace of open()', (namespace) => Netlink.open({ namespace })],
  ['options of netlink()', (options) => ns.netlink(options), 'object'],
  ['blocking of netlink()', (blocking) => ns.netlink({ blocking }), 'true'],
  ['deadline of netlink()', (deadline) => ns.netlink({ deadline }), 'one', 'fraction'],
  ['trace of netlink()', (trace) => ns.netlink({ trace }), 'function'],
  ['operation of request()', (operation) => nl.request(operation, {})],
  ['message of request()', (message) => nl.request(RTM_GETLINK, message), 'object'],
  ['options of request()', (options) => nl.request(RTM_GETLINK, lo, options), 'object'],
  ['signal of request()', (signal) => nl.request(RTM_GETLINK, lo, { signal })],
  ['deadline of request()', (deadline) => nl.request(RTM_GETLINK, lo, { deadline }), 'one', 'fraction'],
  ['flags of request()', (flags) => nl.request(RTM_GETLINK, lo, { flags }), 'array'],
  ['flags of request(): one of them', (flag) => nl.request(RTM_GETLINK, lo, { flags: [flag] }), 'one'],
  ['subject of request()', (subject) => nl.request(RTM_GETLINK, lo, { subject }), 'empty', 'slash', 'NUL'],
  ['keepAlive[0] of request()', (each) => nl.request(RTM_GETLINK, lo, { keepAlive: [each] })],
  ['rename of request()', (rename) => nl.request(RTM_GETLINK, lo, { rename }), 'function'],
  ['operation of dump()', (operation) => nl.dump(operation, {})],
  ['message of dump()', (message) => nl.dump(RTM_GETLINK, message), 'object'],
  ['options of dump()', (options) => nl.dump(RTM_GETLINK, {}, options), 'object'],
  ['consistent of dump()', (consistent) => nl.dump(RTM_GETLINK, {}, { consistent }), 'true'],
  ['build of batch()', (build) => nl.batch(build), 'function'],
  ['build of batch(): what it returns', (given) => nl.batch(() => [given])],
  ['options of batch()', (options) => nl.batch(() => undefined, options), 'object'],
  ['stopOnError of batch()', (stopOnError) => nl.batch(() => undefined, { stopOnError }), 'true'],
  ['signal of batch()', (signal) => nl.batch(() => undefined, { signal })],
  ['deadline of batch()', (deadline) => nl.batch(() => undefined, { deadline }), 'one', 'fraction'],
  ['options of subscribe()', (options) => nl.subscribe(options), 'object'],
  ['groups of subscribe()', (groups) => nl.subscribe({ groups })],
  ['groups[0] of subscribe()', (group) => nl.subscribe({ groups: [group] }), 'one'],
  ['protocol of subscribe()', (protocol) => nl.subscribe({ groups: [1 as never], protocol }), 'one'],
  ['signal of subscribe()', (signal) => nl.subscribe({ groups: ['link'], signal })],
  ['limit of subscribe()', (limit) => nl.subscribe({ groups: ['link'], limit }), 'one'],
  ['receiveBuffer of subscribe()', (receiveBuffer) => nl.subscribe({ groups: ['link'], receiveBuffer }), 'one'],
  ['allNsid of subscribe()', (allNsid) => nl.subscribe({ groups: ['link'], allNsid }), 'true'],
])

rows('Tun', [
  ['options of create()', (options) => Tun.create(options), 'object'],
  ['mode of create()', (mode) => Tun.create({ namespace: ns, mode })],
  ['name of create()', (name) => Tun.create({ namespace: ns, mode: 'tun', name })],
  ['namespace of create()', (namespace) => Tun.create({ mode: 'tun', namespace })],
  ['owner of create()', (owner) => Tun.create({ namespace: ns, mode: 'tun', owner }), 'one'],
  ['group of create()', (group) => Tun.create({ namespace: ns, mode: 'tun', group }), 'one'],
  ...(['persist', 'packetInfo', 'vnetHeader', 'multiQueue', 'oneQueue'] as const).map(
    (key): Row => [`${key} of create()`, (given) => Tun.create({ namespace: ns, mode: 'tun', [key]: given }), 'true'],
  ),
  // 1 is lo.
  ['device of open()', (device) => Tun.open(device, { namespace: ns })],
  ['options of open()', (options) => Tun.open('nonesuch', options), 'object'],
  ['namespace of open()', (namespace) => Tun.open('nonesuch', { namespace })],
  ['signal of read()', (signal) => tun.read({ signal })],
  ['packet of write()', (packet) => tun.write(packet)],
  ['on of persist()', (on) => tun.persist(on), 'true'],
])

rows('Sandbox', [
  ['options of create()', (options) => Sandbox.create(options), 'object'],
  ['transport of create()', (transport) => Sandbox.create({ transport })],
  ['deadline of create()', (deadline) => Sandbox.create({ deadline }), 'one', 'fraction'],
  ['options of netlink()', (options) => sandbox.netlink(options), 'object'],
  ['file of exec()', (file) => sandbox.exec(file), 'slash'],
  ['name of create() inside', (name) => Namespace.create(name, sandbox)],
  ['place of open() inside', (place) => Namespace.open(place, sandbox), 'empty', 'slash', 'NUL'],
  ['path of open() inside', (path) => Namespace.open({ path }, sandbox), 'slash'],
  // This process is not in there, whatever may be looked at.
  ['pid of open() inside', (pid) => Namespace.open({ pid: pid === 1 ? process.pid : pid }, sandbox)],
  ['fd of open() inside', (fd) => Namespace.open({ fd }, sandbox), 'one'],
  ['name of delete() inside', (name) => Namespace.delete(name, sandbox)],
])

test('a place is one, and without what is undefined', async () => {
  const place = { name: 'a', pid: 1 } as { pid: number }
  await expect(Namespace.open(place)).rejects.toMatchObject({
    path: 'place',
    message: expect.stringContaining('got name and pid'),
  })
  const here = { current: true, name: undefined } as { current: true }
  await using current = await Namespace.open(here)
  expect(current.inode).not.toBe(ns.inode)
})

test('a deadline without end is one', async () => {
  await using sandbox = await Sandbox.create({ deadline: Number.POSITIVE_INFINITY })
  await using nl = await sandbox.netlink({ deadline: Number.POSITIVE_INFINITY })
  expect(await nl.link.get('lo')).toMatchObject({ index: 1 })
})

describe('a socket that is there already is closed', () => {
  const open = (domain: number, type: number, protocol: number) => ns.openSocket(domain, type, protocol)

  test.each([
    ['connect', connect],
    ['udp', udp],
  ] as const)('%s(): aborted while it was opened', async (_, make) => {
    const before = descriptors()
    const leave = new AbortController()
    const opening = async (...args: Parameters<typeof open>): Promise<number> => {
      const fd = await open(...args)
      leave.abort()
      return fd
    }
    await expect(make(opening, { port, signal: leave.signal })).rejects.toMatchObject({ code: 'ABORT_ERR' })
    expect(descriptors()).toBe(before)
  })

  test.each<[string, object, string, () => Promise<unknown>]>([
    ['listen', Server.prototype, 'listen', () => listen(open, {})],
    ['connect', Socket.prototype, 'connect', () => connect(open, { port })],
    ['udp, before it is bound', Datagrams.prototype, 'bind', () => udp(open, {})],
  ])('%s: Node throws', async (_, prototype, method, make) => {
    const before = descriptors()
    const thrown = vi.spyOn(prototype as Record<string, () => void>, method).mockImplementation(() => {
      throw new TypeError('no')
    })
    try {
      await expect(make()).rejects.toMatchObject({ code: 'EINVAL', path: 'options', outcome: 'unsent' })
    } finally {
      thrown.mockRestore()
    }
    expect(descriptors()).toBe(before)
  })
})

test('a protocol that the machine lacks', async () => {
  // NETLINK_UNUSED
  const refused = { code: 'EPROTONOSUPPORT', path: 'protocol', operation: 'subscribe', outcome: 'unsent' }
  await expect(nl.subscribe({ protocol: '1', groups: [1] })).rejects.toMatchObject(refused)
})

test('nothing has got a name', async () => {
  expect(await Namespace.list()).toEqual(names)
})
