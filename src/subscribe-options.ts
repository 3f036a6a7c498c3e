/** What can be said about a subscription, and what of it is refused. */
import { type NetfilterGroup, netfilterGroups } from '../protocol/netfilter/groups.ts'
import { type RouteGroup, routeGroups } from '../protocol/route/groups.ts'
import { show } from '../protocol/wire/codec.ts'
import { invalid } from './error.ts'
import { checkBoolean, checkInteger, checkObject, checkSignal } from './input.ts'
import type { NamedProtocol } from './schema.ts'

/** Names where there are names. */
export type GroupOf<P extends string> = P extends 'route'
  ? RouteGroup | number
  : P extends 'netfilter'
    ? NetfilterGroup | number
    : number

export interface SubscribeOptions<P extends string = 'route'> {
  /** 'route' is the default; its number, '9', where it has no name. */
  protocol?: P | undefined
  /**
   * Names of the kernel's constants in lower case, RTNLGRP_ dropped ('link', 'ipv4_ifaddr', 'ipv6_route', 'neigh'), with netfilter NFNLGRP_
   * ('conntrack_new', 'conntrack_destroy', 'nftables', 'nftrace'), or numbers.
   */
  groups: readonly GroupOf<P>[]
  /** Ends the stream with code 'ABORT_ERR'. */
  signal?: AbortSignal | undefined
  /**
   * How many bytes of messages to keep for a consumer who is slower than the kernel; 16 MiB is the default, 130,000 route events. What is
   * more waits in the receive buffer, and only when that is full too, an overrun follows.
   */
  limit?: number | undefined
  /** The size of the socket's receive buffer in bytes, 32 MiB by default: 80,000 route events. Without CAP_NET_ADMIN it ends at net.core.rmem_max. */
  receiveBuffer?: number | undefined
  /** The events of all namespaces that have an id in this one too, with `nsid`: `ip monitor all-nsid`. It takes CAP_NET_BROADCAST. */
  allNsid?: boolean | undefined
}

/** Whatever the protocol. */
export type AnySubscribeOptions = Omit<SubscribeOptions, 'protocol' | 'groups'> & {
  groups: readonly (string | number)[]
}

const RECEIVE_BUFFER = 32 << 20
const LIMIT = 16 << 20

const operation = 'subscribe'
const namesOf: Record<string, ReadonlyMap<string, number>> = { route: routeGroups, netfilter: netfilterGroups }

/** What needs no look at anything else. Throws NetlinkError EINVAL. */
export function checkSubscribe(options: AnySubscribeOptions): void {
  checkObject(operation, 'options', options)
  checkSignal(operation, options.signal)
  checkBoolean(operation, 'allNsid', options.allNsid)
}

/** The numbers of the groups. */
export function groupNumbers(protocol: NamedProtocol, groups: readonly (string | number)[]): number[] {
  if (!Array.isArray(groups) || groups.length === 0) throw invalid(operation, 'groups', 'must name one group or more')
  const names = namesOf[protocol.name] ?? new Map<string, number>()
  const numbers = groups.map((group, index) => {
    const number = typeof group === 'string' ? names.get(group) : group
    if (typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 2 ** 31) return number
    const known = names.size > 0 ? `one of ${[...names.keys()].join(', ')}, or a number` : 'a number'
    throw invalid(operation, `groups[${index}]`, `must be ${known}, got ${show(group)}`)
  })
  return [...new Set(numbers)]
}

export function limitOf({ limit = LIMIT }: AnySubscribeOptions): number {
  return bytes('limit', limit)
}

export function receiveBufferOf({ receiveBuffer = RECEIVE_BUFFER }: AnySubscribeOptions): number {
  return bytes('receiveBuffer', receiveBuffer)
}

/** The kernel takes an int, and doubles it. */
function bytes(path: string, value: number): number {
  checkInteger(operation, path, value, 1, 2 ** 30)
  return value
}
