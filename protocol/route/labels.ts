/** MPLS label stacks as text (RFC 3032, linux/mpls.h): '100/200', as `ip` writes them. */
import { type Codec, DecodeError, EncodeError, show } from '../wire/codec.ts'
import { leaf } from '../wire/leaf.ts'

const bottom = 0x100

/**
 * Four bytes a label: 20 bits of label, 3 of traffic class, 1 that marks the last, 8 of TTL. Class and TTL are zero in routes;
 * bytes where they are not, or where the mark is elsewhere, are refused (and so kept as they are).
 */
export const mplsLabels: Codec<string> = leaf(
  'binary',
  undefined,
  ({ view }, start, end) => {
    const size = end - start
    if (size === 0 || size % 4 !== 0) throw new DecodeError(`takes a multiple of 4 bytes, got ${size}`, start)
    const labels: number[] = []
    for (let at = start; at < end; at += 4) {
      const entry = view.getUint32(at)
      if ((entry & 0xfff) !== (at + 4 === end ? bottom : 0)) throw new DecodeError('is no plain stack of labels', at)
      labels.push(entry >>> 12)
    }
    return labels.join('/')
  },
  (value, sink) => {
    const labels = typeof value === 'string' && /^\d{1,7}(\/\d{1,7})*$/.test(value) ? value.split('/').map(Number) : []
    if (labels.length === 0 || labels.some((label) => label > 0xfffff))
      throw new EncodeError(`must be MPLS labels like 100/200, got ${show(value)}`)
    for (const [index, label] of labels.entries()) {
      const at = sink.reserve(4)
      sink.view.setUint32(at, label * 0x1000 + (index === labels.length - 1 ? bottom : 0))
    }
  },
)
