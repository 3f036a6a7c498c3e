/** Typed messages over conversations: values in, values out, errors in the caller's words. */
import { getSystemErrorMap } from 'node:util'
import { NLM_F_REQUEST, NLMSG_HDRLEN } from '../protocol/netlink/constants.ts'
import { messageFlags, type Operation, sibling } from '../protocol/netlink/operation.ts'
import { type AnyAttributes, isAttributes } from '../protocol/wire/attributes.ts'
import { Sink, type Source, source as sourceOf } from '../protocol/wire/bytes.ts'
import { type AnyCodec, EncodeError, joinPath, within } from '../protocol/wire/codec.ts'
import { readOften, writeOften } from '../protocol/wire/compile.ts'
import { partAt } from '../protocol/wire/walk.ts'
import type { Call, CallOptions, Refusal } from './call.ts'
import type { Conversation } from './conversation.ts'
import type { Descriptor } from './descriptor.ts'
import { errnoName, invalid, NetlinkError } from './error.ts'
import type { Extack, Frame, Message } from './frame.ts'
import type { Lane, TaskOptions } from './pending.ts'

/** How a call may be ended before it is done. */
export interface CallControl {
  /** Rejects with code 'ABORT_ERR'; `outcome` says whether the kernel may have seen the request. */
  signal?: AbortSignal | undefined
  /** Milliseconds until code 'ETIMEDOUT'; the client's default is 30,000. */
  deadline?: number | undefined
}

export interface RequestOptions extends CallControl {
  /** Flags beside 'request' and 'ack': 'create', 'excl', 'replace', 'append', 'echo' ... */
  flags?: readonly (string | number)[] | undefined
  /** What it is done to, for errors: 'veth0'. */
  subject?: string | undefined
  /** Descriptors whose numbers are in the message; they stay open until the kernel has read it. */
  keepAlive?: readonly Descriptor[] | undefined
  /** The caller's name of a property of the message: 'ifname' is 'name' to who calls link.add(). */
  rename?: ((path: string) => string | undefined) | undefined
}

/** A place in the order of calls: look-ups with `ask`, then the request itself with `send`. */
export interface Turn {
  ask<T, I>(operation: Operation<T, I>, message: I, options?: SendOptions): Promise<T[]>
  send<T, I>(operation: Operation<T, I>, message: I, options?: RequestOptions): Promise<T[]>
  /** Like `ask`, but aborting the call does not reach it: for what must be known in order to be taken back, and for taking it back. */
  regardless<T, I>(operation: Operation<T, I>, message: I, options?: RequestOptions): Promise<T[]>
  /** Like `send`, and as regardless: more than one, which follow each other. */
  place<T, I>(operation: Operation<T, I>, message: I, options?: RequestOptions): Promise<T[]>
}

/** Internal: what services say beside what callers may. */
export interface SendOptions extends RequestOptions {
  /** Of a look-up: what it asks. Where the same waits to be sent, one answer is for all. */
  shared?: string | undefined
  /** As in Call: false where the request cannot change a name. */
  names?: boolean | undefined
}

const none: SendOptions = {}

/**
 * One typed request. A class with getters rather than an object of closures: 100,000 requests of one Promise.all are all in memory
 * at once, and then what each holds is what it costs (with closures, copies of options and a 512-byte buffer each, half of
 * the time went to the garbage collector).
 */
export class Exchange<T, R> implements Call<R> {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly subject: string | undefined
  readonly reply: ((message: Message) => void) | undefined
  readonly #operation: Operation<T, never>
  readonly #options: SendOptions
  readonly #result: R

  /** `sink`: its message has just been written there, from `start` on. */
  private constructor(
    operation: Operation<T, never>,
    { bytes, position }: Sink,
    start: number,
    options: SendOptions,
    subject: string | undefined,
    reply: ((message: Message) => void) | undefined,
    result: R,
  ) {
    this.bytes = bytes
    this.start = start
    this.end = position
    this.subject = subject
    this.reply = reply
    this.#operation = operation
    this.#options = options
    this.#result = result
  }

