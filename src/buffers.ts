/** Receive buffers: shared, kept for the next one, and grown when a datagram did not fit. */
import { type Frame, frame } from './frame.ts'
import { Receiver } from './receiver.ts'

/**
 * The kernel fills at most 32 KiB a datagram in a dump (netlink_recvmsg() caps max_recvmsg_len at SKB_WITH_OVERHEAD(32768)),
 * but one message may be longer: a link with hundreds of virtual functions.
 */
const START = 64 << 10
const LIMIT = 64 << 20
const KEPT = 4
/** Datagrams that a job in the pool receives of a dump. */
const SLOTS = 8

let size = START
let kept: Receiver[] = []
let shared: Frame | undefined

/** Room for what a job in the pool receives. Give it back when no job and no consumer has it any more. */
export function takeReceiver(): Receiver {
  return kept.pop() ?? new Receiver(Math.max(Math.floor((SLOTS * START) / size), 1), size)
}

export function giveReceiver(receiver: Receiver): void {
  if (receiver.size === size && kept.length < KEPT) kept.push(receiver)
}

/** The one buffer for reads that are worked through before anything else runs. */
export function syncBuffer(): Frame {
  shared ??= frame(Buffer.allocUnsafeSlow(size))
  return shared
}

/** After a datagram filled a buffer of `length`: larger ones from now on. False where there is no larger one. */
export function growBuffers(length: number): boolean {
  if (length >= LIMIT) return false
  if (length < size) return true
  size = Math.min(length * 4, LIMIT)
  kept = []
  shared = undefined
  return true
}
