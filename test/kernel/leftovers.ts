/** What a sandbox could leave behind, found by a mark in the environment of every process of it. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'

/** Of this mount namespace, but for named namespaces: others make those meanwhile. */
const mounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => !line.includes('nsfs'))

/** Sandboxes that are started with `env` are watched; so is everything they run. */
export class Watch {
  readonly #mark = `SANDBOX_TEST=${randomBytes(8).toString('hex')}`
  /** Where the helper's sockets are. */
  readonly folder = mkdtempSync(join(tmpdir(), 'left-'))
  readonly #mounts = mounts()

  get env(): Record<string, string> {
    const [name = '', value = ''] = this.#mark.split('=')
    return { [name]: value, TMPDIR: this.folder }
  }

  /** The processes, with their commands. */
  processes(): string[] {
    return readdirSync('/proc').flatMap((pid) => {
      if (!/^\d+$/.test(pid)) return []
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(this.#mark)) return []
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`]
      } catch {
        return []
      }
    })
  }

  /** Waits until nothing is left. */
  async gone(): Promise<void> {
    await expect.poll(() => this.processes(), { timeout: 10_000 }).toEqual([])
    const folders = () => readdirSync(this.folder).filter((name) => name.startsWith('netlink-ts'))
    await expect.poll(folders, { timeout: 5_000 }).toEqual([])
    expect(mounts()).toEqual(this.#mounts)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
