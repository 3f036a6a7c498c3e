/** Look-ups that several calls share: asked once, and never across a request that may change the answer. */
import { afterEach, expect, test } from 'vitest'
import type { Call } from '../../src/call.ts'
import { Conversation } from '../../src/conversation.ts'
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
