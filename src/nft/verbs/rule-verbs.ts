/** What can be done to rules. */
import type { NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import {
  NFT_MSG_DELRULE,
  NFT_MSG_DESTROYRULE,
  NFT_MSG_NEWRULE,
} from '../../../protocol/netfilter/nftables/operations.ts'
import { EncodeError, within } from '../../../protocol/wire/codec.ts'
import type { CompileContext } from '../compile/context.ts'
import { compileRule } from '../compile/rule.ts'
import { checkHandle, DEFAULT_FAMILY, inWords } from '../names.ts'
import { checkRule, type NftRuleInput, type NftRuleRef, ruleHead, ruleRef } from '../objects/rule-object.ts'
import type { NftCommand, Verb, Writer, Written } from '../transaction/command.ts'
import { rulePath } from '../transaction/rule-path.ts'
import { flag, type Transaction } from '../transaction/transaction.ts'
import { deleteVerbs } from './kind-verbs.ts'
import { anonymousSet, renewedSet, withSets } from './set-verbs.ts'

const ruleSubject = ({ family = DEFAULT_FAMILY, table, chain, handle }: NftRuleInput | NftRuleRef): string =>
  inWords(family, table, chain, typeof handle === 'number' ? `handle ${handle}` : undefined)

const addRule = (name: string, flags: number): Verb<NftRuleInput> => ({
  name,
  subject: ({ family = DEFAULT_FAMILY, table, chain }) => inWords(family, table, chain),
  path: rulePath,
  write: (rule, writer, command) => writeRule(rule, writer, command, flags, undefined),
})

export const ruleVerbs = {
  add: addRule('rule.add', flag.create | flag.append),
  insert: addRule('rule.insert', flag.create),
  replace: {
    name: 'rule.replace',
    subject: ruleSubject,
    path: rulePath,
    write: (rule, writer, command) =>
      writeRule(rule, writer, command, flag.create | flag.replace, checkHandle(rule.handle)),
  } satisfies Verb<NftRuleInput>,
  ...deleteVerbs('rule', [NFT_MSG_DELRULE, NFT_MSG_DESTROYRULE], ruleRef, ruleSubject),
}

function writeRule(
  rule: NftRuleInput,
  writer: Writer,
  command: NftCommand,
  flags: number,
  handle: bigint | undefined,
): void {
  const { transaction, moulds } = writer
  // Like one that was checked and compiled.
  if (handle === undefined && command.id === undefined && moulds?.press(rule, flags, transaction) === true) return
  checkRule(rule)
  // In large batches, rules that are nothing but statements.
  const plain = handle === undefined && command.id === undefined && rule.position === undefined
  if (plain && moulds !== undefined && rule.rule !== undefined && rule.userdata === undefined)
    moulds.write(rule, flags, transaction, (given, into) => writeMessage(given, writer, into, flags, {}))
  else {
    const head = { handle, id: command.id, position: handle === undefined ? rule.position : undefined }
    writeMessage(rule, writer, transaction, flags | transaction.echo, head)
  }
}

/** Whether the message is all, and depends on the rule alone: not on sets. */
function writeMessage(
  rule: NftRuleInput,
  writer: Writer,
  into: Transaction,
  flags: number,
  {
    handle,
    id,
    position,
  }: { handle?: bigint | undefined; id?: number | undefined; position?: NftRuleInput['position'] },
): boolean {
  const message = ruleHead(rule, position)
  if (handle !== undefined) message.handle = handle
  if (id !== undefined) message.id = id
  let alone = true
  const statements = rule.rule
  message.expressions =
    statements === undefined
      ? renewed(rule, writer)
      : within('rule', () =>
          compileRule(
            statements,
            contextOf(rule, writer, () => {
              alone = false
            }),
          ),
        )
  try {
    into.message(NFT_MSG_NEWRULE, message, flags)
  } catch (error) {
    if (error instanceof EncodeError) error.path = rulePath(rule, error.path, unsent, writer)
    throw error
  }
  return alone
}

/** A rule's message that cannot be encoded. */
const unsent: Written = { operation: NFT_MSG_NEWRULE.name, sets: 0, value: () => undefined }

/** `used` is called where a set is. */
function contextOf(
  { family = DEFAULT_FAMILY, table, chain }: NftRuleInput,
  writer: Writer,
  used: () => void,
): CompileContext {
  const known = writer.chain(family, table, chain)
  return {
    family,
    ...(known !== undefined && { chain: known }),
    names: writer.names,
    set: (name) => {
      used()
      return writer.set(family, table, name)
    },
    anonymous: ({ definition, elements }) => {
      used()
      return anonymousSet(writer, family, table, definition, elements)
    },
  }
}

/** Expressions that were listed: their anonymous sets are made anew, and referred to by the numbers that they have here. */
function renewed({ family, table, expressions = [], sets = [] }: NftRuleInput, writer: Writer): NftExpressionInput[] {
  if (sets.length === 0) return [...expressions]
  const ids = new Map<string, { name: string; id: number }>()
  for (const [i, set] of sets.entries()) {
    const made = within(`sets[${i}]`, () => renewedSet(set, family ?? DEFAULT_FAMILY, table, writer))
    ids.set(set.name, made)
  }
  return expressions.map((expression) => withSets(expression, ids))
}
