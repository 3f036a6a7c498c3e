/** Signals for a program that is a child of nsenter: in a pid namespace, which only a child can be in. */
import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import type { Options } from 'execa'
import { childOf } from '../helper/launch.ts'

const { signals } = constants
/** execa's own defaults. */
const usual = { signal: 'SIGTERM', forceKillAfterDelay: 5_000 } as const
/** nsenter forks some milliseconds after its start. */
const lookAgainMs = 1

/**
 * Makes kill() of execa's subprocess (and with it its options timeout, cancelSignal and cleanup, which call it) reach the program instead
 * of nsenter. nsenter ends as the program does: with its exit status or by its signal.
 */
export function signalChild(
  subprocess: ChildProcess,
  { killSignal = usual.signal, forceKillAfterDelay = true }: Options,
): void {
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
  // nsenter has not been waited for, so its child is not another's.
  const child = childOf(pid)
  if (child === undefined) {
    setTimeout(() => deliver(subprocess, signal, running), lookAgainMs)
    return
  }
  send(child, signal)
  // nsenter stops with the program, and would not see it end.
  if (signal === signals.SIGCONT) send(pid, signal)
}

function send(pid: number, signal: number): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
