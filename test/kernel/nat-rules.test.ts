/** nl.nat's rules: the same twice, by name, listed, removed, refused; and those of others, which stay as they are. */
import { constants } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Namespace, Netlink, NetlinkError, Sandbox } from '../../src/index.ts'
import { Sysctl } from '../../src/namespace/sysctl.ts'
import type { NatHandle } from '../../src/nat/handle.ts'
import type { NatDefinition } from '../../src/nat/rule.ts'

type Make = (nl: Netlink) => Promise<NatHandle>

const run = async (ns: Namespace, file: string, ...args: string[]): Promise<string> =>
  (await ns.exec(file, args, { sysfs: false })).stdout

/** A bridge with a network, so that hairpins are found. */
async function bridged(ns: Namespace): Promise<void> {
  await using nl = await ns.netlink()
  await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
  await nl.addr.add({ dev: 'br0', address: '192.168.1.1/24' })
}

const rows: readonly [name: string, Make, NatDefinition][] = [
  [
    'masquerade 192.168.1.0/24 not out br0',
    (nl) => nl.nat.masquerade({ source: '192.168.1.7/24', outNot: 'br0' }),
    { kind: 'masquerade', source: '192.168.1.0/24', outNot: 'br0', family: 'ip' },
  ],
  ['masquerade out eth0', (nl) => nl.nat.masquerade({ out: 'eth0' }), { kind: 'masquerade', out: 'eth0' }],
  [
    'masquerade ip6 out ppp*',
    (nl) => nl.nat.masquerade({ out: 'ppp*', family: 'ip6' }),
    { kind: 'masquerade', out: 'ppp*', family: 'ip6' },
  ],
  [
    'masquerade 10.1.0.0/16',
    (nl) => nl.nat.masquerade({ source: '10.1.0.0/16', except: ['192.168.0.0/16', '10.0.0.0/8'] }),
    {
      kind: 'masquerade',
      source: '10.1.0.0/16',
      except: ['10.0.0.0/8', '192.168.0.0/16'],
      family: 'ip',
    },
  ],
  [
    'snat 2001:db8:1::/64 out eth0',
    (nl) => nl.nat.snat({ source: '2001:DB8:1::/64', out: 'eth0', to: '2001:db8::1-2001:db8::9' }),
    { kind: 'snat', source: '2001:db8:1::/64', out: 'eth0', to: '2001:db8::1-2001:db8::9', family: 'ip6' },
  ],
  [
    'forward tcp 192.0.2.1:5000',
    (nl) => nl.nat.forward({ protocol: 'tcp', on: '192.0.2.1', port: 5000, to: '192.168.1.10:80' }),
    { kind: 'forward', protocol: 'tcp', port: 5000, on: '192.0.2.1', to: '192.168.1.10:80', hairpin: '192.168.1.0/24' },
  ],
  [
    'forward udp fe0.10:53',
    (nl) => nl.nat.forward({ protocol: 'udp', on: 'fe0.10', port: 53, to: '192.168.1.10', hairpin: false }),
    { kind: 'forward', protocol: 'udp', port: 53, on: 'fe0.10', to: '192.168.1.10:53' },
  ],
  [
    'forward sctp 7000-7010',
    (nl) => nl.nat.forward({ protocol: 'sctp', port: '7000-7010', to: '2001:db8::10' }),
    { kind: 'forward', protocol: 'sctp', port: '7000-7010', to: '2001:db8::10' },
  ],
  [
    'local',
    (nl) => nl.nat.forward({ name: 'local', protocol: 'tcp', port: 1, to: '192.168.1.10', localhost: true }),
    { kind: 'forward', protocol: 'tcp', port: 1, to: '192.168.1.10:1', localhost: true, hairpin: '192.168.1.0/24' },
  ],
  [
    'redirect tcp 80 in br0',
    (nl) => nl.nat.redirect({ protocol: 'tcp', port: 80, to: 3128, in: 'br0' }),
    { kind: 'redirect', protocol: 'tcp', port: 80, to: 3128, in: 'br0' },
  ],
  [
    'redirect udp 53 on 192.0.2.1',
    (nl) => nl.nat.redirect({ protocol: 'udp', port: 53, to: 5353, on: '192.0.2.1' }),
    { kind: 'redirect', protocol: 'udp', port: 53, to: 5353, on: '192.0.2.1', family: 'ip' },
  ],
]

