/** `nl.batch()`: commands in the words of the services, sent together, each with a result of its own. */
import { setImmediate } from 'node:timers/promises'
import type { Operation } from '../protocol/netlink/operation.ts'
import { failure } from './call.ts'
import type { RequestOptions } from './client.ts'
import { invalid } from './error.ts'
import { checkBoolean, checkControl, checkFunction } from './input.ts'
import type { Netlink } from './netlink.ts'

const operation = 'batch'
const services = ['link', 'addr', 'route', 'conntrack'] as const satisfies readonly (keyof Netlink)[]
/**
 * So many are begun before the event loop has its turn. The kernel works on them in the pool while the next are encoded: measured on two
 * cores, 100,000 routes take 0.8 of the time that one Promise.all of them does. Larger ones overlap less, smaller ones cost writes.
 */
const SLICE = 512

/** A service whose methods take note instead of doing. */
export type Recorded<S> = {
  readonly [K in keyof S]: S[K] extends (...args: infer A) => PromiseLike<infer R> ? (...args: A) => Command<R> : never
}

/** What commands are given to: the services of Netlink, and request(). */
export type Batch = { readonly [K in (typeof services)[number]]: Recorded<Netlink[K]> } & {
  request<T, I>(operation: Operation<T, I>, message: I, options?: RequestOptions): Command<T[]>
}

export type CommandResult<T> =
  | { readonly status: 'fulfilled'; readonly value: T }
  | { readonly status: 'rejected'; readonly reason: unknown }

/** The results of commands, in their order. */
export type CommandResults<C extends readonly Command<unknown>[]> = {
  -readonly [K in keyof C]: C[K] extends Command<infer T> ? CommandResult<T> : never
}

export interface BatchOptions {
  /**
   * Commands behind the first that fails are not executed: they are rejected with code 'ECANCELED' and outcome 'unsent'. The kernel runs
   * all messages of a write whatever becomes of the first, so each command then is a write of its own, behind the answer to the one before:
   * about ten times the time.
   */
  stopOnError?: boolean | undefined
  /**
   * On abort no further command is begun: the rest is rejected with code 'ABORT_ERR' and outcome 'unsent'. To end those that have begun too, give
   * the same signal to the commands themselves.
   */
  signal?: AbortSignal | undefined
  /** Milliseconds, after which no further command is begun: the rest is rejected with code 'ETIMEDOUT'. Those begun have deadlines of their own. */
  deadline?: number | undefined
}

type Method = (...args: never[]) => PromiseLike<unknown>

// One of each, not one a command.
const fulfilled = <T>(value: T): CommandResult<T> => ({ status: 'fulfilled', value })
const rejected = (reason: unknown): CommandResult<never> => ({ status: 'rejected', reason })

/** Why a command is not begun. */
interface Cancellation {
  readonly code: 'ECANCELED' | 'ABORT_ERR' | 'ETIMEDOUT'
  readonly why: string
  readonly cause?: unknown
}

/** A command of a batch: a place among its results. */
export class Command<T> {
  readonly #target: object
  readonly #method: Method
  readonly #args: readonly unknown[]
  readonly operation: string

  /** @internal */
  constructor(operation: string, target: object, method: Method, args: readonly unknown[]) {
    this.operation = operation
    this.#target = target
    this.#method = method
    this.#args = args
  }

