/** What a set or map is, and how its keys and values lie in registers. */
import { EncodeError, isFields, show } from '../../../protocol/wire/codec.ts'
import type { Expr, Statement } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { isSelector, resolveSelector } from '../selectors/index.ts'

/** NFT_SET_* */
export type SetFlag = 'anonymous' | 'constant' | 'interval' | 'map' | 'timeout' | 'eval' | 'object' | 'concat' | 'expr'

/** A key, or a part of a concatenated one. */
export interface SetPart {
  readonly type: DataType
  /** Its width; fewer than whole bytes lie to the right. */
  readonly bits: number
  /** Values are so many bits further to the left: of a header's bits that are masked and not shifted before they are looked up. */
  readonly shift?: number
}

export interface SetDefinition {
  readonly name: string
  readonly flags: readonly SetFlag[]
  /** One, or the parts of a concatenation. */
  readonly key: readonly SetPart[]
  /** What a map's values are: data (parts as of keys), verdicts, or references to objects of a kind ('counter', 'ct helper'). */
  readonly data?: readonly SetPart[] | 'verdict' | { readonly object: string }
  /** Values are ranges: `type inet_service : interval ipv4_addr`. */
  readonly dataInterval?: boolean
  /** `typeof`: selectors, several of them as a concatenation. */
  readonly keyTypeof?: Expr
  readonly dataTypeof?: Expr
  readonly policy?: string
  /** Most elements. */
  readonly size?: number
  /** Seconds. */
  readonly timeout?: number
  readonly gcInterval?: number
  readonly autoMerge?: boolean
  readonly comment?: string
  /** What every element gets: a counter, a limit ... */
  readonly stmt?: readonly Statement[]
}

/** Whether intervals are concatenated: these have both ends in one element, in network order. */
export function isRangeConcat(set: SetDefinition): boolean {
  return set.key.length > 1 && set.flags.includes('interval')
}

export function bytesOfPart({ bits }: SetPart): number {
  return (bits + 7) >> 3
}

/** Each part of a concatenation starts at a register of 32 bits. */
export function paddedLength(parts: readonly SetPart[]): number {
  const [only] = parts
  if (parts.length === 1 && only) return bytesOfPart(only)
  return parts.reduce((sum, part) => sum + ((bytesOfPart(part) + 3) & ~3), 0)
}

/** The parts that selectors have: of a `typeof`. */
export function partsOf(given: Expr): SetPart[] {
  if (isFields(given) && 'concat' in given && Array.isArray(given.concat)) return given.concat.flatMap(partsOf)
  if (!isSelector(given)) throw new EncodeError(`must be a selector like { payload: ... }, got ${show(given)}`)
  const { type, size } = resolveSelector(given)
  return [{ type, bits: size }]
}
