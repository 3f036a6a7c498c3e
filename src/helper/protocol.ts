/**
 * What a helper is asked and what it answers. One call is one text of JSON behind the token that both ends know; one datagram, or one
 * message of Node's IPC channel. Both ends check everything that arrives, by the declarations below.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Outcome } from '../error.ts'

/** Both ends come from one package, but one may have been started before an upgrade. */
export const version = 1

export const limits = {
  /** Bytes of a message. Measured with unix-dgram: its buffer takes 65,536, and what is longer arrives cut. */
  message: 60_000,
  /** Calls without answer. Measured: the 12th unread datagram does not go out (net.unix.max_dgram_qlen is 10 in a new namespace). */
  inFlight: 8,
} as const

type Check<T> = (value: unknown) => value is T
type Checked<C> = C extends Check<infer T> ? T : never
type Fields = Readonly<Record<string, Check<unknown>>>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const integer: Check<number> = (value): value is number => Number.isSafeInteger(value)
const natural: Check<number> = (value): value is number => integer(value) && value >= 0
const text: Check<string> = (value): value is string => typeof value === 'string'
const flag: Check<boolean> = (value): value is boolean => typeof value === 'boolean'
const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value)
const list =
  <T>(check: Check<T>): Check<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(check)
/** Exactly these fields: a field that one end does not know is a misunderstanding. */
const record =
  <F extends Fields>(fields: F): Check<{ [K in keyof F]: Checked<F[K]> }> =>
  (value): value is { [K in keyof F]: Checked<F[K]> } =>
    isObject(value) &&
    Object.keys(value).every((key) => Object.hasOwn(fields, key)) &&
    Object.entries(fields).every(([key, check]) => check(value[key]))

const nothing = record({})
/** A namespace that the helper holds open under the number `handle`; `fd` is its descriptor there, and stays the helper's. */
const opened = record({ handle: natural, fd: natural, name: optional(text) })
/** A descriptor of the helper, which it keeps until it is told to release it. */
const lent = record({ fd: natural })

/** Every call: what is asked, what is answered. */
export const calls = {
  /** `name` absent: without a name. */
  create: { ask: record({ name: optional(text) }), answer: opened },
  /** One of them; none: the helper's own. `inode` is a namespace that the helper holds already. */
  open: {
    ask: record({ name: optional(text), path: optional(text), pid: optional(natural), inode: optional(natural) }),
    answer: opened,
  },
  /** The names behind `after`, as many as go into a message. */
  list: { ask: record({ after: optional(text) }), answer: record({ names: list(text), more: flag }) },
  delete: { ask: record({ name: text, inode: optional(natural) }), answer: nothing },
  socket: { ask: record({ handle: natural, domain: integer, type: integer, protocol: integer }), answer: lent },
  file: { ask: record({ handle: natural, path: text, flags: integer }), answer: lent },
  /** The descriptor has been fetched. */
  release: { ask: lent, answer: nothing },
  /** Lets go of a namespace. */
  close: { ask: record({ handle: natural }), answer: nothing },
} as const

export type CallName = keyof typeof calls
export type Ask<C extends CallName> = Checked<(typeof calls)[C]['ask']>
export type Answer<C extends CallName> = Checked<(typeof calls)[C]['answer']>
export type Opened = Checked<typeof opened>

const outcomes: readonly unknown[] = ['unsent', 'refused', 'unknown'] satisfies Outcome[]
const failure = record({
  code: text,
  operation: text,
  message: text,
  path: optional(text),
  outcome: (value: unknown): value is Outcome => outcomes.includes(value),
})
/** A NetlinkError on its way. */
export type Failure = Checked<typeof failure>

/** The first message, from the helper: it is ready. */
const hello = record({
  hello: natural,
  /** Its own network namespace: fetching it proves that descriptors can be fetched, and from the right process. */
  fd: natural,
  inode: natural,
  /** CAP_SYS_ADMIN and CAP_NET_ADMIN are effective. */
  capable: flag,
})
const request = record({ id: natural, call: text, ask: isObject })
const answer = record({ id: natural, answer: isObject })
const refusal = record({ id: natural, error: failure })

export type Hello = Checked<typeof hello>
export type Request = Checked<typeof request>
export type Reply = Checked<typeof answer> | Checked<typeof refusal>

/** What a helper is told on its standard input, in one line: nobody else can read that. */
const instructions = record({
  version: natural,
  token: text,
  /** Of unix-dgram's sockets; absent: Node's IPC channel. */
  sockets: optional(record({ own: text, peer: text })),
  /** Of the sockets: the helper makes it, writes a line to its standard output, and removes it in the end. */
  folder: optional(text),
  /** Make /run/netns a private one: the mount namespace is the helper's own. */
  mounts: flag,
})
export type Instructions = Checked<typeof instructions>

export function parseInstructions(line: string): Instructions {
  const value: unknown = JSON.parse(line)
  if (!instructions(value)) throw new TypeError('not the instructions of a helper')
  return value
}

/** The text of a message. Throws RangeError where it is too long. */
export function write(token: string, message: Hello | Request | Reply): string {
  const all = token + JSON.stringify(message)
  if (Buffer.byteLength(all) > limits.message) throw new RangeError(`longer than ${limits.message} bytes`)
  return all
}

/** The value behind the token, or undefined for what a stranger sent. */
function read(token: string, all: string): unknown {
  if (all.length > limits.message || all.length <= token.length) return undefined
  const theirs = Buffer.from(all.slice(0, token.length))
  const ours = Buffer.from(token)
  if (theirs.length !== ours.length || !timingSafeEqual(theirs, ours)) return undefined
  try {
    return JSON.parse(all.slice(token.length))
  } catch {
    return undefined
  }
}

export function readRequest(token: string, all: string): Request | undefined {
  const value = read(token, all)
  return request(value) ? value : undefined
}

export function readReply(token: string, all: string): Hello | Reply | undefined {
  const value = read(token, all)
  return hello(value) || answer(value) || refusal(value) ? value : undefined
}

export function isCall(name: string): name is CallName {
  return Object.hasOwn(calls, name)
}
