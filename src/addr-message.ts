/** Messages of addresses, from what callers say; checked before anything is sent. */
import type { AddressMessageInput } from '../protocol/route/address.ts'
import { formatIp, type Prefix, parseIp } from '../protocol/wire/address.ts'
import { show } from '../protocol/wire/codec.ts'
import { type AddressInput, INFINITY, type Lifetime } from './addr-object.ts'
import { invalid } from './error.ts'
import { checkArray } from './input.ts'
import { checkAddress, checkPrefix, familyOf, fromScope } from './words.ts'

const settable: ReadonlySet<unknown> = new Set([
  'nodad',
  'optimistic',
  'homeaddress',
  'managetempaddr',
  'noprefixroute',
  'mcautojoin',
])

/** The message of an address, all but the device's index. */
export function toMessage(address: AddressInput, operation: string): AddressMessageInput {
  const local = checkPrefix(operation, 'address', address.address)
  const peer = address.peer === undefined ? undefined : checkPrefix(operation, 'peer', address.peer)
  if (peer && peer.family !== local.family)
    throw invalid(operation, 'peer', `must be of the family of ${address.address}, got '${address.peer}'`)
  const { label, metric, protocol, flags } = address
  if (flags !== undefined) checkArray(operation, 'flags', flags)
  const broadcast = broadcastOf(address, local, operation)
  const cacheinfo = lifetimes(address, operation)
  const kept = flags?.filter((flag) => settable.has(flag))
  const scope = address.scope ?? (local.family === 4 && local.address.startsWith('127.') ? 'host' : 'global')
  return {
    header: {
      family: familyOf(local),
      // Where both have one, the peer's is that of the prefix.
      prefixlen: peer && (address.peer?.includes('/') || !address.address.includes('/')) ? peer.length : local.length,
      scope: fromScope(scope),
    },
    local: local.address,
    address: peer?.address ?? local.address,
    ...(broadcast !== undefined && { broadcast }),
    ...(label !== undefined && { label }),
    ...(kept && { flags: kept }),
    ...(cacheinfo && { cacheinfo }),
    ...(metric !== undefined && { rtPriority: metric }),
    ...(protocol !== undefined && { proto: protocol }),
  }
}

function broadcastOf({ broadcast }: AddressInput, local: Prefix, operation: string): string | undefined {
  if (broadcast === undefined) return undefined
  if (local.family !== 4) throw invalid(operation, 'broadcast', 'is for IPv4 only')
  if (broadcast !== '+' && broadcast !== '-') {
    const { family, address } = checkAddress(operation, 'broadcast', broadcast)
    if (family !== 4) throw invalid(operation, 'broadcast', `must be an IPv4 address, '+' or '-', got '${broadcast}'`)
    return address
  }
  // A /31 (RFC 3021) and a /32 have no broadcast address.
  if (local.length > 30) return undefined
  const bytes = parseIp(local.address) ?? new Uint8Array(4)
  const host = 0xffffffff >>> local.length
  const view = new DataView(bytes.buffer)
  const word = view.getUint32(0)
  view.setUint32(0, broadcast === '+' ? word | host : word & ~host)
  return formatIp(bytes)
}

function lifetimes(
  { validLft, preferredLft }: AddressInput,
  operation: string,
): { valid: number; prefered: number } | undefined {
  if (validLft === undefined && preferredLft === undefined) return undefined
  const valid = seconds(validLft ?? 'forever', operation, 'validLft')
  const prefered = seconds(preferredLft ?? validLft ?? 'forever', operation, 'preferredLft')
  if (valid === 0) throw invalid(operation, 'validLft', 'must not be 0')
  if (prefered > valid)
    throw invalid(
      operation,
      'preferredLft',
      `must not be longer than validLft, ${preferredLft} is longer than ${validLft}`,
    )
  return { valid, prefered }
}

function seconds(lifetime: Lifetime, operation: string, path: string): number {
  if (lifetime === 'forever') return INFINITY
  if (Number.isInteger(lifetime) && lifetime >= 0 && lifetime < INFINITY) return lifetime
  throw invalid(operation, path, `must be 'forever' or seconds 0..${INFINITY - 1}, got ${show(lifetime)}`)
}

const renames: Readonly<Record<string, string>> = {
  local: 'address',
  address: 'peer',
  rtPriority: 'metric',
  proto: 'protocol',
  'header.index': 'dev',
  'header.prefixlen': 'address',
  'header.family': 'address',
  'header.scope': 'scope',
  'cacheinfo.valid': 'validLft',
  'cacheinfo.prefered': 'preferredLft',
  cacheinfo: 'validLft',
}

/** The caller's name for a property of the message. */
export function renameAddress(path: string): string {
  return renames[path] ?? path
}
