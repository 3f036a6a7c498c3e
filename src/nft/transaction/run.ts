/** From commands to a transaction that is done: written, sent, its errors told in the caller's words. */
import { setImmediate } from 'node:timers/promises'
import { netfilter } from '../../../protocol/netfilter/operations.ts'
import { source } from '../../../protocol/wire/bytes.ts'
import { EncodeError, isFields, joinPath } from '../../../protocol/wire/codec.ts'
import { read } from '../../../protocol/wire/compile.ts'
import type { Call, Refusal } from '../../call.ts'
import { type CallControl, reasonOf } from '../../client.ts'
import type { Conversation } from '../../conversation.ts'
import { errnoName, invalid, NetlinkError, type Outcome } from '../../error.ts'
import type { Message } from '../../frame.ts'
import type { Lane } from '../../pending.ts'
import type { NftFamily } from '../ast.ts'
import type { Names } from '../datatype.ts'
import { type NftCommandError, NftError } from '../errors.ts'
import { localNames } from '../local-names.ts'
import type { SetDefinition } from '../objects/set-definition.ts'
import { type KnownChain, type NftCommand, NotThere, type Writer } from './command.ts'
import { commandError } from './command-error.ts'
import { askChain, askSet, unanswered } from './look-up.ts'
import { Moulds } from './moulds.ts'
import { type Mark, Transaction } from './transaction.ts'

export interface NftBatchOptions extends CallControl {
  /**
   * The generation that the commands were made for, `ruleset.generation`: where any program has changed any ruleset of the namespace since, nothing is
   * done, and the error is 'ERESTART'. NFNL_BATCH_GENID
   */
  generation?: number | undefined
  /**
   * Whether the kernel is to tell the handles of what was added (`command.handle`). The default is yes for up to 256 commands: more of them cost time,
   * and answers that the receive buffer may not hold ('EINVAL' before anything is sent). NLM_F_ECHO
   */
  echo?: boolean | undefined
  /**
   * Where it does not fit one datagram (without CAP_NET_ADMIN of the machine, net.core.wmem_max limits these to some 400 KB: 2,000
   * rules, 26,000 elements): in as many transactions as it takes. Each is done whole or not at all, but no longer all of them; the error's `done` says
   * how many commands were before the one that failed. The default is that it fails with 'EMSGSIZE', and nothing is done.
   */
  steps?: boolean | undefined
}

/** The index of a device by its name. */
export type AskDevice = (name: string) => Promise<number | undefined>
const nobody: AskDevice = async () => undefined

/** How an error names the place: a batch has many commands, a single call only itself. */
export interface Naming {
  readonly operation: string
  readonly subject?: string | undefined
  readonly single: boolean
}

/** So many commands are asked for their handles unasked. */
const ECHOED = 256
/** Milliseconds of writing commands before the event loop has its turn. */
const SLICE = 10
/** What a byte that is told again takes of the receive buffer, at most. */
const ANSWER = 3
/** END, and padding. */
const TAIL = 64

/** Does all commands as one transaction, in the order of calls. */
export function run(
  conversation: Conversation,
  commands: readonly NftCommand[],
  options: NftBatchOptions,
  naming: Naming,
  device: AskDevice = nobody,
): Promise<void> {
  if (commands.length === 0) return Promise.resolve()
  const { operation, subject } = naming
  const { signal, deadline } = options
  return conversation.ordered({ operation, subject, signal, deadline }, async (lane) =>
    new Run(conversation, lane, commands, options, naming, device).all(),
  )
}

class Run implements Writer {
  readonly #conversation: Conversation
  readonly #lane: Lane
  readonly #commands: readonly NftCommand[]
  readonly #naming: Naming
  /** What was made in this batch, and what the kernel said of what was not: undefined where it is not there. */
  readonly #sets = new Map<string, SetDefinition | undefined>()
  readonly #chains = new Map<string, KnownChain | undefined>()
  readonly names: Names
  readonly #devices = new Map<string, number | undefined>()
  /** Questions that the command being written has raised. */
  #missing: (() => Promise<void>)[] = []
  readonly transaction: Transaction
  readonly moulds: Moulds | undefined
  /** With `steps`: how long a transaction may be, where it was last that it could end, and those that have. */
  #limit = Number.POSITIVE_INFINITY
  #end: Mark | undefined
  #steps: Transaction[] = []
  #done = 0

