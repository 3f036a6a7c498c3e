/** Starting the helper's process, and finding it from outside. */
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { NetlinkError } from '../error.ts'
import { needProgram } from '../namespace/program.ts'
import { type Cause, sentence, userNamespaceCauses } from './diagnosis.ts'

/** Which namespaces the helper is in. */
export type Entrance =
  /** New ones: user, network, mount, pid. */
  | { kind: 'fresh'; proc: boolean }
  /** Those behind two descriptors of this process. `keepIds`: the user stays who he is; else he becomes root in there. */
  | { kind: 'join'; network: number; user: number; keepIds: boolean }

export const operation = 'helper.start'

/** A process that has been started. It may end at once. */
export interface Launched {
  readonly subprocess: ChildProcess
  /** The end of what it wrote to stderr. */
  said(): string
}

export async function launch(entrance: Entrance, ipc: boolean): Promise<Launched> {
  const [file, args, descriptors] = command(entrance)
  // On first use: it takes longer to load than all the rest.
  const { execa } = await import('execa')
  const subprocess = execa(file, [...args, '--', process.execPath, ...entry()], {
    // execa's types know descriptors 0 to 9 only, execa itself any number.
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors] as unknown as ['pipe', 'pipe', 'pipe'],
    ipc,
    serialization: 'json',
    // A session of its own: Ctrl-C is for this process, which may have to clean up with the helper's help.
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    extendEnv: false,
    env: environment(),
  })
  // Never rejects, but for what cannot be started, which is an event too.
  void subprocess.catch(() => undefined)
  let said = ''
  subprocess.stderr?.on('data', (chunk: Buffer) => {
    said = (said + String(chunk)).slice(-4_000)
  })
  subprocess.on('error', (error) => {
    said += error.message
  })
  return { subprocess, said: () => said.trim() }
}

function command(entrance: Entrance): [file: string, args: string[], descriptors: number[]] {
  if (entrance.kind === 'join') {
    const keep = entrance.keepIds ? ['--preserve-credentials'] : []
    const args = [...keep, '--net=/proc/self/fd/3', '--user=/proc/self/fd/4']
    return [needProgram(operation, 'nsenter'), args, [entrance.network, entrance.user]]
  }
  const namespaces = ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child']
  return [needProgram(operation, 'unshare'), [...namespaces, ...(entrance.proc ? ['--mount-proc'] : [])], []]
}

/** From dist/ the entry is JavaScript; from the sources (tests, examples) tsx loads it. */
function entry(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('./entry.js', import.meta.url))]
  return ['--import', import.meta.resolve('tsx'), fileURLToPath(new URL('./entry.ts', import.meta.url))]
}

/** What is meant for this process's own Node is not for the helper's. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_') && !name.startsWith('VITEST'))
  return Object.fromEntries(kept)
}

/**
 * The helper's pid, as this process sees it: that of the program itself, or of its only child where it forks. Undefined: it is gone.
 * Asking by parent is safe: the child cannot be another's while its parent, our child, has not been waited for.
 */
export function helperPid(subprocess: ChildProcess, entrance: Entrance): number | undefined {
  const { pid } = subprocess
  if (pid === undefined || entrance.kind === 'join') return pid
  return childOf(pid)
}

/** The first child of a process; undefined where it has none. */
export function childOf(pid: number): number | undefined {
  try {
    // CONFIG_PROC_CHILDREN
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return child ? Number(child) : undefined
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) return undefined
  }
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      // "pid (comm) state ppid ...": comm may hold anything, ')' too.
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid) return Number(entry)
    } catch {
      // It has ended meanwhile.
    }
  }
  return undefined
}

/** unshare could not mount /proc: in a container whose own /proc is partly covered (mount_too_revealing(), fs/namespace.c). */
export function procRefused(said: string): boolean {
  return said.includes('/proc') && said.includes('mount')
}

/** Why the helper ended before it was ready. */
export function startFailure(entrance: Entrance, said: string): NetlinkError {
  const code = said.includes('No space left') ? 'ENOSPC' : /not permitted|denied/i.test(said) ? 'EPERM' : 'ECANCELED'
  let reason = said === '' ? 'the helper ended before it was ready' : said
  if (entrance.kind === 'fresh' && code !== 'ECANCELED') {
    const causes: readonly Cause[] = userNamespaceCauses()
    const hint = causes.length > 0 ? sentence(causes) : '`npx netlink-ts doctor` looks for the cause'
    reason = `user namespaces cannot be made here (${said}): ${hint}`
  }
  return new NetlinkError({ code, operation, reason, outcome: 'refused' })
}
