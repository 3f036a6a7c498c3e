/**
 * Kill -9 of the parent, of the helper, of a program, at moments spread over their lives: nothing stays, and who survives is told.
 * KILLS says how many of each: `KILLS=200 npx vitest run --project kernel helper-killed`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Namespace, NetlinkError, Sandbox } from '../../src/index.ts'
import { type Bundle, bundle } from './bundle.ts'
import { root } from './hosts.ts'
import { Watch } from './leftovers.ts'
import { packages, transports, unixDgram } from './unix-dgram.ts'

const kills = Number(process.env.KILLS ?? 5)
const limit = { timeout: 60_000 + kills * 5_000 }
/** The child of `unshare`, which is the helper; as unshare is the only child of its name. */
const pidsOf = (watch: Watch, what: string) =>
  watch.processes().flatMap((line) => (line.includes(what) ? [Number(line.split(' ')[0])] : []))

/** Kills what is there of these processes; they may have gone. */
function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

describe('the parent', () => {
  let programs: [transport: string, program: Bundle][]
  beforeAll(async () => {
    programs = [
      ...(unixDgram ? [['unix-dgram', await bundle('sandbox-life', 'esm', [...packages])] as [string, Bundle]] : []),
      ['IPC', await bundle('sandbox-life', 'esm')],
    ]
  })
  afterAll(() => {
    for (const [, program] of programs) program.remove()
  })

  test(`killed at ${kills} moments of its start and its life`, limit, async () => {
    // In user namespaces of their own both are not allowed to touch the machine's.
    await using outer = root ? await Namespace.create(`nskilled-${process.pid}`) : undefined
    await using nl = await outer?.netlink()
    let ready = 0
    for (let round = 0; round < kills; round++) {
      using watch = new Watch()
      const [, program] = programs[round % programs.length] ?? []
      const child = spawn(process.execPath, [program?.main ?? '', ...(outer?.name ? [outer.name] : [])], {
        env: { ...process.env, ...watch.env },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child.stdout.on('data', (chunk: Buffer) => {
        if (String(chunk).includes('ready')) ready += 1
      })
      const closed = once(child, 'close')
      await once(child.stdout, 'data')
      // A start takes some 150 ms; the rest is life.
      await delay((600 * round) / kills + Math.random() * 100)
      expect(child.exitCode, 'it ends by itself').toBeNull()
      child.kill('SIGKILL')
      await closed
      await watch.gone()
      await expect.poll(async () => (await nl?.link.list())?.map(({ name }) => name) ?? ['lo']).toEqual(['lo'])
    }
    console.log(`killed ${kills} parents, ${ready} of which had a sandbox in use`)
  })
})

/** Settles within 10 s: a promise that hangs is what these tests look for. */
async function outcome(promise: PromiseLike<unknown>): Promise<unknown> {
  const hanging = new Error('it hangs')
  return Promise.race([
    promise.then(
      () => 'ok',
      (error: unknown) => error,
    ),
    delay(10_000, hanging, { ref: false }),
  ])
}

describe('the helper', () => {
  test.each(transports)(
    `killed at ${kills} moments of work over %s: every promise settles`,
    limit,
    async (transport) => {
      let failed = 0
      for (let round = 0; round < kills; round++) {
        using watch = new Watch()
        for (const [key, value] of Object.entries(watch.env)) vi.stubEnv(key, value)
        const sandbox = await Sandbox.create({ transport }).finally(() => vi.unstubAllEnvs())
        const nl = await sandbox.netlink()
        const kept = await Namespace.create('kept', sandbox)
        const server = await kept.listen({ port: 80 })
        const program = sandbox.exec('sh', ['-c', 'sleep 99 & sleep 99'])
        const work = [outcome(program)]
        const stop = new AbortController()
        const working = (async () => {
          for (let i = 0; !stop.signal.aborted; i++) {
            const calls = [
              Namespace.create(`n${i}`, sandbox).then((ns) => ns.delete()),
              kept.openSocket(16, 3, 0),
              kept.sysctl.get('net.ipv4.ip_forward'),
              Namespace.list(sandbox),
              nl.link.list(),
            ].map(outcome)
            work.push(...calls)
            await Promise.race([Promise.all(calls), delay(50)])
            await delay(1)
          }
        })()
        await delay(Math.random() * 150)
        kill(pidsOf(watch, round % 2 === 0 ? 'helper/entry' : 'unshare'))
        await expect.poll(() => sandbox.closed, { timeout: 10_000 }).toBe(true)
        stop.abort()
        await working
        for (const result of await Promise.all(work)) {
          if (result === 'ok') continue
          failed += 1
          // A program is execa's; all else is ours.
          if (!(result instanceof Error && 'command' in result)) expect(result).toBeInstanceOf(NetlinkError)
        }
        await expect(Namespace.create('later', sandbox)).rejects.toMatchObject({ code: 'ECANCELED', outcome: 'unsent' })
        await expect(nl.link.list()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
        await expect(kept.openSocket(16, 3, 0)).rejects.toMatchObject({ code: 'EBADF' })
        expect(server.listening).toBe(false)
        await watch.gone()
        await sandbox.close()
      }
      expect(failed).toBeGreaterThanOrEqual(kills)
    },
  )
})

describe('a program', () => {
  test(`killed at ${kills} moments of its start and its life`, limit, async () => {
    using watch = new Watch()
    await using sandbox = await Sandbox.create()
    const env = watch.env
    for (let round = 0; round < kills; round++) {
      const { subprocess } = await sandbox.namespace.spawn('sleep', ['99'], { env, reject: false })
      await delay(Math.random() * 40)
      // In turn: the program and all between, the one that waits for it, and as people do.
      // What has not begun yet is not seen.
      const seen = pidsOf(watch, '')
      if (round % 3 === 0 && seen.length > 0) kill(seen)
      else if (round % 3 === 1) kill(subprocess.pid === undefined ? [] : [subprocess.pid])
      else subprocess.kill('SIGKILL')
      const result = await outcome(subprocess.then(({ signal }) => expect(signal).toBe('SIGKILL')))
      expect(result).toBe('ok')
      await expect.poll(() => watch.processes(), { timeout: 5_000 }).toEqual([])
    }
  })
})
