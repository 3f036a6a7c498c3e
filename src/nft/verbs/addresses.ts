/**
 * Sets of IPv4 addresses, which are what large sets are: written without an object, and what belongs to it, for each. It saves 0.15 s of CPU for
 * 100,000 of them.
 */

import { ipv4Word } from '../../../protocol/wire/address.ts'
import type { Sink } from '../../../protocol/wire/bytes.ts'
import { NLA_F_NESTED } from '../../../protocol/wire/nlattr.ts'
import type { SetDefinition } from '../objects/set-definition.ts'

export const NFTA_LIST_ELEM = 1
const NFTA_SET_ELEM_KEY = 1
const NFTA_DATA_VALUE = 1
/** The element, its key, the key's value: a header each; and the address. */
const SIZE = 16

/** Whether it is a set of single IPv4 addresses, and these are all of its elements: prefixes, ranges, comments go the long way. */
export function areAddresses({ key, data, flags }: SetDefinition, elements: readonly unknown[]): boolean {
  const [only] = key
  if (key.length !== 1 || only?.type.name !== 'ipv4_addr' || only.bits !== 32 || only.shift !== undefined) return false
  if (data !== undefined || flags.includes('interval')) return false
  for (const element of elements) if (typeof element !== 'string' || ipv4Word(element, element.length) < 0) return false
  return true
}

/** Writes addresses as Transaction.listMessages() wants it. */
export function addresses(elements: readonly unknown[]): (sink: Sink, at: number, end: number) => number {
  return (sink, at, end) => {
    const count = Math.min(elements.length - at, Math.floor((end - sink.position) / SIZE))
    let position = sink.reserve(count * SIZE)
    const { view, littleEndian } = sink
    for (let i = at; i < at + count; i += 1, position += SIZE) {
      // areAddresses() has looked at them.
      const text = elements[i] as string
      view.setUint16(position, SIZE, littleEndian)
      view.setUint16(position + 2, NFTA_LIST_ELEM | NLA_F_NESTED, littleEndian)
      view.setUint16(position + 4, SIZE - 4, littleEndian)
      view.setUint16(position + 6, NFTA_SET_ELEM_KEY | NLA_F_NESTED, littleEndian)
      view.setUint16(position + 8, SIZE - 8, littleEndian)
      view.setUint16(position + 10, NFTA_DATA_VALUE, littleEndian)
      view.setUint32(position + 12, ipv4Word(text, text.length))
    }
    return at + count
  }
}
