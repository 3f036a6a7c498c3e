/** What the examples print, and how they end: a step with its `ip` command, a proof that must hold, one exit status. */
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A step, with the command that would do the same. */
export function step(command: string): void {
  console.log(`  $ ${command}`)
}

export function heading(text: string): void {
  console.log(`\n${text}`)
}

/** Prints a fact; throws where it does not hold. */
export function prove(fact: string, holds: boolean): void {
  if (!holds) throw new Error(`this does not hold: ${fact}`)
  console.log(`    ✓ ${fact}`)
}

/** What something looks like, as text. */
export function show(what: object | string): void {
  console.log(
    String(what)
      .trimEnd()
      .replace(/^(?=.)/gm, '    '),
  )
}

/** Asks again until the answer is as wanted, for 5 seconds: the kernel tells carriers and port states behind the call. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, signal: AbortSignal): Promise<T> {
  for (const end = performance.now() + 5000; ; await delay(10, undefined, { signal })) {
    const answer = await ask()
    if (wanted(answer) || performance.now() > end) return answer
  }
}

export function installed(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Runs an example. It gets a signal that Ctrl-C, SIGTERM or SIGHUP abort, so that its `await using` undo what it did; what ends
 * by that counts as failed. Exit status: 0 it worked, 1 it did not, 128 + N ended by signal N.
 */
export async function example(main: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  let ended = false
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
  for (const [name, number] of Object.entries(numbers)) {
    process.on(name, () => {
      if (!stop.signal.aborted) console.error(`\n${name}: removing what was made`)
      process.exitCode = 128 + number
      // Everything is removed, or could not be: whatever still keeps the process is not waited for.
      if (ended) process.exit()
      stop.abort(new Error(`ended by ${name}`))
    })
  }
  try {
    await main(stop.signal)
    stop.signal.throwIfAborted()
    console.log('\nok')
  } catch (error) {
    console.error(`\nfailed: ${error instanceof Error ? error.message : String(error)}`)
    if (process.exitCode === undefined) process.exitCode = 1
  }
  ended = true
}

/** linux/capability.h: CAP_NET_ADMIN and CAP_SYS_ADMIN. */
const needed = (1n << 12n) | (1n << 21n)

/** The process may make network namespaces on the machine itself; who may not makes them in a Sandbox. */
export function mayMakeNamespaces(): boolean {
  const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return (BigInt(`0x${effective}`) & needed) === needed
}
