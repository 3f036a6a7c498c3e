/** The conversation on the real kernel, in a network namespace that ends with this process. */
import { execFile, execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, read, readdirSync, rmSync, writeSync } from 'node:fs'
import { constants as os, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aligned, hostLittleEndian } from '../../protocol/wire/bytes.ts'
import type { Call } from '../../src/call.ts'
import { addressFamily, cloneFlag, socketType } from '../../src/constants.ts'
import { Conversation, type ConversationOptions } from '../../src/conversation.ts'
import { Descriptor } from '../../src/descriptor.ts'
import { Dump } from '../../src/dump.ts'
import type { NetlinkError } from '../../src/error.ts'
import { setns, socket, unshare } from '../../src/libc.ts'
import { openSocket, type SocketOptions } from '../../src/socket.ts'

const RTM = { NEWLINK: 16, GETLINK: 18, NEWADDR: 20, GETADDR: 22 } as const
const CREATE = 0x600
const DUMP = 0x300

const numbers: number[] = []
const descriptor = (): number => {
  const type = socketType.SOCK_RAW | socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC
  const fd = socket(addressFamily.AF_NETLINK, type, 0)
  numbers.push(fd)
  return fd
}
const open = (options: Omit<ConversationOptions, 'open'> = {}, socketOptions: SocketOptions = {}) =>
  Conversation.open({ ...options, open: () => openSocket(descriptor, 0, socketOptions) })

function bytesOf(...words: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer)
}
function attribute(type: number, value: Uint8Array | string): Uint8Array {
  const body = typeof value === 'string' ? new TextEncoder().encode(`${value}\0`) : value
  const bytes = new Uint8Array(aligned(4 + body.length))
  new DataView(bytes.buffer).setUint16(0, 4 + body.length, hostLittleEndian)
  new DataView(bytes.buffer).setUint16(2, type, hostLittleEndian)
  bytes.set(body, 4)
  return bytes
}
function message(type: number, flags: number, ...parts: Uint8Array[]): Uint8Array {
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]))
  const whole = new Uint8Array(16 + bytes.length)
  const view = new DataView(whole.buffer)
  view.setUint32(0, whole.length, hostLittleEndian)
  view.setUint16(4, type, hostLittleEndian)
  view.setUint16(6, flags | 1, hostLittleEndian)
  whole.set(bytes, 16)
  return whole
}
const ifinfomsg = (index = 0) => bytesOf(0, index, 0, 0)
const getLink = (index: number, heard: number[] = []): Call => ({
  bytes: message(RTM.GETLINK, 0, ifinfomsg(index)),
  operation: 'RTM_GETLINK',
  answer: 'reply',
  idempotent: true,
  reply: ({ view, offset }) => heard.push(view.getInt32(offset + 4, hostLittleEndian)),
})
/** 127.0.0.0/8 onto lo, one by one. */
const newAddress = (i: number): Call => ({
  bytes: message(
    RTM.NEWADDR,
    CREATE,
    Uint8Array.of(2, 32, 0, 254),
    bytesOf(1),
    attribute(2, Uint8Array.of(127, 1, i >> 8, i & 255)),
  ),
  operation: 'RTM_NEWADDR',
  names: false,
})
const newBridge = (name: string, netns?: number): Call => ({
  bytes: message(
    RTM.NEWLINK,
    CREATE,
    ifinfomsg(),
    attribute(3, name),
    attribute(18, attribute(1, 'bridge')),
    ...(netns === undefined ? [] : [attribute(28, bytesOf(netns))]),
  ),
  operation: 'RTM_NEWLINK',
})
const addresses = (conversation: Conversation) =>
  new Dump({
    prepare: () => ({ bytes: message(RTM.GETADDR, DUMP, bytesOf(2, 0)), operation: 'RTM_GETADDR' }),
    chunks: (call) => conversation.chunks(call),
    decode: ({ end, offset }) => end - offset,
  })
const openDescriptors = () => readdirSync('/proc/self/fd').length

