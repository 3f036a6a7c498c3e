/** Namespaces in processes of their own: a pool that has not started, an unprivileged user, no rights at all. As root. */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { Namespace } from '../../src/namespace/namespace.ts'
import { bundle } from './bundle.ts'
import { root } from './hosts.ts'

const run = promisify(execFile)
const limits = { timeout: 30_000, killSignal: 'SIGKILL' } as const
/** nobody; no such user need exist. */
const unprivileged = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all']

test('no thread is ever left in another namespace, also when the pool starts between openings', async () => {
  const ns = await Namespace.create(`nsthread-${process.pid}`)
  const program = await bundle('fresh-pool', 'cjs')
  try {
    const { stdout } = await run(process.execPath, [program.main, `/run/netns/${ns.name}`], limits)
    const { atFirst, beforePool, threads, strangers } = JSON.parse(stdout)
    // libuv's pool came after the first openings, else this proves nothing.
    expect(beforePool).toBe(atFirst)
    expect(threads).toBeGreaterThanOrEqual(atFirst + 4)
    expect(strangers).toBe(0)
  } finally {
    program.remove()
    await ns.delete()
  }
})

describe.runIf(root)('an unprivileged user', () => {
  test('below unshare --user --map-root-user --net --mount everything works', async () => {
    const program = await bundle('rootless', 'esm')
    try {
      const mounts = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec "$@"'
      const inside = ['unshare', '--user', '--map-root-user', '--net', '--mount', 'sh', '-c', mounts, 'sh']
      const [file = '', ...args] = [...unprivileged, ...inside, process.execPath, program.main]
      const { stdout } = await run(file, args, { ...limits, cwd: '/' })
      expect(JSON.parse(stdout)).toEqual({ uid: 0, same: true, forward: '1', echo: 'hello', left: [] })
    } finally {
      program.remove()
    }
  })

  test('who may not return to his own namespace creates all the same, each on a thread that ends in it', async () => {
    const program = await bundle('stranded', 'esm')
    try {
      const inside = ['unshare', '--user', '--map-root-user', '--mount']
      const [file = '', ...args] = [...unprivileged, ...inside, process.execPath, program.main]
      const { stdout } = await run(file, args, { ...limits, cwd: '/' })
      expect(JSON.parse(stdout)).toEqual({ different: 5, threadsLeft: 0, socket: 'EPERM' })
    } finally {
      program.remove()
    }
  })

  test('without rights is told what to do', async () => {
    const program = await bundle('refused', 'esm')
    try {
      const [file = '', ...args] = [...unprivileged, process.execPath, program.main]
      const told = JSON.parse((await run(file, args, { ...limits, cwd: '/' })).stdout)
      expect(told.create.code).toMatch(/^(EPERM|EACCES)$/)
      expect(told.anonymous).toMatchObject({
        code: 'EPERM',
        message: expect.stringContaining('unshare --user --map-root-user --net --mount'),
      })
      expect(told.socket).toMatchObject({ code: 'EPERM', message: expect.stringContaining('CAP_SYS_ADMIN') })
    } finally {
      program.remove()
    }
  })
})

test('killed at any moment of creating, a name is either whole or taken over by the next', async () => {
  const program = await bundle('create-again', 'esm')
  const name = `nskill-${process.pid}`
  try {
    for (let round = 0; round < 15; round++) {
      await run(process.execPath, [program.main, name], { ...limits, timeout: 80 + round * 10 }).catch(() => {})
      if ((await Namespace.list()).includes(name)) {
        await using again = await Namespace.open(name)
        await again.delete()
      } else {
        const again = await Namespace.create(name)
        await again.delete()
      }
      expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(name)
    }
  } finally {
    program.remove()
  }
})
