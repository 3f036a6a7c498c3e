/** Which protocols the matches so far have settled, and which of these matches go without saying once a field of the protocol is asked for. */

import type { NftFamily, Statement } from '../ast.ts'
import { type Base, type HeaderName, headerBehind, headers } from '../selectors/index.ts'

/** A statement of the rule being read; it may be taken back as long as nothing stands between it and what implies it. */
export interface Entry {
  statement: Statement
  /** Of a comparison with a constant. */
  compared?: Compared
}

export interface Compared {
  op: string
  /** 'ip', 'tcp' ... of a field, 'meta' or 'ct' */
  protocol: string | undefined
  /** 'protocol', 'nfproto' ... */
  key: string
  /** The layer of a payload. */
  base: Base | undefined
  /** The constant, where it is one of at most 16 bits. */
  value: number | undefined
}

/** What is known of a layer: its header, 'unknown' where it is one without a table here, undefined where nothing is. */
export type Known = HeaderName | 'unknown' | undefined

const layers = ['ll_header', 'network_header', 'transport_header', 'inner_header'] as const satisfies readonly Base[]

const families: Readonly<Record<NftFamily, Partial<Record<Base, HeaderName>>>> = {
  ip: { network_header: 'ip' },
  ip6: { network_header: 'ip6' },
  arp: { network_header: 'arp' },
  bridge: { ll_header: 'ether' },
  inet: {},
  netdev: {},
}

const IPPROTO_ICMP = 1
const IPPROTO_ICMPV6 = 58
const ETH_P_8021Q = 0x8100
const ETH_P_8021AD = 0x88a8
const ethertypes: Readonly<Record<number, HeaderName>> = { 2048: 'ip', 2054: 'arp', 34525: 'ip6' }

/** `meta` and `ct` keys that say what a layer is. */
const metaLayers: Readonly<Record<string, Base>> = {
  'meta iiftype': 'll_header',
  'meta nfproto': 'network_header',
  'meta protocol': 'network_header',
  'meta l4proto': 'transport_header',
  'ct l3proto': 'network_header',
  'ct protocol': 'transport_header',
}

/** Fields that say what the next layer is. */
const nextFields: ReadonlySet<string> = new Set([
  'ether type',
  'vlan type',
  'ip protocol',
  'ip6 nexthdr',
  'ah nexthdr',
  'comp nexthdr',
  'icmp type',
  'icmpv6 type',
])

export class Protocols {
  readonly family: NftFamily
  readonly #known: { [B in Base]?: Known }
  readonly #implied: Partial<Record<Base, Entry>> = {}
  /** VLAN tags that were asked for: the next header begins behind them. */
  tags = 0
  /** Set once `icmp type` is compared: its other fields depend on it. */
  icmpType: number | undefined
  readonly #remove: (entry: Entry) => void

  constructor(family: NftFamily, remove: (entry: Entry) => void) {
    this.family = family
    this.#known = { ...families[family] }
    this.#remove = remove
  }

  known(base: Base): Known {
    return this.#known[base]
  }

  /** A comparison with a constant may settle a protocol. */
  settle({ op, protocol, key, value }: Compared): void {
    if (op !== '==' || value === undefined || protocol === undefined) return
    const name = `${protocol} ${key}`
    if (protocol === 'meta') this.#settleMeta(name, value)
    else if (protocol === 'ct') this.#settleCt(name, value)
    else if (nextFields.has(name)) this.#settleField(name, value)
  }

