/** The names below /run/netns: files on which namespaces are mounted. */
import { statfsSync } from 'node:fs'
import { readdir, stat, unlink } from 'node:fs/promises'
import { mountFlag } from '../constants.ts'
import { NetlinkError } from '../error.ts'
import { umount2Async } from '../libc.ts'

/** Where iproute2 keeps them (NETNS_RUN_DIR; /var/run is a link to /run). */
export const runDirectory = '/run/netns'

/** NSFS_MAGIC of linux/magic.h: what statfs(2) says of a file on which a namespace is mounted. */
const nsfsMagic = 0x6e736673

/** A namespace is mounted on the file. */
export function isNamespace(path: string): boolean {
  try {
    return statfsSync(path).type === nsfsMagic
  } catch {
    return false
  }
}

/** The names of mounted namespaces, sorted. Files on which none is mounted are left out: they cannot be opened. */
export async function listNames(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new NetlinkError({ code: error.code ?? 'EIO', operation: 'namespace.list', subject: directory, cause: error })
  })
  return names.filter((name) => isNamespace(`${directory}/${name}`)).sort()
}

/** How many mounts may be stacked on one name. */
const stackLimit = 64

/** Unmounts and unlinks, as `ip netns del`; a name without a mount (a crashed creation) goes too. */
export async function removeName(directory: string, name: string, inode?: number): Promise<void> {
  const path = `${directory}/${name}`
  const failed = (error: NodeJS.ErrnoException, what: string) => {
    const code = error.code ?? 'EIO'
    const reason = code === 'ENOENT' ? 'there is no namespace of this name' : what
    return new NetlinkError({
      code,
      operation: 'namespace.delete',
      subject: name,
      path: code === 'ENOENT' ? 'name' : undefined,
      reason,
      cause: error,
    })
  }
  if (inode !== undefined) {
    const its = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw failed(error, 'stat')
    })
    if (its.ino !== inode)
      throw failed(Object.assign(new Error(`${path} is another namespace by now`), { code: 'ENOENT' }), '')
  }
  for (let depth = 0; depth < stackLimit; depth++) {
    try {
      // NOFOLLOW: other tools put symbolic links here, and what these point to is not ours to unmount.
      await umount2Async(path, mountFlag.MNT_DETACH | mountFlag.UMOUNT_NOFOLLOW)
      if (!isNamespace(path)) break
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error
      // Nothing (more) is mounted there.
      if (error.code === 'EINVAL') break
      throw failed(error, 'umount')
    }
  }
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    throw failed(error, 'unlink')
  })
}