let folder = ''
/** Four reads which fill the libuv pool until they are let go. */
function fillPool(): () => Promise<void> {
  const fifo = join(folder, 'fifo')
  const fd = openSync(fifo, constants.O_RDWR)
  const jobs = Array.from(
    { length: 4 },
    () => new Promise<void>((resolve) => read(fd, Buffer.alloc(1), 0, 1, null, () => resolve())),
  )
  return async () => {
    writeSync(fd, 'xxxx')
    await Promise.all(jobs)
    closeSync(fd)
  }
}

beforeAll(() => {
  // The main thread only: sockets opened here are in it, whatever thread reads them.
  unshare(cloneFlag.CLONE_NEWNET)
  folder = mkdtempSync(join(tmpdir(), 'netlink-ts-'))
  execFileSync('mkfifo', [join(folder, 'fifo')])
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([false, true])('requests and dumps (blocking: %s)', (blocking) => {
  test('answer each for itself', async () => {
    await using conversation = await open({ blocking })
    const heard: number[] = []
    const results = await Promise.allSettled([1, 4711, 1].map((index) => conversation.request(getLink(index, heard))))
    expect(heard).toEqual([1, 1])
    expect(results[1]).toMatchObject({ reason: { code: 'ENODEV', operation: 'RTM_GETLINK', outcome: 'refused' } })
  })

  test('3,000 additions of one tick, and again: each fails by itself with the text of the kernel', async () => {
    await using conversation = await open({ blocking })
    const base = blocking ? 4096 : 0
    const all = Array.from({ length: 3000 }, (_, i) => base + i)
    await Promise.all(all.map((i) => conversation.request(newAddress(i))))
    expect((await addresses(conversation)).length).toBeGreaterThanOrEqual(3000)
    const again = await Promise.allSettled(all.map((i) => conversation.request(newAddress(i))))
    const texts = again.map((result) => (result.status === 'rejected' ? (result.reason as NetlinkError).code : 'ok'))
    expect(new Set(texts)).toEqual(new Set(['EEXIST']))
  })

  test('a batch in which all fail fits the smallest receive buffer', async () => {
    await using conversation = await open({ blocking }, { receiveBuffer: 4096 })
    await Promise.allSettled([conversation.request(newAddress(0))])
    const results = await Promise.allSettled(Array.from({ length: 200 }, () => conversation.request(newAddress(0))))
    expect(results.every((result) => result.status === 'rejected' && result.reason.code === 'EEXIST')).toBe(true)
  })

  test('an overrun is recovered from', async () => {
    await using conversation = await open({ blocking }, { receiveBuffer: 4096 })
    const heard: number[] = []
    // Nothing is reserved for these replies, so most of them do not fit.
    const gets = Array.from({ length: 12 }, () => conversation.request({ ...getLink(1, heard), replyBytes: 0 }))
    await Promise.all(gets)
    expect(heard.length).toBeGreaterThanOrEqual(12)
    // Sent together, they overrun; a command among them may have been done.
    const mixed = [
      ...Array.from({ length: 3 }, () => conversation.request({ ...getLink(1), replyBytes: 0 })),
      conversation.request(newAddress(blocking ? 9001 : 9000)),
    ]
    for (const result of await Promise.allSettled(mixed))
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ outcome: 'unknown' })
    await conversation.request(getLink(1))
  })
})

describe('a socket', () => {
  test('is close-on-exec, never blocks, and grows its receive buffer as root', async () => {
    await using kernel = { socket: await openSocket(descriptor, 0), [Symbol.asyncDispose]: () => kernel.socket.close() }
    expect(kernel.socket.receiveSync(Buffer.alloc(100))).toBe(-os.errno.EAGAIN)
    expect(kernel.socket.receiveBuffer).toBeGreaterThanOrEqual(212_992)
    kernel.socket.growSend(1 << 20)
    expect(kernel.socket.sendLimit).toBeGreaterThanOrEqual(1 << 20)
  })
})

