/** TUN devices of processes that end, of threads that are ended, and where there are none. As root. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Namespace, Tun } from '../../src/index.ts'
import { type Bundle, bundle } from './bundle.ts'
import { root } from './hosts.ts'

let program: Bundle
beforeAll(async () => {
  program = await bundle('tun', 'esm')
})
afterAll(() => program.remove())

async function run(before: string[], ...args: string[]): Promise<unknown> {
  const [file = '', ...rest] = [...before, process.execPath, program.main, ...args]
  const { stdout, stderr } = await promisify(execFile)(file, rest, { timeout: 40_000, killSignal: 'SIGKILL' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

test.runIf(root)('without /dev/net/tun the error says what to do', async () => {
  const hide = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs tmpfs /dev/net && exec "$@"', 'sh']
  const failed = (operation: string) => ({
    code: 'ENOENT',
    operation,
    message: expect.stringMatching(/^tun\.\w+ \/dev\/net\/tun: .*modprobe tun.*--device \/dev\/net\/tun/),
  })
  expect(await run(hide, 'missing')).toEqual([failed('tun.create'), failed('tun.create'), failed('tun.open')])
})

test.runIf(root)('a process with an open device may end', async () => {
  expect(await run([], 'idle')).toBe('ABORT_ERR')
})

test.runIf(root)('one that awaits a packet does not', async () => {
  expect(await run([], 'waiting')).toBe(0x86dd)
})

test.runIf(root)('its owner opens it without any rights, another user does not', async () => {
  await using ns = await Namespace.create()
  const tap = await Tun.create({ mode: 'tap', name: 'tap0', namespace: ns, owner: 54321, group: 54322, persist: true })
  await tap.close()
  const as = async (uid: number, gid: number) => {
    const rights = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all']
    const args = [...rights, process.execPath, program.main, 'own']
    return JSON.parse((await ns.exec('setpriv', args, { sysfs: false, cwd: '/' })).stdout)
  }
  // tun_not_capable(): where both are set, both must fit.
  expect(await as(54321, 54322)).toBe('tap')
  expect(await as(54321, 65534)).toMatchObject({ code: 'EPERM', message: expect.stringContaining('not its owner') })
  expect(await as(65534, 54322)).toMatchObject({ code: 'EPERM' })
})

test.runIf(root)('thirty Workers are terminated: no device is left', async () => {
  const seen = await run([], 'terminate')
  expect(seen).toMatchObject({ links: 1, worked: true })
  // One may end between open(2) and the list of Node's (src/adopt.ts), before its descriptor has a device.
  expect((seen as { open: number }).open).toBeLessThan(3)
})
