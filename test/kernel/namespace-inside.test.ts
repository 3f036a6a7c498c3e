/** What runs and listens inside a namespace: programs, sysctls, node:net and node:dgram. On every host. */
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Namespace } from '../../src/namespace/namespace.ts'
import { descriptors, hosts, type Place, root, settled } from './hosts.ts'

const name = `nsinside-${process.pid}`

describe.each(hosts)('%s', (_title, start) => {
  let place: Place
  let ns: Namespace
  beforeAll(async () => {
    place = await start()
    ns = await Namespace.create(name, place.where)
    await ns.exec('ip', ['link', 'set', 'lo', 'up'], { sysfs: false })
  })
  afterAll(async () => {
    await ns[Symbol.asyncDispose]()
    await place[Symbol.asyncDispose]()
  })

  const ip = (...args: string[]) => place.run('ip', ...args)

  describe('exec', () => {
    test.each([true, false])('runs inside, with sysfs: %s', async (sysfs) => {
      const { stdout } = await ns.exec('readlink', ['/proc/self/ns/net'], { sysfs })
      expect(stdout).toBe(`net:[${ns.inode}]`)
    })

    test.each([true, false])('leaves arguments alone, with sysfs: %s', async (sysfs) => {
      const args = ['a b', '"quoted"', "it's", '$HOME `id` $(id)', '', '-n', '--', '*', 'new\nline', 'ü\\']
      const { stdout } = await ns.exec(
        process.execPath,
        ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args],
        { sysfs },
      )
      expect(JSON.parse(stdout)).toEqual(args)
    })

    test('the environment is the one given, nothing of ours is added', async () => {
      const options = { env: { name: 'kept', PATH: '/usr/bin:/bin' }, extendEnv: false }
      const { stdout } = await ns.exec('/usr/bin/env', [], options)
      expect(
        stdout
          .split('\n')
          .filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))
          .sort(),
      ).toEqual(['PATH=/usr/bin:/bin', 'name=kept'])
    })

    test.each([true, false])('exit codes and signals come through, with sysfs: %s', async (sysfs) => {
      await expect(ns.exec('sh', ['-c', 'echo oh >&2; exit 7'], { sysfs })).rejects.toMatchObject({
        exitCode: 7,
        stderr: 'oh',
      })
      await expect(ns.exec('sh', ['-c', 'kill -USR1 $$'], { sysfs })).rejects.toMatchObject({ signal: 'SIGUSR1' })
      const { subprocess } = await ns.spawn('sleep', ['20'], { sysfs })
      await expect.poll(() => ns.pids()).toContain(subprocess.pid)
      // In a sandbox it is a child of subprocess.pid.
      const commands = async () => (await ns.pids()).map((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8'))
      await expect.poll(commands).toContain('sleep\n')
      subprocess.kill('SIGTERM')
      await expect(subprocess).rejects.toMatchObject({ signal: 'SIGTERM' })
    })

    test('streams in and out', async () => {
      const { stdout } = await ns.exec('cat', [], { input: 'through' })
      expect(stdout).toBe('through')
      const { subprocess } = await ns.spawn('sh', ['-c', 'echo 1; echo 2'])
      const lines: unknown[] = []
      for await (const line of subprocess) lines.push(line)
      expect(lines).toEqual(['1', '2'])
      await ns.exec('true', [], { stdio: 'ignore' })
      const extra = await ns.exec('sh', ['-c', 'echo three >&3'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
      expect(extra.stdio[3]).toBe('three')
    })

    // The files are the machine's.
    test.runIf(root)('/sys and /etc/netns/NAME, as with ip netns exec', async () => {
      const folder = `/etc/netns/${name}`
      mkdirSync(folder, { recursive: true })
      try {
        writeFileSync(`${folder}/hosts`, '192.0.2.1 only-inside\n')
        const script = 'cat /etc/hosts; ls /sys/class/net'
        const ours = await ns.exec('sh', ['-c', script])
        expect(ours.stdout).toBe('192.0.2.1 only-inside\nlo')
        expect(ours.stdout).toBe(await ip('netns', 'exec', name, 'sh', '-c', script))
        const without = await ns.exec('sh', ['-c', script], { sysfs: false })
        expect(without.stdout).not.toContain('only-inside')
      } finally {
        rmSync(folder, { recursive: true })
      }
      // Nothing of it reached this process.
      expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain('only-inside')
      expect(readFileSync('/etc/hosts', 'utf8')).not.toContain('only-inside')
    })

    test('what cannot start', async () => {
      await expect(ns.exec('')).rejects.toMatchObject({ code: 'EINVAL', path: 'file' })
      await expect(ns.exec('does-not-exist')).rejects.toMatchObject({ exitCode: 127 })
      await expect(ns.exec('true', [], { shell: true })).rejects.toMatchObject({
        code: 'EINVAL',
        path: 'shell',
      })
      const closed = await Namespace.create(undefined, place.where)
      await closed.close()
      await expect(closed.exec('true')).rejects.toMatchObject({ code: 'EBADF' })
    })

    test('descriptors stay flat', async () => {
      await ns.exec('true', [], { sysfs: false })
      const before = await descriptors()
      for (let i = 0; i < 20; i++) await ns.exec('true', [], { sysfs: false })
      await settled(before)
    })
  })

  describe('sysctl', () => {
    test('is that of the namespace', async () => {
      const mine = readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8').trim()
      await ns.sysctl.set('net.ipv4.ip_default_ttl', 77)
      expect(await ns.sysctl.get('net/ipv4/ip_default_ttl')).toBe('77')
      expect(readFileSync('/proc/sys/net/ipv4/ip_default_ttl', 'utf8').trim()).toBe(mine)
      expect(await ip('netns', 'exec', name, 'cat', '/proc/sys/net/ipv4/ip_default_ttl')).toBe('77')
    })

    test('interfaces with a dot', async () => {
      await ip('-n', name, 'link', 'add', 'd.1', 'type', 'bridge')
      await ns.sysctl.set('net.ipv4.conf.d/1.forwarding', true)
      expect(await ns.sysctl.get('net/ipv4/conf/d.1/forwarding')).toBe('1')
      await ip('-n', name, 'link', 'del', 'd.1')
    })

    test('text with several words and lines', async () => {
      await ns.sysctl.set('net.ipv4.ip_local_port_range', '20000 30000')
      expect(await ns.sysctl.get('net.ipv4.ip_local_port_range')).toBe('20000\t30000')
    })

    test.each([
      ['net.ipv4.nope', 'ENOENT', 'name'],
      ['net.ipv4', 'EISDIR', 'name'],
      ['kernel.hostname', 'EINVAL', 'name'],
      ['net/../kernel/hostname', 'EINVAL', 'name'],
    ])('%s is %s', async (key, code, path) => {
      await expect(ns.sysctl.get(key)).rejects.toMatchObject({ code, path })
    })

    test("'' empties a list, as sysctl(8) does", async () => {
      const ports = 'net.ipv4.ip_local_reserved_ports'
      await ns.sysctl.set(ports, '8080,9000-9010')
      expect(await ns.sysctl.get(ports)).toBe('8080,9000-9010')
      await ns.sysctl.set(ports, '')
      expect(await ns.sysctl.get(ports)).toBe('')
    })

    test('values that the kernel refuses', async () => {
      await expect(ns.sysctl.set('net.ipv4.ip_default_ttl', 'x')).rejects.toMatchObject({
        code: 'EINVAL',
        path: 'value',
      })
      await expect(ns.sysctl.set('net.ipv4.tcp_congestion_control', 'nonesuch')).rejects.toMatchObject({
        code: 'ENOENT',
        path: 'value',
      })
    })
  })

  describe('sockets', () => {
    const echo = (socket: Socket) => socket.pipe(socket)
    const pair = async (one: string, other: string) => {
      await ip('-n', name, 'link', 'add', one, 'type', 'veth', 'peer', 'name', other)
      for (const dev of [one, other]) await ip('-n', name, 'link', 'set', dev, 'up')
    }
    const said = async (socket: Socket, text: string) => {
      socket.write(text)
      const [data] = await once(socket, 'data')
      return String(data)
    }

    test('TCP both ways, IPv4 and IPv6, invisible from outside', async () => {
      const server = await ns.listen({}, echo)
      const { port } = server.address() as AddressInfo
      for (const host of ['127.0.0.1', '::1', 'localhost']) {
        const client = await ns.connect({ port, host })
        expect(await said(client, host)).toBe(host)
        client.destroy()
      }
      // This process's own.
      const [refused] = await once(connect({ port }), 'error')
      expect(refused.code).toBe('ECONNREFUSED')
      server.close()
    })

    test('a chosen local address and port', async () => {
      const server = await ns.listen({ host: '127.0.0.1', port: 1234 }, echo)
      expect(server.address()).toMatchObject({ address: '127.0.0.1', port: 1234 })
      const client = await ns.connect({ port: 1234, localAddress: '127.0.0.9', localPort: 4321 })
      expect([client.localAddress, client.localPort]).toEqual(['127.0.0.9', 4321])
      client.destroy()
      server.close()
    })

    test('link-local addresses, whose zone is an interface of the namespace', async () => {
      await pair('ll0', 'll1')
      await ip('-n', name, 'addr', 'add', 'fe80::5/64', 'dev', 'll0', 'nodad')
      const port = 4711
      // Not server.address(): Node looks the zone's index up in the caller's namespace, where it may be missing (ENXIO).
      const server = await ns.listen({ host: 'fe80::5%ll0', port }, echo)
      const client = await ns.connect({ host: 'fe80::5%ll0', port })
      expect(await said(client, 'zone')).toBe('zone')
      client.destroy()
      server.close()
      await expect(ns.connect({ host: 'fe80::5%nope', port })).rejects.toMatchObject({ code: 'ENODEV' })
    })

    test.each([
      ['udp4', '127.0.0.1'],
      ['udp6', '::1'],
    ] as const)('%s', async (type, host) => {
      const server = await ns.udp({ type, port: 5353 })
      const client = await ns.udp({ type, host })
      client.send('ping', 5353, host)
      const [data, from] = await once(server, 'message')
      expect([String(data), from.port]).toEqual(['ping', client.address().port])
      server.close()
      client.close()
    })

    test('what fails, fails as one error type and keeps no descriptor', async () => {
      const server = await ns.listen({ port: 99 })
      const before = await descriptors()
      await expect(ns.listen({ port: 99 })).rejects.toMatchObject({ code: 'EADDRINUSE' })
      await expect(ns.listen({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
      await expect(ns.connect({ port: 98 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await expect(ns.connect({ port: 98, host: '192.0.2.1' })).rejects.toMatchObject({ code: 'ENETUNREACH' })
      await expect(ns.connect({ port: 0 })).rejects.toMatchObject({ code: 'EINVAL', path: 'port' })
      await expect(ns.udp({ port: 65536 })).rejects.toMatchObject({ code: 'EINVAL', path: 'port' })
      await expect(ns.connect({ port: 1, signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'ABORT_ERR',
        outcome: 'unsent',
      })
      await settled(before)
      server.close()
    })

    test('connecting can be given up', async () => {
      await pair('void0', 'void1')
      await ip('-n', name, 'addr', 'add', '192.0.2.1/24', 'dev', 'void0')
      const abort = new AbortController()
      const connecting = ns.connect({ host: '192.0.2.2', port: 80, signal: abort.signal })
      setTimeout(() => abort.abort(), 50)
      await expect(connecting).rejects.toMatchObject({ code: 'ABORT_ERR' })
    })
  })
})
