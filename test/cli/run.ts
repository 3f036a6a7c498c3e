/** The command from its sources, as a process of its own. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const command = [process.execPath, '--import', 'tsx', 'src/cli/main.ts'] as const

export interface Ran {
  status: number | null
  /** Lines, without the last newline. */
  out: string[]
  err: string
}

export function run(args: readonly string[], input = ''): Ran {
  const [node, ...rest] = command
  const { status, stdout, stderr } = spawnSync(node, [...rest, ...args], {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 60_000,
  })
  return { status, out: stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n'), err: stderr }
}

/** A pipeline of the shell; $NETLINK_TS is the command. */
export function shell(script: string): Ran {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${script}`], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NETLINK_TS: command.join(' ') },
  })
  return { status, out: stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n'), err: stderr }
}