test('each is made once, listed as it was made, and removed; the table goes with the last', async () => {
  await using ns = await Namespace.create()
  await bridged(ns)
  await using nl = await ns.netlink()
  const handles: NatHandle[] = []
  for (const [name, make] of rows) {
    const handle = await make(nl)
    expect(handle).toMatchObject({ name, created: true })
    handles.push(handle)
  }
  const expected = rows.map(([name, , rule]) => ({ name, ...rule }))
  expect((await nl.nat.list()).sort(byName)).toEqual(expected.sort(byName))

  const once = await run(ns, 'nft', 'list', 'ruleset')
  for (const [name, make] of rows) expect(await make(nl)).toMatchObject({ name, created: false })
  expect(await run(ns, 'nft', 'list', 'ruleset')).toBe(once)

  for (const [i, handle] of handles.entries()) {
    if (i % 2 === 0) await handle.remove()
    else await nl.nat.remove(handle.name)
    expect(await nl.nat.list()).toHaveLength(rows.length - 1 - i)
  }
  expect(await run(ns, 'nft', 'list', 'ruleset')).toBe('')
  // Once is enough, and by name it is said.
  await handles[0]?.remove()
  await expect(nl.nat.remove(rows[0]?.[0] ?? '')).rejects.toMatchObject({ code: 'ENOENT', path: 'name' })
})

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)

test('disposing removes what the call made, and not what was there', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const make = () => nl.nat.masquerade({ source: '10.0.0.0/8' })
  {
    await using _first = await make()
    {
      await using _second = await make()
    }
    expect(await nl.nat.list()).toHaveLength(1)
  }
  expect(await nl.nat.list()).toEqual([])
})

test('the same name for something else is refused; a network that came later is the hairpin then', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const options = { protocol: 'tcp', port: 80, to: '192.168.1.10' } as const
  await nl.nat.forward(options)
  await expect(nl.nat.forward({ ...options, to: '192.168.1.11' })).rejects.toMatchObject({
    code: 'EEXIST',
    path: 'name',
  })
  await nl.nat.masquerade({ name: 'mine', source: '10.0.0.0/8' })
  await expect(nl.nat.masquerade({ name: 'mine', source: '10.0.0.0/9' })).rejects.toThrow(
    /^nat.masquerade 'mine': name: the name is that of another rule, .*"10.0.0.0\/8".* \(EEXIST\)$/,
  )
  await bridged(ns)
  await nl.nat.forward(options)
  expect((await nl.nat.list()).find(({ kind }) => kind === 'forward')).toMatchObject({ hairpin: '192.168.1.0/24' })
  expect((await nl.nat.list()).filter(({ kind }) => kind === 'forward')).toHaveLength(1)
})

test('rules of others are left as they are, and listed whole', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const theirs = [
    ['-A', 'POSTROUTING', '-s', '10.0.0.0/8', '!', '-o', 'br0', '-j', 'MASQUERADE'],
    [
      '-A',
      'PREROUTING',
      '-p',
      'tcp',
      '-m',
      'tcp',
      '--dport',
      '5000',
      '-j',
      'DNAT',
      '--to-destination',
      '10.0.0.1:5000',
    ],
    ['-A', 'OUTPUT', '-m', 'statistic', '--mode', 'nth', '--every', '2', '--packet', '0', '-j', 'RETURN'],
    // The kernel takes it with the rule's protocol said twice only, and reports it once.
    ['-A', 'OUTPUT', '-p', 'tcp', '-m', 'multiport', '--dports', '1,2', '-j', 'RETURN'],
  ]
  for (const rule of theirs) await run(ns, 'iptables', '-t', 'nat', ...rule)
  const saved = async () =>
    (await run(ns, 'iptables-save', '-t', 'nat')).replace(/^#.*$/gm, '').replace(/\[\d+:\d+\]/g, '')
  const before = await saved()
  const handle = await nl.nat.masquerade({ source: '10.0.0.0/8' })
  expect(await saved()).toBe(before)
  // What was read can be written: xtables' parts are kept byte for byte.
  const { rules } = await nl.nft.list({ family: 'ip', table: 'nat' })
  expect(rules).toHaveLength(theirs.length)
  await nl.nft.batch((b) => {
    for (const rule of rules) b.rule.replace(rule)
  })
  expect(await saved()).toBe(before)
  await handle.remove()
  expect(await saved()).toBe(before)
})