  #settleMeta(name: string, value: number): void {
    const { family } = this
    if (name === 'meta iiftype' && family !== 'bridge') this.#known.ll_header = value === 1 ? 'ether' : 'unknown'
    if (name === 'meta nfproto') this.#known.network_header = this.#nfproto(value) ?? 'unknown'
    if (name === 'meta l4proto') this.#known.transport_header = transport(value) ?? 'unknown'
    if (name === 'meta protocol' && (family === 'netdev' || family === 'bridge')) this.#settleEthertype(value)
  }

  /** In tables of one protocol, others are not to be expected. */
  #nfproto(value: number): HeaderName | undefined {
    const own = { 2: 'ip', 3: 'arp', 10: 'ip6' }[value] as HeaderName | undefined // of the three, each is a header
    return this.family === 'inet' ? (own === 'arp' ? undefined : own) : own === this.family ? own : undefined
  }

  #settleCt(name: string, value: number): void {
    const network = this.#known.network_header
    if (name === 'ct l3proto' && this.family === 'inet') this.#known.network_header = this.#nfproto(value)
    if (name === 'ct protocol' && network !== undefined && transport(value))
      this.#known.transport_header = transport(value)
  }

  #settleField(name: string, value: number): void {
    if (name === 'icmp type' || name === 'icmpv6 type') this.icmpType = value
    else if (name === 'ether type' || name === 'vlan type') this.#settleEthertype(value)
    else this.#known.transport_header = transport(value) ?? this.#known.transport_header
  }

  #settleEthertype(value: number): void {
    if (value === ETH_P_8021Q || value === ETH_P_8021AD) {
      this.#known.ll_header = 'vlan'
      this.tags++
    } else this.#known.network_header = ethertypes[value] ?? this.#known.network_header
  }

  /** Remembers what may go without saying: `meta l4proto tcp` in front of `tcp dport 22`. */
  remember(entry: Entry): void {
    const { compared } = entry
    if (compared === undefined || compared.op !== '==' || compared.protocol === undefined) return
    const layer = this.#layerBehind(compared)
    if (layer !== undefined) this.#implied[layer] = entry
  }

  #layerBehind({ protocol, key, base, value }: Compared): Base | undefined {
    const name = `${protocol} ${key}`
    if (base === undefined) return metaLayers[name]
    if (!nextFields.has(name)) return undefined
    // an echo's fields need no type said before them
    if (name === 'icmp type') return value === 0 || value === 8 ? undefined : 'inner_header'
    if (name === 'icmpv6 type') return value === 128 || value === 129 ? undefined : 'inner_header'
    const tag = value === ETH_P_8021Q || value === ETH_P_8021AD
    return base === 'll_header' && tag ? 'll_header' : layers[layers.indexOf(base) + 1]
  }

  /**
   * `meta l4proto icmp` goes without the `meta nfproto ipv4` before it. Of other matches nft takes more back than they say (`meta iiftype` before
   * `meta nfproto`, `meta nfproto` before `ct protocol`); here these stay.
   */
  impliedByMeta({ protocol, key, value }: Compared): void {
    const entry = this.#implied.network_header
    const asked = entry?.compared && networkOf(entry.compared)
    if (asked === undefined || protocol !== 'meta' || key !== 'l4proto') return
    const { family } = this
    const own = (family === 'ip' || family === 'ip6') && asked === family
    const said = value === IPPROTO_ICMP ? asked === 'ip' : value === IPPROTO_ICMPV6 && asked === 'ip6'
    if (own || (said && family !== 'arp')) this.forget('network_header')
  }

  /** `ct original saddr` says which network protocol there is. */
  impliedByAddress(): void {
    this.forget('network_header')
  }

  /** A field implies the matches that its protocol needs. `type`: it says itself what the next layer is. */
  impliedByField(protocol: HeaderName, field: string, base: Base): void {
    const layer = base === 'transport_header' && this.#implied[base] === undefined ? 'inner_header' : base
    const entry = this.#implied[layer]
    if (entry?.compared !== undefined && this.#saidByField(entry.compared, protocol, field, base)) this.forget(layer)
  }

  #saidByField(dependency: Compared, protocol: HeaderName, field: string, base: Base): boolean {
    const { family } = this
    if (family === 'bridge' || family === 'netdev' || family === 'inet') {
      // `ip protocol tcp` says IPv4 as well, which `tcp dport` does not
      const network =
        dependency.base === 'network_header' && (dependency.protocol === 'ip' || dependency.protocol === 'ip6')
      if (network && base === 'transport_header') return false
      if (dependency.base === base && dependency.op === '==') {
        if (nextFields.has(`${protocol} ${field}`)) return false
        if (base === 'll_header') return saidByTag(dependency)
      }
    }
    if (base !== 'transport_header' || dependency.base !== 'transport_header') return true
    if (dependency.protocol !== 'icmp' && dependency.protocol !== 'icmpv6') return true
    const when = headers[protocol].fields as Readonly<Record<string, { readonly when?: readonly number[] }>>
    const types = when[field]?.when
    return (
      types !== undefined &&
      dependency.protocol === protocol &&
      dependency.value !== undefined &&
      types.includes(dependency.value)
    )
  }

  /** An option or extension header says which protocol there is, if it is the one that was asked for. */
  impliedByExtension(layer: Base, protocol: HeaderName): void {
    const compared = this.#implied[layer]?.compared
    if (compared === undefined) return
    const { family } = this
    const network = compared.base === 'network_header' && family !== 'ip' && family !== 'ip6'
    const said = layer === 'transport_header' ? transport(compared.value ?? -1) : (networkOf(compared) ?? protocol)
    if (!network && said === protocol) this.forget(layer)
  }

  forget(layer: Base): void {
    const entry = this.#implied[layer]
    if (entry === undefined) return
    delete this.#implied[layer]
    this.#remove(entry)
  }

  /** Behind a statement that does something, what was asked before it stays. */
  reset(): void {
    for (const layer of layers) delete this.#implied[layer]
  }
}

function transport(number: number): HeaderName | undefined {
  return headerBehind(number, 'transport_header')?.[0]
}

/** The network protocol that a match asks for; undefined for other matches. */
function networkOf({ protocol, key, base, value }: Compared): Known {
  if (protocol === 'meta' && key === 'nfproto') return value === 2 ? 'ip' : value === 10 ? 'ip6' : 'unknown'
  const ethertype = (protocol === 'meta' && key === 'protocol') || (base === 'll_header' && key === 'type')
  return ethertype ? (ethertypes[value ?? 0] ?? 'unknown') : undefined
}

/** `vlan id` says `ether type vlan`, and no other type; `vlan type` is never said by others. */
function saidByTag({ protocol, value }: Compared): boolean {
  return protocol === 'vlan' ? false : protocol === 'ether' && value !== undefined ? value === ETH_P_8021Q : true
}
