/** The parent's side of the calls: numbered, at most 8 at a time, each promise settled. */
import { NetlinkError } from '../error.ts'
import {
  type Answer,
  type Ask,
  type CallName,
  calls,
  type Failure,
  type Hello,
  limits,
  readReply,
  write,
} from './protocol.ts'

/** setTimeout() takes 31 bits; what is more would be 1 ms. */
const longest = 0x7fff_ffff

interface Waiting {
  readonly name: CallName
  readonly message: string
  settle(answer: unknown, error: Failure | undefined): void
  fail(error: NetlinkError): void
}

export interface RpcOptions {
  readonly token: string
  readonly deadlineMs: number
  send(message: string): void
  /** Whether an answer is awaited: called with each change. */
  awaiting(yes: boolean): void
  hello(hello: Hello): void
  /** An answer nobody waits for any more: what it gave is to be given back. */
  unwanted<C extends CallName>(name: C, answer: Answer<C>): void
}

export class Rpc {
  readonly #options: RpcOptions
  readonly #inFlight = new Map<number, Waiting>()
  readonly #abandoned = new Map<number, CallName>()
  readonly #queue: [id: number, waiting: Waiting][] = []
  #lastId = 0
  #lost: ((sent: boolean) => NetlinkError) | undefined

  constructor(options: RpcOptions) {
    this.#options = options
  }

  /** Asks, and resolves with the checked answer. Rejects with the helper's NetlinkError, 'ETIMEDOUT', or what lose() was given. */
  call<C extends CallName>(name: C, ask: Ask<C>): Promise<Answer<C>> {
    return new Promise((resolve, reject) => {
      if (this.#lost) throw this.#lost(false)
      this.#lastId += 1
      const id = this.#lastId
      const message = written(this.#options.token, { id, call: name, ask })
      const timer = setTimeout(() => this.#expire(id), Math.min(this.#options.deadlineMs, longest))
      const waiting: Waiting = {
        name,
        message,
        settle: (answer, error) => {
          clearTimeout(timer)
          if (error) reject(rebuilt(error))
          else if (calls[name].answer(answer)) resolve(answer as Answer<C>)
          else reject(misunderstood(name))
        },
        fail: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
      if (this.#inFlight.size + this.#abandoned.size >= limits.inFlight) this.#queue.push([id, waiting])
      else this.#start(id, waiting)
    })
  }

  receive(message: string): void {
    const reply = readReply(this.#options.token, message)
    if (!reply || this.#lost) return
    if ('hello' in reply) {
      this.#options.hello(reply)
      return
    }
    const waiting = this.#inFlight.get(reply.id)
    const abandoned = this.#abandoned.get(reply.id)
    this.#inFlight.delete(reply.id)
    this.#abandoned.delete(reply.id)
    if (waiting)
      waiting.settle('answer' in reply ? reply.answer : undefined, 'error' in reply ? reply.error : undefined)
    else if (abandoned && 'answer' in reply && calls[abandoned].answer(reply.answer))
      this.#options.unwanted(abandoned, reply.answer as Answer<CallName>)
    this.#next()
  }

  /** The helper is gone: all calls fail, now and later, with what `error` makes. */
  lose(error: (sent: boolean) => NetlinkError): void {
    if (this.#lost) return
    this.#lost = error
    for (const { fail } of this.#inFlight.values()) fail(error(true))
    for (const [, { fail }] of this.#queue) fail(error(false))
    this.#inFlight.clear()
    this.#abandoned.clear()
    this.#queue.length = 0
    this.#options.awaiting(false)
  }

  #start(id: number, waiting: Waiting): void {
    if (this.#inFlight.size === 0) this.#options.awaiting(true)
    this.#inFlight.set(id, waiting)
    this.#options.send(waiting.message)
  }

  #next(): void {
    while (this.#inFlight.size + this.#abandoned.size < limits.inFlight) {
      const first = this.#queue.shift()
      if (!first) break
      this.#start(...first)
    }
    if (this.#inFlight.size === 0) this.#options.awaiting(false)
  }

  #expire(id: number): void {
    const sent = this.#inFlight.get(id)
    const queued = this.#queue.findIndex(([other]) => other === id)
    const waiting = sent ?? this.#queue[queued]?.[1]
    if (!waiting) return
    if (sent) this.#abandoned.set(id, sent.name)
    this.#inFlight.delete(id)
    if (queued >= 0) this.#queue.splice(queued, 1)
    waiting.fail(
      new NetlinkError({
        code: 'ETIMEDOUT',
        operation: `helper.${waiting.name}`,
        reason: `the helper has not answered for ${this.#options.deadlineMs} ms`,
        outcome: sent ? 'unknown' : 'unsent',
      }),
    )
    this.#next()
  }
}

function written(token: string, request: { id: number; call: CallName; ask: object }): string {
  try {
    return write(token, { ...request, ask: { ...request.ask } })
  } catch (cause) {
    throw new NetlinkError({
      code: 'EMSGSIZE',
      operation: `helper.${request.call}`,
      reason: `its arguments are longer than ${limits.message} bytes`,
      outcome: 'unsent',
      cause,
    })
  }
}

/** The helper's error as it was there: its message names operation, subject and reason already. */
function rebuilt({ message, ...options }: Failure): NetlinkError {
  const error = new NetlinkError(options)
  error.message = message
  return error
}

function misunderstood(name: CallName): NetlinkError {
  return new NetlinkError({
    code: 'EPROTO',
    operation: `helper.${name}`,
    reason: 'the answer is not one of this version: two versions of netlink-ts are mixed',
    outcome: 'unknown',
  })
}
