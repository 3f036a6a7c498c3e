/** nl.nat with real connections through a router, beside the tutorials' iptables rules. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, type Network, network, type Protocol, SILENCE, serve } from '../../examples/lib/network.ts'
import type { NatHandle } from '../../src/nat/handle.ts'

let net: Network
const servers: AsyncDisposable[] = []

beforeAll(async () => {
  net = await network()
  await net.host.namespace.sysctl.set('net.ipv4.ip_forward', 1)
  // Where br_netfilter is loaded it translates frames that only pass the bridge: a guest would reach itself in hairpin mode only.
  await net.host.namespace.sysctl.set('net.bridge.bridge-nf-call-iptables', 0).catch(() => undefined)
  for (const box of [net.internet, net.guest, net.neighbour, net.host])
    for (const protocol of ['tcp', 'udp'] as const) servers.push(await serve(box, 5000, protocol))
})
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

const host = '172.16.0.2'

/** Who asks whom at which port, and so all ways through the host. */
const ways: readonly [from: 'internet' | 'guest' | 'neighbour' | 'host', to: string, port: number, Protocol][] = [
  ['guest', '203.0.113.50', 5000, 'tcp'],
  ['guest', '203.0.113.50', 5000, 'udp'],
  ['guest', '192.168.1.11', 5000, 'tcp'],
  ['guest', '192.168.1.1', 5000, 'tcp'],
  ['host', '203.0.113.50', 5000, 'tcp'],
  ['host', '192.168.1.10', 5000, 'tcp'],
  ['internet', host, 5000, 'tcp'],
  ['internet', host, 7000, 'tcp'],
  ['internet', host, 7000, 'udp'],
]

/** The address that each was seen to come from, all at once. */
async function seen(): Promise<unknown[]> {
  return Promise.all(
    ways.map(async ([from, to, port, protocol]) => [
      from,
      to,
      port,
      protocol,
      await ask(net[from], to, port, protocol, 1500),
    ]),
  )
}

async function iptables(...args: string[]): Promise<string> {
  const { stdout } = await net.host.namespace.exec('iptables', args, { sysfs: false })
  return stdout
}

describe('as the rules of the tutorials', () => {
  let before: unknown[]
  beforeAll(async () => {
    before = await seen()
  })
  const source = '192.168.1.0/24'
  const published = ['-d', host, '-p', 'tcp', '-m', 'tcp', '--dport', '7000']
  test.each<[string, string[], () => Promise<NatHandle>]>([
    [
      'T1 5.3',
      ['POSTROUTING', '-s', source, '!', '-o', 'br0', '-j', 'MASQUERADE'],
      () => net.host.nl.nat.masquerade({ source, outNot: 'br0' }),
    ],
    ['T2, T3, T5', ['POSTROUTING', '-s', source, '-j', 'MASQUERADE'], () => net.host.nl.nat.masquerade({ source })],
    [
      'T1 6',
      ['PREROUTING', ...published, '-j', 'DNAT', '--to-destination', '192.168.1.10:5000'],
      () => net.host.nl.nat.forward({ protocol: 'tcp', on: host, port: 7000, to: '192.168.1.10:5000' }),
    ],
  ])('%s: iptables -t nat -A %s', async (_, rule, make) => {
    await iptables('-t', 'nat', '-A', ...rule)
    const theirs = await seen()
    await iptables('-t', 'nat', '-D', ...rule)
    expect(theirs).not.toEqual(before)
    {
      await using _made = await make()
      expect(await seen()).toEqual(theirs)
    }
    expect(await seen()).toEqual(before)
  })
})

