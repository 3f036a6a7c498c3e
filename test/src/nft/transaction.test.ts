/** Transactions of nf_tables on a fake kernel: what is sent, and what becomes of the answers. */
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { NLM_F_ACK } from '../../../protocol/netlink/constants.ts'
import { hostLittleEndian } from '../../../protocol/wire/bytes.ts'
import { Conversation } from '../../../src/conversation.ts'
import { NftError } from '../../../src/nft/errors.ts'
import { NftCommand, type Verb } from '../../../src/nft/transaction/command.ts'
import { type NftBatchOptions, run } from '../../../src/nft/transaction/run.ts'
import { chainVerbs } from '../../../src/nft/verbs/chain-verbs.ts'
import { elementVerbs, setVerbs } from '../../../src/nft/verbs/set-verbs.ts'
import { tableVerbs } from '../../../src/nft/verbs/table-verbs.ts'
import { errno, FakeKernel, type FakeOptions, type FakeRequest, type Handler, message } from '../fake-kernel.ts'

const BEGIN = 16
const END = 17
const NFT = 10 << 8
const NEWTABLE = NFT | 0
const NEWCHAIN = NFT | 3
const NEWSET = NFT | 9
const NEWSETELEM = NFT | 12

function command<I>(verb: Verb<I>, input: I): NftCommand {
  return new NftCommand(verb as Verb<never>, input)
}
const table = (name: string): NftCommand => command(tableVerbs.add, { name })

async function kernel(handler: Handler = () => ({}), options: FakeOptions = {}) {
  const fake = new FakeKernel(handler, options)
  const conversation = await Conversation.open({ open: fake.open, deadline: 2000 })
  const batch = (commands: readonly NftCommand[], more: NftBatchOptions = {}): Promise<void> =>
    run(conversation, commands, more, { operation: 'nft.batch', single: false })
  return { fake, conversation, batch }
}

const failed = (promise: Promise<unknown>): Promise<NftError> =>
  promise.then(
    () => {
      throw new Error('did not fail')
    },
    (error: NftError) => error,
  )
const types = (requests: readonly FakeRequest[] = []): number[] => requests.map(({ type }) => type)

describe('what is sent', () => {
  test('BEGIN, the commands, END in one write; only the last command is acknowledged', async () => {
    const { fake, batch } = await kernel()
    await batch([table('a'), table('b'), table('c')])
    expect(fake.writes).toHaveLength(1)
    const [sent = []] = fake.writes
    expect(types(sent)).toEqual([BEGIN, NEWTABLE, NEWTABLE, NEWTABLE, END])
    expect(sent.map(({ flags }) => (flags & NLM_F_ACK) !== 0)).toEqual([false, false, false, true, false])
    expect(sent.map(({ seq }) => seq - (sent[0]?.seq ?? 0))).toEqual([0, 1, 2, 3, 4])
    // resId: NFNL_SUBSYS_NFTABLES, and no generation
    expect([...(sent[0]?.payload ?? [])]).toEqual([0, 0, 0, 10])
  })

  test('the generation is said in BEGIN', async () => {
    const { fake, batch } = await kernel()
    await batch([table('a')], { generation: 0x01020304 })
    expect([...(fake.writes[0]?.[0]?.payload.slice(4) ?? [])].slice(-4)).toEqual([1, 2, 3, 4])
  })

  test('nothing, where there is nothing to do', async () => {
    const { fake, batch } = await kernel()
    await batch([])
    expect(fake.writes).toEqual([])
  })

  test('handles, where the kernel tells them', async () => {
    const told = (request: FakeRequest): Uint8Array => {
      const body = new Uint8Array(16)
      new DataView(body.buffer).setUint16(4, 12, hostLittleEndian)
      new DataView(body.buffer).setUint16(6, 4, hostLittleEndian)
      body[15] = 42
      return message(request.type, body, 0, request.seq)
    }
    const { batch } = await kernel((request) => ((request.flags & 8) === 0 ? {} : { replies: [told(request)] }))
    const commands = [table('a'), table('b')]
    await batch(commands)
    expect(commands.map(({ handle }) => handle)).toEqual([42, 42])
    const quiet = [table('a')]
    await batch(quiet, { echo: false })
    expect(quiet[0]?.handle).toBeUndefined()
  })

  test('10,000 commands: in one write, without asking for handles, and the event loop has its turns', async () => {
    const { fake, batch } = await kernel()
    let turns = 0
    const ticking = setInterval(() => {
      turns += 1
    }, 0)
    await batch(Array.from({ length: 10_000 }, (_, i) => table(`table${i}`)))
    clearInterval(ticking)
    expect(fake.writes).toHaveLength(1)
    expect(fake.writes[0]).toHaveLength(10_002)
    expect(fake.writes[0]?.some(({ flags }) => (flags & 8) !== 0)).toBe(false)
    expect(turns).toBeGreaterThan(0)
  })

  test('in the order of calls', async () => {
    const { fake, batch } = await kernel()
    await Promise.all([
      batch([table('a')]),
      batch([command(chainVerbs.add, { table: 'a', name: 'c' })]),
      batch([table('b')]),
    ])
    expect(fake.writes.map((each) => each[1]?.type)).toEqual([NEWTABLE, NEWCHAIN, NEWTABLE])
  })
})

