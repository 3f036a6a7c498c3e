/**
 * The helper process: strangers' datagrams, figures, programs in a pid namespace, what is missing on a machine. CALLS and GARBAGE say how
 * many: `CALLS=100000 GARBAGE=100000 npx vitest run --project kernel helper.test`.
 */
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, test, vi } from 'vitest'
import { Namespace, NetlinkError, Sandbox } from '../../src/index.ts'
import { bundle } from './bundle.ts'
import { root } from './hosts.ts'
import { Watch } from './leftovers.ts'
import { packages, transports, unixDgram } from './unix-dgram.ts'

const run = promisify(execFile)
const calls = Number(process.env.CALLS ?? 4_000)
const garbage = Number(process.env.GARBAGE ?? 5_000)
const limits = { timeout: 30_000, killSignal: 'SIGKILL', cwd: '/' } as const
/** Nobody in particular; no such user need exist. */
const unprivileged = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups', '--inh-caps=-all']

describe.runIf(unixDgram)('strangers', () => {
  test(`${garbage} datagrams into both sockets change nothing`, { timeout: 30_000 + garbage * 3 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'garbage-'))
    vi.stubEnv('TMPDIR', folder)
    await using sandbox = await Sandbox.create({ transport: 'unix-dgram' }).finally(() => vi.unstubAllEnvs())
    const [name = ''] = readdirSync(folder).filter((each) => each.startsWith('netlink-ts-helper'))
    const sockets = join(folder, name)
    expect(statSync(sockets).mode & 0o777).toBe(0o700)
    // Only root, and this user, can get in at all.
    const { createSocket } = createRequire(import.meta.url)('unix-dgram') as {
      createSocket(
        type: string,
        listener: () => void,
      ): {
        bind(path: string): void
        send(bytes: Buffer, from: number, length: number, path: string, done: () => void): void
        close(): void
      }
    }
    const strangers = [createSocket('unix_dgram', () => {}), createSocket('unix_dgram', () => {})]
    strangers[1]?.bind(join(sockets, 'stranger'))
    const parts = ['{"id":1,"call":"close","ask":{"handle":1}}', '{"id":1,"answer":{}}', '{"hello":1}', '{', '']
    await using ns = await Namespace.create('one', sandbox)
    const { inode } = ns
    for (let sent = 0; sent < garbage; sent++) {
      const text = parts[sent % parts.length] ?? ''
      const bytes =
        sent % 2 ? randomBytes(Math.floor(Math.random() ** 4 * 65_000)) : Buffer.from(`${'0'.repeat(32)}${text}`)
      const path = join(sockets, sent % 3 ? 'helper' : 'parent')
      strangers[sent & 1]?.send(bytes, 0, bytes.length, path, () => {})
      // The queue is 10 datagrams long: let them be read, and work meanwhile.
      if (sent % 8 === 7) closeSync(await ns.openSocket(16, 3, 0))
    }
    for (const stranger of strangers) stranger.close()
    expect(await Namespace.list(sandbox)).toEqual(['one'])
    expect((await ns.exec('readlink', ['/proc/self/ns/net'])).stdout).toBe(`net:[${inode}]`)
    await sandbox.close()
    expect(readdirSync(folder).filter((each) => each.startsWith('netlink-ts-helper'))).toEqual([])
    rmSync(folder, { recursive: true })
  })

  test('what is too long is refused here, and changes nothing', async () => {
    await using sandbox = await Sandbox.create()
    const long = { path: `/${'x'.repeat(70_000)}` }
    await expect(Namespace.open(long, sandbox)).rejects.toMatchObject({ code: 'EMSGSIZE', outcome: 'unsent' })
    expect(await Namespace.list(sandbox)).toEqual([])
  })

  test('a helper of another version ends', async () => {
    const entry = fileURLToPath(new URL('../../src/helper/entry.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), entry], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += String(chunk)
    })
    child.stdin.write(`${JSON.stringify({ version: 99, token: '', mounts: false })}\n`)
    const [code] = await once(child, 'close')
    expect([code, said]).toEqual([1, expect.stringContaining('version 1 of the helper was started by version 99')])
  })
})

