/** Sub-messages: which codec an attribute has is said by a sibling (IFLA_INFO_KIND) or by the message's header. */
import type { AnyAttributes, Attribute } from './attributes.ts'
import type { Source } from './bytes.ts'
import { type AnyCodec, type Fields, type Infer, type Input, isFields } from './codec.ts'
import { bytes } from './leaf.ts'
import { scan } from './nlattr.ts'

export interface Selected<T = unknown, I = never> {
  readonly sort: 'selected'
  readonly type: 'sub-message'
  /** Key of the sibling whose value selects, or 'header.FIELD'. */
  readonly by: string
  /** FIELD of 'header.FIELD'. */
  readonly headerField: string | undefined
  readonly cases: Readonly<Record<string, AnyCodec>>
  readonly otherwise: AnyCodec
  readonly inner: () => readonly AnyCodec[]
  readonly types?: (value: I) => T
}

const opaque = bytes()

/**
 * @example data: attribute('IFLA_INFO_DATA', 2, selected('kind', { veth, bridge }))   // other kinds: Uint8Array
 */
export function selected<const C extends Record<string, AnyCodec>, O extends AnyCodec = typeof opaque>(
  by: string,
  cases: C,
  otherwise?: O,
): Selected<Infer<C[keyof C]> | Infer<O>, Input<C[keyof C]> | Input<O>> {
  const other: AnyCodec = otherwise ?? opaque
  return {
    sort: 'selected',
    type: 'sub-message',
    by,
    headerField: by.startsWith('header.') ? by.slice('header.'.length) : undefined,
    cases,
    otherwise: other,
    inner: () => [...Object.values(cases), other],
  }
}

/** The codec of a row. While reading, the selector may still be ahead in the bytes: some tools write it last. */
export function resolve(
  set: AnyAttributes,
  { codec }: Pick<Attribute<unknown, never>, 'codec'>,
  value: Fields,
  source?: Source,
  start = 0,
  end = 0,
): AnyCodec {
  if (codec.sort !== 'selected') return codec
  const selector =
    lookup(value, codec) ?? (source && codec.headerField === undefined && ahead(set, codec.by, source, start, end))
  const key = String(selector)
  return Object.hasOwn(codec.cases, key) ? (codec.cases[key] as AnyCodec) : codec.otherwise
}

/** What selects, where it has been read already. */
export function lookup(value: Fields, { by, headerField }: Selected): unknown {
  if (headerField === undefined) return value[by]
  return isFields(value.header) ? value.header[headerField] : undefined
}

function ahead(set: AnyAttributes, key: string, source: Source, start: number, end: number): unknown {
  const row = set.rows[key]
  if (!row || row.codec.sort === 'selected') return undefined
  for (const { at, length, number } of scan(source, start, end)) {
    if (number === row.number) return row.codec.decode({ ...source, exact: false }, at + 4, at + length)
  }
  return undefined
}
