/** nl.nft.update() and nl.nat on a fake kernel: whose errors they are, what is done again, and how a call ends that waits for its turn. */
import { afterEach, expect, test, vi } from 'vitest'
import { NLM_F_DUMP } from '../../../protocol/netlink/constants.ts'
import { NetlinkError } from '../../../src/error.ts'
import { Netlink } from '../../../src/netlink.ts'
import type { SocketPlace } from '../../../src/netlink-options.ts'
import type { NftBatch } from '../../../src/nft/transaction/batch.ts'
import type { KernelSocket } from '../../../src/socket.ts'
import { type Answer, done, errno, FakeKernel, type FakeRequest, message } from '../fake-kernel.ts'

const BEGIN = 16
const NEWGEN = (10 << 8) | 15
const GETGEN = (10 << 8) | 16
const [NEWROUTE, GETROUTE] = [24, 26]
/** struct rtmsg of 10.0.0.1, and RTA_OIF: by way of the device with index 2, whose name is asked for then. */
const route = Uint8Array.of(2, 32, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0, ...new Uint8Array(Uint16Array.of(8, 4, 2, 0).buffer))
/** What the kernel says to each type of message; without it, yes, and nothing is there. */
const says = new Map<number, Answer>()
/** While it is a list the kernel answers nobody. */
let held: (() => void)[] | undefined
function answer(request: FakeRequest): Answer {
  const { type, flags, seq } = request
  const said = says.get(type)
  if (said !== undefined) return said
  if (type === GETGEN) return { replies: [message(NEWGEN, new Uint8Array(4), 0, seq)] }
  if (type === GETROUTE) return { replies: [message(NEWROUTE, route, 0, seq)] }
  return (flags & NLM_F_DUMP) === NLM_F_DUMP ? { dump: [done(request)] } : {}
}
const delay = (job: () => void): unknown => (held === undefined ? setImmediate(job) : held.push(job))
let kernel = new FakeKernel(answer, { delay })
vi.mock('../../../src/socket.ts', async (original) => ({
  ...(await original<object>()),
  openSocket: (): Promise<KernelSocket> => kernel.open(),
}))
const place: SocketPlace = { openSocket: async () => -1 }

afterEach(() => {
  says.clear()
  held = undefined
  kernel = new FakeKernel(answer, { delay })
})

const failed = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'did not fail',
    (error: unknown) => error,
  )
const transactions = (): number => kernel.writes.flat().filter(({ type }) => type === BEGIN).length
const add =
  (name: string) =>
  (_: unknown, b: NftBatch): void =>
    void b.table.add({ name })
const turnOfOthers = () => new Promise((resolve) => setTimeout(resolve, 20))

const calls: [string, (nl: Netlink) => Promise<unknown>, string?][] = [
  ['nft.list', (nl) => nl.nft.list()],
  ['nft.update', (nl) => nl.nft.update(() => undefined)],
  ['nat.list', (nl) => nl.nat.list()],
  ['nat.masquerade', (nl) => nl.nat.masquerade({ out: 'eth0', name: 'n' }), " 'n'"],
  ['nat.snat', (nl) => nl.nat.snat({ out: 'eth0', to: '192.0.2.1', name: 'n' }), " 'n'"],
  ['nat.redirect', (nl) => nl.nat.redirect({ protocol: 'tcp', port: 80, to: 81, name: 'n' }), " 'n'"],
  ['nat.remove', (nl) => nl.nat.remove('n'), " 'n'"],
]

test.each(calls)('%s: what others say is told as its own', async (operation, call, subject = '') => {
  await using nl = await Netlink.open({ namespace: place })
  says.set(GETGEN, { errno: errno.EPERM })
  const error = await failed(call(nl))
  expect(error).toMatchObject({ operation, code: 'EPERM', outcome: 'refused', path: undefined })
  expect(String(error)).toMatch(
    new RegExp(`^NetlinkError: ${operation}${subject}: operation not permitted: .*\\(EPERM\\)$`),
  )
  expect(error).toMatchObject({ cause: expect.any(NetlinkError) })
})

