/** How a helper is talked to. */
import { NetlinkError } from '../error.ts'
import { loadUnixDatagram, type UnixDatagram } from './datagram.ts'
import { type Entrance, operation } from './launch.ts'

export type Transport = 'unix-dgram' | 'ipc'

/** unix-dgram; undefined where Node's IPC is to be used. */
export function choose(entrance: Entrance, wanted: Transport | undefined): UnixDatagram | undefined {
  // A helper that is another user makes a folder into which this one may not look.
  const shared = entrance.kind === 'fresh' || entrance.keepIds
  if (wanted === 'ipc' || !shared) return undefined
  const library = loadUnixDatagram()
  if (!(library instanceof Error)) return library
  if (wanted === undefined) return undefined
  throw new NetlinkError({
    code: 'ERR_MODULE_NOT_FOUND',
    operation,
    path: 'transport',
    reason: 'unix-dgram is not built: npm install unix-dgram',
    outcome: 'unsent',
    cause: library,
  })
}
