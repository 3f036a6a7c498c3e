/** An address as callers see it, and how a message becomes one. */
import { type AddressMessage, type AddressMessageInput, addressMessage } from '../protocol/route/address.ts'
import { formatPrefix } from '../protocol/wire/address.ts'
import { Sink, source } from '../protocol/wire/bytes.ts'
import { read, write } from '../protocol/wire/compile.ts'
import type { Device } from './device.ts'
import { type Scope, toScope } from './words.ts'

/** Seconds, or no end. */
export type Lifetime = number | 'forever'
type AddressFlags = NonNullable<AddressMessage['flags']>

/** An address as list() gives it. */
export interface Address {
  /** The device: its name, or its index where it has just gone. */
  dev: Device
  /** The device's index. */
  index: number
  /** '192.168.1.1/24'. With a `peer` there is no length: the peer's counts. IFA_LOCAL */
  address: string
  /** The other end of a point-to-point link, '10.0.0.2/32'. `ip address add ... peer`. IFA_ADDRESS */
  peer?: string
  /** IPv4. IFA_BROADCAST */
  broadcast?: string
  /** IPv4: the device's name, perhaps with ':text' behind it. IFA_LABEL */
  label?: string
  scope: Scope
  /** 'permanent', 'tentative', 'noprefixroute', 'nodad' ... IFA_FLAGS */
  flags: AddressFlags
  /** Seconds until the address goes. IFA_CACHEINFO */
  validLft: Lifetime
  /** Seconds until new connections avoid it. */
  preferredLft: Lifetime
  /** Metric of the prefix's route. IFA_RT_PRIORITY */
  metric?: number
  /** Who added it. IFA_PROTO */
  protocol?: NonNullable<AddressMessage['proto']>
}

/** What add() and replace() take; whatever list() gives fits. */
export interface AddressInput {
  dev: Device
  /** '192.168.1.1/24'; without a length it is that of a host, as in `ip address add`. */
  address: string
  peer?: string | undefined
  /** An address, '+' for the prefix's last one, '-' for its first. */
  broadcast?: string | undefined
  label?: string | undefined
  /** The default is 'global', for 127.0.0.0/8 'host'. */
  scope?: Scope | undefined
  /** 'noprefixroute', 'nodad', 'optimistic', 'homeaddress', 'managetempaddr', 'mcautojoin'; what the kernel only reports is ignored. */
  flags?: AddressFlags | undefined
  validLft?: Lifetime | undefined
  preferredLft?: Lifetime | undefined
  metric?: number | undefined
  protocol?: AddressMessage['proto']
  /** Ignored: `dev` counts. */
  index?: number | undefined
}

/** Of a lifetime. INFINITY_LIFE_TIME */
export const INFINITY = 0xffffffff

const lifetime = (value: number): Lifetime => (value === INFINITY ? 'forever' : value)

/** The address of a message, its device still an index. */
export function toAddress(message: AddressMessage): Address | undefined {
  const { header, address, broadcast, label, flags, cacheinfo, rtPriority, proto } = message
  const local = message.local ?? address
  // MCTP and Phonet answer a dump of all families too.
  if (local === undefined || (header.family !== 'inet' && header.family !== 'inet6')) return undefined
  const peer = address !== undefined && address !== local ? formatPrefix(address, header.prefixlen) : undefined
  return {
    dev: header.index,
    index: header.index,
    address: peer === undefined ? formatPrefix(local, header.prefixlen) : local,
    ...(peer !== undefined && { peer }),
    ...(broadcast !== undefined && { broadcast }),
    ...(label !== undefined && { label }),
    scope: toScope(header.scope),
    flags: flags ?? header.flags,
    validLft: lifetime(cacheinfo?.valid ?? INFINITY),
    preferredLft: lifetime(cacheinfo?.prefered ?? INFINITY),
    ...(rtPriority !== undefined && { metric: rtPriority }),
    ...(proto !== undefined && { protocol: proto }),
  }
}

/** What the kernel was told, as an object: it echoes no address before 6.2. */
export function sent({ dev }: AddressInput, message: AddressMessageInput, index: number): Address {
  const sink = new Sink()
  write(addressMessage, message, sink)
  // It holds a local address: toMessage() put it in.
  const object = toAddress(read(addressMessage, source(sink.finish()), 0, sink.position)) as Address
  return { ...object, dev, index }
}