  /** Its result is what the kernel answers beside the acknowledgement. */
  static request<T, I>(operation: Operation<T, I>, message: I, options: SendOptions = none): Exchange<T, T[]> {
    const start = encodeRequest(operation, message, options)
    const replies: T[] = []
    const answered = operation.kind === 'get' || options.flags?.includes('echo') === true
    const reply = answered ? (each: Message) => replies.push(readReply(operation, each)) : undefined
    return new Exchange(operation, sink, start, options, options.subject, reply, replies)
  }

  /** Its result is that it was done. */
  static command<T, I>(
    operation: Operation<T, I>,
    message: I,
    options: SendOptions,
    subject: string | undefined,
  ): Exchange<T, undefined> {
    const start = encodeRequest(operation, message, options)
    return new Exchange(operation, sink, start, options, subject, undefined, undefined)
  }

  get operation(): string {
    return this.#operation.name
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal
  }

  get deadline(): number | undefined {
    return this.#options.deadline
  }

  get keepAlive(): readonly Descriptor[] | undefined {
    return this.#options.keepAlive
  }

  get answer(): 'ack' | 'reply' {
    return this.#operation.kind === 'get' ? 'reply' : 'ack'
  }

  get idempotent(): boolean {
    return this.#operation.kind === 'get'
  }

