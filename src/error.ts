/** The one error type of the library: what failed, on what, why. */
import { constants } from 'node:os'

/** What is known about the effect of a call that failed. */
export type Outcome =
  /** The request never reached the kernel: nothing changed. */
  | 'unsent'
  /** The kernel refused the request: nothing changed. */
  | 'refused'
  /** The request was (or may have been) sent and no answer was seen: look before undoing. */
  | 'unknown'

export interface NetlinkErrorOptions {
  /** Symbolic errno ('EEXIST'), or a code of Node's ('ABORT_ERR', 'ERR_...'). */
  code: string
  /** What was asked for: a kernel operation ('RTM_NEWLINK'), a system call ('setns') or a method ('link.add'). */
  operation: string
  /** The object it was asked for ("veth0"), for the message. */
  subject?: string | undefined
  /** The property at fault, in the caller's words ('data.peer.mtu'). */
  path?: string | undefined
  /** The reason, when it comes from our own check. */
  reason?: string | undefined
  /** NLMSGERR_ATTR_MSG: the kernel's own words. */
  kernelText?: string | undefined
  outcome?: Outcome | undefined
  cause?: unknown
}

/**
 * Every failure of this library. `message` reads: operation, subject, property, reason.
 *
 * @example
 * try {
 *   await nl.link.add({ kind: 'veth', name: 'veth0', data: { peer: { name: 'ceth0', mtu: 1 } } })
 * } catch (error) {
 *   if (error instanceof NetlinkError && error.path === 'data.peer.mtu') ...
 * }
 */
export class NetlinkError extends Error {
  override readonly name: string = 'NetlinkError'
  /** 'EEXIST', 'EPERM', 'EINVAL' ... or 'ABORT_ERR'. */
  readonly code: string
  /** The positive errno of `code`; undefined where the code is not an errno. */
  readonly errno: number | undefined
  readonly operation: string
  /** The property of the caller's input at fault; undefined where neither the kernel nor we know it, never guessed. */
  readonly path: string | undefined
  /** Why, in our words. */
  readonly reason: string | undefined
  /** The kernel's own explanation (extended ACK), where it gave one. */
  readonly kernelText: string | undefined
  readonly outcome: Outcome

  constructor(options: NetlinkErrorOptions) {
    super(describe(options), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.errno = byName.get(options.code)
    this.operation = options.operation
    this.path = options.path
    this.reason = options.reason
    this.kernelText = options.kernelText
    this.outcome = options.outcome ?? 'refused'
  }
}

/** An error of our own check, thrown before anything is sent. */
export function invalid(operation: string, path: string, reason: string, cause?: unknown): NetlinkError {
  return new NetlinkError({ code: 'EINVAL', operation, path, reason, outcome: 'unsent', cause })
}

const byNumber = new Map<number, string>()
for (const [name, number] of Object.entries(constants.errno)) if (!byNumber.has(number)) byNumber.set(number, name)
/** ENOTSUPP: kernel-internal (include/linux/errno.h), yet it leaks to user space, in rtnetlink too. */
byNumber.set(524, 'ENOTSUPP')
/** The same: nfnetlink says it where the ruleset has another generation than a batch was made for. */
byNumber.set(85, 'ERESTART')
byNumber.set(constants.errno.EAGAIN, 'EAGAIN')
byNumber.set(constants.errno.EOPNOTSUPP, 'EOPNOTSUPP')

const byName = new Map(Array.from(byNumber, ([number, name]) => [name, number]))

/** 17 is 'EEXIST'. */
export function errnoName(errno: number): string {
  return byNumber.get(errno) ?? `errno ${errno}`
}

function describe({ code, operation, subject, path, reason, kernelText }: NetlinkErrorOptions): string {
  const what = subject === undefined ? operation : `${operation} ${subject}`
  const where = path === undefined ? '' : `: ${path}`
  const why = [reason, kernelText].filter((text) => text !== undefined).join('; ')
  return `${what}${where}: ${why === '' ? code : `${why} (${code})`}`
}
