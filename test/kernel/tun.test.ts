/** TUN and TAP devices: made beside `ip tuntap`, answered from here, over every host. */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Namespace, type Netlink, Tun } from '../../src/index.ts'
import { descriptors, hosts, type Place, settled } from './hosts.ts'
import { shown, steady } from './lab.ts'
import { answerArp, answerEcho } from './packets.ts'

/** Root inside, in numbers of ours. */
const ids = { owner: process.geteuid?.() ?? 0, group: process.getegid?.() ?? 0 }

async function inside(
  start: () => Promise<Place>,
  work: (ns: Namespace, nl: Netlink, place: Place) => Promise<void>,
): Promise<void> {
  await using place = await start()
  await using ns = await Namespace.create(undefined, place.where)
  await using nl = await ns.netlink()
  await work(ns, nl, place)
}
const names = async (nl: Netlink) => (await nl.link.list()).map(({ name }) => name)

describe.each(hosts)('%s', (_, start) => {
  test.each([
    ['mode tap', { mode: 'tap' }],
    ['mode tun', { mode: 'tun' }],
    ['mode tap user 0 group 0', { mode: 'tap', ...ids }],
    ['mode tun pi vnet_hdr', { mode: 'tun', packetInfo: true, vnetHeader: true }],
    ['mode tap multi_queue one_queue', { mode: 'tap', multiQueue: true, oneQueue: true }],
  ] as const)('ip tuntap add %s', (words, options) =>
    inside(start, async (ns, nl, { where }) => {
      await using theirs = await Namespace.create(undefined, where)
      await theirs.exec('ip', ['tuntap', 'add', 'dev', 't0', ...words.split(' ')], { sysfs: false })
      const ours = await Tun.create({ ...options, name: 't0', persist: true, namespace: ns })
      const { index } = ours
      await ours.close()
      expect(steady(await shown(ns, 'link'))).toEqual(steady(await shown(theirs, 'link')))
      expect(await nl.link.get('t0')).toMatchObject({ index, kind: 'tun', data: { type: options.mode, persist: true } })

      // It reads /sys, whose flags rtnetlink does not have all.
      const listed = async (there: Namespace) => (await there.exec('ip', ['-d', 'tuntap', 'list'])).stdout
      expect(await listed(ns)).toBe(await listed(theirs))
      expect(await listed(ns)).toMatch(/^t0: (tun|tap).* persist/)

      // Each opens and removes what the other made.
      await using there = await theirs.netlink()
      const opened = await Tun.open('t0', { namespace: theirs })
      expect(opened).toMatchObject({ name: 't0', mode: options.mode, multiQueue: 'multiQueue' in options })
      expect([opened.packetInfo, opened.vnetHeader]).toEqual(Array(2).fill('vnetHeader' in options))
      // Opening tells the kernel the flags once more: they are as they were.
      expect((await there.link.get('t0')).data).toMatchObject({
        pi: 'vnetHeader' in options,
        vnetHdr: 'vnetHeader' in options,
        multiQueue: 'multiQueue' in options,
        persist: true,
      })
      await opened.persist(false)
      await opened.close()
      expect(await names(there)).toEqual(['lo'])
      await ns.exec(
        'ip',
        ['tuntap', 'del', 'dev', 't0', 'mode', options.mode, ...('multiQueue' in options ? ['multi_queue'] : [])],
        { sysfs: false },
      )
      expect(await names(nl)).toEqual(['lo'])
    }),
  )

  test('it goes with the object, or with its namespace', () =>
    inside(start, async (ns, nl, { where }) => {
      const tap = await Tun.create({ mode: 'tap', namespace: ns })
      expect(tap.name).toBe('tap0')
      expect((await nl.link.get('tap0')).index).toBe(tap.index)
      const reading = tap.read()
      await tap.close()
      await tap.close()
      expect([await reading, await tap.read(), tap.closed]).toEqual([undefined, undefined, true])
      expect(await names(nl)).toEqual(['lo'])
      await expect(tap.write(new Uint8Array(60))).rejects.toMatchObject({ code: 'EBADF' })
      await expect(tap.persist(true)).rejects.toMatchObject({ code: 'EBADF' })

      const other = await Namespace.create(undefined, where)
      const tun = await Tun.create({ mode: 'tun', namespace: other })
      const last = tun.read()
      await other.delete()
      expect([tun.closed, await last]).toEqual([true, undefined])
    }))

  test('ping is answered from here: frames', () =>
    inside(start, async (ns, nl) => {
      await using tap = await Tun.create({ mode: 'tap', name: 'tap0', namespace: ns })
      await nl.link.set('tap0', { up: true })
      await nl.addr.add({ dev: 'tap0', address: '192.0.2.1/24' })
      const answering = (async () => {
        for await (const frame of tap) {
          const answer = answerArp(frame, '02:00:00:00:00:99') ?? answerEcho(frame, 14)
          if (answer) await tap.write(answer)
        }
      })()
      const { stdout } = await ns.exec('ping', ['-c', '5', '-w', '10', '-i', '0.01', '-s', '1400', '192.0.2.77'], {
        sysfs: false,
      })
      expect(stdout).toContain('5 received')
      const neighbours = await shown(ns, 'neigh')
      expect(neighbours).toContainEqual(expect.objectContaining({ dst: '192.0.2.77', lladdr: '02:00:00:00:00:99' }))
      await tap.close()
      await answering
    }))

  test('ping is answered from here: packets, with tun_pi in front', () =>
    inside(start, async (ns, nl) => {
      await using tun = await Tun.create({ mode: 'tun', name: 'tun0', packetInfo: true, namespace: ns })
      await nl.link.set('tun0', { up: true })
      await nl.addr.add({ dev: 'tun0', address: '192.0.2.1/24' })
      const answering = (async () => {
        for await (const packet of tun) {
          const answer = packet.readUInt16BE(2) === 0x0800 ? answerEcho(packet, 4) : undefined
          if (answer) await tun.write(answer)
        }
      })()
      const { stdout } = await ns.exec('ping', ['-c', '3', '-w', '10', '-i', '0.01', '192.0.2.77'], { sysfs: false })
      expect(stdout).toContain('3 received')
      await tun.close()
      await answering
    }))

  test('a cable between two namespaces, made of two devices and two loops', () =>
    inside(start, async (here, nl, { where }) => {
      await using there = await Namespace.create(undefined, where)
      await using away = await there.netlink()
      const a = await Tun.create({ mode: 'tap', name: 'a', namespace: here })
      const b = await Tun.create({ mode: 'tap', name: 'b', namespace: there })
      await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
      await nl.link.set('a', { up: true, master: 'br0' })
      await away.link.set('b', { up: true })
      await nl.addr.add({ dev: 'br0', address: '192.0.2.1/24' })
      await away.addr.add({ dev: 'b', address: '192.0.2.2/24' })
      const carry = async (from: Tun, to: Tun) => {
        for await (const frame of from) await to.write(frame)
      }
      const carrying = Promise.all([carry(a, b), carry(b, a)])
      const { stdout } = await here.exec('ping', ['-c', '20', '-w', '10', '-i', '0.005', '192.0.2.2'], { sysfs: false })
      expect(stdout).toContain('20 received')
      // A TCP connection through it.
      const server = await there.listen({ host: '192.0.2.2' }, (socket) => socket.pipe(socket))
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      const socket = await here.connect({ host: '192.0.2.2', port: address.port })
      const bytes = Buffer.alloc(1 << 20, 'netlink')
      socket.end(bytes)
      const back: Buffer[] = []
      for await (const part of socket) back.push(part)
      expect(Buffer.concat(back).equals(bytes)).toBe(true)
      await Promise.all([a.close(), b.close()])
      await carrying
    }))

  test('further queues of one device', () =>
    inside(start, async (ns, nl) => {
      await using one = await Tun.create({ mode: 'tun', name: 't', multiQueue: true, namespace: ns })
      await using two = await Tun.open(one.index, { namespace: ns })
      expect(two.multiQueue).toBe(true)
      expect((await nl.link.get('t')).data).toMatchObject({ numQueues: 2 })
      await two.close()
      expect((await nl.link.get('t')).data).toMatchObject({ numQueues: 1 })
    }))

  test('what cannot be: a typed error, and nothing left behind', () =>
    inside(start, async (ns, nl) => {
      await using _tap = await Tun.create({ mode: 'tap', name: 'mine', namespace: ns })
      // The first dump opens a socket of its own, which stays.
      await names(nl)
      const before = await descriptors()
      const create = (options: object) => Tun.create({ mode: 'tap', namespace: ns, ...options })
      const open = (device: string | number) => Tun.open(device, { namespace: ns })
      await expect(create({ name: 'mine' })).rejects.toMatchObject({ code: 'EEXIST', path: 'name' })
      await expect(create({ name: 'lo' })).rejects.toMatchObject({ code: 'EEXIST', path: 'name' })
      await expect(create({ name: 'a/b' })).rejects.toMatchObject({ code: 'EINVAL', path: 'name', outcome: 'unsent' })
      await expect(create({ name: 'x%d' })).rejects.toMatchObject({ code: 'EINVAL', path: 'name' })
      await expect(create({ mode: 'tip' })).rejects.toMatchObject({ code: 'EINVAL', path: 'mode' })
      await expect(create({ owner: -1 })).rejects.toMatchObject({ code: 'EINVAL', path: 'owner' })
      await expect(create({ group: 2 ** 32 })).rejects.toMatchObject({ code: 'EINVAL', path: 'group' })
      await expect(open('mine')).rejects.toMatchObject({ code: 'EBUSY', operation: 'tun.open' })
      await expect(open('lo')).rejects.toMatchObject({ code: 'EINVAL', path: 'device' })
      await expect(open('gone')).rejects.toMatchObject({ code: 'ENODEV', path: 'device' })
      await expect(open(4711)).rejects.toMatchObject({ code: 'ENODEV', path: 'device' })
      await expect(open(-1)).rejects.toMatchObject({ code: 'EINVAL', path: 'device' })
      await expect(nl.link.add({ kind: 'tun', name: 'x' })).rejects.toMatchObject({
        code: 'EOPNOTSUPP',
        kernelText: expect.stringContaining('not supported'),
      })
      expect(await names(nl)).toEqual(['lo', 'mine'])
      await settled(before)
    }))

  test('packets that cannot be sent; a device that is removed', () =>
    inside(start, async (ns, nl) => {
      await using tap = await Tun.create({ mode: 'tap', name: 'tap0', namespace: ns })
      await expect(tap.write(new Uint8Array(60))).rejects.toMatchObject({ code: 'EIO' })
      await nl.link.set('tap0', { up: true })
      await expect(tap.write(new Uint8Array(5))).rejects.toMatchObject({ code: 'EINVAL', path: 'packet' })
      await expect(tap.write('text' as unknown as Uint8Array)).rejects.toMatchObject({ code: 'EINVAL', path: 'packet' })
      // A listed device can be given back.
      await nl.link.set('tap0', await nl.link.get('tap0'))
      await expect(tap.read({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORT_ERR' })
      const drain = async () => {
        for await (const _ of tap);
      }
      const [drained] = await Promise.allSettled([drain(), nl.link.del('tap0')])
      expect(drained).toMatchObject({ status: 'rejected', reason: { code: 'ENODEV', operation: 'tun.read' } })
      await expect(tap.read()).rejects.toMatchObject({ code: 'ENODEV' })
      await expect(tap.write(new Uint8Array(60))).rejects.toMatchObject({ code: 'ENODEV' })
      await tap.close()
      expect(await tap.read()).toBeUndefined()
    }))
})

describe('reading', () => {
  const [first] = hosts
  const [, start] = first ?? ['', () => Promise.reject(new Error('no host'))]

  /** A device to which `count` packets were sent. */
  const flooded = (count: number, work: (tun: Tun, ns: Namespace, nl: Netlink) => Promise<void>) =>
    inside(start, async (ns, nl) => {
      await using tun = await Tun.create({ mode: 'tun', name: 'tun0', namespace: ns })
      await ns.sysctl.set('net.ipv6.conf.tun0.disable_ipv6', 1)
      await nl.link.set('tun0', { up: true, txqlen: count + 1 })
      await nl.addr.add({ dev: 'tun0', address: '192.0.2.1/24' })
      const socket = await ns.udp()
      for (let sent = 0; sent < count; sent += 100)
        await Promise.all(
          Array.from(
            { length: 100 },
            (_, i) => new Promise((done) => socket.send(String(sent + i), 9, '192.0.2.2', done)),
          ),
        )
      await work(tun, ns, nl)
    })

  test('in order, none twice; timers go on meanwhile', () =>
    flooded(20_000, async (tun) => {
      let ticks = 0
      const timer = setInterval(() => (ticks += 1), 1)
      const begin = performance.now()
      let next = 0
      for await (const packet of tun) {
        expect(packet.subarray(28).toString()).toBe(String(next))
        next += 1
        if (next === 20_000) break
      }
      clearInterval(timer)
      console.log(`20,000 packets read in ${(performance.now() - begin).toFixed(0)} ms, ${ticks} ticks of 1 ms`)
      expect(ticks).toBeGreaterThan(5)
      // Leaving the loop has not closed it, and has taken nothing.
      expect(tun.closed).toBe(false)
      const late = tun.read({ signal: AbortSignal.timeout(20) })
      await expect(late).rejects.toMatchObject({ code: 'ABORT_ERR' })
    }))

  test('several takers get each packet once; aborting one of them costs none', () =>
    flooded(1_000, async (tun) => {
      const seen: number[] = []
      const take = async () => {
        for await (const packet of tun) seen.push(Number(packet.subarray(28).toString()))
      }
      const takers = Array.from({ length: 5 }, take)
      await expect.poll(() => seen.length).toBe(1_000)
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
      const waiting = Array.from({ length: 50 }, () => tun.read({ signal: AbortSignal.timeout(10) }))
      expect((await Promise.allSettled(waiting)).every(({ status }) => status === 'rejected')).toBe(true)
      await tun.close()
      await Promise.all(takers)
    }))

  test('closed at 200 random moments: everything settles, nothing stays', () =>
    inside(start, async (ns, nl) => {
      await nl.link.list()
      const before = await descriptors()
      for (let round = 0; round < 200; round += 1) {
        const tap = await Tun.create({ mode: 'tap', namespace: ns })
        const settling: Promise<unknown>[] = [nl.link.set(tap.index, { up: true }), tap.read()]
        if (round % 2) settling.push(tap.persist(true), tap.persist(false))
        const loop = (async () => {
          for await (const frame of tap) await tap.write(frame)
        })()
        const moment = Math.random() * 4
        if (moment > 1) await delay(moment)
        settling.push(tap.read(), tap.close(), tap.write(new Uint8Array(60)), loop)
        await Promise.allSettled(settling)
      }
      // The odd rounds may have been closed between `true` and `false`.
      for (const { name } of await nl.link.list({ kind: 'tun' })) await nl.link.del(name)
      expect(await names(nl)).toEqual(['lo'])
      await settled(before)
    }))
})
