/** Addresses. */

import { formatIpv4, formatIpv6, parseIpv4, parseIpv6, parseMac } from '../../../protocol/wire/address.ts'
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import { type DataType, single } from '../datatype.ts'

function address<const S extends string>(
  declared: Pick<DataType<string, S>, 'name' | 'id' | 'size'>,
  what: string,
  parse: (text: string) => Uint8Array | undefined,
  format: (bytes: Uint8Array) => string,
): DataType<string, S> {
  return {
    name: declared.name,
    id: declared.id,
    size: declared.size,
    byteorder: 'big',
    parse(value, bits) {
      const word = single(value)
      const bytes = typeof word === 'string' ? parse(word) : undefined
      if (bytes === undefined) throw new EncodeError(`must be ${what}, got ${show(value)}`)
      const length = (bits || declared.size) / 8
      if (bytes.length !== length) throw new EncodeError(`must have ${length} bytes, got ${show(value)}`)
      return bytes
    },
    format: (bytes) => format(bytes),
    text: (bytes) => format(bytes),
  }
}

function formatHardware(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}

export const ipv4_addr = address({ name: 'ipv4_addr', id: 7, size: 32 }, 'an IPv4 address', parseIpv4, formatIpv4)
export const ipv6_addr = address({ name: 'ipv6_addr', id: 8, size: 128 }, 'an IPv6 address', parseIpv6, formatIpv6)
export const ether_addr = address(
  { name: 'ether_addr', id: 9, size: 48 },
  'a hardware address like 02:00:00:00:00:01',
  parseMac,
  formatHardware,
)
/** A hardware address of any length. */
export const ll_addr = address(
  { name: 'll_addr', id: 6, size: 0 },
  'a hardware address like 02:00:00:00:00:01',
  parseMac,
  formatHardware,
)
