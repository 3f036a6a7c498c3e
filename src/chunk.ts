/** One datagram of a dump. */
import { NLM_F_DUMP_INTR, NLMSG } from '../protocol/netlink/constants.ts'
import type { Refusal } from './call.ts'
import { eachMessage, errnoOf, extackOf, type Frame, type Message } from './frame.ts'
import { errno } from './pending.ts'

/** The messages of one datagram, valid until the next call of next() or return(). */
export class Chunk {
  readonly #frame: Frame
  readonly #start: number
  readonly #stop: number
  readonly #sequence: number

  constructor(frame: Frame, start: number, stop: number, sequence: number) {
    this.#frame = frame
    this.#start = start
    this.#stop = stop
    this.#sequence = sequence
  }

  /** Calls `each` for every message of the dump, in place. */
  forEach(each: (message: Message) => void): void {
    const sequence = this.#sequence
    eachMessage(
      this.#frame,
      this.#stop,
      (message) => {
        if (message.seq === sequence && message.type > NLMSG.NLMSG_OVERRUN) each(message)
      },
      this.#start,
    )
  }
}

/** What the headers of a datagram say. */
interface Scanned {
  /** How many objects are in it. */
  count: number
  /** The dump ends here. */
  end: boolean
  refused: Refusal | undefined
  interrupted: boolean
}

/** Looks at the headers only. */
export function scan(frame: Frame, start: number, stop: number, sequence: number): Scanned {
  const seen: Scanned = { count: 0, end: false, refused: undefined, interrupted: false }
  const each = (message: Message): void => {
    if (message.seq !== sequence) return
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) seen.interrupted = true
    if (message.type === NLMSG.NLMSG_DONE || message.type === NLMSG.NLMSG_ERROR) {
      seen.end = true
      const failed = errnoOf(message)
      if (failed !== 0) seen.refused = { errno: failed, extack: extackOf(message), index: 0 }
    } else if (message.type > NLMSG.NLMSG_OVERRUN) seen.count += 1
  }
  // Not a datagram of the kernel's.
  if (eachMessage(frame, stop, each, start) !== stop)
    seen.refused ??= { errno: errno.EBADMSG, extack: undefined, index: 0 }
  return seen
}