test('in a table of another name; what somebody else has in there keeps it', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const handle = await nl.nat.masquerade({ source: '10.0.0.0/8', table: 'mine' })
  expect(await nl.nat.list()).toEqual([])
  expect(await nl.nat.list({ table: 'mine' })).toHaveLength(1)
  await run(ns, 'nft', 'add', 'rule', 'inet', 'mine', 'postrouting', 'counter')
  await handle.remove()
  expect(await nl.nat.list({ table: 'mine' })).toEqual([])
  expect(await run(ns, 'nft', 'list', 'ruleset')).toContain('counter packets')
})

test.each([
  '{ type filter hook postrouting priority 100; }',
  '{ type nat hook output priority 100; }',
  '{ type nat hook postrouting priority 5; }',
  '',
])('a table of others that cannot hold the rule, for its chain %s', async (chain) => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  await run(ns, 'nft', `add table inet mine; add chain inet mine postrouting ${chain}`)
  const before = await run(ns, 'nft', 'list', 'ruleset')
  const made = nl.nat.masquerade({ source: '10.0.0.0/8', table: 'mine', name: 'm' })
  await expect(made).rejects.toMatchObject({
    operation: 'nat.masquerade',
    code: 'EEXIST',
    path: 'table',
    message: expect.stringMatching(/^nat\.masquerade 'm': table: in mine there is another chain postrouting /),
  })
  expect(await run(ns, 'nft', 'list', 'ruleset')).toBe(before)
})

test('nat.list() too is told as what it is', async () => {
  await using ns = await Namespace.create()
  await using nl = await ns.netlink()
  const list = nl.nat.list({ signal: AbortSignal.abort() })
  await expect(list).rejects.toMatchObject({ operation: 'nat.list', code: 'ABORT_ERR' })
})

test('the sysctl of a target’s device that is read-only, and forwarding: told by the call', async () => {
  await using ns = await Namespace.create()
  await bridged(ns)
  await using nl = await Netlink.open({
    namespace: {
      openSocket: (...args) => ns.openSocket(...args),
      sysctl: new Sysctl(async (path, flags) => {
        if (flags === constants.O_RDONLY) return ns.openFile(path, flags)
        throw new NetlinkError({ code: 'EROFS', operation: 'open' })
      }),
    },
  })
  const options = { protocol: 'tcp', port: 80, to: '192.168.1.10', localhost: true } as const
  await expect(nl.nat.forward(options)).rejects.toThrow(
    "nat.forward 'forward tcp 80': localhost: /proc/sys/net/ipv4/conf/br0/route_localnet is mounted read-only (EROFS)",
  )
  await expect(nl.nat.forwarding()).rejects.toMatchObject({ operation: 'nat.forwarding', code: 'EROFS' })
  expect(await nl.nft.table.list()).toEqual([])
  const elsewhere = { openSocket: (...args: [number, number, number]) => ns.openSocket(...args) }
  await using blind = await Netlink.open({ namespace: elsewhere })
  await expect(blind.nat.forwarding()).rejects.toMatchObject({ operation: 'nat.forwarding', code: 'EOPNOTSUPP' })
})

test('two at once', async () => {
  await using ns = await Namespace.create()
  await using one = await ns.netlink()
  await using two = await ns.netlink()
  const make = (nl: Netlink) => Array.from({ length: 5 }, (_, i) => nl.nat.masquerade({ source: `10.${i}.0.0/16` }))
  const handles = await Promise.all([...make(one), ...make(two)])
  expect(await one.nat.list()).toHaveLength(5)
  expect(handles.filter(({ created }) => created)).toHaveLength(5)
})

