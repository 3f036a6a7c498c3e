/** Rules: `nft add rule`, NFT_MSG_NEWRULE. */
import type { NftExpression, NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import type { RuleMessage, RuleMessageInput } from '../../../protocol/netfilter/nftables/rule.ts'
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { NftFamily, Statement } from '../ast.ts'
import { checkArray, checkComment, checkHandle, checkName, familyOf, headerOf, type InFamily } from '../names.ts'
import { NftCommand } from '../transaction/command.ts'
import { compatOf } from './compat.ts'
import type { NftSetWithElements } from './set-object.ts'

/** What rule.add() takes; whatever list() gives fits. It has exactly one of `rule` and `expressions`. */
export interface NftRuleInput {
  /** The default is 'ip'. */
  family?: NftFamily | undefined
  /** NFTA_RULE_TABLE */
  table: string
  /** NFTA_RULE_CHAIN */
  chain: string
  /** What it does, as builders make it and `nft -j` has it under `expr`. */
  rule?: readonly Statement[] | undefined
  /** The same in the kernel's own words, as list() gives it. NFTA_RULE_EXPRESSIONS */
  expressions?: readonly NftExpressionInput[] | undefined
  /** With `expressions`: the anonymous sets that these refer to by name. */
  sets?: readonly NftSetWithElements[] | undefined
  /** Up to 128 bytes. NFTA_RULE_USERDATA */
  comment?: string | undefined
  /**
   * add(): behind this rule; insert(): before it. A handle, or the command of the same batch that adds the rule. Without it add() is at the end
   * of the chain, insert() at its beginning. NFTA_RULE_POSITION
   */
  position?: number | NftCommand | undefined
  /** Which rule: of replace(), del() and destroy(). Ignored by add() and insert(). NFTA_RULE_HANDLE */
  handle?: number | undefined
  /** What its maker wrote beside the comment. NFTA_RULE_USERDATA */
  userdata?: RuleMessageInput['userdata'] | undefined
  /** How xtables compatibility expressions are to be taken; where it is left out, as what the expressions compare says. NFTA_RULE_COMPAT */
  compat?: RuleMessageInput['compat'] | undefined
}

/** A rule, by its handle. */
export interface NftRuleRef extends InFamily {
  table: string
  chain: string
  handle: number
}

/** What of a rule's message is no expression. */
export function ruleHead(
  { family, table, chain, expressions, comment, userdata, compat = compatOf(expressions ?? []) }: NftRuleInput,
  position: NftRuleInput['position'] | undefined,
): RuleMessageInput {
  const message: RuleMessageInput = {
    header: headerOf(family),
    table: checkName(table, 'table'),
    chain: checkName(chain, 'chain'),
  }
  if (position instanceof NftCommand) message.positionId = position.id
  else if (position !== undefined) message.position = checkHandle(position, 'position')
  if (comment !== undefined) {
    const rest = userdata instanceof Uint8Array ? {} : userdata
    message.userdata = { comment: checkComment(comment), ...rest }
  } else if (userdata !== undefined) message.userdata = userdata
  if (compat !== undefined) message.compat = compat
  return message
}

/** Which of the two ways a rule is told in. */
export function checkRule({ rule, expressions, sets }: NftRuleInput): void {
  if ((rule === undefined) === (expressions === undefined))
    throw new EncodeError(
      rule === undefined ? 'or expressions must be given' : 'and expressions cannot both be given',
      'rule',
    )
  if (rule !== undefined && !Array.isArray(rule))
    throw new EncodeError(`must be an array of statements, got ${show(rule)}`, 'rule')
  if (expressions !== undefined) checkObjects(expressions, 'expressions')
  if (sets !== undefined && rule !== undefined)
    throw new EncodeError('belong to expressions: a rule of statements has its sets in it', 'sets')
  if (sets !== undefined) checkObjects(sets, 'sets')
}

function checkObjects(list: readonly unknown[], path: string): void {
  checkArray(list, path)
  for (const [i, each] of list.entries())
    if (!isFields(each)) throw new EncodeError(`must be an object, got ${show(each)}`, `${path}[${i}]`)
}

export function ruleRef({ family, table, chain, handle }: NftRuleRef): RuleMessageInput {
  return {
    header: headerOf(family),
    table: checkName(table, 'table'),
    chain: checkName(chain, 'chain'),
    handle: checkHandle(handle),
  }
}

/** A rule's own fields, as list() gives them. */
export interface NftRuleFields {
  family: NftFamily
  table: string
  chain: string
  /** NFTA_RULE_HANDLE */
  handle: number
  expressions: readonly NftExpression[]
  comment?: string
  userdata?: NonNullable<RuleMessage['userdata']>
  compat?: NonNullable<RuleMessage['compat']>
}

export function toRuleFields(message: RuleMessage): NftRuleFields | undefined {
  const { header, table = '', chain = '', handle, expressions = [], userdata, compat } = message
  const family = familyOf(header)
  if (family === undefined) return undefined
  const fields: NftRuleFields = { family, table, chain, handle: Number(handle ?? 0), expressions }
  if (userdata instanceof Uint8Array) fields.userdata = userdata
  else if (userdata !== undefined) {
    const { comment, ...rest } = userdata
    if (comment !== undefined) fields.comment = comment
    if (Object.keys(rest).length > 0) fields.userdata = rest
  }
  if (compat !== undefined) fields.compat = compat
  return fields
}

/** Names of the sets that expressions look things up in. */
export function setNamesOf(expressions: readonly { name?: string | undefined; data?: unknown }[]): string[] {
  const names: string[] = []
  for (const { data } of expressions) {
    if (typeof data !== 'object' || data === null) continue
    for (const key of setKeys) {
      const name: unknown = (data as Readonly<Record<string, unknown>>)[key]
      if (typeof name === 'string') names.push(name)
    }
  }
  return names
}

/** NFTA_LOOKUP_SET, NFTA_DYNSET_SET_NAME, NFTA_OBJREF_SET_NAME */
const setKeys = ['set', 'setName'] as const
