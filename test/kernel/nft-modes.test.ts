/** nl.nft, nl.nat and nl.conntrack on the calling thread, and traced. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Namespace, type Netlink, type NetlinkError } from '../../src/index.ts'

const at = { table: 't', chain: 'c' } as const
const tcp = (dport: number) =>
  ({
    protocol: 'tcp',
    orig: { src: '192.0.2.1', dst: '198.51.100.1', sport: 1, dport },
    timeout: 600,
    state: 'established',
  }) as const
const code = (action: Promise<unknown>) =>
  action.then(
    () => 'done',
    (error: NetlinkError) => [error.code, error.operation, error.path],
  )

/** Something of everything; what comes of it. */
const works: readonly [title: string, work: (nl: Netlink) => Promise<unknown>][] = [
  [
    'nl.nft',
    async ({ nft }) => {
      const rule = await nft.batch((b) => {
        b.table.add({ name: 't' })
        b.chain.add({ table: 't', name: 'c' })
        b.set.add({ table: 't', name: 's', type: 'ipv4_addr', elements: ['192.0.2.1', '192.0.2.2'] })
        return b.rule.add({ ...at, rule: [{ counter: null }] })
      })
      // More than is told of again, and than one datagram of a dump holds.
      await nft.batch((b) => {
        for (let i = 0; i < 1000; i += 1) b.rule.add({ ...at, rule: [{ accept: null }], comment: `${i}` })
      })
      const wrong = await code(nft.batch((b) => b.rule.add({ ...at, rule: [{ jump: { target: 'x' } }] })))
      const elements = await nft.element.list({ table: 't', set: 's' })
      await nft.update(({ rules }, b) => {
        for (const each of rules.slice(10)) b.rule.del(each)
      })
      let streamed = 0
      for await (const _ of await nft.rule.list()) streamed += 1
      return [rule.handle, wrong, elements, streamed, String(await nft.list())]
    },
  ],
  [
    'nl.nat',
    async ({ nat }) => {
      await using forwarding = await nat.forwarding()
      const one = await nat.masquerade({ source: '10.0.0.0/8', outNot: 'br0' })
      await nat.forward({ protocol: 'tcp', port: 80, to: '10.0.0.1:8080' })
      const wrong = await code(nat.remove('another'))
      const twice = await code(nat.forward({ protocol: 'tcp', port: 80, to: '10.0.0.2:8080' }))
      const before = await nat.list()
      await one.remove()
      return [forwarding.changed, one.name, wrong, twice, before, await nat.list()]
    },
  ],
  [
    'nl.conntrack',
    async ({ conntrack }) => {
      for (let i = 1; i <= 500; i += 1) await conntrack.add({ ...tcp(i), mark: i & 1 })
      const wrong = await code(conntrack.add(tcp(1)))
      await conntrack.update(tcp(1), { mark: 7 })
      const { mark } = await conntrack.get(tcp(1))
      const marked = await conntrack.list({ mark: 1 })
      let streamed = 0
      for await (const _ of conntrack.list({ protocol: 'tcp' })) streamed += 1
      const removed = await conntrack.flush({ orig: { dport: 1 } })
      const left = await conntrack.count()
      await conntrack.flush()
      return [wrong, mark, marked.length, streamed, removed, left, await conntrack.count()]
    },
  ],
]

test.each(works)('%s with blocking: true gives what it gives without', async (_, work) => {
  await using ns = await Namespace.create()
  await using other = await Namespace.create()
  await using nl = await ns.netlink({ blocking: true })
  await using pooled = await other.netlink()
  const expected = await work(pooled)
  expect(await work(nl)).toEqual(expected)
  expect(JSON.stringify(expected)).toMatch(/"E(NOENT|EXIST)"/)
})

describe('NETLINK_TRACE=1', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  test('a transaction, what is told again, and an error with the expression at fault: decoded, and in hex', async () => {
    vi.stubEnv('NETLINK_TRACE', '1')
    let printed = ''
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      printed += String(text)
      return true
    })
    await using ns = await Namespace.create('traced')
    await using nl = await ns.netlink()
    await nl.nft.batch((b) => {
      b.table.add({ name: 't' })
      b.chain.add({ table: 't', name: 'c' })
      b.rule.add({ ...at, rule: [{ counter: null }, { accept: null }] })
    })
    const [sent = '', told = ''] = printed.split(/^(?=netlink )/m)
    expect(lines(sent)).toEqual([
      'netlink send netfilter in traced socket N: 212 bytes',
      '0 NFNL_MSG_BATCH_BEGIN flags request seq N portid 0 length 20',
      '20 NFT_MSG_NEWTABLE flags request,echo,create seq N portid 0 length 28',
      '48 NFT_MSG_NEWCHAIN flags request,echo,create seq N portid 0 length 36',
      '84 NFT_MSG_NEWRULE flags request,ack,echo,create,append seq N portid 0 length 108',
      '192 NFNL_MSG_BATCH_END flags request seq N portid 0 length 20',
    ])
    expect(sent).toMatch(/^ +148 +NFTA_EXPR_NAME name: "immediate"$/m)
    expect(sent).toMatch(/^ +184 +NFTA_VERDICT_CODE code: "accept"$/m)
    // BEGIN and the head of the table, the name of the chain in the rule, END
    expect(sent).toMatch(/^ +0 {2}14000000 10000100 ........ 00000000 0000000a 1c000000 000a0904 /m)
    expect(sent).toMatch(/^ +192 {2}14000000 11000100 ........ 00000000 0000000a$/m)
    expect(lines(told)[1]).toBe('0 NFT_MSG_NEWTABLE flags create seq N portid N length 56')

    printed = ''
    await nl.nft.rule.add({ ...at, rule: [{ counter: null }, { jump: { target: 'x' } }] }).catch(() => undefined)
    expect(printed).toMatch(
      /^ +0 +NLMSG_ERROR flags capped,ack_tlvs seq \d+ portid \d+ length 44\n +16 +ENOENT at expressions\[1\]$/m,
    )
    expect(printed).toMatch(/^ +20 +NFT_MSG_NEWRULE request$/m)
    expect(printed).toMatch(/^ +36 +NLMSGERR_ATTR_OFFS offs: 60$/m)
    printed = ''
    await nl.nft.chain.del({ table: 't', name: 'x' }).catch(() => undefined)
    expect(printed).toMatch(/^ +16 +ENOENT at name \(NFTA_CHAIN_NAME\)$/m)
  })

  /** The title and the heads of messages, without what differs from run to run. */
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => /^netlink |^ +\d+ {2}NF/.test(line))
      .map((line) =>
        line
          .trim()
          .replace(/ +/g, ' ')
          .replace(/(socket|seq|portid) [1-9]\d*/g, '$1 N'),
      )
})
