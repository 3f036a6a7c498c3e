/** A rule as list() gives it: in the kernel's words, and on demand in nft's. */
import type { NftExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import type { NftFamily, Statement } from '../ast.ts'
import { decompileRule } from '../decompile/rule.ts'
import { type NftRuleFields, setNamesOf } from '../objects/rule-object.ts'
import type { NftSetWithElements } from '../objects/set-object.ts'
import { printRule } from '../print/rule.ts'
import type { RuleJson } from '../ruleset-json.ts'
import type { KnownSets } from './known-sets.ts'

/** add(), insert(), replace() and del() take it as it is. */
export class NftRule implements NftRuleFields {
  readonly family: NftFamily
  readonly table: string
  readonly chain: string
  /** NFTA_RULE_HANDLE */
  readonly handle: number
  /** What it does, in the kernel's words and without loss. NFTA_RULE_EXPRESSIONS */
  readonly expressions: readonly NftExpression[]
  /** The anonymous sets that its expressions refer to. */
  readonly sets?: readonly NftSetWithElements[]
  readonly comment?: string
  /** What its maker wrote beside the comment. NFTA_RULE_USERDATA */
  readonly userdata?: NonNullable<NftRuleFields['userdata']>
  /** NFTA_RULE_COMPAT */
  readonly compat?: NonNullable<NftRuleFields['compat']>
  readonly #known: KnownSets

  /** @internal */
  constructor(fields: NftRuleFields, known: KnownSets) {
    const { family, table, chain, handle, expressions, comment, userdata, compat } = fields
    this.family = family
    this.table = table
    this.chain = chain
    this.handle = handle
    this.expressions = expressions
    const sets = setNamesOf(expressions).flatMap((name) => known.anonymous(family, table, name) ?? [])
    if (sets.length > 0) this.sets = sets
    if (comment !== undefined) this.comment = comment
    if (userdata !== undefined) this.userdata = userdata
    if (compat !== undefined) this.compat = compat
    this.#known = known
  }

  /** What it does, as builders make it and `nft -j` has it. What is unknown there is `{ xt: ... }`. */
  get statements(): Statement[] {
    const { family, table } = this
    const { names } = this.#known
    return decompileRule(this.expressions, { family, names, set: (name) => this.#known.decoded(family, table, name) })
  }

  /** In nft's syntax, without table and chain: `ip saddr 10.0.0.0/8 counter packets 0 bytes 0 accept`. */
  toString(): string {
    const { family, comment } = this
    return printRule(this.statements, { family, ...(comment !== undefined && { comment }) })
  }

  toJSON(): RuleJson {
    const { family, table, chain, handle, comment } = this
    return { family, table, chain, handle, ...(comment !== undefined && { comment }), expr: this.statements }
  }
}
