/** Which statement of a rule the kernel means when it points to an expression, or into a set that was made for the rule. */
import type { Statement } from '../ast.ts'
import type { CompileContext } from '../compile/context.ts'
import { compileRule } from '../compile/rule.ts'
import { DEFAULT_FAMILY } from '../names.ts'
import type { NftRuleInput } from '../objects/rule-object.ts'
import type { Writer, Written } from './command.ts'

/** The caller's name of `path` in a message that a rule was written as: 'rule[2]', or 'expressions[3].data.set'. */
export function rulePath(input: NftRuleInput, path: string, { operation, sets }: Written, writer: Writer): string {
  const { rule } = input
  if (operation.includes('SET'))
    return rule === undefined ? `sets[${sets - 1}]` : statement(input, rule, writer, (made) => made.sets >= sets)
  const [, index] = /^expressions\[(\d+)\]/.exec(path) ?? []
  if (index === undefined || rule === undefined) return path.startsWith('userdata') ? 'comment' : path
  return statement(input, rule, writer, ({ expressions }) => expressions > Number(index))
}

/** The first statement with which there is as much as that. */
function statement(
  { family = DEFAULT_FAMILY, table, chain }: NftRuleInput,
  statements: readonly Statement[],
  writer: Writer,
  enough: (made: { expressions: number; sets: number }) => boolean,
): string {
  const known = writer.chain(family, table, chain)
  for (const i of statements.keys()) {
    const made = { expressions: 0, sets: 0 }
    const context: CompileContext = {
      family,
      ...(known !== undefined && { chain: known }),
      names: writer.names,
      set: (name) => writer.set(family, table, name),
      anonymous: () => {
        made.sets += 1
        return made.sets
      },
    }
    try {
      made.expressions = compileRule(statements.slice(0, i + 1), context).length
    } catch {
      // A part of it is no rule: then all that is known is that it is in the rule.
      return 'rule'
    }
    if (enough(made)) return `rule[${i}]`
  }
  return 'rule'
}
