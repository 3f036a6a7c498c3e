/** A whole ruleset in nft's syntax, in the layout of `nft list ruleset`; `nft -f` takes it. */

import type { NftJson, NftObjects, RuleJson, TableJson } from '../ruleset-json.ts'
import { printChain, printFlowtable } from './chain.ts'
import { objectKinds, printObject } from './object.ts'
import { printRule } from './rule.ts'
import { printSet } from './set.ts'
import { name, quote } from './value.ts'

/** What `nft -j list ruleset` lists (its `metainfo` may be among it), as text. */
export function printRuleset(objects: readonly NftJson[]): string {
  const tables = new Map<string, { table: TableJson; objects: NftJson[] }>()
  for (const object of objects) {
    if ('table' in object)
      tables.set(`${object.table.family} ${object.table.name}`, { table: object.table, objects: [] })
    else tables.get(tableOf(object))?.objects.push(object)
  }
  return [...tables.values()].map(({ table, objects: own }) => printTable(table, own)).join('')
}

function tableOf(object: NftJson): string {
  const [value] = Object.values(object) as { family: string; table?: string }[] // each has one key
  return `${value?.family} ${value?.table}`
}

/** One table with what is in it: objects, sets, flowtables, chains, each in their order. */
function printTable(table: TableJson, objects: readonly NftJson[]): string {
  const chains = new Chains(objects)
  const blocks: string[][][] = [[], [], [], []]
  for (const object of objects) {
    const [position, lines] = block(object, chains)
    if (lines.length > 0) blocks[position]?.push(lines)
  }
  const body = blocks.flat().map((lines) => lines.map((line) => `\t${line}\n`).join(''))
  const header = headerOf(table).join('')
  // nft leaves a line free behind flags, and none behind a comment alone
  const text = table.flags === undefined ? `${header}${body.join('\n')}` : [header, ...body].join('\n')
  return `table ${table.family} ${name(table.name)} {\n${text}}\n`
}

/** Where an object stands in its table, and its lines. */
function block(object: NftJson, chains: Chains): [position: number, lines: string[]] {
  if ('set' in object) return [1, printSet('set', object.set)]
  if ('map' in object) return [1, printSet('map', object.map)]
  if ('meter' in object) return [1, printSet('meter', object.meter)]
  if ('flowtable' in object) return [2, printFlowtable(object.flowtable)]
  if ('chain' in object) {
    const { chain } = object
    return [3, bound.test(chain.name) ? [] : printChain(chain, chains.rules(chain.name))]
  }
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

/** Chains that the kernel named for `jump { ... }`: their rules stand where they are jumped to. */
const bound = /^__chain\d+$/

/** The rules of a table, by chain. */
class Chains {
  readonly #rules = new Map<string, RuleJson[]>()
  readonly #open = new Set<string>()

  constructor(objects: readonly NftJson[]) {
    for (const object of objects) {
      if ('chain' in object) this.#rules.set(object.chain.name, [])
      if ('rule' in object) this.#rules.get(object.rule.chain)?.push(object.rule)
    }
  }

  rules(chain: string): string[] {
    return (this.#rules.get(chain) ?? []).map((rule) => this.#text(rule))
  }

  #text({ family, comment, expr }: RuleJson): string {
    return printRule(expr, {
      family,
      bound: (chain) => this.#bound(chain),
      ...(comment !== undefined && { comment }),
    })
  }

  /** The kernel allows no loops, but what is printed here may come from elsewhere. */
  #bound(chain: string): string[] | undefined {
    if (!bound.test(chain) || !this.#rules.has(chain) || this.#open.has(chain)) return undefined
    this.#open.add(chain)
    const rules = this.rules(chain)
    this.#open.delete(chain)
    return rules
  }
}
