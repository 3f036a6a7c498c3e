/** The private folder of a helper's sockets. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** sizeof sun_path, without the NUL. */
const longestPath = 107

/** Removed when this process ends, if not before; where it is killed the helper does that. */
const named = new Set<string>()
const removeAll = (): void => {
  for (const folder of named) rmSync(folder, { recursive: true, force: true })
}

/**
 * A name for a folder. The helper makes the folder, once it knows that it has to remove it when this process ends; and this process knows
 * the name before there is a helper, which may be killed.
 */
export function nameFolder(): string {
  const name = `netlink-ts-helper-${randomBytes(16).toString('hex')}`
  const folders = [tmpdir(), '/tmp'].map((parent) => join(parent, name))
  const folder = folders.find((each) => Buffer.byteLength(join(each, 'parent')) <= longestPath) ?? join('/tmp', name)
  if (named.size === 0) process.on('exit', removeAll)
  named.add(folder)
  return folder
}

/** In the helper. Throws where there is something of this name: somebody else's. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { mode: 0o700 })
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  named.delete(folder)
  if (named.size === 0) process.off('exit', removeAll)
}

/** The paths of the two sockets, seen from one end. */
export function socketsIn(folder: string, own: 'parent' | 'helper'): { own: string; peer: string } {
  return { own: join(folder, own), peer: join(folder, own === 'parent' ? 'helper' : 'parent') }
}
