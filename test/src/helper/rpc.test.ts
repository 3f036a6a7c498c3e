/** The calls between a process and its helper, without either: a Server and an Rpc with nothing between, or with what a test puts there. */
import { fstatSync, openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Descriptor } from '../../../src/descriptor.ts'
import { NetlinkError } from '../../../src/error.ts'
import { calls, limits, parseInstructions, readReply, readRequest, write } from '../../../src/helper/protocol.ts'
import { Rpc } from '../../../src/helper/rpc.ts'
import { Server } from '../../../src/helper/server.ts'
import type { NamespaceHandle, NamespaceHost } from '../../../src/namespace/host.ts'

const token = 'f'.repeat(32)
const other = `0${token.slice(1)}`

/** A host without a kernel: namespaces are /dev/null. */
class Host implements NamespaceHost {
  names = new Set<string>()
  opened: (() => void)[] = []
  slow = false

  async create(name?: string): Promise<NamespaceHandle> {
    if (name === 'refused') throw new NetlinkError({ code: 'EEXIST', operation: 'namespace.create', path: 'name' })
    if (name === 'broken') throw new TypeError('a mistake')
    if (name !== undefined) this.names.add(name)
    if (this.slow) await new Promise<void>((resolve) => this.opened.push(resolve))
    const descriptor = new Descriptor(openSync('/dev/null', 'r'), 'namespace')
    const open = async () => openSync('/dev/null', 'r')
    return { name, descriptor, openSocket: open, openFile: open, close: async () => descriptor.close() }
  }
  open(): Promise<NamespaceHandle> {
    return this.create()
  }
  async list(): Promise<string[]> {
    return [...this.names].sort()
  }
  async delete(name: string): Promise<void> {
    this.names.delete(name)
  }
  async close(): Promise<void> {}
}

function pair(deadlineMs = 5_000) {
  const host = new Host()
  const sent: string[] = []
  const awaiting: boolean[] = []
  const unwanted: string[] = []
  const server = new Server(host, token, (message) => setImmediate(() => rpc.receive(message)))
  const rpc = new Rpc({
    token,
    deadlineMs,
    send: (message) => {
      sent.push(message)
      setImmediate(() => server.receive(message))
    },
    awaiting: (yes) => awaiting.push(yes),
    hello: () => undefined,
    unwanted: (name, answer) => unwanted.push(`${name} ${JSON.stringify(Object.keys(answer))}`),
  })
  return { host, rpc, server, sent, awaiting, unwanted }
}

describe('calls', () => {
  test('answers, errors as they were, and mistakes of the helper', async () => {
    const { rpc, awaiting } = pair()
    const { handle, name } = await rpc.call('create', { name: 'one' })
    expect([handle, name]).toEqual([1, 'one'])
    await expect(rpc.call('create', { name: 'refused' })).rejects.toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      errno: 17,
      path: 'name',
      message: 'namespace.create: name: EEXIST',
    })
    await expect(rpc.call('create', { name: 'broken' })).rejects.toMatchObject({ code: 'EIO' })
    expect(awaiting.at(-1)).toBe(false)
  })

  test('lists of any length', async () => {
    const { rpc, host } = pair()
    for (let i = 0; i < 1_000; i++) host.names.add(`${String(i).padStart(4, '0')}-${'ü'.repeat(100)}`)
    const names: string[] = []
    for (let more = true; more; ) {
      const answer = await rpc.call('list', { after: names.at(-1) })
      names.push(...answer.names)
      more = answer.more
    }
    expect(names).toEqual([...host.names])
  })

  test('a descriptor is closed once it was fetched; what was not lent is never closed', async () => {
    const { rpc } = pair()
    const { handle } = await rpc.call('create', { name: undefined })
    const { fd } = await rpc.call('socket', { handle, domain: 16, type: 3, protocol: 0 })
    await rpc.call('release', { fd })
    await expect(rpc.call('release', { fd })).rejects.toMatchObject({ code: 'EBADF' })
    await expect(rpc.call('release', { fd: 0 })).rejects.toMatchObject({ code: 'EBADF' })
    expect(() => fstatSync(0)).not.toThrow()
    await rpc.call('close', { handle })
    await expect(rpc.call('socket', { handle, domain: 16, type: 3, protocol: 0 })).rejects.toMatchObject({
      code: 'EBADF',
    })
  })

  test('at most 8 at a time, the rest in order behind them', async () => {
    const { rpc, host, sent } = pair()
    host.slow = true
    const all = Array.from({ length: 20 }, (_, i) => rpc.call('create', { name: `n${i}` }))
    await delay(10)
    expect(sent).toHaveLength(limits.inFlight)
    host.slow = false
    for (const open of host.opened) open()
    expect((await Promise.all(all)).map(({ name }) => name)).toEqual(all.map((_, i) => `n${i}`))
  })

  test('a helper that does not answer: ETIMEDOUT, and what comes too late is given back', async () => {
    const { rpc, host, unwanted } = pair(30)
    host.slow = true
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => rpc.call('create', { name: undefined })))
    const outcomes = all.map((each) => (each.status === 'rejected' ? `${each.reason.code} ${each.reason.outcome}` : ''))
    expect(outcomes).toEqual([...Array(8).fill('ETIMEDOUT unknown'), ...Array(2).fill('ETIMEDOUT unsent')])
    host.slow = false
    for (const open of host.opened) open()
    await expect.poll(() => unwanted).toEqual(Array(8).fill('create ["handle","fd"]'))
    expect((await rpc.call('list', { after: undefined })).names).toEqual([])
  })

  test('a helper that is lost: everything fails, now and later', async () => {
    const { rpc, host, awaiting } = pair()
    host.slow = true
    const all = Promise.allSettled(Array.from({ length: 10 }, () => rpc.call('create', { name: undefined })))
    await delay(5)
    rpc.lose(
      (sent) => new NetlinkError({ code: 'ECANCELED', operation: 'helper', outcome: sent ? 'unknown' : 'unsent' }),
    )
    const outcomes = (await all).map((each) => (each.status === 'rejected' ? each.reason.outcome : ''))
    expect(outcomes).toEqual([...Array(8).fill('unknown'), 'unsent', 'unsent'])
    await expect(rpc.call('list', { after: undefined })).rejects.toMatchObject({ code: 'ECANCELED', outcome: 'unsent' })
    expect(awaiting.at(-1)).toBe(false)
  })

  test('what is too long is refused before it is sent', async () => {
    const { rpc, sent } = pair()
    await expect(rpc.call('delete', { name: 'x'.repeat(limits.message), inode: undefined })).rejects.toMatchObject({
      code: 'EMSGSIZE',
      outcome: 'unsent',
    })
    expect(sent).toEqual([])
  })
})

