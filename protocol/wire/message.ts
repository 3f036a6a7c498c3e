/** A message's body: a fixed header and attributes behind it. */
import type { AnyAttributes, Attributes } from './attributes.ts'
import { aligned, type Source } from './bytes.ts'
import { type AnyCodec, type Codec, EncodeError, type Fields, isFields, show, within } from './codec.ts'
import { encodeKept, keepWhole } from './exact.ts'
import { NLA_F_NESTED, scan } from './nlattr.ts'
import type { Struct } from './struct.ts'

export interface Message<T, I> extends Codec<T, I> {
  readonly sort: 'message'
  readonly header: Struct<unknown, never>
  readonly attributes: Attributes<unknown, never>
}

/** Has the sender left NLA_F_NESTED out where the schema has it? What only some of the nests lack is kept as `raw`. */
function isFlat(attributes: AnyAttributes, source: Source, start: number, end: number): boolean {
  for (const { at, number } of scan(source, start, end)) {
    if (attributes.byNumber.get(number)?.row.nested)
      return (source.view.getUint16(at + 2, source.littleEndian) & NLA_F_NESTED) === 0
  }
  return false
}

/**
 * The attributes are properties beside `header`; a header or fields of it left out are zero.
 *
 * @example const linkMessage = message(ifinfomsg, linkAttributes)   // { header: { index: 2 }, mtu: 1400 }
 */
export function message<H, HI, A, AI>(
  header: Struct<H, HI>,
  attributes: Attributes<A, AI>,
): Message<{ header: H } & A, { header?: HI | undefined } & AI> {
  const size = header.size
  const skip = aligned(size)
  const codec: Message<{ header: H } & A, { header?: HI | undefined } & AI> = {
    sort: 'message',
    type: 'nest',
    size: undefined,
    header,
    attributes,
    decode(source, start, end) {
      const value: Fields = {
        header: within('header', () => header.decode(source, start, Math.min(end, start + size))),
      }
      const { flat } = source
      source.flat = source.exact && isFlat(attributes, source, start + skip, end)
      if (source.flat) value.flat = true
      if (start + skip < end) attributes.fill(source, start + skip, end, value)
      if (source.exact) keepWhole(codec, value, source, start, end)
      source.flat = flat
      return value as { header: H } & A
    },
    encode(value, sink) {
      const fields: unknown = value
      if (!isFields(fields)) throw new EncodeError(`must be an object, got ${show(value)}`)
      if (encodeKept(codec, undefined, undefined, fields, fields.raw, sink)) return
      const start = sink.position
      within('header', () => header.encode((fields.header === undefined ? {} : fields.header) as HI, sink))
      sink.align(start)
      const { flat } = sink
      sink.flat = fields.flat === true
      attributes.write(fields, sink, 'header')
      sink.flat = flat
    },
    revive(json) {
      if (!isFields(json)) throw new EncodeError(`must be an object, got ${show(json)}`)
      const value: Fields = {}
      if (json.header !== undefined) value.header = within('header', () => header.revive(json.header))
      attributes.reviveInto(json, value, 'header')
      return value
    },
    parts(source, start, end) {
      const stop = Math.min(end, start + size)
      const known = { header: header.decode(source, start, stop) }
      const first = { key: 'header', start, payload: start, end: stop, codec: header as AnyCodec }
      return [first, ...(start + skip < end ? (attributes.parts?.(source, start + skip, end, known) ?? []) : [])]
    },
    inner: () => [header, attributes],
  }
  return codec
}
