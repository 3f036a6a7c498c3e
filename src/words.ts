/** Words that addresses and routes share: prefixes, scopes, lifetimes. */
import { type Prefix, parsePrefix } from '../protocol/wire/address.ts'
import { show } from '../protocol/wire/codec.ts'
import { invalid } from './error.ts'

export type IpFamily = 'inet' | 'inet6'

/** rt_scope as iproute2 calls it: what the kernel names RT_SCOPE_UNIVERSE is 'global'. */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | number

export function toScope(scope: string | number): Scope {
  // The schema's names are these but for the first.
  return scope === 'universe' ? 'global' : (scope as Scope)
}

export function fromScope(scope: Scope): 'universe' | 'site' | 'link' | 'host' | 'nowhere' | number {
  return scope === 'global' ? 'universe' : scope
}

/** '192.168.1.1/24' taken apart. Throws NetlinkError with `path`. */
export function checkPrefix(operation: string, path: string, text: unknown): Prefix {
  const prefix = typeof text === 'string' ? parsePrefix(text) : undefined
  if (prefix) return prefix
  throw invalid(
    operation,
    path,
    `must be an IP address, with a prefix length (0..32, IPv6 0..128) behind '/' or none, got ${show(text)}`,
  )
}

/** An address without a length. */
export function checkAddress(operation: string, path: string, text: unknown): Prefix {
  if (typeof text === 'string' && !text.includes('/')) {
    const prefix = parsePrefix(text)
    if (prefix) return prefix
  }
  throw invalid(operation, path, `must be an IP address, got ${show(text)}`)
}

export function checkFamily(operation: string, path: string, family: unknown): void {
  if (family !== 'inet' && family !== 'inet6')
    throw invalid(operation, path, `must be inet or inet6, got ${show(family)}`)
}

export function familyOf(prefix: Prefix): IpFamily {
  return prefix.family === 4 ? 'inet' : 'inet6'
}