describe('descriptors', () => {
  test('closing with requests in the pool never lets a stranger have the number', async () => {
    const conversation = await open()
    const fd = numbers.at(-1)
    const letGo = fillPool()
    const request = conversation.request(newBridge('never')).catch((error: unknown) => error)
    await new Promise(setImmediate)
    const dump = addresses(conversation).catch((error: unknown) => error)
    await new Promise(setImmediate)
    const closing = conversation.close()
    expect(await request).toMatchObject({ code: 'ERR_CLOSED', outcome: 'unknown' })
    expect(await dump).toMatchObject({ code: 'ERR_CLOSED' })
    // Whoever opens something now would get the number, and the queued write.
    const others = Array.from({ length: 50 }, () => openSync('/dev/null', 'r+'))
    expect(others).not.toContain(fd)
    await letGo()
    await closing
    const later = openSync('/dev/null', 'r')
    expect(later).toBe(fd)
    for (const other of [...others, later]) closeSync(other)
  })

  test('a namespace in a queued message stays open until it was sent', async () => {
    const home = openSync('/proc/thread-self/ns/net', 'r')
    unshare(cloneFlag.CLONE_NEWNET)
    const inside = await open()
    const namespace = openSync('/proc/thread-self/ns/net', 'r')
    setns(home, cloneFlag.CLONE_NEWNET)
    closeSync(home)
    await using conversation = await open()
    const counted = new Descriptor(namespace, 'namespace')
    const letGo = fillPool()
    const request = conversation.request({ ...newBridge('born', namespace), keepAlive: [counted] })
    counted.close()
    const others = Array.from({ length: 50 }, () => openSync('/dev/null', 'r'))
    expect(others).not.toContain(namespace)
    await letGo()
    await request
    const links: number[] = []
    await inside.request({
      bytes: message(RTM.GETLINK, 0, ifinfomsg(), attribute(3, 'born')),
      operation: 'RTM_GETLINK',
      answer: 'reply',
      reply: () => links.push(1),
    })
    expect(links).toEqual([1])
    // Sent: the number is free.
    const later = openSync('/dev/null', 'r')
    expect(later).toBe(namespace)
    for (const other of [...others, later]) closeSync(other)
    await inside.close()
  })

  test('10,000 open and close leave descriptors and heap flat', { timeout: 120_000 }, async () => {
    setFlagsFromString('--expose_gc')
    const gc: () => void = runInNewContext('gc')
    const round = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const conversation = await open()
        if (i % 10 === 0) await conversation.request(getLink(1))
        if (i % 100 === 0) await addresses(conversation)
        await conversation.close()
        numbers.length = 0
      }
      await new Promise(setImmediate)
      gc()
      return { descriptors: openDescriptors(), heap: process.memoryUsage().heapUsed }
    }
    const before = await round(500)
    const after = await round(10_000)
    console.log(
      `10,000 clients: heap ${before.heap} -> ${after.heap}, descriptors ${before.descriptors} -> ${after.descriptors}`,
    )
    expect(after.descriptors).toBe(before.descriptors)
    expect(after.heap - before.heap).toBeLessThan(2 << 20)
  })
})

test('an open client keeps no process alive, one that waits does', { timeout: 30_000 }, async () => {
  const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
  const script = `
    import { socket } from ${source('libc.ts')}
    import { openSocket } from ${source('socket.ts')}
    import { Conversation } from ${source('conversation.ts')}
    const conversation = await Conversation.open({ open: () => openSocket((protocol) => socket(16, 3 | 0o2004000, protocol), 0) })
    const bytes = new Uint8Array(${JSON.stringify([...message(RTM.GETLINK, 0, ifinfomsg(1))])})
    conversation.request({ bytes, operation: 'RTM_GETLINK' }).then(() => console.log('answered'))`
  const run = promisify(execFile)
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const { stdout } = await run(process.execPath, args, { timeout: 20_000 })
  expect(stdout).toBe('answered\n')
})