describe('what a stranger, or another version, sends', () => {
  const asked = (body: unknown, with_ = token) =>
    readRequest(with_, token + (typeof body === 'string' ? body : JSON.stringify(body)))

  test.each([
    [{ id: 1, call: 'list', ask: {} }, true],
    [{ id: -1, call: 'list', ask: {} }, false],
    [{ id: 1.5, call: 'list', ask: {} }, false],
    [{ id: 1, call: 'list', ask: [] }, false],
    [{ id: 1, call: 'list', ask: {}, more: 1 }, false],
    [{ id: 1, call: 7, ask: {} }, false],
    [null, false],
    [[], false],
    ['{', false],
    ['', false],
  ])('%j is a request: %s', (body, is) => {
    expect(asked(body) !== undefined).toBe(is)
    expect(asked(body, other)).toBeUndefined()
  })

  test('messages that are cut, or longer than allowed', () => {
    const message = write(token, { id: 1, call: 'list', ask: {} })
    for (let length = 0; length < message.length; length++)
      expect(readRequest(token, message.slice(0, length))).toBeUndefined()
    expect(readRequest(token, `${message}${' '.repeat(limits.message)}`)).toBeUndefined()
    expect(readReply(token, 'ü'.repeat(40))).toBeUndefined()
  })

  test.each([
    ['socket', { handle: 1, domain: 16, type: 3 }],
    ['socket', { handle: '1', domain: 16, type: 3, protocol: 0 }],
    ['create', { name: 7 }],
    ['create', { name: 'a', extra: 1 }],
    ['open', { pid: -1 }],
    ['release', {}],
  ] as const)('%s does not take %j', (name, ask) => {
    expect(calls[name].ask(ask)).toBe(false)
  })

  test('the server answers what it does not know, and more than it takes', async () => {
    const host = new Host()
    const answers: string[] = []
    const server = new Server(host, token, (message) => answers.push(message))
    server.receive(`${token}{"id":1,"call":"toString","ask":{}}`)
    server.receive(`${token}{"id":2,"call":"create","ask":{"name":7}}`)
    server.receive(`${other}{"id":3,"call":"list","ask":{}}`)
    host.slow = true
    for (let id = 10; id < 20; id++) server.receive(`${token}{"id":${id},"call":"create","ask":{}}`)
    await delay(10)
    const codes = answers.map((message) => {
      const reply = readReply(token, message)
      return reply && 'error' in reply ? `${reply.id} ${reply.error.code}` : ''
    })
    expect(codes).toEqual(['1 ENOSYS', '2 EINVAL', '18 EAGAIN', '19 EAGAIN'])
    for (const open of host.opened) open()
  })

  test('instructions that are none', () => {
    for (const line of ['', '{}', '[]', '{"version":1,"token":"","mounts":1}'])
      expect(() => parseInstructions(line)).toThrow()
  })
})
