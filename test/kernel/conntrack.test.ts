/** nl.conntrack on the real kernel, beside `conntrack`. As root. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Conntrack, type ConntrackInput, Namespace, type Netlink, type NetlinkError } from '../../src/index.ts'
import { connected, linesOf, routed, shownBy, steadyLines } from './conntrack-lab.ts'

describe('real connections through a router', () => {
  test('are listed as conntrack lists them, with what NAT made of them', async () => {
    await using net = await routed()
    const { client, router, server } = net
    await using nl = await router.netlink()
    await using plain = await connected(net, '192.0.2.2', 7000)
    await using published = await connected(net, '10.1.0.1', 8080, 80)
    await using six = await connected(net, '2001:db8:2::2', 7001)
    const dns = await server.udp({ port: 53 })
    dns.on('message', (text, { address, port }) => dns.send(text, port, address))
    const asker = await client.udp({ host: '10.1.0.2' })
    asker.send('?', 53, '192.0.2.2')
    await once(asker, 'message')
    asker.send('?', 99, '192.0.2.2')
    await client.exec('ping', ['-c', '1', '192.0.2.2'], { sysfs: false })
    await client.exec('ping', ['-c', '1', '2001:db8:2::2'], { sysfs: false })

    const all = await nl.conntrack.list()
    expect(linesOf(all)).toEqual(await shownBy(router))
    expect(linesOf(await nl.conntrack.list({ family: 'inet6' }))).toEqual(await shownBy(router, '-f', 'ipv6'))
    const { stdout } = await router.exec('cat', ['/proc/net/nf_conntrack'], { sysfs: false })
    // There IPv6 addresses are written out, and there is no id.
    const four = all.filter(({ family }) => family === 'inet')
    expect(linesOf(four).map((line) => line.replace(/ id=\d+$/, ' zone=0'))).toEqual(
      steadyLines(stdout).filter((line) => line.startsWith('ipv4')),
    )

    const one = async (filter: Parameters<Netlink['conntrack']['list']>[0]): Promise<Conntrack> => {
      const found = await nl.conntrack.list(filter)
      expect(found).toHaveLength(1)
      return found[0] as Conntrack
    }
    expect(await one({ protocol: 'tcp', orig: { dport: 7000 } })).toMatchObject({
      family: 'inet',
      orig: { src: '10.1.0.2', dst: '192.0.2.2', sport: plain.localPort },
      reply: { src: '192.0.2.2', dst: '192.0.2.1' },
      state: 'established',
      status: expect.arrayContaining(['seen_reply', 'assured', 'src_nat']),
      nat: { src: { address: '192.0.2.1' } },
      tcp: { flagsOriginal: expect.arrayContaining(['window_scale']) },
    })
    expect(await one({ status: ['dst_nat'] })).toMatchObject({
      orig: { dst: '10.1.0.1', sport: published.localPort, dport: 8080 },
      reply: { src: '192.0.2.2', sport: 80 },
      nat: { src: { address: '192.0.2.1' }, dst: { address: '192.0.2.2', port: 80 } },
    })
    expect(await one({ orig: { src: '2001:db8:1::2' }, protocol: 'tcp' })).toMatchObject({
      family: 'inet6',
      orig: { dst: '2001:db8:2::2', sport: six.localPort },
      nat: { src: { address: '2001:db8:2::1' } },
    })
    expect(await one({ protocol: 'icmp' })).toMatchObject({
      orig: { type: 8, code: 0, packets: 1n, bytes: 84n },
      reply: { type: 0 },
    })
    expect(await one({ protocol: 'icmpv6', orig: { dst: '2001:db8:2::/64' } })).toMatchObject({
      reply: { type: 129, code: 0 },
    })
    const udp = await one({ protocol: 'udp', status: [], statusMask: ['seen_reply'] })
    expect(udp).toMatchObject({ orig: { dport: 99, packets: 1n, bytes: 29n }, reply: { packets: 0n, bytes: 0n } })

    // Named by either direction, and read again with the counters set to zero.
    expect(await nl.conntrack.get({ protocol: 'udp', reply: udp.reply })).toMatchObject({ id: udp.id })
    const [zeroed] = await nl.conntrack.list({ protocol: 'icmp', zero: true })
    expect(zeroed?.orig.packets).toBe(1n)
    expect(await one({ protocol: 'icmp' })).toMatchObject({ orig: { packets: 0n, bytes: 0n } })
    await expect(nl.conntrack.list({ zero: true, state: 'established' })).rejects.toThrow(
      /state: is not compared by the kernel/,
    )

    const stats = await nl.conntrack.stats()
    const { stdout: counted } = await router.exec('conntrack', ['-S'], { sysfs: false })
    const found = (text: string) =>
      Array.from(text.matchAll(/\b(cpu|invalid|insert_failed|drop)=(\d+)/g), ([, key, n]) => `${key}=${n}`)
    expect(
      stats.flatMap((s) => [
        `cpu=${s.cpu}`,
        `invalid=${s.invalid}`,
        `insert_failed=${s.insertFailed}`,
        `drop=${s.drop}`,
      ]),
    ).toEqual(found(counted))
    dns.close()
    asker.close()
  })

  test('a connection whose entry was lost and is put back goes on, NAT included', async () => {
    await using net = await routed()
    await using nl = await net.router.netlink()
    await using connection = await connected(net, '10.1.0.1', 8080, 80)
    const before = await nl.conntrack.list({ protocol: 'tcp' })
    expect(before).toHaveLength(1)
    await nl.conntrack.flush()
    expect(await nl.conntrack.count()).toBe(0)
    for (const entry of before) await nl.conntrack.add(entry)
    const [entry] = before
    const [again] = await nl.conntrack.list()
    const { id: _id, use, timeout, orig, reply, ...same } = entry as Conntrack
    const { id: newId, use: _use, timeout: left, orig: newOrig, reply: newReply, ...rest } = again as Conntrack
    expect(rest).toEqual(same)
    expect([newOrig, newReply]).toMatchObject([
      { src: orig.src, dst: orig.dst, sport: orig.sport, dport: orig.dport },
      { src: reply.src, dst: reply.dst, sport: reply.sport, dport: reply.dport },
    ])
    expect(timeout).toBeGreaterThan(0)
    expect(left).toBeGreaterThan(0)
    expect(use).toBeDefined()
    await connection.say('y')
    const [later] = await nl.conntrack.list()
    expect(later).toMatchObject({ id: newId, status: entry?.status, nat: entry?.nat })
    expect(later?.orig.packets).toBeGreaterThan(0n)
  })
})

const udp: ConntrackInput = {
  protocol: 'udp',
  orig: { src: '192.0.2.1', dst: '198.51.100.2', sport: 5353, dport: 53 },
  timeout: 120,
}
const tcp = (dport: number): ConntrackInput => ({
  protocol: 'tcp',
  orig: { src: '192.0.2.1', dst: '198.51.100.2', sport: 1, dport },
  timeout: 600,
  state: 'established',
})
const theirTcp = (dport: number) =>
  `-I -p tcp -s 192.0.2.1 -d 198.51.100.2 --sport 1 --dport ${dport} -t 600 --state ESTABLISHED`
const some = async ({ conntrack }: Netlink) => {
  for (const dport of [1, 2, 3]) await conntrack.add({ ...tcp(dport), mark: dport })
  await conntrack.add(udp)
}
const theirSome = [
  ...[1, 2, 3].map((dport) => `${theirTcp(dport)} -m ${dport}`),
  '-I -p udp -s 192.0.2.1 -d 198.51.100.2 --sport 5353 --dport 53 -t 120',
]

describe('does what conntrack does', () => {
  test.each<[string, (nl: Netlink) => Promise<unknown>, readonly string[]]>([
    ['add: UDP', (nl) => nl.conntrack.add(udp), [theirSome.at(-1) ?? '']],
    [
      'add: TCP with a mark and a zone',
      (nl) => nl.conntrack.add({ ...tcp(2), mark: 0x99, zone: 5 }),
      [`${theirTcp(2)} -m 0x99 -w 5`],
    ],
    [
      'add: status',
      (nl) => nl.conntrack.add({ ...tcp(2), status: ['assured', 'seen_reply'] }),
      [`${theirTcp(2)} -u ASSURED,SEEN_REPLY`],
    ],
    [
      'add: source NAT',
      (nl) => nl.conntrack.add({ ...tcp(2), nat: { src: { address: '203.0.113.5', port: 77 } } }),
      [`${theirTcp(2)} --src-nat 203.0.113.5:77`],
    ],
    [
      'add: destination NAT',
      (nl) => nl.conntrack.add({ ...tcp(2), nat: { dst: { address: '10.0.0.1', port: 8080 } } }),
      [`${theirTcp(2)} --dst-nat 10.0.0.1:8080`],
    ],
    [
      'add: IPv6',
      (nl) => nl.conntrack.add({ ...tcp(6), orig: { src: '2001:db8::1', dst: '2001:db8::2', sport: 5, dport: 6 } }),
      ['-I -p tcp -s 2001:db8::1 -d 2001:db8::2 --sport 5 --dport 6 -t 600 --state ESTABLISHED'],
    ],
    [
      'add: ICMP, ICMPv6, GRE, SCTP and a protocol without a name',
      async ({ conntrack }) => {
        const [src, dst] = ['192.0.2.1', '198.51.100.2']
        await conntrack.add({ protocol: 'icmp', orig: { src, dst, type: 8, code: 0, id: 77 }, timeout: 30 })
        const six = { src: '2001:db8::1', dst: '2001:db8::2' }
        await conntrack.add({ protocol: 'icmpv6', orig: { ...six, type: 128, code: 0, id: 77 }, timeout: 30 })
        await conntrack.add({ protocol: 'gre', orig: { src, dst, sport: 1, dport: 2 }, timeout: 30 })
        const sctp = { vtagOriginal: 1, vtagReply: 2 }
        await conntrack.add({
          protocol: 'sctp',
          orig: { src, dst, sport: 8, dport: 9 },
          timeout: 30,
          state: 'established',
          sctp,
        })
        await conntrack.add({ protocol: 99, orig: { src, dst }, timeout: 30 })
      },
      [
        '-I -p icmp -s 192.0.2.1 -d 198.51.100.2 --icmp-type 8 --icmp-code 0 --icmp-id 77 -t 30',
        '-I -p icmpv6 -s 2001:db8::1 -d 2001:db8::2 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 77 -t 30',
        '-I -p gre -s 192.0.2.1 -d 198.51.100.2 --srckey 1 --dstkey 2 -t 30',
        '-I -p sctp -s 192.0.2.1 -d 198.51.100.2 --sport 8 --dport 9 -t 30 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2',
        '-I -p 99 -s 192.0.2.1 -d 198.51.100.2 -t 30',
      ],
    ],
    [
      'update: mark, with and without a mask, and state',
      async (nl) => {
        await some(nl)
        await nl.conntrack.update(tcp(1), { mark: 0x70, markMask: 0xf0 })
        await nl.conntrack.update(tcp(2), { mark: 7, state: 'time_wait' })
      },
      [
        ...theirSome,
        '-U -p tcp -s 192.0.2.1 -d 198.51.100.2 --sport 1 --dport 1 -m 0x70/0xf0',
        '-U -p tcp -s 192.0.2.1 -d 198.51.100.2 --sport 1 --dport 2 -m 7 --state TIME_WAIT',
      ],
    ],
    [
      'update: status',
      async (nl) => {
        await some(nl)
        await nl.conntrack.update(tcp(1), { status: ['seen_reply', 'assured'] })
      },
      [...theirSome, '-U -p tcp -s 192.0.2.1 -d 198.51.100.2 --sport 1 --dport 1 -u SEEN_REPLY,ASSURED'],
    ],
    [
      'del: one',
      async (nl) => {
        await some(nl)
        await nl.conntrack.del(tcp(2))
      },
      [...theirSome, '-D -p tcp -s 192.0.2.1 -d 198.51.100.2 --sport 1 --dport 2'],
    ],
    [
      'flush: by mark',
      async (nl) => {
        await some(nl)
        expect(await nl.conntrack.flush({ mark: 2, markMask: 2 })).toBe(2)
      },
      [...theirSome, '-D -m 2/2'],
    ],
    [
      'flush: by protocol and port',
      async (nl) => {
        await some(nl)
        expect(await nl.conntrack.flush({ protocol: 'tcp', orig: { dport: 3 } })).toBe(1)
        expect(await nl.conntrack.flush({ orig: { src: '10.0.0.0/8' } })).toBe(0)
      },
      [...theirSome, '-D -p tcp --dport 3'],
    ],
    [
      'flush: all but those of another zone, listed before',
      async (nl) => {
        await some(nl)
        await nl.conntrack.add({ ...udp, zone: 5 })
        expect(await nl.conntrack.flush({ zone: 0 })).toBe(4)
      },
      [...theirSome, '-I -p udp -s 192.0.2.1 -d 198.51.100.2 --sport 5353 --dport 53 -t 120 -w 5', '-D -w 0'],
    ],
    [
      'flush',
      async (nl) => {
        await some(nl)
        expect(await nl.conntrack.flush()).toBeUndefined()
        await nl.conntrack.add(udp)
      },
      [...theirSome, '-F', theirSome.at(-1) ?? ''],
    ],
  ])('%s', async (_title, ours, theirs) => {
    await using here = await Namespace.create()
    await using there = await Namespace.create()
    await using nl = await here.netlink()
    await ours(nl)
    await there.exec('sh', ['-e', '-c', theirs.map((line) => `conntrack ${line} >&2`).join('\n')], { sysfs: false })
    const without = (lines: string[]) => lines.map((line) => line.replace(/ id=\d+$/, '')).sort()
    const shown = without(await shownBy(there))
    expect(shown.length).toBeGreaterThan(0)
    expect(without(await shownBy(here))).toEqual(shown)
    expect(without(linesOf(await nl.conntrack.list()))).toEqual(shown)
    expect(await nl.conntrack.count()).toBe(shown.length)
  })
})

describe('a table', () => {
  test('of 10,000 entries is listed with filters, and flushed by one', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    const count = 10_000
    await nl.batch((b) => {
      for (let i = 0; i < count; i++)
        b.conntrack.add({
          protocol: 'udp',
          orig: { src: `10.0.${i >> 8}.${i & 255}`, dst: '192.0.2.1', sport: 1000, dport: i % 10 === 0 ? 53 : 80 },
          timeout: 600,
          mark: i % 100,
        })
    })
    expect(await nl.conntrack.count()).toBe(count)
    expect(await readFile(`/proc/sys/net/netfilter/nf_conntrack_max`, 'utf8').then(Number)).toBeGreaterThan(count)
    const timed = async (what: string, list: PromiseLike<readonly unknown[]>): Promise<number> => {
      const start = performance.now()
      const { length } = await list
      console.log(`${what}: ${length} in ${(performance.now() - start).toFixed(0)} ms`)
      return length
    }
    expect(await timed('all', nl.conntrack.list())).toBe(count)
    expect(await timed('by port', nl.conntrack.list({ protocol: 'udp', orig: { dport: 53 } }))).toBe(count / 10)
    expect(await timed('by mark', nl.conntrack.list({ mark: 7 }))).toBe(count / 100)
    expect(await timed('by address', nl.conntrack.list({ orig: { src: '10.0.3.4' } }))).toBe(1)
    expect(await timed('by prefix', nl.conntrack.list({ orig: { src: '10.0.3.0/24' } }))).toBe(256)
    let seen = 0
    for await (const { mark } of nl.conntrack.list({ mark: 3 })) if (mark === 3) seen++
    expect(seen).toBe(count / 100)
    expect(await nl.conntrack.flush({ protocol: 'udp', orig: { dport: 53 } })).toBe(count / 10)
    expect(await nl.conntrack.count()).toBe(count - count / 10)
  })

  test('IPv6 addresses and SCTP ports, which the kernel does not compare', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    for (const n of [1, 2, 3]) {
      const orig = { src: `2001:db8::${n}`, dst: '2001:db8::9', sport: 1, dport: n }
      await nl.conntrack.add({ protocol: 'udp', orig, timeout: 60 })
      await nl.conntrack.add({ protocol: 'udplite', orig, timeout: 60 })
    }
    expect(await nl.conntrack.list({ orig: { src: '2001:db8::2' } })).toHaveLength(2)
    expect(await nl.conntrack.list({ protocol: 'udp', orig: { src: '2001:db8::2' } })).toHaveLength(1)
    expect(await nl.conntrack.list({ protocol: 'udplite', orig: { dport: 3 } })).toHaveLength(1)
    expect(await nl.conntrack.flush({ reply: { dst: '2001:db8::2' } })).toBe(2)
    expect(await nl.conntrack.count()).toBe(4)
  })

  test('labels, timestamps, masters', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await ns.sysctl.set('net.netfilter.nf_conntrack_timestamp', 1)
    await nl.conntrack.add(udp)
    await expect(nl.conntrack.update(udp, { labels: [1] })).rejects.toMatchObject({ code: 'ENOSPC' })
    await nl.conntrack.flush()
    // Room is kept where a rule uses labels.
    const rules = 'table ip t { chain c { type filter hook input priority 0; ct label 5 accept; }; }'
    await ns.exec('nft', ['-f', '-'], { input: rules, sysfs: false })
    const before = BigInt(Date.now() - 1000) * 1_000_000n
    await nl.conntrack.add({ ...udp, labels: [0, 127] })
    expect((await nl.conntrack.get(udp)).labels).toEqual([0, 127])
    await nl.conntrack.update(udp, { labels: [5, 64] })
    const entry = await nl.conntrack.get(udp)
    expect(entry.labels).toEqual([5, 64])
    expect(entry.timestamp?.start).toBeGreaterThan(before)
    expect(await nl.conntrack.list({ labels: [64] })).toHaveLength(1)
    expect(await nl.conntrack.list({ labels: [64, 65] })).toHaveLength(0)

    await nl.conntrack.add(tcp(21))
    const master = { protocol: 'tcp' as const, ...tcp(21).orig }
    await nl.conntrack.add({ ...tcp(20), master })
    const [child] = await nl.conntrack.list({ status: ['expected'] })
    expect(child?.master).toEqual(master)
    // What was listed can be given back.
    await nl.conntrack.del(child as Conntrack)
    await nl.conntrack.add(child as Conntrack)
    expect(await nl.conntrack.list({ status: ['expected'] })).toHaveLength(1)
  })
})

describe('errors', () => {
  test('of the kernel, in the words of the caller', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await expect(nl.conntrack.get(udp)).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('udp 192.0.2.1 -> 198.51.100.2'),
    })
    await expect(nl.conntrack.del(udp)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(nl.conntrack.update(udp, { mark: 1 })).rejects.toMatchObject({ code: 'ENOENT' })
    await nl.conntrack.add(udp)
    await expect(nl.conntrack.add(udp)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(nl.conntrack.add({ ...udp, zone: 1, helper: 'nonesuch' })).rejects.toMatchObject({
      code: 'EOPNOTSUPP',
    })
    // No filter, and none that is left out.
    for (const filter of [null, 5, 'tcp'])
      await expect(nl.conntrack.flush(filter as never)).rejects.toMatchObject({ code: 'EINVAL', outcome: 'unsent' })
    // Another connection of the same addresses.
    const { id } = await nl.conntrack.get(udp)
    await expect(nl.conntrack.del({ ...udp, id: (id ^ 1) >>> 0 })).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(nl.conntrack.get({ ...udp, id: (id ^ 1) >>> 0 })).rejects.toMatchObject({ code: 'ENOENT', path: 'id' })
    await expect(nl.conntrack.add({ ...tcp(9), state: 'estblished' as 'established' })).rejects.toMatchObject({
      code: 'EINVAL',
      path: 'state',
      outcome: 'unsent',
    })
    expect(await nl.conntrack.count()).toBe(1)
  })

  test('of a batch: each command has its own', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    const results = await nl.batch((b) => [
      b.conntrack.add(udp),
      b.conntrack.update(tcp(1), { mark: 1 }),
      b.conntrack.update(udp, { mark: 2 }),
      b.conntrack.count(),
    ])
    expect(
      results.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as NetlinkError).code)),
    ).toEqual([undefined, 'ENOENT', undefined, 1])
    expect((await nl.conntrack.get(udp)).mark).toBe(2)
  })
})

describe('events', () => {
  test('of connections and rules have names, and are typed', async () => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    await using events = await nl.subscribe({
      protocol: 'netfilter',
      groups: ['conntrack_new', 'conntrack_update', 'conntrack_destroy', 'nftables'],
    })
    await nl.conntrack.add({ ...udp, mark: 5 })
    await nl.conntrack.update(udp, { mark: 6 })
    await nl.conntrack.del(udp)
    await ns.exec('nft', ['add', 'table', 'ip', 't'], { sysfs: false })
    const told: unknown[] = []
    for await (const event of events) {
      if (event.type === 'overrun' || typeof event.type === 'number') throw new Error(`unexpected: ${event.type}`)
      if (event.type === 'IPCTNL_MSG_CT_NEW' || event.type === 'IPCTNL_MSG_CT_DELETE')
        told.push([
          event.type,
          event.flags.includes('create'),
          event.message.mark,
          event.message.tupleOrig?.proto?.dstPort,
        ])
      else if (event.type === 'NFT_MSG_NEWTABLE') told.push([event.type, event.message.name])
      else told.push(event.type)
      if (event.type === 'NFT_MSG_NEWGEN') break
    }
    expect(told).toEqual([
      ['IPCTNL_MSG_CT_NEW', true, 5, 53],
      ['IPCTNL_MSG_CT_NEW', false, 6, 53],
      ['IPCTNL_MSG_CT_DELETE', false, 6, 53],
      ['NFT_MSG_NEWTABLE', 't'],
      'NFT_MSG_NEWGEN',
    ])
  })
})
