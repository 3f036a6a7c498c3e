/** Signals for a program that is a child of nsenter(1): in a pid namespace, which only a child can be in. */
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import type { Options } from 'execa'
import { childOf } from '../helper/launch.ts'

const { signals } = constants
/** execa's own defaults. */
const usual = { signal: 'SIGTERM', forceKillAfterDelay: 5_000 } as const
/** It is forked some milliseconds after the start. */
const lookAgainMs = 1

/**
 * Makes kill() of execa's subprocess (and with it its options timeout, cancelSignal and cleanup, which call it) reach the program instead
 * of nsenter, which ends as the program does: with its exit status or by its signal. `namespace` is the inode of the pid
 * namespace.
 */
export function signalChild(
  subprocess: ChildProcess,
  { killSignal = usual.signal, forceKillAfterDelay = true }: Options,
  namespace: number,
): void {
  subprocess.once('exit', (_code, signal) => {
    if (signal === 'SIGKILL') killOrphans(namespace)
  })
  const execaKill = subprocess.kill.bind(subprocess) as (signal?: unknown, error?: unknown) => boolean
  const usualSignal = numberOf(killSignal)
  const running = () => subprocess.exitCode === null && subprocess.signalCode === null
  const kill = (given?: unknown, error?: unknown): boolean => {
    const [signal = killSignal, cause] = given instanceof Error ? [undefined, given] : [given, error]
    const number = numberOf(signal)
    // Signal 0 only asks. So execa checks the arguments, and remembers the error.
    const alive =
      number === undefined ? execaKill(signal, cause) : cause === undefined ? execaKill(0) : execaKill(0, cause)
    if (number === undefined || number === 0 || !alive) return alive
    deliver(subprocess, number, running)
    if (number === usualSignal && forceKillAfterDelay !== false) {
      const delay = forceKillAfterDelay === true ? usual.forceKillAfterDelay : forceKillAfterDelay
      const timer = setTimeout(() => deliver(subprocess, signals.SIGKILL, running), delay).unref()
      subprocess.once('exit', () => clearTimeout(timer))
    }
    return true
  }
  // The types of Node's and of execa's kill() both fit.
  Object.assign(subprocess, { kill })
}

/** Undefined for what is no signal. */
function numberOf(signal: unknown): number | undefined {
  if (typeof signal === 'number') return signal
  return typeof signal === 'string' && Object.hasOwn(signals, signal) ? signals[signal as NodeJS.Signals] : undefined
}

function deliver(subprocess: ChildProcess, signal: number, running: () => boolean): void {
  const { pid } = subprocess
  if (pid === undefined || !running()) return
  // Its parent has not been waited for, so it is not another's.
  const child = childOf(pid)
  if (child === undefined) {
    setTimeout(() => deliver(subprocess, signal, running), lookAgainMs)
    return
  }
  send(child, signal)
  // nsenter stops with the program, and would not see it end.
  if (signal === signals.SIGCONT) send(pid, signal)
}

/**
 * Ends programs whose nsenter was killed before they could ask to be killed with it (setpriv --pdeathsig). Such a one is in the pid namespace,
 * and its parent neither in there nor a child of this process.
 */
function killOrphans(namespace: number): void {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || namespaceOf(entry) !== namespace) continue
    const parent = parentOf(entry)
    if (parent === undefined || namespaceOf(parent) === namespace || parentOf(parent) === String(process.pid)) continue
    send(Number(entry), signals.SIGKILL)
  }
}

function namespaceOf(pid: string): number | undefined {
  try {
    return statSync(`/proc/${pid}/ns/pid`).ino
  } catch {
    // It has ended, or may not be looked at: then it is not of the sandbox.
    return undefined
  }
}

function parentOf(pid: string): string | undefined {
  try {
    return /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

function send(pid: number, signal: number): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
