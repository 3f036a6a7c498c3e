/** Subscriptions in processes of their own: what keeps them alive, how they end, Workers, an unprivileged user. As root. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, bundle } from './bundle.ts'
import { root } from './hosts.ts'

const run = promisify(execFile)
let program: Bundle

beforeAll(async () => {
  program = await bundle('subscription', 'esm')
})
afterAll(() => program.remove())

/** What the case prints, and how it ends. Whatever hangs is killed. */
async function outcome(name: string, ...before: string[]) {
  const command = ['unshare', '--net', ...before, process.execPath, '--expose-gc', program.main, name]
  const [file = '', ...args] = command
  const ended = await run(file, args, { timeout: 40_000, killSignal: 'SIGKILL', cwd: '/' }).catch(
    (error: { code: unknown; signal: unknown; stdout: string; stderr: string }) => error,
  )
  const lines = ended.stdout.split('\n').filter((line) => line !== '')
  const { code = 0, signal = null } = 'code' in ended ? ended : {}
  return { code, signal, lines: lines.map((line) => JSON.parse(line)), stderr: ended.stderr }
}

const fine = { code: 0, signal: null, stderr: '' }

describe('a process', () => {
  test('ends by itself where a subscription is open and nobody awaits its events', async () => {
    expect(await outcome('idle')).toEqual({ ...fine, lines: ['idle'] })
  })

  test('lives as long as somebody does', async () => {
    expect(await outcome('awaited')).toEqual({ ...fine, lines: ['RTM_NEWLINK'] })
  })

  test('may exit in the middle of it', async () => {
    expect(await outcome('exit')).toEqual({ ...fine, code: 7, lines: [] })
  })

  test('survives subscriptions that nobody closed, and nobody holds', async () => {
    expect(await outcome('forgotten')).toEqual({ ...fine, lines: ['alive'] })
  })

  test('has no descriptor more after 1,000 subscriptions, closed at every moment', async () => {
    const lines = [{ open: 50, left: 0, seen: true, ended: true }]
    expect(await outcome('churn')).toEqual({ ...fine, lines })
  })
})

describe('a Worker', () => {
  test('sees events, and can be terminated at any moment of a flood of them', async () => {
    expect(await outcome('workers')).toEqual({ ...fine, lines: [{ seen: 40, left: 0 }] })
  })

  test('ends by itself too', async () => {
    expect(await outcome('workerEnds')).toEqual({ ...fine, lines: [0] })
  })
})

test.runIf(root)(
  'an unprivileged user may listen to the groups that are for everybody, and is told what the others take',
  async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all']
    const { lines, ...rest } = await outcome('unprivileged', ...nobody)
    expect(rest).toEqual(fine)
    expect(lines).toMatchObject([
      {
        netfilter: { code: 'EPERM', message: expect.stringContaining('group 1: this takes CAP_NET_ADMIN') },
        everywhere: { code: 'EPERM', message: expect.stringContaining('allNsid: this takes CAP_NET_BROADCAST') },
        closed: false,
      },
    ])
  },
)
