/** Finding one's way in encoded bytes: the property at an offset. */
import { maxDepth, type Source } from './bytes.ts'
import { type AnyCodec, DecodeError, joinPath, type Part } from './codec.ts'

/** The parts of a value; none for leaves and for bytes that cannot be taken apart. */
export function partsOf(codec: AnyCodec, source: Source, start: number, end: number): Part[] {
  try {
    return codec.parts?.(source, start, end, {}) ?? []
  } catch (error) {
    if (error instanceof DecodeError) return []
    throw error
  }
}

/** The innermost property whose bytes hold `offset`, and where it is; undefined where the offset is in none. */
export function partAt(
  codec: AnyCodec,
  source: Source,
  start: number,
  end: number,
  offset: number,
): { path: string; part: Part } | undefined {
  let found: { path: string; part: Part } | undefined
  let parts = partsOf(codec, source, start, end)
  for (let depth = 0; depth < maxDepth * 4; depth++) {
    const part = parts.find((each) => offset >= each.start && offset < Math.max(each.end, each.start + 1))
    if (!part) return found
    found = { path: found ? joinPath(found.path, part.key) : part.key, part }
    if (!part.codec) return found
    parts = partsOf(part.codec, source, part.payload, part.end)
  }
  return found
}