test('nat.forward: the way to the target too, in words of the caller', async () => {
  await using nl = await Netlink.open({ namespace: place })
  says.set(GETROUTE, { errno: errno.EINVAL, text: 'no' })
  const forward = (control = {}) => nl.nat.forward({ protocol: 'tcp', port: 80, to: '10.0.0.1' }, control)
  expect(await failed(forward())).toMatchObject({
    operation: 'nat.forward',
    kernelText: 'no',
    message: "nat.forward 'forward tcp 80': no (EINVAL)",
    cause: { operation: 'RTM_GETROUTE' },
  })
  says.clear()
  const why = new Error('mine')
  held = []
  const controller = new AbortController()
  const waiting = failed(forward({ signal: controller.signal }))
  await turnOfOthers()
  controller.abort(why)
  expect(await waiting).toMatchObject({ operation: 'nat.forward', code: 'ABORT_ERR', outcome: 'unsent', cause: why })
  for (const job of held) job()
})

test('a table that is somebody else’s is the caller’s table', async () => {
  await using nl = await Netlink.open({ namespace: place })
  says.set(10 << 8, { errno: errno.EPERM, offset: 20 })
  expect(await failed(nl.nat.masquerade({ out: 'eth0', name: 'n', table: 'theirs' }))).toMatchObject({
    operation: 'nat.masquerade',
    code: 'EPERM',
    path: 'table',
    cause: { operation: 'nft.update: table.add' },
  })
})

test.each(['ERESTART', 'EAGAIN'])('%s of its own is done again, of the caller’s function not', async (code) => {
  await using nl = await Netlink.open({ namespace: place })
  const thrown = new NetlinkError({ code, operation: 'mine' })
  let times = 0
  const change = async () => {
    times += 1
    throw thrown
  }
  expect(await failed(nl.nft.update(change))).toBe(thrown)
  expect(times).toBe(1)

  says.set(BEGIN, { errno: code === 'EAGAIN' ? errno.EAGAIN : 85 })
  const outrun = (_: unknown, b: NftBatch): void => {
    times += 1
    b.table.add({ name: 't' })
  }
  expect(await failed(nl.nft.update(outrun, { attempts: 3 }))).toMatchObject({ operation: 'nft.update', code })
  expect(times).toBe(4)
})

const endings: [string, string, () => object][] = [
  ['aborted', 'ABORT_ERR', () => ({ signal: AbortSignal.timeout(20) })],
  ['aborted before', 'ABORT_ERR', () => ({ signal: AbortSignal.abort() })],
  ['late', 'ETIMEDOUT', () => ({ deadline: 20 })],
]
test.each(endings)('%s while it waits for its turn: told at once, and the others go on', async (_, code, control) => {
  await using nl = await Netlink.open({ namespace: place })
  await nl.nft.update(() => undefined)
  held = []
  const first = nl.nft.update(add('a'))
  const second = failed(nl.nft.update(add('b'), control()))
  let before = 0
  const third = nl.nft.update((_, b) => {
    before = transactions()
    b.table.add({ name: 'c' })
  })
  await turnOfOthers()
  expect(await second).toMatchObject({ code, operation: 'nft.update', outcome: 'unsent' })
  // The first holds its turn still.
  await turnOfOthers()
  expect(transactions()).toBe(0)
  const jobs = held
  held = undefined
  for (const job of jobs) job()
  await Promise.all([first, third])
  expect([before, transactions()]).toEqual([1, 2])
})

test('the deadline is for all of it: what the caller’s function takes is part of it, and nothing is sent then', async () => {
  await using nl = await Netlink.open({ namespace: place })
  const slow = async (_: unknown, b: NftBatch): Promise<void> => {
    b.table.add({ name: 't' })
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  await nl.nft.update(() => undefined)
  expect(await failed(nl.nft.update(slow, { deadline: 30 }))).toMatchObject({ code: 'ETIMEDOUT', outcome: 'unsent' })
  expect(transactions()).toBe(0)
  await nl.nft.update(slow, { deadline: 5000 })
  expect(transactions()).toBe(1)
})
