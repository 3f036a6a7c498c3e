/**
 * Neighbouring bytes of a header in one comparison, where nft does so: `tcp sport 1 tcp dport 2` reads 4 bytes. Reading up to 4 bytes of
 * the network or transport header is fast in the kernel, so two of these stay apart where they would become more.
 */
import type { NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import { type Layer, LINK } from './protocols.ts'

/** A cmp, and the payload expression right before it. */
export interface Comparison {
  readonly layer: Layer
  /** Bits. */
  readonly offset: number
  readonly bits: number
  readonly op: 'eq' | 'neq'
  readonly value: Uint8Array
  /** Whether it tells the protocol above, which what follows relies on. */
  readonly tells: boolean
  readonly compare: NftExpressionInput
}

function mergeable(a: Comparison, b: Comparison): boolean {
  if (a.op !== b.op || a.layer !== b.layer || a.offset + a.bits !== b.offset) return false
  if ((a.offset | a.bits | b.bits) % 8 !== 0) return false
  const total = a.bits + b.bits
  if (total > 128) return false
  return total <= 32 || a.layer === LINK || a.bits > 32 || b.bits > 32
}

function join(a: Comparison, b: Comparison, stays: Comparison): Comparison {
  const value = new Uint8Array(a.value.length + b.value.length)
  value.set(a.value)
  value.set(b.value, a.value.length)
  return { ...stays, offset: a.offset, bits: a.bits + b.bits, value, tells: a.tells || b.tells }
}

/** The same expressions with other data: of what they are, nothing changes. */
function wider(load: NftExpressionInput | undefined, { offset, bits }: Comparison): NftExpressionInput {
  return { ...load, data: { ...(load?.data as object), offset: offset >> 3, len: bits >> 3 } } as NftExpressionInput
}

function withValue(compare: NftExpressionInput, { value }: Comparison): NftExpressionInput {
  return { ...compare, data: { ...(compare.data as object), data: { value } } } as NftExpressionInput
}

/** Merges neighbours in `expressions`, in which the comparisons are. */
export function merge(expressions: NftExpressionInput[], comparisons: readonly Comparison[]): void {
  if (!comparisons.some((a) => comparisons.some((b) => mergeable(a, b)))) return
  const sorted = [...comparisons].sort((a, b) => a.layer - b.layer || a.offset - b.offset)
  const gone = new Set<NftExpressionInput>()
  const changed = new Map<NftExpressionInput, Comparison>()
  let last: Comparison | undefined
  for (const next of sorted) {
    if (last === undefined || !mergeable(last, next)) {
      last = next
      continue
    }
    // The one that tells the protocol stays where it is: later matches read that protocol's header
    const [stays, leaves] = next.tells ? [next, last] : [last, next]
    gone.add(leaves.compare)
    last = join(last, next, stays)
    changed.set(last.compare, last)
  }
  if (gone.size === 0) return
  let kept = 0
  for (const expression of expressions) {
    const comparison = changed.get(expression)
    // With the load before it
    if (gone.has(expression)) kept--
    else if (comparison === undefined) expressions[kept++] = expression
    else {
      expressions[kept - 1] = wider(expressions[kept - 1], comparison)
      expressions[kept++] = withValue(expression, comparison)
    }
  }
  expressions.length = kept
}
