/** All attribute sets of a protocol: for tables, and for tests of all declarations. */
import { type AnyAttributes, isAttributes } from '../protocol/wire/attributes.ts'
import type { AnyCodec } from '../protocol/wire/codec.ts'

/** Every attribute set that `roots` hold, at any depth. */
export function attributeSets(roots: readonly AnyCodec[]): AnyAttributes[] {
  const seen = new Set<AnyCodec>()
  const left = [...roots]
  for (let codec = left.pop(); codec !== undefined; codec = left.pop()) {
    if (seen.has(codec)) continue
    seen.add(codec)
    left.push(...(codec.inner?.() ?? []))
  }
  return Array.from(seen).filter(isAttributes)
}
