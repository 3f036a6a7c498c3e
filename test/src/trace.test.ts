import { constants } from 'node:os'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { NFT_MSG_NEWRULE } from '../../protocol/netfilter/nftables/operations.ts'
import { protocols } from '../../protocol/protocols.ts'
import { RTM_GETLINK, RTM_NEWLINK } from '../../protocol/route/operations.ts'
import { Exchange, prepare } from '../../src/client.ts'
import { Conversation } from '../../src/conversation.ts'
import { Dump } from '../../src/dump.ts'
import { type TraceEvent, type TraceListener, traced } from '../../src/trace.ts'
import { done, FakeKernel, type Handler, message } from './fake-kernel.ts'

const { errno } = constants
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

async function start(handler: Handler, listener?: TraceListener, blocking = false) {
  const kernel = new FakeKernel(handler)
  const place = { protocol: protocols.route, namespace: 'ns1' }
  return Conversation.open({ open: async () => traced(await kernel.open(), place, listener), blocking })
}

/** RTM_NEWLINK with the header's index and nothing else. */
const link = (seq: number) => message(16, new Uint8Array(16), 2, seq)

describe.each([false, true])('a traced socket (blocking: %s)', (blocking) => {
  const events: TraceEvent[] = []
  const listener = (event: TraceEvent) => events.push(event)
  afterEach(() => {
    events.length = 0
  })
  const titles = () =>
    events.map((event) =>
      String(event)
        .split('\n', 1)[0]
        ?.replace(/socket \d+/, 'socket N'),
    )

  test('tells of requests and answers, an error in the words of its request', async () => {
    // The offset of IFLA_MTU: behind header, ifinfomsg and IFLA_IFNAME.
    const handler: Handler = () => ({ errno: errno.EINVAL, text: 'no such mtu', offset: 40 })
    await using conversation = await start(handler, listener, blocking)
    const call = Exchange.request(RTM_NEWLINK, { ifname: 'v0', mtu: 1 }, {})
    await expect(conversation.request(call)).rejects.toThrow('no such mtu')
    expect(titles()).toEqual([
      'netlink send route in ns1 socket N: 48 bytes',
      expect.stringMatching(/^netlink receive route in ns1 socket N: \d+ bytes$/),
    ])
    const [request, answer] = events.map((event) => String(event).split('\n'))
    expect(request).toContain('    0  RTM_NEWLINK flags request,ack seq 1 portid 0 length 48')
    expect(request).toContain('   32    IFLA_IFNAME ifname: "v0"')
    expect(request).toContain('   32  07000300 76300000 08000400 01000000')
    expect(answer).toContain('   16    EINVAL "no such mtu" at mtu (IFLA_MTU)')
    expect(events[0]).toMatchObject({ direction: 'send', protocol: 'route', namespace: 'ns1', code: undefined })
    expect(events[0]?.bytes.length).toBe(48)
  })

  test('tells of dumps, each on a socket of its own', async () => {
    const handler: Handler = (request) => ({ dump: [link(request.seq), done(request)] })
    await using conversation = await start(handler, listener, blocking)
    const dump = new Dump({
      prepare: () => prepare(RTM_GETLINK, {}, { flags: ['dump'] }),
      chunks: (call) => conversation.chunks(call),
      decode: () => 1,
    })
    expect(await dump).toEqual([1])
    expect(events.map(({ direction }) => direction)).toEqual(['send', 'receive', 'receive'])
    expect(String(events[0])).toContain('RTM_GETLINK flags request,dump seq 1')
    expect(String(events[1])).toContain('RTM_NEWLINK flags multi seq 1')
    expect(String(events[2])).toContain('NLMSG_DONE')
  })

  test('tells of failures, and what a listener throws is uncaught: nothing is lost of the call', async () => {
    const thrown = vi.spyOn(process, 'nextTick').mockImplementation(() => {})
    const handler: Handler = (request) => ({ failures: [-errno.ENOBUFS], replies: [link(request.seq)] })
    const throwing = (event: TraceEvent) => {
      listener(event)
      throw new RangeError('mine')
    }
    const conversation = await start(handler, throwing, true)
    await conversation.request(Exchange.request(RTM_GETLINK, { header: { index: 1 } }, {}))
    expect(titles()).toContain('netlink receive route in ns1 socket N: failed: ENOBUFS')
    expect(thrown).toHaveBeenCalledTimes(events.length)
    thrown.mockRestore()
    await conversation.close()
  })
})

describe('where an error is', () => {
  /** nlmsghdr, nfgenmsg, table at 20, expressions at 28: their first at 32, of 16 bytes, the second at 48. */
  const rule = { header: { family: 'ipv4' }, table: 't', expressions: [{ name: 'masq' }, { name: 'masq' }] } as const
  test.each<[number, string]>([
    [20, 'table (NFTA_RULE_TABLE)'],
    [28, 'expressions (NFTA_RULE_EXPRESSIONS)'],
    [48, 'expressions[1]'],
    [52, 'expressions[1].name (NFTA_EXPR_NAME)'],
    [16, 'header.family'],
    [400, 'byte 400 of the request'],
  ])('at %i: %s', async (offset, told) => {
    const events: TraceEvent[] = []
    const kernel = new FakeKernel(() => ({ errno: errno.EINVAL, offset }))
    const place = { protocol: protocols.netfilter, namespace: undefined }
    const open = async () => traced(await kernel.open(), place, (event) => events.push(event))
    await using conversation = await Conversation.open({ open })
    await expect(conversation.request(Exchange.command(NFT_MSG_NEWRULE, rule, {}, undefined))).rejects.toThrow('EINVAL')
    expect(String(events[1]).split('\n')).toContain(`   16    EINVAL at ${told}`)
  })
})

test('NETLINK_TRACE=1 prints to stderr', async () => {
  vi.stubEnv('NETLINK_TRACE', '1')
  const written: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const conversation = await start((request) => ({ replies: [link(request.seq)] }), undefined, true)
  await conversation.request(Exchange.request(RTM_GETLINK, { header: { index: 1 } }, {}))
  await conversation.close()
  spy.mockRestore()
  expect(written.map((text) => text.split(':', 1)[0]?.replace(/\d+$/, 'N'))).toEqual([
    'netlink send route in ns1 socket N',
    'netlink receive route in ns1 socket N',
  ])
})