  /** @internal */
  run(): Promise<CommandResult<T>> {
    try {
      // What Recorded says that the method resolves with.
      const running = Reflect.apply(this.#method, this.#target, this.#args) as PromiseLike<T>
      return Promise.resolve(running).then(fulfilled<T>, rejected)
    } catch (reason) {
      return Promise.resolve(rejected(reason))
    }
  }

  /** @internal */
  cancelled({ code, why, cause }: Cancellation): CommandResult<T> {
    return { status: 'rejected', reason: failure(this, code, 'unsent', why, undefined, cause) }
  }
}

/** See Netlink.batch(). */
export async function runBatch(
  netlink: Netlink,
  build: (batch: Batch) => unknown,
  options: BatchOptions = {},
): Promise<CommandResult<unknown>[]> {
  checkFunction(operation, 'build', build)
  checkControl(operation, options)
  checkBoolean(operation, 'stopOnError', options.stopOnError)
  const ended = endOf(options)
  const commands: Command<unknown>[] = []
  let sent = false
  const record: Record = (name, target, method, args) => {
    if (sent) throw invalid(operation, name, 'was called after the batch had been sent')
    const command = new Command<never>(name, target, method, args)
    commands.push(command)
    return command
  }
  const given = build({
    ...recorders(netlink, record),
    request: (message, value, more) =>
      record(message?.name ?? 'request', netlink, netlink.request, [message, value, more]),
  })
  sent = true
  if (isThenable(given)) {
    given.then(undefined, () => undefined)
    throw invalid(operation, 'build', 'must not be asynchronous: nothing is sent before it returns')
  }
  const results = await (options.stopOnError === true ? inTurn : together)(commands, ended)
  if (!Array.isArray(given)) return results
  // In the order in which the caller names them, which need not be that in which they were given.
  const places = new Map(commands.map((command, i) => [command, i]))
  return given.map((command: Command<unknown>) => {
    const result = results[places.get(command) ?? -1]
    if (result === undefined) throw invalid(operation, 'build', 'must return commands of this batch only')
    return result
  })
}

type Record = (name: string, target: object, method: Method, args: readonly unknown[]) => Command<never>

function recorders(netlink: Netlink, record: Record): Pick<Batch, (typeof services)[number]> {
  const recorded = services.map((name) => {
    const service: object = netlink[name]
    const methods = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(service)))
    const recorders = methods.flatMap(([key, { value: method }]): [string, unknown][] => {
      if (typeof method !== 'function' || key === 'constructor') return []
      const operation = `${name}.${key}`
      // Recorded has only those methods that return promises.
      return [[key, (...args: unknown[]) => record(operation, service, method as Method, args)]]
    })
    return [name, Object.fromEntries(recorders)]
  })
  // Each service with each of its methods recorded: what the mapped type says.
  return Object.fromEntries(recorded) as Pick<Batch, (typeof services)[number]>
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Whether no further command is to be begun, and why. */
type Ended = () => Cancellation | undefined

function endOf({ signal, deadline = Number.POSITIVE_INFINITY }: BatchOptions): Ended {
  const end = performance.now() + deadline
  return () => {
    if (signal?.aborted === true) return { code: 'ABORT_ERR', why: 'aborted', cause: signal.reason }
    if (end === Number.POSITIVE_INFINITY || performance.now() < end) return undefined
    return { code: 'ETIMEDOUT', why: `not begun within ${deadline} ms` }
  }
}

function begin<T>(command: Command<T>, ended: Ended): CommandResult<T> | Promise<CommandResult<T>> {
  const end = ended()
  return end === undefined ? command.run() : command.cancelled(end)
}

async function together(commands: readonly Command<unknown>[], ended: Ended): Promise<CommandResult<unknown>[]> {
  const results: CommandResult<unknown>[] = []
  const finish = async (running: Promise<CommandResult<unknown>[]>) => {
    for (const result of await running) results.push(result)
  }
  let before: Promise<CommandResult<unknown>[]> = Promise.resolve([])
  for (let at = 0; at < commands.length; at += SLICE) {
    const slice = commands.slice(at, at + SLICE)
    const running = Promise.all(slice.map((command) => begin(command, ended)))
    // One slice in the kernel, one being made: what waits is bounded however long the batch is.
    await finish(before)
    before = running
    await setImmediate()
  }
  await finish(before)
  return results
}

async function inTurn(commands: readonly Command<unknown>[], ended: Ended): Promise<CommandResult<unknown>[]> {
  const results: CommandResult<unknown>[] = []
  let failed: Cancellation | undefined
  for (const command of commands) {
    const result = failed === undefined ? await begin(command, ended) : command.cancelled(failed)
    results.push(result)
    if (failed === undefined && result.status === 'rejected' && ended() === undefined) {
      const why = `not executed: ${command.operation}, before it in the batch, failed`
      failed = { code: 'ECANCELED', why, cause: result.reason }
    }
  }
  return results
}