describe('bad input: the property is named, and nothing is changed', () => {
  /** What a JavaScript caller can do, and no TypeScript one. */
  const untyped = (value: unknown): never => value as never
  const forward = { protocol: 'tcp', port: 80, to: '10.0.0.1' } as const
  test.each<[string, Make, string]>([
    ['everything', (nl) => nl.nat.masquerade({}), 'source'],
    ['no address', (nl) => nl.nat.masquerade({ source: '10.0.0.0/33' }), 'source'],
    [
      'no address in a list',
      (nl) => nl.nat.masquerade({ source: '10.0.0.0/8', except: ['10.0.0.1', 'x'] }),
      'except[1]',
    ],
    ['two families', (nl) => nl.nat.masquerade({ source: '10.0.0.0/8', except: 'fe80::/10' }), 'except'],
    ['the other family', (nl) => nl.nat.masquerade({ source: '10.0.0.0/8', family: 'ip6' }), 'source'],
    ['no family', (nl) => nl.nat.masquerade({ out: 'eth0', family: untyped('inet') }), 'family'],
    ['a device with a long name', (nl) => nl.nat.masquerade({ out: 'a-device-so-long' }), 'out'],
    ['out and outNot', (nl) => nl.nat.masquerade({ out: 'a', outNot: 'b' }), 'outNot'],
    ['no target', (nl) => nl.nat.snat({ out: 'eth0', to: untyped(undefined) }), 'to'],
    ['a target of the other family', (nl) => nl.nat.snat({ source: '10.0.0.0/8', to: 'fe80::1' }), 'to'],
    ['a prefix for a target', (nl) => nl.nat.snat({ out: 'eth0', to: '10.0.0.0/8' }), 'to'],
    ['no protocol', (nl) => nl.nat.forward({ ...forward, protocol: untyped(undefined) }), 'protocol'],
    ['a protocol without ports', (nl) => nl.nat.forward({ ...forward, protocol: untyped('icmp') }), 'protocol'],
    ['port 0', (nl) => nl.nat.forward({ ...forward, port: 0 }), 'port'],
    ['a port by name', (nl) => nl.nat.forward({ ...forward, port: untyped('http') }), 'port'],
    ['ports backwards', (nl) => nl.nat.forward({ ...forward, port: '90-80' }), 'port'],
    ['ports to one', (nl) => nl.nat.forward({ ...forward, port: '80-90', to: '10.0.0.1:80' }), 'to'],
    ['no such address', (nl) => nl.nat.forward({ ...forward, on: '10.0.0.300' }), 'on'],
    ['an address of the other family', (nl) => nl.nat.forward({ ...forward, on: 'fe80::1' }), 'on'],
    ['a host by name', (nl) => nl.nat.forward({ ...forward, to: 'localhost:80' }), 'to'],
    ['IPv6 from ::1', (nl) => nl.nat.forward({ ...forward, to: '2001:db8::1', localhost: true }), 'localhost'],
    ['no way to the target', (nl) => nl.nat.forward({ ...forward, localhost: true }), 'localhost'],
    ['a name that is too long', (nl) => nl.nat.masquerade({ out: 'eth0', name: 'x'.repeat(129) }), 'name'],
    ['no port to redirect to', (nl) => nl.nat.redirect({ protocol: 'tcp', port: 80, to: untyped('3128x') }), 'to'],
  ])('%s', async (_, make, path) => {
    await using ns = await Namespace.create()
    await using nl = await ns.netlink()
    const error = await make(nl).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(NetlinkError)
    expect(error).toMatchObject({ path, outcome: 'unsent' })
    expect(await nl.nft.list()).toMatchObject({ tables: [] })
  })
})

test('in a sandbox, without rights', async () => {
  await using sandbox = await Sandbox.create()
  await using ns = await Namespace.create(undefined, sandbox)
  await using nl = await ns.netlink()
  await using forwarding = await nl.nat.forwarding()
  expect(forwarding.changed).toBe(true)
  await nl.nat.masquerade({ source: '10.0.0.0/8', outNot: 'br0' })
  expect(await run(ns, 'nft', 'list', 'ruleset')).toContain('ip saddr 10.0.0.0/8 oifname != "br0" masquerade')
})
