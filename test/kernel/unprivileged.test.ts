/** The tests of namespaces, the example and the doctor as a user without any rights, who exists nowhere. */
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './hosts.ts'

const run = promisify(execFile)
const checkout = fileURLToPath(new URL('../..', import.meta.url))
const user = 54_321
let folder = ''

describe.runIf(root)('an unprivileged user', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'unprivileged-'))
    chmodSync(folder, 0o755)
    for (const name of ['checkout', 'home']) mkdirSync(join(folder, name))
    chownSync(join(folder, 'home'), user, user)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** In this checkout, wherever that is: mounted where everybody may look. */
  const asUser = (...command: string[]) => {
    const mount = 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"'
    const home = join(folder, 'home')
    const path = [...new Set([process.execPath.replace(/\/[^/]*$/, ''), '/usr/sbin', '/usr/bin', '/sbin', '/bin'])]
    const env = { PATH: path.join(':'), HOME: home, TMPDIR: home }
    const drop = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all']
    const inside = ['--mount', 'sh', '-c', mount, 'sh', checkout, join(folder, 'checkout'), ...drop, ...command]
    return run('unshare', inside, { env, timeout: 150_000, killSignal: 'SIGKILL', maxBuffer: 1 << 24 })
  }

  test('passes the tests of namespaces', { timeout: 160_000 }, async () => {
    const files = ['test/kernel/namespace-hosts', 'test/kernel/namespace-inside']
    // The other loader writes into the checkout.
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--configLoader', 'runner', '--project', 'kernel']
    const { stdout } = await asUser(process.execPath, ...vitest, ...files).catch((error: { stdout: string }) => error)
    expect(stdout).toMatch(/\n\d\d+ passed, 0 failed/)
  })

  test('builds the network of the example', async () => {
    const { stdout } = await asUser(process.execPath, '--import', 'tsx', 'examples/two-ns-bridge.ts')
    expect(stdout).toContain('happens in a sandbox')
    expect(stdout.trim().endsWith('ok')).toBe(true)
  })

  test('is told by the doctor that all of it works', async () => {
    const { stdout } = await asUser(process.execPath, '--import', 'tsx', 'src/cli/main.ts', 'doctor')
    expect(stdout).toMatch(/^-- {2}namespaces in this process: not allowed/m)
    expect(stdout).toMatch(/^ok {2}sandbox: Sandbox\.create\(\)/m)
    expect(stdout).not.toMatch(/^no /m)
  })
})