describe('forward', () => {
  const inward = { protocol: 'tcp', port: 7000, to: '192.168.1.10:5000' } as const
  const answers = async (port = 7000, protocol: Protocol = 'tcp') => {
    const asked = [
      ask(net.internet, host, port, protocol, 1500),
      ask(net.neighbour, host, port, protocol, 1500),
      ask(net.guest, host, port, protocol, 1500),
      ask(net.host, host, port, protocol, 1500),
      ask(net.host, '192.168.1.1', port, protocol, 1500),
      ask(net.host, '127.0.0.1', port, protocol, 1500),
    ]
    const [outside, neighbour, target, own, bridge, local] = await Promise.all(asked)
    return { outside, neighbour, target, own, bridge, local }
  }
  const none = {
    outside: undefined,
    neighbour: undefined,
    target: undefined,
    own: undefined,
    bridge: undefined,
    local: undefined,
  }
  /** Neighbours are masqueraded; who is outside is seen as it is. */
  const all = {
    outside: '203.0.113.50',
    neighbour: '192.168.1.1',
    target: '192.168.1.1',
    own: host,
    bridge: '192.168.1.1',
    local: undefined,
  }

  test('on an address: from outside, from neighbours, from the target itself, from the host', async () => {
    expect(await answers()).toEqual(none)
    await using _ = await net.host.nl.nat.forward({ ...inward, on: host })
    expect(await answers()).toEqual({ ...all, bridge: undefined })
  })
  test('on all addresses', async () => {
    await using _ = await net.host.nl.nat.forward(inward)
    expect(await answers()).toEqual(all)
  })
  test('on a device', async () => {
    await using _ = await net.host.nl.nat.forward({ ...inward, on: 'eth0' })
    expect(await answers()).toEqual({ ...all, neighbour: undefined, target: undefined })
  })
  test('127.0.0.1 where it is wanted, and its sysctl is put back', async () => {
    const localnet = () => net.host.namespace.sysctl.get('net.ipv4.conf.br0.route_localnet')
    {
      await using _ = await net.host.nl.nat.forward({ ...inward, localhost: true })
      expect(await answers()).toEqual({ ...all, local: '192.168.1.1' })
      expect(await localnet()).toBe('1')
    }
    expect(await localnet()).toBe('0')
  })
  test('UDP, and several ports to the same ones', async () => {
    await using _ = await net.host.nl.nat.forward({ protocol: 'udp', port: '4990-5010', on: host, to: '192.168.1.10' })
    expect(await answers(5000, 'udp')).toMatchObject({ outside: '203.0.113.50', neighbour: '192.168.1.1' })
  })
  test('without hairpin a neighbour gets no answer', async () => {
    await using _ = await net.host.nl.nat.forward({ ...inward, on: host, hairpin: false })
    expect(await answers()).toMatchObject({ outside: '203.0.113.50', neighbour: undefined })
  })
})

test('snat to an address of the host, and exceptions', async () => {
  await using _ = await net.host.nl.nat.snat({
    source: '192.168.1.0/24',
    out: 'eth0',
    to: host,
    except: '172.16.0.0/24',
  })
  expect(await ask(net.guest, '203.0.113.50', 5000)).toBe(host)
  await using _server = await serve(net.router, 5000)
  // The router has no way back to what was not translated.
  expect(await ask(net.guest, '172.16.0.1', 5000, 'tcp', SILENCE)).toBeUndefined()
})

test('redirect: who is asked for at another port, or elsewhere, is this host', async () => {
  await using _ = await net.host.nl.nat.redirect({ protocol: 'tcp', in: 'br0', port: 81, to: 5000 })
  expect(await ask(net.guest, '203.0.113.50', 81)).toBe('192.168.1.10')
  expect(await ask(net.internet, host, 81, 'tcp', SILENCE)).toBeUndefined()
})

test('IPv6: masqueraded, and published to all who are near', async () => {
  const { router, host: gateway, guest, neighbour } = net
  const flags = ['nodad'] as const
  const addresses = [
    [gateway, 'br0', 'fd00:1::1'],
    [guest, 'eth0', 'fd00:1::10'],
    [neighbour, 'eth0', 'fd00:1::11'],
    [gateway, 'eth0', 'fd00:2::2'],
    [router, 'lan', 'fd00:2::1'],
  ] as const
  for (const [{ nl }, dev, address] of addresses) await nl.addr.add({ dev, address: `${address}/64`, flags })
  for (const { nl } of [guest, neighbour]) await nl.route.add({ to: '::/0', via: 'fd00:1::1' })
  await using _server = await serve(router, 6000)
  await using _forwarding = await gateway.nl.nat.forwarding({ family: 'ip6' })
  expect(await ask(guest, 'fd00:2::1', 6000, 'tcp', SILENCE)).toBeUndefined()
  await using _masquerade = await gateway.nl.nat.masquerade({ source: 'fd00:1::/64', outNot: 'br0' })
  expect(await ask(guest, 'fd00:2::1', 6000)).toBe('fd00:2::2')
  await using _forward = await gateway.nl.nat.forward({ protocol: 'tcp', port: 7000, to: '[fd00:1::10]:5000' })
  expect(await ask(router, 'fd00:2::2', 7000)).toBe('fd00:2::1')
  expect(await ask(neighbour, 'fd00:2::2', 7000)).toBe('fd00:1::1')
  expect(await ask(gateway, 'fd00:2::2', 7000)).toMatch(/^fd00:[12]::/)
})

test('forwarding is turned on, and off again', async () => {
  const { nl, namespace } = net.neighbour
  const get = () => namespace.sysctl.get('net.ipv4.ip_forward')
  expect(await get()).toBe('0')
  {
    await using forwarding = await nl.nat.forwarding()
    expect(forwarding.changed).toBe(true)
    expect(await get()).toBe('1')
    await using again = await nl.nat.forwarding()
    expect(again.changed).toBe(false)
  }
  expect(await get()).toBe('0')
})
