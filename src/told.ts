/** A call that is made of others: what they throw, told as its own. */
import { NetlinkError } from './error.ts'

export interface Teller {
  /** The caller's: 'nat.forward'. */
  readonly operation: string
  readonly subject?: string | undefined
  /** The caller's name of the property that an error is about. Without this there is none: others' properties are not the caller's. */
  readonly path?: ((error: NetlinkError) => string | undefined) | undefined
  /** It only asks: whatever became of the question, nothing was changed. */
  readonly asks?: boolean | undefined
}

/** What `action` gives. Its errors become those of the operation, unless they are already; the originals are their causes. */
export async function toldAs<T>(teller: Teller, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw error instanceof NetlinkError && error.operation !== teller.operation ? retold(error, teller) : error
  }
}

function retold(error: NetlinkError, { operation, subject, path, asks }: Teller): NetlinkError {
  const { code, reason, kernelText, outcome } = error
  return new NetlinkError({
    code,
    operation,
    subject,
    path: path?.(error),
    reason: reason ?? (kernelText === undefined ? `${error.operation} failed` : undefined),
    kernelText,
    outcome: asks && outcome === 'unknown' ? 'unsent' : outcome,
    // Of an abort, the reason that its caller gave.
    cause: code === 'ABORT_ERR' ? error.cause : error,
  })
}
