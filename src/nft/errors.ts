/** A transaction that failed: which commands, and what in them. */
import { NetlinkError, type NetlinkErrorOptions } from '../error.ts'

/** One command that the kernel refused. */
export interface NftCommandError {
  /** Which command of the batch, from 0 on. */
  readonly index: number
  /** 'rule.add' */
  readonly operation: string
  /** What it is about: 'inet filter input'. */
  readonly subject: string | undefined
  /** 'ENOENT', 'EEXIST', 'EINVAL' ... */
  readonly code: string
  /** The property at fault, without the command's place: 'rule[2].counter'. */
  readonly path: string | undefined
  readonly reason: string | undefined
  /** The kernel's own words. */
  readonly kernelText: string | undefined
}

export interface NftErrorOptions extends NetlinkErrorOptions {
  commands?: readonly NftCommandError[] | undefined
  done?: number | undefined
}

/**
 * The error of a transaction: nothing of it was done. It says what is wrong with the first command that failed; `commands` has all of them.
 *
 * @example
 * catch (error) { if (error instanceof NftError) for (const { index, path, code } of error.commands) ... }
 */
export class NftError extends NetlinkError {
  override readonly name = 'NftError'
  /** All commands that failed, in their order. Empty where the kernel refused the transaction as a whole (EPERM, ERESTART). */
  readonly commands: readonly NftCommandError[]
  /** With `steps`: how many commands of earlier steps are in effect. */
  readonly done: number

  constructor(options: NftErrorOptions) {
    super(options)
    this.commands = options.commands ?? []
    this.done = options.done ?? 0
  }
}
