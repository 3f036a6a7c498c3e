/** A rule in nft's syntax and, where the builder is held to it, as the builder makes it. */
import type { NftFamily, Statement } from '../../../src/nft/ast.ts'

export type Row = string | readonly [text: string, rule: readonly Statement[]]

export interface Chain {
  readonly family: NftFamily
  /** Type, hook, priority, policy. */
  readonly base: string
  /** Sets, objects and chains in front. */
  readonly before?: string
  readonly rules: readonly Row[]
}

export const textOf = (row: Row): string => (typeof row === 'string' ? row : row[0])

/** The ruleset of one chain, c, in a table of its own. */
export function tableText({ family, base, before = '', rules }: Chain, table = 't'): string {
  const lines = rules.map((row) => `    ${textOf(row)}`).join('\n')
  return `table ${family} ${table} {\n${before}\n  chain c {\n    ${base};\n${lines}\n  }\n}\n`
}
