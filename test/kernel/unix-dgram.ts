/** unix-dgram takes a compiler, and npm leaves it out where there is none: what the tests of helpers then do without. */
import { createRequire } from 'node:module'

export const unixDgram = loads()

/** How a helper can be talked to here. */
export const transports: readonly ('unix-dgram' | 'ipc')[] = unixDgram ? ['unix-dgram', 'ipc'] : ['ipc']

/** What a bundled program finds beside it. */
export const packages: readonly string[] = unixDgram ? ['koffi', 'unix-dgram'] : ['koffi']

if (!unixDgram) console.log('unix-dgram is not built here (npm install unix-dgram): helpers are tried over IPC alone')

function loads(): boolean {
  try {
    createRequire(import.meta.url)('unix-dgram')
    return true
  } catch {
    return false
  }
}
