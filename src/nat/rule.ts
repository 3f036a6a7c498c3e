/** What nl.nat does for people: the rules in their words, checked and in one form, so that two of them can be compared. */
import { formatIp, parseIp, parsePrefix } from '../../protocol/wire/address.ts'
import { show } from '../../protocol/wire/codec.ts'
import { invalid } from '../error.ts'
import { checkObject } from '../input.ts'

export type NatFamily = 'ip' | 'ip6'
export type NatProtocol = 'tcp' | 'udp' | 'sctp'
/** 5000, or several: '5000-5010'. */
export type NatPorts = number | `${number}-${number}`
/** Where a rule is kept. */
export interface NatPlace {
  /** A table of the family inet that has nothing but the rules of nl.nat; 'netlink-ts' where it is left out. */
  table?: string | undefined
}

export interface NatNamed extends NatPlace {
  /** By which remove() and list() know it, up to 128 bytes; otherwise it is made of what the rule matches. */
  name?: string | undefined
}

/** Which packets get another source address. `source` or `out` must be there. */
export interface NatSources {
  /** The address or network that packets come from: `-s 192.168.1.0/24`. */
  source?: string | undefined
  /** Destinations that are left as they are, one or several: `! -d 10.0.0.0/8`. */
  except?: string | readonly string[] | undefined
  /** The device that they leave by: `-o eth0`. 'eth*' is all that begin so. */
  out?: string | undefined
  /** The device that they must not leave by, as a bridge whose ports talk among themselves: `! -o br0`. */
  outNot?: string | undefined
  /** Where no address says it; otherwise both. */
  family?: NatFamily | undefined
}

/** `iptables -t nat -A POSTROUTING -s 192.168.1.0/24 ! -o br0 -j MASQUERADE` */
export interface MasqueradeOptions extends NatSources, NatNamed {}

/** `iptables -t nat -A POSTROUTING -s 192.168.1.0/24 -o eth0 -j SNAT --to-source 192.0.2.1` */
export interface SnatOptions extends NatSources, NatNamed {
  /** An address of this host, or several: '192.0.2.1-192.0.2.4'. */
  to: string
}

/** `iptables -t nat -A PREROUTING -d 192.0.2.1 -p tcp --dport 5000 -j DNAT --to-destination 192.168.1.10:5000` */
export interface ForwardOptions extends NatNamed {
  protocol: NatProtocol
  port: NatPorts
  /** An address of this host, or a device that packets come in by; without it, all of this host's addresses. */
  on?: string | undefined
  /** '192.168.1.10:80'; without a port it is the same one. '[2001:db8::1]:80' */
  to: string
  /** 127.0.0.1 too. Sets net.ipv4.conf.DEV.route_localnet of the device that leads to the target: its neighbours then reach what listens on 127.0.0.1. */
  localhost?: boolean | undefined
  /**
   * The network whose hosts reach the target directly, and must not get its answers directly: theirs are masqueraded. Without it, it is the network
   * of the device that leads to the target, if the target is in one; false: none.
   */
  hairpin?: string | false | undefined
}

/** `iptables -t nat -A PREROUTING -i br0 -p tcp --dport 80 -j REDIRECT --to-ports 3128` */
export interface RedirectOptions extends NatNamed {
  protocol: NatProtocol
  port: NatPorts
  /** The port of this host. */
  to: number
  /** The device that packets come in by. */
  in?: string | undefined
  /** Their destination; without it, all. */
  on?: string | undefined
  /** Where no address says it; otherwise both. */
  family?: NatFamily | undefined
}

/** A rule as list() gives it. */
export type NatRule =
  | ({ kind: 'masquerade'; name: string } & NatSources)
  | ({ kind: 'snat'; name: string; to: string } & NatSources)
  | ({ kind: 'forward'; name: string } & Omit<ForwardOptions, keyof NatNamed>)
  | ({ kind: 'redirect'; name: string } & Omit<RedirectOptions, keyof NatNamed>)

/** The rule without its name. */
export type NatDefinition = NatRule extends infer R ? (R extends NatRule ? Omit<R, 'name'> : never) : never
export type Definition<K extends NatRule['kind']> = Extract<NatDefinition, { kind: K }>

const bits = { 4: 32, 6: 128 } as const

