/** examples/two-ns-bridge.ts as people run it: to its end, interrupted, failing, without rights, kept. As root. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Namespace } from '../../src/index.ts'
import { bundle } from './bundle.ts'
import { root } from './hosts.ts'
import { ip, same, views, volatile } from './lab.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))

interface Run {
  child: ChildProcess
  lines: string[]
  errors: string[]
  /** Ends with the process: 128 + N where it was ended by signal N itself. */
  status: Promise<number>
}

function start(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}, onLine?: (count: number) => void): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/two-ns-bridge.ts', ...args], {
    cwd: checkout,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const errors: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    onLine?.(lines.length)
  })
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGTERM: 15 }
  const status = once(child, 'close').then(([code, signal]) =>
    typeof code === 'number' ? code : 128 + (numbers[signal as NodeJS.Signals] ?? 0),
  )
  return { child, lines, errors, status }
}

const left = (pid: number | undefined) =>
  existsSync('/run/netns') ? readdirSync('/run/netns').filter((name) => name.startsWith(`two-ns-bridge-${pid}-`)) : []
const hostLinks = () => execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' })

test('works, says ok, and leaves nothing', async () => {
  const before = hostLinks()
  const { child, lines, errors, status } = start()
  expect(await status, errors.join('\n')).toBe(0)
  expect(lines.at(-1)).toBe('ok')
  expect(left(child.pid)).toEqual([])
  expect(hostLinks()).toBe(before)
})

test('SIGINT and SIGTERM at ten moments: everything is removed', async () => {
  const before = hostLinks()
  const whole = start()
  await whole.status
  const statuses: number[] = []
  for (let i = 0; i < 10; i++) {
    const signal = i % 2 === 0 ? 'SIGINT' : 'SIGTERM'
    const at = 1 + Math.floor((whole.lines.length * i) / 10)
    const { child, errors, status } = start([], {}, (count) => {
      if (count === at) child.kill(signal)
    })
    const ended = await status
    statuses.push(ended)
    expect([signal === 'SIGINT' ? 130 : 143, 0], `${signal} at line ${at}: ${errors.join('\n')}`).toContain(ended)
    expect(left(child.pid), `${signal} at line ${at}`).toEqual([])
  }
  // The early ones cannot all have come too late.
  expect(statuses[0]).toBe(130)
  expect(statuses[1]).toBe(143)
  expect(hostLinks()).toBe(before)
}, 180_000)

