/**
 * Neighbouring bytes of a header in one comparison, where nft does so: `tcp sport 1 tcp dport 2` reads 4 bytes. Reading up to 4 bytes of
 * the network or transport header is fast in the kernel, so two of these stay apart where they would become more.
 */
import type { NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import { type Layer, LINK } from './protocols.ts'

/** A payload expression and the cmp behind it. */
export interface Comparison {
  readonly layer: Layer
  /** Bits. */
  readonly offset: number
  readonly bits: number
  readonly op: 'eq' | 'neq'
  readonly value: Uint8Array
  /** Whether it tells the protocol above, which what follows relies on. */
  readonly tells: boolean
  readonly load: NftExpressionInput
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

/** Merges neighbours in `expressions`, in which the comparisons are. */
export function merge(expressions: NftExpressionInput[], comparisons: readonly Comparison[]): void {
  if (!comparisons.some((a) => comparisons.some((b) => mergeable(a, b)))) return
  const sorted = [...comparisons].sort((a, b) => a.layer - b.layer || a.offset - b.offset)
  const gone = new Set<NftExpressionInput>()
  const changed = new Map<NftExpressionInput, NftExpressionInput>()
  let last: Comparison | undefined
  for (const next of sorted) {
    if (last === undefined || !mergeable(last, next)) {
      last = next
      continue
    }
    // The one that tells the protocol stays where it is: later matches read that protocol's header
    const [stays, leaves] = next.tells ? [next, last] : [last, next]
    gone.add(leaves.load).add(leaves.compare)
    last = join(last, next, stays)
    const { load, compare } = last
    const bytes = { offset: last.offset >> 3, len: last.bits >> 3 }
    changed.set(load, { ...load, data: { ...(load.data as object), ...bytes } } as unknown as NftExpressionInput)
    const data = { ...(compare.data as object), data: { value: last.value } }
    changed.set(compare, { ...compare, data } as unknown as NftExpressionInput)
  }
  if (gone.size === 0) return
  let kept = 0
  for (const expression of expressions) {
    if (!gone.has(expression)) expressions[kept++] = changed.get(expression) ?? expression
  }
  expressions.length = kept
}