describe('errors', () => {
  test('of the 5,000th command, with the property at fault', async () => {
    // nlmsghdr and nfgenmsg are 20 bytes: the first attribute, the table's name
    const { batch } = await kernel((request) =>
      request.type === NEWCHAIN ? { errno: errno.ENOENT, offset: 20, text: 'none of that name' } : {},
    )
    const commands = Array.from({ length: 6000 }, (_, i) => table(`t${i}`))
    commands[4999] = command(chainVerbs.add, { table: 'wrong', name: 'c' })
    const error = await failed(batch(commands))
    expect(error).toBeInstanceOf(NftError)
    expect(error).toMatchObject({ code: 'ENOENT', outcome: 'refused', path: 'commands[4999].table', done: 0 })
    expect(error.message).toBe('nft.batch: chain.add ip wrong c: commands[4999].table: none of that name (ENOENT)')
    expect(error.commands).toEqual([
      {
        index: 4999,
        operation: 'chain.add',
        subject: 'ip wrong c',
        code: 'ENOENT',
        path: 'table',
        reason: undefined,
        kernelText: 'none of that name',
      },
    ])
  })

  test('of several commands: all are told, the first is the message', async () => {
    const { batch } = await kernel(({ payload }) =>
      payload[4] !== undefined && payload.includes(0x78) ? { errno: errno.EEXIST } : {},
    )
    const error = await failed(batch([table('a'), table('x1'), table('b'), table('x2')]))
    expect(error.commands.map(({ index, code }) => [index, code])).toEqual([
      [1, 'EEXIST'],
      [3, 'EEXIST'],
    ])
    expect(error.path).toBe('commands[1]')
  })

  test('5,000 of them cost no square', async () => {
    const { batch } = await kernel(({ type }) => (type === NEWTABLE ? { errno: errno.EEXIST } : {}), {
      receiveBuffer: 64 << 20,
    })
    const start = performance.now()
    const error = await failed(batch(Array.from({ length: 5000 }, (_, i) => table(`t${i}`))))
    expect(error.commands).toHaveLength(5000)
    expect(performance.now() - start).toBeLessThan(1500)
  })

  test('that overrun the receive buffer are refusals all the same', async () => {
    const { batch } = await kernel(({ type }) => (type === NEWTABLE ? { errno: errno.EEXIST } : {}), {
      receiveBuffer: 16 << 10,
    })
    const error = await failed(batch(Array.from({ length: 100 }, (_, i) => table(`t${i}`))))
    expect(error).toMatchObject({ code: 'EEXIST', outcome: 'refused', path: 'commands[0]' })
    expect(error.commands.length).toBeLessThan(100)
  })

  test.each([
    ['EPERM', errno.EPERM, /CAP_NET_ADMIN/],
    ['ENOMEM', errno.ENOMEM, /memory/],
    ['ERESTART', 85, /another program/],
  ])('of BEGIN are those of the whole batch, whatever was acknowledged: %s', async (code, number, reason) => {
    const { batch } = await kernel(({ type }) => (type === BEGIN ? { errno: number } : {}))
    const error = await failed(batch([table('a'), table('b')], { generation: 7 }))
    expect(error).toMatchObject({ code, outcome: 'refused', path: undefined, commands: [] })
    expect(error.message).toMatch(reason)
  })

  test('of our own checks: nothing is sent', async () => {
    const { fake, batch } = await kernel()
    const error = await failed(batch([table('a'), command(chainVerbs.add, { table: 'a', name: '' })]))
    expect(error).toMatchObject({ code: 'EINVAL', outcome: 'unsent', path: 'commands[1].name' })
    expect(fake.writes).toEqual([])
  })

  test('of an answer that never came: unknown', async () => {
    const { batch } = await kernel(() => ({ silent: true }))
    expect(await failed(batch([table('a')]))).toMatchObject({ code: 'ERR_REPLY_LOST', outcome: 'unknown' })
  })
})

