/** What the compiler's tests have in common: statements in short, and the context of a table with some sets. */
import type { Expr, NftFamily, Statement } from '../../../src/nft/ast.ts'
import type { AnonymousSet, CompileContext } from '../../../src/nft/compile/context.ts'
import { defineSet } from '../../../src/nft/objects/set-definition.ts'

export const field = (protocol: string, name: string): Expr => ({ payload: { protocol, field: name } })
export const is = (left: Expr, right: Expr, op: '==' | '!=' | 'in' | '<' = '=='): Statement => ({
  match: { op, left, right },
})
export const dport = field('tcp', 'dport')
export const mark: Expr = { meta: { key: 'mark' } }

const named = {
  hosts: defineSet({ name: 'hosts', type: 'ipv4_addr', flags: ['interval'] }),
  marks: defineSet({ name: 'marks', type: 'mark', flags: ['interval'] }),
  ports: defineSet({ name: 'ports', type: 'ipv4_addr', map: 'inet_service', flags: ['dynamic'] }),
  seen: defineSet({ name: 'seen', type: 'ipv4_addr', flags: ['dynamic', 'timeout'] }),
  targets: defineSet({ name: 'targets', type: 'inet_service', map: ['ipv4_addr', 'inet_service'] }),
}

/** Context of a table; anonymous sets go to `made`. */
export function context(family: NftFamily, made: AnonymousSet[] = [], chain?: CompileContext['chain']): CompileContext {
  return {
    family,
    ...(chain && { chain }),
    names: { ifindex: (name) => (name === 'lo' ? 1 : undefined) },
    set: (name) => named[name as keyof typeof named],
    anonymous: (set) => made.push(set),
  }
}
