/** TUN devices of processes that end, of threads that are ended, and where there are none. As root. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
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

test.runIf(root)('thirty Workers are terminated: no device is left', async () => {
  const seen = await run([], 'terminate')
  expect(seen).toMatchObject({ links: 1, worked: true })
  // One may end between open(2) and the list of Node's (src/adopt.ts), before its descriptor has a device.
  expect((seen as { open: number }).open).toBeLessThan(3)
})