describe('transactions that are too long', () => {
  /** As without CAP_NET_ADMIN: nothing grows. */
  const capped = async (limit: number) => {
    const made = await kernel(() => ({}), { sendLimit: limit })
    for (const socket of made.fake.sockets) socket.growSend = () => {}
    return made
  }

  test('say what the limit is', async () => {
    const { batch, fake } = await capped(2000)
    const error = await failed(batch(Array.from({ length: 100 }, (_, i) => table(`t${i}`))))
    expect(error).toMatchObject({ code: 'EMSGSIZE', outcome: 'unsent' })
    expect(error.message).toMatch(/\d+ bytes are more than the 2000 .* net\.core\.wmem_max/)
    expect(fake.writes).toEqual([])
  })

  test('are done in steps where that is wanted, each of them whole', async () => {
    const { batch, fake } = await capped(2000)
    await batch(
      Array.from({ length: 100 }, (_, i) => table(`t${i}`)),
      { steps: true },
    )
    expect(fake.writes.length).toBeGreaterThan(1)
    for (const write of fake.writes) {
      expect(write[0]?.type).toBe(BEGIN)
      expect(write.at(-1)?.type).toBe(END)
      expect(write.filter(({ flags }) => (flags & NLM_F_ACK) !== 0)).toEqual([write.at(-2)])
    }
    const names = fake.writes.flatMap((write) => write.slice(1, -1).map(({ payload }) => text(payload)))
    expect(names).toEqual(Array.from({ length: 100 }, (_, i) => `t${i}`))
  })

  test('are cut within the elements of a set, of which 64 KiB are a message', async () => {
    const { batch, fake } = await capped(150_000)
    const elements = Array.from({ length: 20_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)
    await batch([command(setVerbs.add, { table: 't', name: 's', type: 'ipv4_addr', elements })], { steps: true })
    expect(fake.writes.map(types)).toEqual([
      [BEGIN, NEWSET, NEWSETELEM, NEWSETELEM, END],
      [BEGIN, NEWSETELEM, NEWSETELEM, END],
      [BEGIN, NEWSETELEM, END],
    ])
    // Each element takes 20 bytes, key and value each in a nest of its own.
    const bytes = fake.writes
      .flat()
      .reduce((sum, { type, payload }) => sum + (type === NEWSETELEM ? payload.length : 0), 0)
    expect(Math.floor(bytes / elements.length)).toBe(16)
    expect(fake.writes.flat().every(({ payload }) => payload.length <= 65_536 + 32)).toBe(true)
  })

  test('stop at the step that fails, and say how many commands are done', async () => {
    const { batch, fake } = await kernel(({ payload }) => (text(payload) === 't77' ? { errno: errno.EBUSY } : {}), {
      sendLimit: 2000,
    })
    for (const socket of fake.sockets) socket.growSend = () => {}
    const error = await failed(
      batch(
        Array.from({ length: 100 }, (_, i) => table(`t${i}`)),
        { steps: true },
      ),
    )
    expect(error).toMatchObject({ code: 'EBUSY', path: 'commands[77]' })
    const done = fake.writes.slice(0, -1).reduce((sum, write) => sum + write.length - 2, 0)
    expect(error.done).toBe(done)
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(78)
  })
})

describe('ends', () => {
  test('abort before it is sent: nothing is', async () => {
    const { batch, fake } = await kernel()
    const controller = new AbortController()
    const running = failed(batch([table('a')], { signal: controller.signal }))
    controller.abort()
    expect(await running).toMatchObject({ code: 'ABORT_ERR', outcome: 'unsent' })
    await setTimeout(10)
    expect(fake.writes).toEqual([])
  })

  test('abort while commands are being written: nothing is sent', async () => {
    const { batch, fake } = await kernel()
    const controller = new AbortController()
    const running = failed(
      batch(
        Array.from({ length: 50_000 }, (_, i) => table(`t${i}`)),
        { signal: controller.signal },
      ),
    )
    await setTimeout(5)
    controller.abort()
    expect(await running).toMatchObject({ code: 'ABORT_ERR', outcome: 'unsent' })
    await setTimeout(300)
    expect(fake.writes).toEqual([])
  })

  test('abort, deadline and close while the kernel works: unknown', async () => {
    const slowly = { delay: (job: () => void) => void setTimeout(100).then(job) }
    const aborting = await kernel(() => ({}), slowly)
    const controller = new AbortController()
    const aborted = failed(aborting.batch([table('a')], { signal: controller.signal }))
    await setTimeout(30)
    controller.abort()
    expect(await aborted).toMatchObject({ code: 'ABORT_ERR', outcome: 'unknown' })

    const late = await kernel(() => ({}), slowly)
    expect(await failed(late.batch([table('a')], { deadline: 40 }))).toMatchObject({
      code: 'ETIMEDOUT',
      outcome: 'unknown',
    })

    const closing = await kernel(() => ({}), slowly)
    const closed = failed(closing.batch([table('a')]))
    await setTimeout(30)
    await closing.conversation.close()
    expect(await closed).toMatchObject({ code: 'ERR_CLOSED', outcome: 'unknown' })
  })
})

/** The string in the first attribute behind nfgenmsg. */
function text(payload: Uint8Array): string {
  return new TextDecoder().decode(payload.slice(8)).replace(/\0.*$/s, '')
}

test('a look-up without an answer, or one that is refused, is an error of the command that wanted it', async () => {
  const GETSET = NFT | 10
  const commands = () => [
    table('a'),
    command(elementVerbs.add, { table: 'a', set: 's', elements: ['192.0.2.1'] }),
    table('b'),
  ]
  const mute = await kernel(({ type }) => (type === GETSET ? { silent: true } : {}))
  const lost = await failed(mute.batch(commands()))
  expect(lost).toMatchObject({ code: 'ERR_REPLY_LOST', outcome: 'unsent', path: 'commands[1]' })
  expect(lost.message).toBe(
    'nft.batch: element.add ip a s: commands[1]: a look-up for it: the kernel sent no answer (ERR_REPLY_LOST)',
  )
  expect(lost.cause).toMatchObject({ operation: 'NFT_MSG_GETSET' })
  const strict = await kernel(({ type }) => (type === GETSET ? { errno: errno.EPERM } : {}))
  expect(await failed(strict.batch(commands()))).toMatchObject({
    code: 'EPERM',
    outcome: 'refused',
    path: 'commands[1]',
    message: expect.stringContaining('CAP_NET_ADMIN'),
  })
  expect([...mute.fake.writes, ...strict.fake.writes].flat().filter(({ type }) => type === BEGIN)).toEqual([])
})

test('ENOENT without words of the kernel: a name that is not there, or a part that the kernel lacks', async () => {
  const { batch } = await kernel(({ type }) => (type === NEWTABLE ? { errno: errno.ENOENT } : {}))
  const error = await failed(batch([table('a')]))
  expect(error.commands[0]?.reason).toMatch(/is not there, or the kernel has no support/)
})
