/** The private folder of a helper's sockets. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** sizeof sun_path, without the NUL. */
const longestPath = 107

/** Removed when this process ends, if not before; where it is killed the helper does that. */
const folders = new Set<string>()
const removeAll = (): void => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** mkdtemp(3) makes it with mode 0700. */
export function makeFolder(): string {
  const parent = tmpdir()
  const longest = join(parent, 'netlink-ts-helper-XXXXXX', 'parent')
  const folder = mkdtempSync(join(Buffer.byteLength(longest) > longestPath ? '/tmp' : parent, 'netlink-ts-helper-'))
  if (folders.size === 0) process.on('exit', removeAll)
  folders.add(folder)
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  folders.delete(folder)
  if (folders.size === 0) process.off('exit', removeAll)
}

/** The paths of the two sockets, seen from one end. */
export function socketsIn(folder: string, own: 'parent' | 'helper'): { own: string; peer: string } {
  return { own: join(folder, own), peer: join(folder, own === 'parent' ? 'helper' : 'parent') }
}