  constructor(
    conversation: Conversation,
    lane: Lane,
    commands: readonly NftCommand[],
    options: NftBatchOptions,
    naming: Naming,
    device: AskDevice,
  ) {
    this.#conversation = conversation
    this.#lane = lane
    this.#commands = commands
    this.#naming = naming
    this.names = localNames((name) => this.#index(name, device))
    const { generation, echo = commands.length <= ECHOED } = options
    this.moulds = echo ? undefined : new Moulds()
    const expected = commands.reduce((sum, command) => sum + command.expected, 256)
    this.transaction = new Transaction(generation, echo, expected)
    if (options.steps === true) this.#limit = conversation.room(0)
  }

  get missing(): number {
    return this.#missing.length
  }

  async all(): Promise<void> {
    let since = performance.now()
    for (let i = 0; i < this.#commands.length; ) {
      // Below the length: it is there.
      const command = this.#commands[i] as NftCommand
      this.transaction.command = i
      const mark = this.transaction.mark()
      this.#write(command, i)
      if (this.#missing.length > 0) {
        this.transaction.rewind(mark)
        for (const ask of this.#missing.splice(0)) await ask().catch((error) => this.#unanswered(error, command, i))
        continue
      }
      this.step()
      i += 1
      if (this.#steps.length > 0) for (const step of this.#steps.splice(0)) await this.#send(step, false)
      if ((i & 63) === 0 && performance.now() - since > SLICE) {
        await setImmediate()
        since = performance.now()
      }
    }
    if (this.transaction.messages > 0) await this.#send(this.transaction, true)
  }

  #unanswered(error: unknown, command: NftCommand, index: number): never {
    if (!(error instanceof NetlinkError)) throw error
    throw this.#error([unanswered(error, command, index)], error.outcome === 'refused' ? 'refused' : 'unsent', error)
  }

  set(family: NftFamily, table: string, name: string): SetDefinition | undefined {
    const key = `${family} ${table} ${name}`
    if (!this.#sets.has(key))
      this.#missing.push(async () => {
        this.#sets.set(key, await askSet(this.#lane, family, table, name))
      })
    return this.#sets.get(key)
  }

  define(family: NftFamily, table: string, definition: SetDefinition): void {
    this.#sets.set(`${family} ${table} ${definition.name}`, definition)
    this.moulds?.clear()
  }

  defineChain(family: NftFamily, table: string, name: string, chain: KnownChain): void {
    this.#chains.set(`${family} ${table} ${name}`, chain)
    this.moulds?.clear()
  }

  chain(family: NftFamily, table: string, name: string): KnownChain | undefined {
    const key = `${family} ${table} ${name}`
    if (!this.#chains.has(key))
      this.#missing.push(async () => {
        this.#chains.set(key, await askChain(this.#lane, family, table, name))
      })
    return this.#chains.get(key)
  }

  #index(name: string, ask: AskDevice): number | undefined {
    if (this.#devices.has(name)) return this.#devices.get(name)
    this.#missing.push(async () => {
      this.#devices.set(name, await ask(name))
    })
    // What is made with it is thrown away.
    return 1
  }

  step(): void {
    if (this.#limit === Number.POSITIVE_INFINITY) return
    const { length } = this.transaction
    if (length + TAIL > this.#limit) this.#limit = this.#conversation.room(2 * length)
    if (length + TAIL > this.#limit && this.#end !== undefined) {
      this.#steps.push(this.transaction.split(this.#end))
    }
    this.#end = this.transaction.mark()
  }

  #write(command: NftCommand, index: number): void {
    try {
      command.write(this)
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error
      const { path: at, reason } = error
      const path = at === '' ? undefined : at
      const { operation, subject } = command
      const code = error instanceof NotThere ? 'ENOENT' : 'EINVAL'
      const failed = { index, operation, subject, code, path, reason, kernelText: undefined }
      throw this.#error([failed], 'unsent', error)
    }
  }

  async #send(transaction: Transaction, last: boolean): Promise<void> {
    const bytes = transaction.finish()
    const { operation, subject } = this.#naming
    if (ANSWER * transaction.echoed > this.#conversation.receiveBuffer)
      throw invalid(operation, 'echo', `the answers to ${transaction.echoed} bytes do not fit the receive buffer`)
    const call: Call = {
      bytes,
      operation,
      subject,
      transaction: true,
      // END is among them by now, BEGIN is not.
      messages: transaction.messages + 1,
      refused: (_, all) => this.#refused(transaction, all),
      ...(transaction.echo !== 0 && { reply: (message, index) => this.#echoed(transaction, message, index) }),
    }
    await (last ? this.#lane.send(call) : this.#lane.ask(call))
    // What was done in steps is done.
    this.#done = transaction.command
  }

  /** The kernel tells what it added: its handle is what callers want. */
  #echoed(transaction: Transaction, message: Message, index: number): void {
    const origin = transaction.origin(index)
    const body = netfilter.operations.get(message.type)?.body
    // A rule that is replaced is deleted as well.
    if (origin === undefined || body === undefined || transaction.part(origin).type !== message.type) return
    const command = this.#commands[origin.command]
    const value = read(body, source(message.bytes), message.offset, message.end)
    if (command !== undefined && isFields(value) && typeof value.handle === 'bigint')
      command.handle = Number(value.handle)
  }

  #refused(transaction: Transaction, all: readonly Refusal[]): NetlinkError {
    const failed = all.flatMap((refusal) => commandError(refusal, transaction, this.#commands, this) ?? [])
    if (failed.length > 0) return this.#error(failed, 'refused')
    const { operation, subject } = this.#naming
    const { errno, extack } = all[0] ?? { errno: 0, extack: undefined }
    const code = errnoName(errno)
    const reason = code === 'ERESTART' ? 'another program has changed the ruleset since' : reasonOf(errno)
    return new NftError({ code, operation, subject, reason, kernelText: extack?.text, done: this.#done })
  }

  #error(failed: readonly NftCommandError[], outcome: Outcome, cause?: unknown): NftError {
    const [first] = failed
    const { single, operation } = this.#naming
    if (first === undefined) throw new TypeError('an error without a command')
    const place = single ? first.path : joinPath(`commands[${first.index}]`, first.path ?? '')
    return new NftError({
      code: first.code,
      operation: single ? operation : `${operation}: ${first.operation}`,
      subject: first.subject,
      path: place,
      reason: first.reason,
      kernelText: first.kernelText,
      outcome,
      commands: failed,
      done: this.#done,
      cause,
    })
  }
}
