/**
 * A rule in the kernel's words as statements: what `nft -j list ruleset` prints of it. Registers are followed, payloads get the names that the
 * matches before them allow, and matches that go without saying then are left out, as nft does.
 */

import {
  type KnownExpression,
  knownExpression,
  type NftExpression,
} from '../../../protocol/netfilter/nftables/expression.ts'
import { DecodeError, EncodeError } from '../../../protocol/wire/codec.ts'
import type { Statement } from '../ast.ts'
import { load } from './load.ts'
import { readCmp, readLookup, readRange } from './match.ts'
import { Untold } from './node.ts'
import { type DecompileContext, Reading } from './reading.ts'
import { statementOf } from './statement.ts'

export type { DecompileContext } from './reading.ts'

/** Expressions that nft's language has no words for are `{ xt: ... }`, so that nobody takes the rest for the whole. */
export function decompileRule(expressions: readonly NftExpression[], context: DecompileContext): Statement[] {
  const reading = new Reading(context)
  for (const expression of expressions) {
    try {
      read(reading, expression)
    } catch (error) {
      if (!(error instanceof Untold || error instanceof EncodeError || error instanceof DecodeError)) throw error
      reading.add({ xt: null })
      // it may have written to any of them
      reading.registers.clear()
    }
  }
  return reading.statements()
}

function read(reading: Reading, expression: NftExpression): void {
  const known = knownExpression(expression)
  if (known === undefined) throw new Untold(expression.name)
  if (known.name === 'cmp') readCmp(reading, known.data)
  else if (known.name === 'range') readRange(reading, known.data)
  else if (known.name === 'lookup') readLookup(reading, known.data)
  else if (!load(reading.registers, known)) act(reading, known)
}

function act(reading: Reading, known: KnownExpression): void {
  const statement = statementOf(reading, known)
  if (statement === undefined) throw new Untold(known.name)
  reading.add(statement)
}
