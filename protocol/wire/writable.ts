/** What of a value the kernel takes back: attributes that it only reports are left out. */
import { isAttributes } from './attributes.ts'
import { type AnyCodec, type Fields, isFields } from './codec.ts'
import { resolve } from './selected.ts'

/** A copy of `value` without read-only attributes and without the exact reader's `raw`, at every depth. */
export function writable(codec: AnyCodec, value: unknown): unknown {
  if (!isAttributes(codec) || !isFields(value)) return value
  const kept: Fields = {}
  for (const [key, part] of Object.entries(value)) {
    const row = Object.hasOwn(codec.rows, key) ? codec.rows[key] : undefined
    if (row?.readOnly || key === 'raw' || key === 'flat') continue
    kept[key] = row && !row.many ? writable(resolve(codec, row, value), part) : part
  }
  return kept
}
