/** What a program has to enter, besides a network namespace, to be where a helper is. */
import type { Descriptor } from '../descriptor.ts'
import type { Surroundings } from '../namespace/host.ts'
import type { Entrance } from './launch.ts'

/** `folder` is the helper's /proc/PID/ns. */
export function surroundings(folder: Descriptor, entrance: Entrance): Surroundings {
  if (entrance.kind === 'fresh') {
    const options = (path: string) => ['--preserve-credentials', ...['user', 'mount', 'pid'].map(option(path))]
    return { folder, options, mounts: true, forks: true }
  }
  const keep = entrance.keepIds ? ['--preserve-credentials'] : []
  return { folder, options: (path) => [...keep, option(path)('user')], mounts: false, forks: false }
}

const option = (path: string) => (kind: string) => `--${kind}=${path}/${kind === 'mount' ? 'mnt' : kind}`
