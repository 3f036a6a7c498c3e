/** Where namespaces can be made: what the tests of namespaces run over. Without root only sandboxes are left. */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { type HostOptions, Sandbox } from '../../src/index.ts'
import { transports } from './unix-dgram.ts'

const execute = promisify(execFile)

/** Root of the machine, and not of a user namespace: may become any user, write to /etc, mount over /proc. */
export const root =
  process.geteuid?.() === 0 && /^\s*0\s+0\s+4294967295$/m.test(readFileSync('/proc/self/uid_map', 'utf8'))

export interface Place extends AsyncDisposable {
  /** For Namespace.create() and its siblings. */
  readonly where: HostOptions
  /** Runs a program where `ip netns` sees these namespaces, and gives what it prints. */
  run(file: string, ...args: string[]): Promise<string>
}

async function inProcess(): Promise<Place> {
  const run = async (file: string, ...args: string[]) => (await execute(file, args, { timeout: 20_000 })).stdout.trim()
  return { where: {}, run, [Symbol.asyncDispose]: async () => undefined }
}

const sandbox = (transport: Sandbox['transport']) => async (): Promise<Place> => {
  const made = await Sandbox.create({ transport })
  const run = async (file: string, ...args: string[]) =>
    (await made.exec(file, args, { sysfs: false, timeout: 20_000 })).stdout
  return { where: made, run, [Symbol.asyncDispose]: () => made.close() }
}

export const hosts: readonly [title: string, start: () => Promise<Place>][] = [
  ...(process.geteuid?.() === 0 ? [['in this process', inProcess] as [string, () => Promise<Place>]] : []),
  ...transports.map((transport): [string, () => Promise<Place>] => [
    `in a sandbox over ${transport}`,
    sandbox(transport),
  ]),
]

/** The open descriptors of this process. A helper's channel closes its own when it has been idle for 50 ms. */
export async function descriptors(): Promise<number> {
  await delay(120)
  return readdirSync('/proc/self/fd').length
}

/** Waits until no more are open than before; fewer are when the thread that creates namespaces has ended, being idle. */
export async function settled(before: number): Promise<void> {
  await expect.poll(descriptors, { timeout: 5_000 }).toBeLessThanOrEqual(before)
}
