/** What is the same for all kinds of objects: adding them, removing them, and what errors call them. */
import type { Operation } from '../../../protocol/netlink/operation.ts'
import { DEFAULT_FAMILY, type InFamily, inWords, type NftNamedRef } from '../names.ts'
import type { Verb, Writer } from '../transaction/command.ts'
import { flag } from '../transaction/transaction.ts'

/** 'inet t', or 'inet #4' */
export function subjectOf({ family = DEFAULT_FAMILY, table, name, handle }: InFamily & Partial<NftNamedRef>): string {
  return inWords(family, table, name ?? (typeof handle === 'number' ? `#${handle}` : undefined))
}

/** DESTROY does what DEL does, and nothing where there is nothing. */
export function destroyHint(code: string): string | undefined {
  return code === 'EINVAL' || code === 'EOPNOTSUPP'
    ? 'destroying takes Linux 6.3; before that: add, then del'
    : undefined
}

/** The caller's names of a message's properties. */
export function renamed(path: string): string {
  if (path.startsWith('userdata')) return 'comment'
  return path
    .replace(/^hook\.(devs.*|dev)$/, 'devices')
    .replace(/^hook\.priority$/, 'priority')
    .replace(/^hook\..*$/, 'hook')
}

type Write<I> = (object: I, writer: Writer, flags: number) => void

/** Writes an object as one message. */
export function oneMessage<I, M>(operation: Operation<unknown, M>, messageOf: (object: I) => M): Write<I> {
  return (object, { transaction }, flags) => transaction.message(operation, messageOf(object), flags | transaction.echo)
}

/** `nft add`, which leaves what is there, and `nft create`, which refuses. */
export function addVerbs<I extends InFamily & Partial<NftNamedRef>>(
  kind: string,
  write: Write<I>,
  path: Verb<I>['path'] = (_, found) => renamed(found),
): Record<'add' | 'create', Verb<I>> {
  const verb = (name: string, flags: number): Verb<I> => ({
    name: `${kind}.${name}`,
    subject: subjectOf,
    path,
    write: (object, writer) => write(object, writer, flags),
  })
  return { add: verb('add', flag.create), create: verb('create', flag.create | flag.exclusive) }
}

/** `nft delete` and `nft destroy`. */
export function deleteVerbs<I extends InFamily & Partial<NftNamedRef>, M>(
  kind: string,
  [del, destroy]: readonly [Operation<unknown, M>, Operation<unknown, M>],
  reference: (object: I) => M,
  subject: Verb<I>['subject'] = subjectOf,
): Record<'del' | 'destroy', Verb<I>> {
  const verb = (name: string, operation: Operation<unknown, M>): Verb<I> => ({
    name: `${kind}.${name}`,
    subject,
    write: (object, { transaction }) => transaction.message(operation, reference(object)),
  })
  return { del: verb('del', del), destroy: { ...verb('destroy', destroy), hint: destroyHint } }
}
