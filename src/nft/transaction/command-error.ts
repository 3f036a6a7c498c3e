/** What the kernel refused, as an error of the command whose message it was. */
import { NFT_MSG_NEWSET } from '../../../protocol/netfilter/nftables/operations.ts'
import { netfilter } from '../../../protocol/netfilter/operations.ts'
import { NLMSG_HDRLEN } from '../../../protocol/netlink/constants.ts'
import { source } from '../../../protocol/wire/bytes.ts'
import { read } from '../../../protocol/wire/compile.ts'
import type { Refusal } from '../../call.ts'
import { pathOf, reasonOf } from '../../client.ts'
import { errnoName } from '../../error.ts'
import type { NftCommandError } from '../errors.ts'
import type { NftCommand, Writer, Written } from './command.ts'
import type { Transaction } from './transaction.ts'

/** The error of the command that was refused, at its own property; undefined where it is of no command: of BEGIN or END. */
export function commandError(
  { errno, extack, index }: Refusal,
  transaction: Transaction,
  commands: readonly NftCommand[],
  writer: Writer,
): NftCommandError | undefined {
  const origin = transaction.origin(index)
  const command = origin && commands[origin.command]
  if (origin === undefined || command === undefined) return undefined
  const { type, bytes } = transaction.part(origin)
  const sent = netfilter.operations.get(type)
  const code = errnoName(errno)
  const path = sent && ((extack && pathOf(sent.body, bytes, extack)) ?? '')
  const written: Written | undefined = sent && {
    operation: sent.name,
    sets: transaction.countUntil(index, NFT_MSG_NEWSET.type),
    value: () => read(sent.body, source(bytes), NLMSG_HDRLEN, bytes.length),
  }
  const told =
    path === undefined || written === undefined ? undefined : command.path(path, written, writer) || undefined
  return {
    index: origin.command,
    operation: command.operation,
    subject: command.subject,
    code,
    path: told,
    reason: command.hint(code) ?? (extack?.text === undefined ? (whyNot(code, told) ?? reasonOf(errno)) : undefined),
    kernelText: extack?.text,
  }
}

/** ENOENT is of names, and of parts of the kernel as well (nft_expr_type_get() and its like). */
function whyNot(code: string, path: string | undefined): string | undefined {
  if (code !== 'ENOENT') return undefined
  if (path !== undefined && /^(table|chain|set|name|handle)$/.test(path)) return 'is not there'
  return 'what it names is not there, or the kernel has no support for it (a module that is missing)'
}
