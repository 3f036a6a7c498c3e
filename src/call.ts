/** What the conversation is asked to do: complete message bytes, and what it must know beside them. */
import type { Descriptor } from './descriptor.ts'
import { errnoName, NetlinkError, type Outcome } from './error.ts'
import type { Extack, Message } from './frame.ts'

/** The kernel's refusal of one message. */
export interface Refusal {
  /** Positive. */
  errno: number
  extack: Extack | undefined
  /** Which message of a transaction; 0 otherwise. */
  index: number
}

/** What requests and dumps have in common. */
export interface CallOptions {
  /**
   * One netlink message (of a transaction: several), with length, type and flags in place. Sequence number and NLM_F_ACK are
   * the conversation's, which numbers the messages of a transaction in place. Must not be changed until the call has settled.
   */
  bytes: Uint8Array
  /** For errors: 'RTM_NEWLINK'. */
  operation: string
  /** For errors: what it is done to, 'veth0'. */
  subject?: string | undefined
  /** Descriptors whose numbers are inside of the message: they stay open until the kernel has read it. */
  keepAlive?: readonly Descriptor[] | undefined
  /** Rejects with 'ABORT_ERR': 'unsent' while it can be taken back, 'unknown' after. */
  signal?: AbortSignal | undefined
  /** Milliseconds until 'ETIMEDOUT'; the default is the conversation's. Of a dump: for each step, not for the whole. */
  deadline?: number | undefined
  /** Makes the error for what the kernel said: the typed layer resolves the offset to a property. */
  refused?: ((first: Refusal, all: readonly Refusal[]) => NetlinkError) | undefined
}

/** A request that is no dump; `R` is what its promise resolves with. */
export interface Call<R = Extack | undefined> extends CallOptions {
  /** Where in `bytes` the message is: many may share a buffer. The default is all of it. */
  start?: number | undefined
  end?: number | undefined
  /**
   * Called in place for each message of the answer beside the ACK; `index`: which message of a transaction it answers. May be called again when a
   * lost answer is asked for again.
   */
  reply?: ((message: Message, index: number) => void) | undefined
  /** 'reply': this request always has exactly one reply, which serves as its ACK (a GET). The default is 'ack'. */
  answer?: 'ack' | 'reply' | undefined
  /** Ask for an ACK of its own inside a batch too: warnings of the kernel travel in nothing else. */
  ack?: boolean | undefined
  /** How many bytes of replies to reserve in the receive buffer; 8 KiB where there is a `reply`, else none. */
  replyBytes?: number | undefined
  /** A GET: asked again (3 times at most) when its answer is lost. */
  idempotent?: boolean | undefined
  /** The kernel answers it at once, whatever others do: it may be sent on the calling thread. */
  unlocked?: boolean | undefined
  /** Whether look-ups by name must not overtake it: true but for what is `idempotent`. What cannot change a name (addresses, routes) says false. */
  names?: boolean | undefined
  /**
   * `bytes` are several messages which the kernel takes as one (nftables): sent alone, their NLM_F_ACK flags left as they are. Any error of any of them
   * is the error of the call.
   */
  transaction?: boolean | undefined
  /** Of a transaction: how many messages it has, by whoever has just written them. Without it they are looked through, and counted. */
  messages?: number | undefined
  /** What the promise resolves with, asked when the answer is there; without it the kernel's warning. */
  result?: (() => R) | undefined
}

type Named = Pick<CallOptions, 'operation' | 'subject'>

export function refusal(call: CallOptions, all: readonly Refusal[]): unknown {
  const first = all[0] ?? { errno: 0, extack: undefined, index: 0 }
  try {
    if (call.refused !== undefined) return call.refused(first, all)
  } catch (error) {
    return error
  }
  return failure(call, errnoName(first.errno), 'refused', undefined, first.extack?.text)
}

export function failure(
  { operation, subject }: Named,
  code: string,
  outcome: Outcome,
  reason?: string,
  kernelText?: string,
  cause?: unknown,
): NetlinkError {
  return new NetlinkError({ code, operation, subject, outcome, reason, kernelText, cause })
}

const outcomeOf = (sent: boolean): Outcome => (sent ? 'unknown' : 'unsent')

export function timedOut(call: Named, sent: boolean, milliseconds: number): NetlinkError {
  const deadline = Math.ceil(milliseconds)
  const reason = sent ? `no answer within ${deadline} ms` : `not sent within ${deadline} ms`
  return failure(call, 'ETIMEDOUT', outcomeOf(sent), reason)
}

export function aborted(call: Named, sent: boolean, cause: unknown): NetlinkError {
  return failure(call, 'ABORT_ERR', outcomeOf(sent), sent ? 'aborted after it was sent' : 'aborted', undefined, cause)
}

export function closed(call: Named, sent: boolean): NetlinkError {
  return failure(
    call,
    'ERR_CLOSED',
    outcomeOf(sent),
    sent ? 'closed before the answer was read' : 'the client is closed',
  )
}

/** `errno` is why: ENOBUFS (the receive buffer ran over), EMSGSIZE (cut), or 0: the kernel gave no answer where it always does. */
export function lost(call: Named, errno: number): NetlinkError {
  if (errno === 0) return failure(call, 'ERR_REPLY_LOST', 'unknown', 'the kernel sent no answer')
  return failure(call, errnoName(errno), 'unknown', 'the answer was lost')
}

/** write(2) failed: the kernel looked at nothing of it. `limit` is how long a datagram may be, where that is known. */
export function unsent(call: CallOptions, errno: number, limit = 0): NetlinkError {
  const code = errnoName(errno)
  const { length } = call.bytes
  const reason =
    code === 'EMSGSIZE' && limit > 0
      ? `${length} bytes are more than the ${limit} that the socket may send at once; more takes CAP_NET_ADMIN of the machine, or a larger net.core.wmem_max`
      : 'it could not be sent'
  return failure(call, code, 'unsent', reason)
}
