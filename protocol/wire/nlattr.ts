/** struct nlattr: nla_len and nla_type, the payload behind them, padding to 4 bytes. */
import type { AnyAttribute } from './attributes.ts'
import { aligned, type Sink, type Source } from './bytes.ts'
import { EncodeError } from './codec.ts'

export const NLA_F_NESTED = 0x8000
export const NLA_F_NET_BYTEORDER = 0x4000
export const NLA_TYPE_MASK = 0x3fff

/** nla_type as it is written: the number with its flags. */
export function attributeType({ number, nested, netByteorder }: AnyAttribute, flat = false): number {
  return number | (nested && !flat ? NLA_F_NESTED : 0) | (netByteorder ? NLA_F_NET_BYTEORDER : 0)
}

/** The attributes in `start..end`, as long as their headers make sense. */
export function* scan(
  source: Source,
  start: number,
  end: number,
): Generator<{ at: number; length: number; number: number }> {
  for (let at = start; end - at >= 4; ) {
    const length = source.view.getUint16(at, source.littleEndian)
    if (length < 4 || at + length > end) return
    yield { at, length, number: source.view.getUint16(at + 2, source.littleEndian) & NLA_TYPE_MASK }
    at += aligned(length)
  }
}

/** Writes the header of the attribute whose payload follows `start`, and the padding behind it. */
export function finishAttribute(sink: Sink, start: number, type: number): void {
  const length = sink.position - start
  if (length > 0xffff) throw new EncodeError(`is ${length - 4} bytes long, an attribute holds at most 65531`)
  sink.view.setUint16(start, length, sink.littleEndian)
  sink.view.setUint16(start + 2, type, sink.littleEndian)
  sink.align(start)
}
