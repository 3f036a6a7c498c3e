/** What the compiler knows about a rule besides its statements. */
import type { SetElementInput } from '../../../protocol/netfilter/nftables/element.ts'
import type { NftFamily } from '../ast.ts'
import type { Names } from '../datatype.ts'
import type { SetDefinition } from '../objects/set-definition.ts'

/** A set that a rule brings along. */
export interface AnonymousSet {
  /** Its name is a pattern ('__set%d'), in which the kernel puts a number; a meter's is its own. */
  readonly definition: SetDefinition
  readonly elements: readonly SetElementInput[]
}

export interface CompileContext {
  readonly family: NftFamily
  /** Of a base chain, where known: for checks ('masquerade outside postrouting'). */
  readonly chain?: { readonly type?: string; readonly hook?: string }
  /** What only the machine knows: the numbers of interfaces, users, groups. */
  readonly names?: Names
  /** Definition of a named set or map (`@name`); undefined where it is not known: then the selector decides. */
  set(name: string): SetDefinition | undefined
  /** Takes an anonymous set, which is created in the same transaction before the rule, and returns its id (NFTA_SET_ID). */
  anonymous(set: AnonymousSet): number
}
