/** Look-ups that several calls share: asked once, and never across a request that may change the answer. */
import { afterEach, expect, test } from 'vitest'
import type { Call } from '../../src/call.ts'
import { Conversation } from '../../src/conversation.ts'
import type { TaskOptions } from '../../src/pending.ts'
import { FakeKernel, message, reply, text } from './fake-kernel.ts'

const opened: Conversation[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((conversation) => conversation.close()))
})

async function start() {
  const kernel = new FakeKernel((request) =>
    text(request.payload).startsWith('?') ? { replies: [reply(request, 'found')] } : {},
  )
  const conversation = await Conversation.open({ open: kernel.open })
  opened.push(conversation)
  return { kernel, conversation }
}

const call = (payload: string, more: Partial<Call> = {}): Call => ({
  bytes: message(20, payload, 1),
  operation: 'RTM_TEST',
  ...more,
})
const question = (name: string) => (): Call =>
  call(`?${name}`, { answer: 'reply', idempotent: true, reply: () => undefined })

/** Looks `name` up, then sends `payload`. */
const lookUpAndSend = (conversation: Conversation, name: string, payload: string, signal?: AbortSignal) =>
  conversation.ordered({ operation: payload, names: false, signal }, async (lane) => {
    await lane.askOnce(name, question(name))
    await lane.send(call(payload, { names: false }))
  })

const writes = (kernel: FakeKernel) => kernel.writes.map((write) => write.map(({ payload }) => text(payload)))
const sent = (kernel: FakeKernel) => kernel.writes.flat().map(({ payload }) => text(payload))

test('calls of one tick that ask the same ask once', async () => {
  const { kernel, conversation } = await start()
  await Promise.all(['a', 'b', 'c'].map((each) => lookUpAndSend(conversation, 'd0', each)))
  expect(sent(kernel)).toEqual(['?d0', 'a', 'b', 'c'])
})

test('different ones are asked each', async () => {
  const { kernel, conversation } = await start()
  await Promise.all(['d0', 'd1', 'd0'].map((each, i) => lookUpAndSend(conversation, each, `${i}`)))
  expect(sent(kernel)).toEqual(['?d0', '?d1', '0', '1', '2'])
})

test('behind what may change a name it is asked again', async () => {
  const { kernel, conversation } = await start()
  await Promise.all([
    lookUpAndSend(conversation, 'd0', 'a'),
    conversation.request(call('rename')),
    lookUpAndSend(conversation, 'd0', 'b'),
  ])
  expect(sent(kernel)).toEqual(['?d0', 'a', 'rename', '?d0', 'b'])
})

test('what was asked before is asked again', async () => {
  const { kernel, conversation } = await start()
  await lookUpAndSend(conversation, 'd0', 'a')
  await lookUpAndSend(conversation, 'd0', 'b')
  expect(sent(kernel)).toEqual(['?d0', 'a', '?d0', 'b'])
})

test('aborting who asked first does not reach the others', async () => {
  const { conversation } = await start()
  const controller = new AbortController()
  const first = lookUpAndSend(conversation, 'd0', 'a', controller.signal)
  const second = lookUpAndSend(conversation, 'd0', 'b')
  queueMicrotask(() => controller.abort())
  await expect(first).rejects.toMatchObject({ code: 'ABORT_ERR' })
  await expect(second).resolves.toBeUndefined()
})

/** Looks up, then creates, as link.add() does: two messages in its place. */
const create = (conversation: Conversation, name: string, master: string, more: Partial<TaskOptions> = {}) =>
  conversation.ordered({ operation: name, creates: [name], looksUp: [master], ...more }, async (lane) => {
    await lane.askOnce(master, question(master))
    await Promise.all([lane.place(call(`+${name}`)), lane.place(call(`=${name}`))])
  })

test('those that create other names than are looked up share a look-up and a write, in the order of calls', async () => {
  const { kernel, conversation } = await start()
  await Promise.all(['a', 'b', 'c'].map((name) => create(conversation, name, 'br0')))
  expect(writes(kernel)).toEqual([['?br0'], ['+a', '=a', '+b', '=b', '+c', '=c']])
})

test('one that creates the name waits, and so does all that is behind it', async () => {
  const { kernel, conversation } = await start()
  await Promise.all([
    create(conversation, 'br0', 'd0'),
    create(conversation, 'a', 'br0'),
    create(conversation, 'b', 'd0'),
  ])
  expect(writes(kernel)).toEqual([['?d0'], ['+br0', '=br0', '?br0', '?d0'], ['+a', '=a', '+b', '=b']])
})

test('who does not say what it looks up waits for all that create', async () => {
  const { kernel, conversation } = await start()
  await Promise.all([create(conversation, 'a', 'br0'), lookUpAndSend(conversation, 'd0', 'x')])
  expect(writes(kernel)).toEqual([['?br0'], ['+a', '=a', '?d0'], ['x']])
})

test('what creates without a look-up does not overtake', async () => {
  const { kernel, conversation } = await start()
  const bare = () =>
    conversation.ordered({ operation: 'b', creates: ['b'], looksUp: [] }, (lane) => lane.place(call('+b')))
  await Promise.all([create(conversation, 'a', 'br0'), bare(), create(conversation, 'c', 'br0')])
  expect(sent(kernel).filter((each) => each.startsWith('+'))).toEqual(['+a', '+b', '+c'])
})

test('at most 64 are ahead', async () => {
  const { kernel, conversation } = await start()
  let running = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 200 }, (_, i) =>
      conversation.ordered({ operation: `${i}`, creates: [`${i}`], looksUp: [] }, async (lane) => {
        running += 1
        most = Math.max(most, running)
        await new Promise(setImmediate)
        running -= 1
        await lane.place(call(`+${i}`))
      }),
    ),
  )
  expect(most).toBe(64)
  expect(sent(kernel)).toEqual(Array.from({ length: 200 }, (_, i) => `+${i}`))
})
