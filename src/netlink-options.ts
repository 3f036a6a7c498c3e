/** What a client and its calls of request() and dump() are told, and what of it is refused. */
import { isFields, show } from '../protocol/wire/codec.ts'
import type { RequestOptions } from './client.ts'
import type { DumpOptions } from './dump.ts'
import { invalid } from './error.ts'
import {
  checkArray,
  checkBoolean,
  checkControl,
  checkFunction,
  checkMethods,
  checkMilliseconds,
  checkObject,
} from './input.ts'
import type { Sysctl } from './namespace/sysctl.ts'
import type { TraceEvent } from './trace.ts'

/** Whoever can open a socket inside a network namespace: a Namespace. */
export interface SocketPlace {
  openSocket(domain: number, type: number, protocol: number): Promise<number>
  /** Registers what is to be closed before the namespace goes; returns the way out. */
  own?(close: () => unknown): () => void
  /** For traces. */
  readonly name?: string | undefined
  /** For services that set some. */
  readonly sysctl?: Sysctl | undefined
}

export interface NetlinkOptions {
  /** The namespace to work in; the default is the one that this process is in. */
  namespace?: SocketPlace | undefined
  /** Everything on the calling thread: about 2 us a round trip, and the event loop waits as long as the kernel works. */
  blocking?: boolean | undefined
  /** Milliseconds that a call may take; the default is 30,000. */
  deadline?: number | undefined
  /**
   * Called with each datagram that is sent or received: `trace: (event) => console.error(String(event))` prints what NETLINK_TRACE=1 in the
   * environment prints for all clients, each message with its kernel names and bytes.
   */
  trace?: ((event: TraceEvent) => void) | undefined
}

/** Throws NetlinkError EINVAL. */
export function checkOpen(options: NetlinkOptions): void {
  const operation = 'netlink.open'
  checkObject(operation, 'options', options)
  const { namespace, blocking, deadline, trace } = options
  if (namespace !== undefined) checkMethods(operation, 'namespace', namespace, 'a Namespace', 'openSocket')
  checkBoolean(operation, 'blocking', blocking)
  checkMilliseconds(operation, 'deadline', deadline)
  if (trace !== undefined) checkFunction(operation, 'trace', trace)
}

/** The arguments of a call with any message: its options are looked at where it has some. */
export function checkCall(call: string, operation: unknown, options: (RequestOptions & DumpOptions) | undefined): void {
  if (!isOperation(operation))
    throw invalid(call, 'operation', `must be an operation of netlink-ts/protocol, got ${show(operation)}`)
  if (options === undefined) return
  const { name } = operation
  checkControl(name, options)
  const { flags, subject, keepAlive, rename, consistent } = options
  checkBoolean(name, 'consistent', consistent)
  if (flags !== undefined) checkArray(name, 'flags', flags)
  if (keepAlive !== undefined) {
    checkArray(name, 'keepAlive', keepAlive)
    for (const [index, each] of keepAlive.entries())
      checkMethods(name, `keepAlive[${index}]`, each, 'a Descriptor', 'retain', 'release')
  }
  if (rename !== undefined) checkFunction(name, 'rename', rename)
  if (subject !== undefined && typeof subject !== 'string')
    throw invalid(name, 'subject', `must be a string, got ${show(subject)}`)
}

const isOperation = (given: unknown): given is { name: string } =>
  isFields(given) && typeof given.name === 'string' && typeof given.protocol === 'string' && isFields(given.body)