describe.each(transports)('over %s', (transport) => {
  test(`${calls} sockets: latency, and memory that stays flat`, { timeout: 60_000 + calls * 3 }, async () => {
    const start = performance.now()
    await using sandbox = await Sandbox.create({ transport })
    const began = performance.now() - start
    await using ns = await Namespace.create('one', sandbox)
    // The helper is the first in its pid namespace.
    const [helper = 0] = (await sandbox.namespace.pids()).filter(
      (pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('helper/entry') &&
        /NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
    )
    const memory = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${helper}/status`, 'utf8'))?.[1]) / 1024
    const opened = () => readdirSync(`/proc/${helper}/fd`).length
    const times: number[] = []
    const round = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const before = performance.now()
        const fd = await ns.openSocket(16, 3, 0)
        times.push(performance.now() - before)
        closeSync(fd)
      }
      return memory()
    }
    const first = await round(calls / 2)
    await delay(50)
    const descriptors = opened()
    const last = await round(calls / 2)
    await delay(50)
    expect(opened()).toBeLessThanOrEqual(descriptors)
    times.sort((a, b) => a - b)
    const at = (part: number) => `${((times[Math.floor(part * times.length)] ?? 0) * 1000).toFixed(0)} us`
    console.log(
      `${transport}: start ${began.toFixed(0)} ms; open a socket: median ${at(0.5)}, 99% ${at(0.99)}; helper ${first.toFixed(1)} MiB, after ${calls} calls ${last.toFixed(1)} MiB`,
    )
    expect(times[Math.floor(times.length / 2)]).toBeLessThan(1)
    expect(last - first).toBeLessThan(16)
  })
})

describe('programs in a sandbox', () => {
  test('are root in there, in its file system and pid namespace, and cannot touch what is outside', async () => {
    await using sandbox = await Sandbox.create()
    expect((await sandbox.exec('id', ['-u'])).stdout).toBe('0')
    expect((await sandbox.exec('pwd')).stdout).toBe(process.cwd())
    expect((await sandbox.exec('pwd', [], { cwd: '/usr' })).stdout).toBe('/usr')
    expect(Number((await sandbox.exec('sh', ['-c', 'echo $$'])).stdout)).toBeLessThan(1_000)
    // Processes outside have no number in there.
    await expect(sandbox.exec('kill', ['-0', String(process.pid + 4_000_000)])).rejects.toMatchObject({ exitCode: 1 })
    expect((await sandbox.exec('ip', ['-j', 'link'])).stdout).not.toContain('eth0')
  })

  test.each(['HUP', 'INT', 'TERM', 'USR1', 'KILL'] as const)('SIG%s reaches the program', async (name) => {
    await using sandbox = await Sandbox.create({ transport: 'ipc' })
    const ready = async (script: string) => {
      const { subprocess } = await sandbox.namespace.spawn('sh', ['-c', script], { reject: false })
      await once(subprocess.stdout ?? subprocess, 'data')
      // Wrapped: it is a promise itself.
      return { subprocess }
    }
    const { subprocess: plain } = await ready('echo ready; exec sleep 99')
    plain.kill(`SIG${name}`)
    expect((await plain).signal).toBe(`SIG${name}`)
    if (name === 'KILL') return
    const { subprocess: handled } = await ready(`trap 'exit 42' ${name}; echo ready; while :; do sleep 0.01; done`)
    handled.kill(`SIG${name}`)
    expect((await handled).exitCode).toBe(42)
  })

  test('stop and go on; time-out, abort, force; before it has begun', async () => {
    await using sandbox = await Sandbox.create()
    const start = (options: object) => sandbox.namespace.spawn('sleep', ['99'], { reject: false, ...options })
    const { subprocess: stopped } = await start({})
    await delay(100)
    stopped.kill('SIGSTOP')
    stopped.kill('SIGCONT')
    stopped.kill()
    expect(await stopped).toMatchObject({ signal: 'SIGTERM', isTerminated: true })
    const { subprocess: slow } = await start({ timeout: 100 })
    expect(await slow).toMatchObject({ timedOut: true, signal: 'SIGTERM' })
    const abort = new AbortController()
    const { subprocess: cancelled } = await start({ cancelSignal: abort.signal })
    abort.abort()
    expect(await cancelled).toMatchObject({ isCanceled: true })
    const { subprocess: early } = await start({})
    early.kill()
    expect(await early).toMatchObject({ signal: 'SIGTERM' })
    const { subprocess: deaf } = await sandbox.namespace.spawn(
      'sh',
      ['-c', "trap '' TERM; echo; while :; do sleep 0.1; done"],
      {
        reject: false,
        forceKillAfterDelay: 100,
      },
    )
    await once(deaf.stdout ?? deaf, 'data')
    deaf.kill()
    expect(await deaf).toMatchObject({ signal: 'SIGKILL' })
    const why = new Error('because')
    const { subprocess: told } = await start({})
    told.kill(why)
    expect((await told).cause).toBe(why)
  })

  test('orphans leave no zombies, and end with the sandbox', async () => {
    using watch = new Watch()
    const sandbox = await Sandbox.create()
    await sandbox.exec('sh', ['-c', '(sleep 0.05 &) ; (sleep 99 >/dev/null 2>&1 &)'], {
      env: watch.env,
      stdio: 'ignore',
    })
    await expect.poll(() => watch.processes().length).toBe(1)
    await delay(100)
    expect((await sandbox.exec('sh', ['-c', 'grep -l "State:.Z" /proc/[0-9]*/status; true'])).stdout).toBe('')
    await sandbox.close()
    await watch.gone()
  })
})

describe('on other machines', () => {
  test('without unix-dgram it is IPC; an open sandbox keeps no process, and leaves nothing', async () => {
    for (const [beside, transport] of [
      [['koffi'], 'ipc'],
      [packages, transports[0]],
    ] as const) {
      using watch = new Watch()
      const program = await bundle('left-open', 'esm', [...beside])
      try {
        const { stdout } = await run(process.execPath, [program.main], {
          ...limits,
          env: { ...process.env, ...watch.env },
        })
        expect(stdout.trim()).toBe(transport)
        await watch.gone()
      } finally {
        program.remove()
      }
    }
  })

  const sandboxed = async (before: string) => {
    const program = await bundle('left-open', 'esm')
    try {
      const [file = '', ...args] = [
        'unshare',
        '--mount',
        'sh',
        '-c',
        `${before} && exec "$@"`,
        'sh',
        ...unprivileged,
        process.execPath,
        program.main,
      ]
      return (await run(file, args, limits)).stdout.trim()
    } finally {
      program.remove()
    }
  }

  test.runIf(root)('without /run/netns it mounts the rest of /run again', async () => {
    expect(await sandboxed('mount -t tmpfs tmpfs /run && mkdir /run/other && ln -s other /run/link')).toBe('ipc')
  })

  test.runIf(root)('where /proc is partly covered, as in containers, it does without its own', async () => {
    expect(await sandboxed('mount --bind /dev/null /proc/cmdline')).toBe('ipc')
  })

  test.runIf(root)('where user namespaces are forbidden it says why', async () => {
    const program = await bundle('left-open', 'esm')
    const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'
    const inside = ['--user', '--map-root-user', 'sh', '-c', forbid, 'sh', process.execPath, program.main]
    await expect(run('unshare', inside, limits)).rejects.toMatchObject({
      stderr: expect.stringContaining('user.max_user_namespaces is 0: sysctl -w user.max_user_namespaces'),
    })
    program.remove()
  })
})

describe('in a worker thread', () => {
  test('it is IPC; a sandbox ends with the thread, also when that is terminated', async () => {
    for (const name of ['left-open', 'sandbox-life']) {
      using watch = new Watch()
      const program = await bundle(name, 'esm', [...packages])
      try {
        // Two environments: the one that the thread sees, and what its children get, which is the same.
        const worker = new Worker(program.main, { env: { ...process.env, ...watch.env }, stdout: true, argv: [] })
        let said = ''
        worker.stdout.on('data', (chunk: Buffer) => {
          said += String(chunk)
        })
        const exit = once(worker, 'exit')
        if (name === 'sandbox-life') {
          await expect.poll(() => said, { timeout: 10_000 }).toContain('ready')
          await worker.terminate()
        }
        await exit
        if (name === 'left-open') expect(said.trim()).toBe('ipc')
        await watch.gone()
      } finally {
        program.remove()
      }
    }
  })
})

describe.runIf(root)('a process in another user namespace of an unprivileged user', () => {
  test.each([
    ['who is root in it', '0 54321 1', '0 54321 1'],
    [
      'who is somebody else in it, as with podman --userns=keep-id',
      '0 700000 1000\n1000 54321 1',
      '0 700000 1000\n1000 54321 1',
    ],
  ])('%s', async (_who, uids, gids) => {
    const program = await bundle('foreign', 'esm', [...packages])
    const [file = '', ...args] = [
      ...unprivileged,
      'unshare',
      '--user',
      '--net',
      'sh',
      '-c',
      'echo; read x; exec sleep 60',
    ]
    const container = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' })
    try {
      await once(container.stdout, 'data')
      // As newuidmap(1) does it.
      writeFileSync(`/proc/${container.pid}/uid_map`, uids)
      writeFileSync(`/proc/${container.pid}/gid_map`, gids)
      const [user = '', ...rest] = [...unprivileged, process.execPath, program.main, String(container.pid)]
      const told = JSON.parse((await run(user, rest, limits)).stdout)
      expect(told).toMatchObject({ links: ['lo', 'br0'], forward: '1', echo: 'hello', inside: told.namespace })
    } finally {
      container.kill('SIGKILL')
      program.remove()
    }
  })
})

test('a transport that is not there is an error of ours', async () => {
  vi.resetModules()
  vi.doMock('node:worker_threads', async (original) => ({ ...(await original<object>()), isMainThread: false }))
  const { HelperHost } = await import('../../src/helper/client.ts')
  await expect(HelperHost.start({ kind: 'fresh', proc: true }, { transport: 'unix-dgram' })).rejects.toMatchObject({
    code: 'ERR_MODULE_NOT_FOUND',
    message: expect.stringContaining('npm install unix-dgram'),
  })
  vi.doUnmock('node:worker_threads')
  expect(NetlinkError).toBeDefined()
})
