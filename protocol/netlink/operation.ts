/** Operations: what a message's type means in a protocol. */

import type { Codec } from '../wire/codec.ts'
import { flags, type Scalar, u16 } from '../wire/scalar.ts'
import * as C from './constants.ts'

/** The upper byte of nlmsg_flags means something else in each kind of message. */
export type Kind = 'get' | 'new' | 'del' | 'ack' | 'other'

export interface Operation<T, I = T> {
  /** The kernel's constant: 'RTM_NEWLINK'. */
  readonly name: string
  /** nlmsg_type */
  readonly type: number
  /** The protocol's name: 'route'. */
  readonly protocol: string
  readonly kind: Kind
  /** What follows the nlmsghdr. */
  readonly body: Codec<T, I>
  /**
   * Of a question that the kernel answers without its lock (RTNL_FLAG_DOIT_UNLOCKED), for however long somebody holds that: the families, first
   * byte of the body, of which this is true.
   */
  readonly unlocked?: readonly number[] | undefined
}

export type AnyOperation = Operation<unknown, never>

/** One protocol of AF_NETLINK with the operations that are known of it. */
export interface Protocol {
  /** As the command line calls it: 'route', 'netfilter', 'generic', 'sock-diag', 'xfrm'. */
  readonly name: string
  /** NETLINK_ROUTE ... */
  readonly number: number
  readonly operations: ReadonlyMap<number, AnyOperation>
  readonly byName: ReadonlyMap<string, AnyOperation>
}

/** Declares an operation; its kind follows from its name. */
export function operation<T, I>(
  protocol: string,
  name: string,
  type: number,
  body: Codec<T, I>,
  unlocked?: readonly number[],
): Operation<T, I> {
  const kind = /_GET/.test(name)
    ? 'get'
    : /_(NEW|SET)/.test(name)
      ? 'new'
      : /_(DEL|DESTROY)/.test(name)
        ? 'del'
        : 'other'
  return { name, type, protocol, kind, body, unlocked }
}

export function protocol(name: string, number: number, operations: readonly AnyOperation[]): Protocol {
  const byType = new Map(operations.map((each) => [each.type, each]))
  for (const each of operations) siblings.set(each, byType)
  return { name, number, operations: byType, byName: new Map(operations.map((each) => [each.name, each])) }
}

const siblings = new WeakMap<AnyOperation, ReadonlyMap<number, AnyOperation>>()

/** The operation of this type in the protocol that `operation` is declared in. */
export function sibling(operation: AnyOperation, type: number): AnyOperation | undefined {
  return siblings.get(operation)?.get(type)
}

const common = {
  NLM_F_REQUEST: C.NLM_F_REQUEST,
  NLM_F_MULTI: C.NLM_F_MULTI,
  NLM_F_ACK: C.NLM_F_ACK,
  NLM_F_ECHO: C.NLM_F_ECHO,
  NLM_F_DUMP_INTR: C.NLM_F_DUMP_INTR,
  NLM_F_DUMP_FILTERED: C.NLM_F_DUMP_FILTERED,
} as const

/** Flags of a header: the names depend on the message, so the type is any name. */
function headerFlags(constants: Record<string, number>): Scalar<readonly (string | number)[]> {
  return flags(u16, 'NLM_F_', { ...common, ...constants }) as Scalar<readonly unknown[]> as Scalar<
    readonly (string | number)[]
  >
}

/** nlmsg_flags as names ('request', 'ack', 'dump'); bits without a name in this kind of message stay a number. */
export const messageFlags: Record<Kind, Scalar<readonly (string | number)[]>> = {
  get: headerFlags({
    NLM_F_DUMP: C.NLM_F_DUMP,
    NLM_F_ROOT: C.NLM_F_ROOT,
    NLM_F_MATCH: C.NLM_F_MATCH,
    NLM_F_ATOMIC: C.NLM_F_ATOMIC,
  }),
  new: headerFlags({
    NLM_F_REPLACE: C.NLM_F_REPLACE,
    NLM_F_EXCL: C.NLM_F_EXCL,
    NLM_F_CREATE: C.NLM_F_CREATE,
    NLM_F_APPEND: C.NLM_F_APPEND,
  }),
  del: headerFlags({ NLM_F_NONREC: C.NLM_F_NONREC, NLM_F_BULK: C.NLM_F_BULK }),
  ack: headerFlags({ NLM_F_CAPPED: C.NLM_F_CAPPED, NLM_F_ACK_TLVS: C.NLM_F_ACK_TLVS }),
  other: headerFlags({}),
}
