/** A whole ruleset in nft's syntax, in the layout of `nft list ruleset`; `nft -f` takes it. */

import type { NftFamily } from '../ast.ts'
import type { NftJson, NftObjects, RuleJson, TableJson } from '../ruleset-json.ts'
import { printChain, printFlowtable } from './chain.ts'
import { objectKinds, printObject } from './object.ts'
import { printRule } from './rule.ts'
import { printSet } from './set.ts'
import { name, quote } from './value.ts'

interface Owned {
  family: NftFamily
  table: string
}

/** What `nft -j list ruleset` lists (its `metainfo` may be among it), as text. */
export function printRuleset(objects: readonly NftJson[]): string {
  const tables = objects.flatMap((object) => ('table' in object ? [object.table] : []))
  return tables
    .map((table) =>
      printTable(
        table,
        objects.filter((object) => isIn(object, table)),
      ),
    )
    .join('')
}

function isIn(object: NftJson, table: TableJson): boolean {
  const [value] = Object.values(object) as Owned[] // each has one key
  return value !== undefined && value.table === table.name && value.family === table.family
}

/** One table with what is in it: objects, sets, flowtables, chains, each in their order. */
export function printTable(table: TableJson, objects: readonly NftJson[]): string {
  const rules = objects.flatMap((object) => ('rule' in object ? [object.rule] : []))
  const blocks: string[][][] = [[], [], [], []]
  for (const object of objects) {
    const [position, lines] = block(object, rules)
    blocks[position]?.push(lines)
  }
  const body = blocks.flat().map((lines) => lines.map((line) => `\t${line}\n`).join(''))
  const header = headerOf(table).join('')
  // nft leaves a line free behind flags, and none behind a comment alone
  const text = table.flags === undefined ? `${header}${body.join('\n')}` : [header, ...body].join('')
  return `table ${table.family} ${name(table.name)} {\n${text}}\n`
}

/** Where an object stands in its table, and its lines. */
function block(object: NftJson, rules: readonly RuleJson[]): [position: number, lines: string[]] {
  if ('set' in object) return [1, printSet('set', object.set)]
  if ('map' in object) return [1, printSet('map', object.map)]
  if ('meter' in object) return [1, printSet('meter', object.meter)]
  if ('flowtable' in object) return [2, printFlowtable(object.flowtable)]
  if ('chain' in object)
    return [3, printChain(object.chain, rules.filter((rule) => rule.chain === object.chain.name).map(ruleText))]
  const kind = objectKinds.find((one) => one in object)
  return kind === undefined ? [-1, []] : [0, printObject(kind, (object as NftObjects & NftJson)[kind])] // it has this key
}

function headerOf(table: TableJson): string[] {
  const flags = ([] as string[]).concat(table.flags ?? [])
  const lines: string[] = []
  if (flags.length > 0) lines.push(`\tflags ${flags.join(',')}\n`)
  if (table.comment !== undefined) lines.push(`\tcomment ${quote(table.comment)}\n`)
  return lines
}

function ruleText(rule: RuleJson): string {
  return printRule(rule.expr, { family: rule.family, ...(rule.comment !== undefined && { comment: rule.comment }) })
}
