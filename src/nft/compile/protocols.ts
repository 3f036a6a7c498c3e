/** Which protocol follows which, and what a rule's matches have said so far about a packet's protocols: what nft's implicit matches come from. */
import type { NftFamily } from '../ast.ts'

/** Headers from the outside in; the kernel's payload bases in that order. */
export const LINK = 0
export const NETWORK = 1
export const TRANSPORT = 2
export const INNER = 3
export type Layer = 0 | 1 | 2 | 3

export const layerNames = ['link layer', 'network layer', 'transport layer', 'payload data'] as const

export interface Protocol {
  readonly name: string
  readonly layer: Layer
  /** What tells the next protocol: a meta key (bits), or a field of the header itself. */
  readonly key?: { readonly meta: string; readonly bits: number } | { readonly field: string }
  /** The protocols that may follow, by name. */
  readonly upper: Readonly<Record<string, number>>
  /** Bytes, of a link layer header that may be followed by another (VLAN). */
  readonly length: number
}

const transports = { esp: 50, ah: 51, comp: 108, udp: 17, udplite: 136, tcp: 6, dccp: 33, sctp: 132 }
const inet = { ...transports, icmp: 1, igmp: 2, icmpv6: 58 }
const ethertypes = { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100 }

const declare = (name: string, layer: Layer, upper = {}, key?: Protocol['key'], length = 0): Protocol =>
  key === undefined ? { name, layer, upper, length } : { name, layer, upper, key, length }

/** By name; 'inet', 'netdev' and 'inet-service' are no headers, but stand for what the kernel knows without looking into the packet. */
export const protocols: ReadonlyMap<string, Protocol> = new Map(
  [
    declare('inet', LINK, { ip: 2, ip6: 10 }, { meta: 'nfproto', bits: 8 }),
    declare('netdev', LINK, ethertypes, { meta: 'protocol', bits: 16 }),
    declare('ether', LINK, ethertypes, { field: 'type' }, 14),
    declare('vlan', LINK, ethertypes, { field: 'type' }, 4),
    declare('ip', NETWORK, inet, { meta: 'l4proto', bits: 8 }),
    declare('ip6', NETWORK, inet, { meta: 'l4proto', bits: 8 }),
    declare('arp', NETWORK),
    declare('inet-service', TRANSPORT, inet, { meta: 'l4proto', bits: 8 }),
    declare('ah', TRANSPORT, transports, { field: 'nexthdr' }),
    declare('comp', TRANSPORT, transports, { field: 'nexthdr' }),
    declare('icmp', TRANSPORT, {}, { field: 'type' }),
    declare('icmpv6', TRANSPORT, {}, { field: 'type' }),
    ...['esp', 'igmp', 'udp', 'udplite', 'tcp', 'dccp', 'sctp', 'th'].map((name) => declare(name, TRANSPORT)),
  ].map((protocol) => [protocol.name, protocol]),
)

export function protocol(name: string): Protocol {
  const found = protocols.get(name)
  if (found === undefined) throw new TypeError(`no protocol ${name}`)
  return found
}

const unknown = (layer: Layer) => declare('unknown', layer)

/** ETH_P_8021AD: the outer of two tags; nft takes both for VLAN. */
const QINQ = 0x88a8

function above(lower: Protocol, number: number): Protocol | undefined {
  for (const name in lower.upper) if (lower.upper[name] === number) return protocol(name)
  return number === QINQ && 'vlan' in lower.upper ? protocol('vlan') : undefined
}

/** Where a family's packets start, and what is known of them from the beginning. */
const familyProtocol: Readonly<Record<NftFamily, Protocol>> = {
  ip: protocol('ip'),
  ip6: protocol('ip6'),
  inet: protocol('inet'),
  arp: protocol('arp'),
  bridge: protocol('ether'),
  netdev: protocol('netdev'),
}

const ARPHRD_ETHER = 1
const none: readonly Protocol[] = []

/** What is known of the packets that reach this point of a rule. */
export class Known {
  readonly family: NftFamily
  /** The innermost known protocol of each layer. */
  readonly layers: [Protocol | undefined, Protocol | undefined, Protocol | undefined, Protocol | undefined]
  /** Another transport protocol that packets may have: of `meta l4proto { tcp, udp }` neither is known. */
  other: Protocol | undefined = undefined
  /** Link layer headers below the current one. */
  stacked: readonly Protocol[] = none
  /** icmp or icmpv6 type, 0 where nothing is known; an echo reply counts as a request. */
  icmpType = 0

  constructor(family: NftFamily) {
    this.family = family
    const first = familyProtocol[family]
    this.layers = [undefined, undefined, undefined, undefined]
    this.layers[first.layer] = first
  }

  get first(): Protocol {
    return familyProtocol[this.family]
  }

  is(layer: Layer, found: Protocol): void {
    const before = this.layers[layer]
    if (layer === TRANSPORT && before !== undefined && before !== found) this.other = before
    this.layers[layer] = found
  }

  /** A match on a field that tells the protocol above, as `ip protocol tcp`. */
  header(lower: Protocol, number: number): void {
    const base = this.layers[lower.layer]
    if (base === undefined) return
    const found = above(base, number)
    if (found === undefined) {
      if (base.name === 'icmp') this.icmpType = number === 0 ? 8 : number
      else if (base.name === 'icmpv6') this.icmpType = number === 129 ? 128 : number
      return
    }
    if (found.layer === LINK && base.layer === LINK) this.stacked = [...this.stacked, base]
    this.is(found.layer, found)
  }

  /** A match on a meta key: `meta l4proto tcp`. */
  meta(key: string, number: number): void {
    const { first } = this
    switch (key) {
      case 'iiftype':
        if (first.layer === LINK && this.family === 'bridge') return
        this.is(LINK, number === ARPHRD_ETHER ? protocol('ether') : unknown(LINK))
        return
      case 'nfproto':
        this.is(NETWORK, above(first, number) ?? this.#own(number) ?? unknown(NETWORK))
        return
      case 'l4proto':
        this.is(TRANSPORT, above(protocol('inet-service'), number) ?? unknown(TRANSPORT))
        return
      case 'protocol':
        if (this.family !== 'netdev' && this.family !== 'bridge') return
        this.is(NETWORK, above(first, number) ?? unknown(NETWORK))
    }
  }

  /** `ct protocol tcp`, `ct l3proto ip`. */
  conntrack(key: string, number: number): void {
    const layer = key === 'l3proto' ? LINK : NETWORK
    const base = this.layers[layer]
    const found = base === undefined ? undefined : above(base, number)
    if (found !== undefined) this.is(key === 'l3proto' ? NETWORK : TRANSPORT, found)
  }

  /** In tables of one family `meta nfproto` may only say that family. */
  #own(number: number): Protocol | undefined {
    const numbers: Partial<Record<NftFamily, number>> = { ip: 2, ip6: 10, arp: 3 }
    return numbers[this.family] === number ? this.first : undefined
  }
}