test('a step that fails: everything is removed, and the status is 1', async () => {
  const before = hostLinks()
  const folder = mkdtempSync(join(tmpdir(), 'no-ping-'))
  try {
    // A ping that gets no answer.
    writeFileSync(join(folder, 'ping'), '#!/bin/sh\necho "100% packet loss"\nexit 1\n')
    chmodSync(join(folder, 'ping'), 0o755)
    const { child, lines, errors, status } = start([], { PATH: `${folder}:${process.env.PATH}` })
    expect(await status).toBe(1)
    expect(errors.join('\n')).toContain('failed: ')
    expect(lines).not.toContain('ok')
    expect(left(child.pid)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
  expect(hostLinks()).toBe(before)
})

// Becoming nobody takes root of the machine.
describe.runIf(root)('without root', () => {
  /** Runs it as nobody, as plain JavaScript that any user may read. */
  async function unprivileged(...args: string[]): Promise<{ code: unknown; lines: string[]; errors: string[] }> {
    const program = await bundle('../../../examples/two-ns-bridge', 'esm')
    try {
      const rights = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--']
      const child = spawn('setpriv', [...rights, process.execPath, program.main, ...args], {
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let [output, told] = ['', '']
      child.stdout.on('data', (chunk) => (output += chunk))
      child.stderr.on('data', (chunk) => (told += chunk))
      const [code] = await once(child, 'close')
      const split = (text: string) => text.split('\n').filter((line) => line !== '')
      return { code, lines: split(output), errors: split(told) }
    } finally {
      program.remove()
    }
  }

  test('it works in a sandbox, and touches nothing outside', async () => {
    const before = hostLinks()
    const { code, lines, errors } = await unprivileged()
    expect(errors).toEqual([])
    expect(code).toBe(0)
    expect(lines.at(-1)).toBe('ok')
    expect(hostLinks()).toBe(before)
  })

  test.each(['--on-host', '--keep'])('%s says in one sentence that it takes root', async (option) => {
    const before = hostLinks()
    const { code, errors } = await unprivileged(option)
    expect(code).toBe(1)
    expect(errors).toEqual([expect.stringMatching(`^failed: ${option} takes root`)])
    expect(hostLinks()).toBe(before)
  })
})

describe('--keep', () => {
  const show = [['link'], ['addr'], ['-4', 'route', 'show', 'table', 'all'], ['-6', 'route', 'show', 'table', 'all']]
  // MACs are drawn, and a bridge's is the lowest of its ports'; namespaces have other names and ids.
  const drop = new Set([...volatile, 'address', 'bridge_id', 'root_id', 'link_netns', 'link_netnsid'])

  test("is what the tutorial's own commands make", async () => {
    const { child, lines, errors, status } = start(['--keep'])
    expect(await status, errors.join('\n')).toBe(0)
    const removal = lines
      .slice(lines.indexOf('Remove it with:') + 1)
      .flatMap((line) => /^ {2}ip (netns del .*)$/.exec(line)?.[1] ?? [])
    const names = removal.map((command) => command.split(' ')[2] ?? '')
    try {
      expect(left(child.pid).sort()).toEqual([...names].sort())
      expect(names).toHaveLength(3)
      const sibling = (name: string) => Namespace.create(`${name}-sibling`)
      const kept = await Promise.all(names.map((name) => Namespace.open(name)))
      const [hostName = '', oneName = '', twoName = ''] = names
      await using host = await sibling(hostName)
      await using one = await sibling(oneName)
      await using two = await sibling(twoName)
      await ip(one, 'link set lo up')
      await ip(two, 'link set lo up')
      await ip(host, 'link add br0 type bridge', 'link set br0 up', 'addr add 192.168.1.1/24 brd + dev br0')
      for (const [i, guest] of [one, two].entries()) {
        await ip(
          host,
          `link add veth${i} type veth peer name ceth${i}`,
          `link set veth${i} master br0`,
          `link set veth${i} up`,
          `link set ceth${i} netns ${guest.name}`,
        )
        await ip(guest, `link set ceth${i} up`, `addr add 192.168.1.1${i}/24 dev ceth${i}`)
        await ip(guest, 'route add default via 192.168.1.1')
      }
      await host.sysctl.set('net.ipv4.ip_forward', 1)
      for (const [i, theirs] of [host, one, two].entries()) {
        const ours = kept[i]
        if (!ours) throw new Error('a namespace is missing')
        await same(
          () => views(ours, show, drop),
          () => views(theirs, show, drop),
          10_000,
        )
        const key = 'net.ipv4.ip_forward'
        expect(await ours.sysctl.get(key)).toBe(await theirs.sysctl.get(key))
      }
      await Promise.all(kept.map((ns) => ns.close()))
    } finally {
      for (const command of removal) execFileSync('ip', command.split(' '))
    }
    expect(left(child.pid)).toEqual([])
  }, 60_000)
})

test('the same names 100 times in a row, straight one after another', async () => {
  await using host = await Namespace.create()
  await using nl = await host.netlink()
  const times: number[] = []
  for (let run = 0; run < 100; run++) {
    const started = performance.now()
    // EEXIST anywhere here: something of the last run was still there.
    const guests = [
      await Namespace.create(`example-${process.pid}-1`),
      await Namespace.create(`example-${process.pid}-2`),
    ]
    await nl.link.add({ kind: 'bridge', name: 'br0', up: true })
    await nl.addr.add({ dev: 'br0', address: '192.168.1.1/24', broadcast: '+' })
    for (const [i, namespace] of guests.entries()) {
      await using inside = await namespace.netlink()
      await nl.link.add({
        kind: 'veth',
        name: `veth${i}`,
        master: 'br0',
        up: true,
        data: { peer: { name: `ceth${i}`, namespace, up: true } },
      })
      await inside.addr.add({ dev: `ceth${i}`, address: `192.168.1.1${i}/24` })
      await inside.route.add({ to: 'default', via: '192.168.1.1' })
    }
    expect(await nl.link.list({ master: 'br0' })).toHaveLength(2)
    for (const namespace of guests) await namespace.delete()
    await nl.link.del('br0')
    expect((await nl.link.list()).map(({ name }) => name)).toEqual(['lo'])
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  console.log(`the lab, built and dropped: median ${times[50]?.toFixed(1)} ms, worst ${times[99]?.toFixed(1)} ms`)
}, 120_000)
