/** A /run/netns of the sandbox's own. Only for a mount namespace that belongs to the helper alone. */
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { mountFlag, O_PATH } from '../constants.ts'
import { mount } from '../libc.ts'
import { runDirectory } from '../namespace/mounts.ts'

const bind = mountFlag.MS_BIND | mountFlag.MS_REC

/**
 * Mounts an empty file system on /run/netns. Where that folder is missing only root could make it, so /run itself becomes an empty file
 * system into which everything that was in /run is mounted again: /etc/resolv.conf often leads there.
 */
export function privateRunDirectory(): void {
  if (mounted(runDirectory)) return
  const parent = '/run'
  const old = openSync(parent, O_PATH | constants.O_DIRECTORY)
  mount('tmpfs', parent, 'tmpfs', 0)
  const before = `/proc/self/fd/${old}`
  for (const entry of readdirSync(before, { withFileTypes: true })) {
    const [from, to] = [`${before}/${entry.name}`, `${parent}/${entry.name}`]
    try {
      if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to)
      else if (entry.isDirectory()) mkdirSync(to)
      else writeFileSync(to, '')
      if (!entry.isSymbolicLink()) mount(from, to, 'none', bind)
    } catch {
      // What the user may not read is empty in the sandbox.
    }
  }
  closeSync(old)
  mkdirSync(runDirectory, { mode: 0o755 })
}

function mounted(directory: string): boolean {
  try {
    mount('tmpfs', directory, 'tmpfs', 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