/** Checks of one call, whose errors name the property. */
export class Check {
  readonly #operation: string
  #family: NatFamily | undefined
  #said = ''

  constructor(operation: string) {
    this.#operation = operation
  }

  fault(path: string, reason: string): Error {
    return invalid(this.#operation, path, reason)
  }

  object(path: string, given: unknown): void {
    checkObject(this.#operation, path, given)
  }

  /** All addresses of a rule are of one family. */
  agree(path: string, family: NatFamily | undefined): NatFamily | undefined {
    if (family === undefined) return this.#family
    if (family !== 'ip' && family !== 'ip6') throw this.fault(path, `must be 'ip' or 'ip6', got ${show(family)}`)
    if (this.#family !== undefined && this.#family !== family)
      throw this.fault(path, `is of ${version(family)}, and ${this.#said} of ${version(this.#family)}`)
    if (this.#family === undefined) this.#said = path
    this.#family = family
    return family
  }

  /** Prefixes in canonical form, without host bits. */
  networks(path: string, given: string | readonly string[] | undefined): string[] | undefined {
    if (given === undefined) return undefined
    const list = Array.isArray(given) ? given : [given]
    if (list.length === 0) throw this.fault(path, 'is empty')
    return list.map((each, i) => this.network(Array.isArray(given) ? `${path}[${i}]` : path, each)).sort()
  }

  network(path: string, given: unknown): string {
    const prefix = typeof given === 'string' ? parsePrefix(given) : undefined
    if (!prefix) throw this.fault(path, `must be an IP address or prefix, got ${show(given)}`)
    this.agree(path, prefix.family === 4 ? 'ip' : 'ip6')
    const { length } = prefix
    if (length === bits[prefix.family]) return prefix.address
    return `${networkOf(prefix.address, length)}/${length}`
  }

  address(path: string, given: unknown): string {
    if (typeof given !== 'string' || given.includes('/') || !parseIp(given))
      throw this.fault(path, `must be an IP address, got ${show(given)}`)
    return this.network(path, given)
  }

  device(path: string, given: unknown): string | undefined {
    if (given === undefined) return undefined
    const bytes = typeof given === 'string' ? Buffer.byteLength(given) : 0
    if (bytes === 0 || bytes > 15 || /[\s/:\0]/.test(String(given)))
      throw this.fault(path, `must be the name of a device, got ${show(given)}`)
    return String(given)
  }

  protocol(given: unknown): NatProtocol {
    if (given === 'tcp' || given === 'udp' || given === 'sctp') return given
    throw this.fault('protocol', `must be tcp, udp or sctp, got ${show(given)}`)
  }

  port(path: string, given: unknown): number {
    const port = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
    if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65536) return port
    throw this.fault(path, `must be a port 1..65535, got ${show(given)}`)
  }

  ports(path: string, given: unknown): NatPorts {
    const [, first, last] = typeof given === 'string' ? (/^(\d+)-(\d+)$/.exec(given) ?? []) : []
    if (first === undefined) return this.port(path, given)
    const [from, to] = [this.port(path, first), this.port(path, last)]
    if (from >= to) throw this.fault(path, `must be from a lower port to a higher one, got ${show(given)}`)
    return `${from}-${to}`
  }

  name(given: unknown, path = 'name'): string {
    const bytes = typeof given === 'string' ? Buffer.byteLength(given) : 0
    if (bytes > 0 && bytes <= 128) return String(given)
    throw this.fault(path, `must be 1..128 bytes long, got ${show(given)}`)
  }
}

const version = (family: NatFamily): string => (family === 'ip' ? 'IPv4' : 'IPv6')

/** '192.168.1.7', 24 is '192.168.1.0'. */
export function networkOf(address: string, length: number): string {
  const bytes = parseIp(address)
  if (!bytes) return address
  return formatIp(bytes.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - i * 8)))))
}

/** Whether the address is in the network '192.168.1.0/24'. */
export function contains(network: string, address: string): boolean {
  const prefix = parsePrefix(network)
  return prefix !== undefined && networkOf(address, prefix.length) === networkOf(prefix.address, prefix.length)
}

export const familyOf = (address: string): NatFamily => (address.includes(':') ? 'ip6' : 'ip')
