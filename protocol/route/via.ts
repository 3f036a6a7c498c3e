/** RTA_VIA, struct rtvia (linux/rtnetlink.h): a gateway of another family than the route's (`ip route add 192.0.2.0/24 via inet6 fe80::1`). */
import { formatIp, parseIp } from '../wire/address.ts'
import { type Codec, DecodeError, EncodeError, isFields, show, within } from '../wire/codec.ts'
import { leaf } from '../wire/leaf.ts'
import { oneOf, u16 } from '../wire/scalar.ts'
import { AF } from './family.ts'

const viaFamily = oneOf(u16, 'AF_', AF)

export interface Via {
  family: 'inet' | 'inet6'
  address: string
}

export const via: Codec<Via> = leaf(
  'binary',
  undefined,
  (source, start, end) => {
    const family = end - start < 2 ? undefined : viaFamily.decode(source, start, start + 2)
    const size = family === 'inet' ? 4 : family === 'inet6' ? 16 : undefined
    if (size === undefined || end - start !== size + 2 || (family !== 'inet' && family !== 'inet6'))
      throw new DecodeError(`takes a family and its address, got ${end - start} bytes`, start)
    return { family, address: formatIp(source.bytes.subarray(start + 2, end)) }
  },
  (value, sink) => {
    if (!isFields(value)) throw new EncodeError(`must be an object, got ${show(value)}`)
    const { family, address } = value
    const bytes = parseIp(String(address))
    const size = family === 'inet' ? 4 : family === 'inet6' ? 16 : undefined
    if (size === undefined) throw new EncodeError(`must be inet or inet6, got ${show(family)}`, 'family')
    if (bytes?.length !== size)
      throw new EncodeError(`must be an address of ${family}, got ${show(address)}`, 'address')
    within('family', () => viaFamily.encode(family, sink))
    sink.append(bytes)
  },
)
