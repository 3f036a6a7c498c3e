/** NFTA_LIST_ELEM: lists of nf_tables, as arrays. */
import { attributes, many } from '../../wire/attributes.ts'
import type { AnyCodec, Codec, Infer, Input } from '../../wire/codec.ts'
import { indexed, type List } from '../../wire/list.ts'

/**
 * A nest of members, all of them NFTA_LIST_ELEM (1). libnftnl numbers those of some lists 1, 2, 3 ... (`numbered`), which the kernel
 * does not look at. `spec` names the list for the tables.
 */
export function list<C extends AnyCodec>(
  spec: string,
  item: C,
  { numbered = false } = {},
): List<Infer<C>[], readonly Input<C>[]> {
  const set = attributes(spec, () => ({ elem: many('NFTA_LIST_ELEM', 1, item, { nested: true }) }))
  return { ...indexed(item, { nested: true, step: numbered ? 1 : 0 }), inner: () => [set] }
}

/** For annotations of what holds itself. */
export type ListOf<T, I> = Codec<T[], readonly I[]>
