/** A rule in nft's syntax. */

import type { Statement } from '../ast.ts'
import { type PrintContext, printStatement } from './statement.ts'
import { quote } from './value.ts'

/** A rule's statements as nft reads and writes them, and its comment. */
export function printRule(
  statements: readonly (Statement | string)[],
  context: PrintContext & { comment?: string } = {},
): string {
  // nft 1.0.6 writes into its JSON as text what it has no JSON for
  const parts = statements.map((one) => (typeof one === 'string' ? one : printStatement(one, context)))
  if (context.comment !== undefined) parts.push(`comment ${quote(context.comment)}`)
  const text = parts.join(' ')
  // without a part of its conditions a rule would match more than it should, so it must not load at all
  return statements.some(isForeign) ? `# ${text.replaceAll('\n', '\n# ')}` : text
}

/** What cannot be written in nft's language: made by iptables-nft, or by a newer kernel. */
function isForeign(statement: Statement | string): boolean {
  return typeof statement === 'object' && 'xt' in statement
}