  get unlocked(): boolean {
    const { unlocked } = this.#operation
    // With flags it may be a dump, which is another function of the kernel's.
    if (unlocked === undefined || this.#options.flags !== undefined) return false
    return unlocked.includes(this.bytes[this.start + NLMSG_HDRLEN] ?? -1)
  }

  get names(): boolean {
    return this.#options.names ?? this.#operation.kind !== 'get'
  }

  refused(first: Refusal): NetlinkError {
    const { rename } = this.#options
    const bytes = this.bytes.subarray(this.start, this.end)
    return refusedError(this.#operation, bytes, { subject: this.subject, rename }, first)
  }

  result(): R {
    return this.#result
  }
}

/** Message bytes of a dump, and how an error about them is told. */
export function prepare<T, I>(operation: Operation<T, I>, message: I, options: RequestOptions): CallOptions {
  const { subject, signal, deadline, keepAlive } = options
  const start = encodeRequest(operation, message, options)
  const bytes = sink.bytes.slice(start, sink.position)
  const refused = (first: Refusal): NetlinkError => refusedError(operation, bytes, options, first)
  return { bytes, operation: operation.name, subject, signal, deadline, keepAlive, refused }
}

/**
 * Where requests are encoded, one behind another: a buffer of its own for each costs 260 bytes and 100 ns. What has been written stays as it
 * is; a full buffer is left to those who are in it.
 */
let sink = new Sink(undefined, 0)
const SHARED = 16 << 10
const ROOM = 1 << 10
let encoding = false

/** Writes the message to `sink`; returns where it starts. */
function encodeRequest<T, I>(operation: Operation<T, I>, message: I, { flags, rename }: RequestOptions): number {
  // A getter in the message before may be who sends this one.
  if (encoding || sink.bytes.length - sink.position < ROOM) sink = new Sink(undefined, SHARED)
  const own = sink
  own.align(0)
  const start = own.position
  encoding = true
  try {
    own.reserve(NLMSG_HDRLEN)
    writeOften(operation.body, message, own)
    const { view, position, littleEndian } = own
    view.setUint32(start, position - start, littleEndian)
    view.setUint16(start + 4, operation.type, littleEndian)
    const bits = flags === undefined ? 0 : flagBits(operation, flags)
    view.setUint16(start + 6, bits | NLM_F_REQUEST, littleEndian)
    return start
  } catch (error) {
    own.rewind(start)
    own.depth = 0
    if (!(error instanceof EncodeError)) throw error
    const path = renamed(error.path, rename) ?? error.path
    // Of the message itself.
    throw invalid(operation.name, path === '' ? 'message' : path, error.reason, error)
  } finally {
    sink = own
    encoding = false
  }
}

function flagBits({ kind }: Operation<unknown, never>, flags: readonly (string | number)[]): number {
  return within('flags', () => Number(messageFlags[kind].number(flags)))
}

/** What a datagram's messages are read from; one per receive buffer. */
const sources = new WeakMap<Uint8Array, Source>()

// A dump fills two buffers in turn: those last used, by identity, since a look-up costs 25 of a route's 300 ns.
let lastBytes: Uint8Array | undefined
let lastSource: Source | undefined
let otherBytes: Uint8Array | undefined
let otherSource: Source | undefined

function sourceFor({ bytes }: Frame): Source {
  if (bytes === lastBytes && lastSource !== undefined) return lastSource
  const found =
    bytes === otherBytes && otherSource !== undefined ? otherSource : (sources.get(bytes) ?? sourceOf(bytes))
  sources.set(bytes, found)
  otherBytes = lastBytes
  otherSource = lastSource
  lastBytes = bytes
  lastSource = found
  return found
}

/** The value of a reply: by its own type, which for a GET is another than the request's. */
export function readReply<T>(operation: Operation<T, never>, message: Message): T {
  if (operation !== lastOperation || message.type !== lastType) {
    lastBody = sibling(operation, message.type)?.body ?? operation.body
    lastOperation = operation
    lastType = message.type
  }
  // Operations of one object share their body (RTM_GETLINK is answered by RTM_NEWLINK).
  return readOften(lastBody as Operation<T, never>['body'], sourceFor(message), message.offset, message.end)
}

/** All replies of a dump are the same. */
let lastOperation: Operation<unknown, never> | undefined
let lastType = -1
let lastBody: AnyCodec | undefined

function refusedError(
  operation: Operation<unknown, never>,
  bytes: Uint8Array,
  { subject, rename }: RequestOptions,
  { errno, extack }: Refusal,
): NetlinkError {
  const path = extack && pathOf(operation.body, bytes, extack)
  return new NetlinkError({
    code: errnoName(errno),
    operation: operation.name,
    subject,
    path: path === undefined ? undefined : renamed(path, rename),
    reason: extack?.text === undefined ? reasonOf(errno) : undefined,
    kernelText: extack?.text,
  })
}

function renamed(path: string, rename: RequestOptions['rename']): string | undefined {
  return rename ? rename(path) : path
}

/** Node makes a new one for each call, which takes 50 us. */
let systemErrors: ReturnType<typeof getSystemErrorMap> | undefined

/** errno in words, and what to do about the one that everybody meets first. */
export function reasonOf(errno: number): string | undefined {
  systemErrors ??= getSystemErrorMap()
  const text = systemErrors.get(-errno)?.[1]
  if (errnoName(errno) !== 'EPERM') return text
  return `${text}: this takes CAP_NET_ADMIN in the user namespace that owns the network namespace`
}

/** The property that the extended ACK's offset points to, or the one that it says is missing. */
export function pathOf(
  body: AnyCodec,
  bytes: Uint8Array,
  { offset, missing, missingNest }: Extack,
): string | undefined {
  const at = missing === undefined ? offset : missingNest
  const found = at === undefined ? undefined : partAt(body, sourceOf(bytes), NLMSG_HDRLEN, bytes.length, at)
  if (missing === undefined) return found?.path
  const key = setOf(found ? found.part.codec : body)?.byNumber.get(missing)?.key
  if (key === undefined) return found?.path
  return found ? joinPath(found.path, key) : key
}

function setOf(codec: AnyCodec | undefined): AnyAttributes | undefined {
  if (codec === undefined) return undefined
  if (isAttributes(codec)) return codec
  return codec.sort === 'message' ? codec.inner?.().find(isAttributes) : undefined
}

/** Runs `task` when its turn comes: no later call of the same client overtakes what it sends. */
export function inTurn<T>(
  conversation: Conversation,
  options: TaskOptions,
  task: (turn: Turn) => Promise<T>,
): Promise<T> {
  return conversation.ordered(options, (lane) => task(turnOf(lane)))
}

function turnOf(lane: Lane): Turn {
  return {
    ask: async (operation, message, options) =>
      options?.shared === undefined
        ? lane.ask(Exchange.request(operation, message, options))
        : lane.askOnce(options.shared, () => Exchange.request(operation, message, { ...options, deadline: Infinity })),
    send: async (operation, message, options) => lane.send(Exchange.request(operation, message, options)),
    regardless: async (operation, message, options) => lane.regardless(Exchange.request(operation, message, options)),
    place: async (operation, message, options) => lane.place(Exchange.request(operation, message, options)),
  }
}
