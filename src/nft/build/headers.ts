/** Fields of headers, options and extension headers: `tcp.dport(80)`, `tcp.option.maxseg.size.set(1400)`, `frag.exists()`. */
import type { ResetStatement, Selector } from '../ast.ts'
import { boolean, rawInteger } from '../datatypes/index.ts'
import {
  type Extension,
  exthdr,
  type Fields,
  type Header,
  type HeaderName,
  headers,
  ipOptions,
  type rawBases,
  sctpChunks,
  tcpOptions,
} from '../selectors/index.ts'
import { lazily } from './lazily.ts'
import { type Existing, type Settable, selecting } from './selecting.ts'
import { type Camel, camel, type FieldSelectors, type HeaderSelectors, type Typed } from './typed.ts'

function header<N extends HeaderName>(protocol: N): HeaderSelectors<(typeof headers)[N]> {
  return lazily(() => headerFields(protocol))
}

function headerFields<N extends HeaderName>(protocol: N): HeaderSelectors<(typeof headers)[N]> {
  const { fields }: Header = headers[protocol]
  const made = Object.entries(fields).map(([field, { type }]) => {
    const name = camel(field)
    return [name, selecting(`${protocol}.${name}`, { payload: { protocol, field } }, [type])]
  })
  // The table's own fields, each as its type says.
  return Object.fromEntries(made) as HeaderSelectors<(typeof headers)[N]>
}

/** Whether it is there, and its fields. `exprOf` gives the selector of a field, or of the whole. */
function extension(title: string, fields: Fields, exprOf: (field?: string) => Selector): object {
  const whole: Existing & { reset(): ResetStatement } = selecting(title, exprOf(), [boolean])
  const made = Object.entries(fields).map(([field, { type }]): [string, unknown] => {
    const [, list] = /^(.*)\[1\]$/.exec(field) ?? []
    if (list !== undefined)
      return [list, (index: number) => selecting(`${title}.${list}(${index})`, exprOf(`${list}[${index}]`), [type])]
    const name = camel(field)
    return [name, selecting(`${title}.${name}`, exprOf(field), [type])]
  })
  const presence = {
    exists: () => whole.exists(),
    missing: () => whole.missing(),
    reset: () => whole.reset(),
  }
  return { ...presence, ...Object.fromEntries(made) }
}

/** All extensions of a table, under their names. */
function extensions(title: string, word: string, table: Readonly<Record<string, Extension>>): Record<string, object> {
  const made = Object.entries(table).map(([name, { fields }]) => {
    // One of the four kinds of extensions, as its caller says.
    const exprOf = (field?: string) =>
      ({ [word]: field === undefined ? { name } : { name, field } }) as unknown as Selector
    return [camel(name), extension(title === '' ? name : `${title}.${camel(name)}`, fields, exprOf)]
  })
  return Object.fromEntries(made) as Record<string, object>
}

type ExtensionSelectors<T extends Readonly<Record<string, Extension>>> = {
  readonly [N in keyof T & string as Camel<N>]: Existing & FieldSelectors<T[N]['fields']>
}
type OptionFields<F extends Fields> = {
  readonly [N in keyof F & string as Camel<N>]: Typed<F[N]['type']> & Settable<number | string>
}
/** TCP options: their fields can be written, and the whole be blanked out. */
type TcpOptionSelectors = {
  readonly [N in keyof typeof tcpOptions & string as Camel<N>]: Existing & {
    /** Overwrites the option with no-operations: `reset tcp option sack-perm`. */
    reset(): ResetStatement
  } & OptionFields<(typeof tcpOptions)[N]['fields']>
}

type Exthdrs = ExtensionSelectors<typeof exthdr>
const exthdrOf = <N extends keyof Exthdrs & keyof typeof exthdr>(name: N): Exthdrs[N] =>
  lazily(() => extensions('', 'exthdr', { [name]: exthdr[name] })[name] as unknown as Exthdrs[N])

/** Ethernet: `ether saddr`. In tables of the ip families, of packets that came from Ethernet. */
export const ether: HeaderSelectors<typeof headers.ether> = header('ether')
/** VLAN tags: `vlan id`. In tables of families bridge and netdev above all. */
export const vlan: HeaderSelectors<typeof headers.vlan> = header('vlan')
/** ARP: `arp operation`. In tables of families arp, bridge and netdev. */
export const arp: HeaderSelectors<typeof headers.arp> = header('arp')
/** IPv4: `ip saddr`; and its options, `ip option rr exists`. */
export const ip: HeaderSelectors<typeof headers.ip> & { readonly option: ExtensionSelectors<typeof ipOptions> } =
  lazily(() => ({
    ...headerFields('ip'),
    option: extensions('ip.option', 'ip option', ipOptions) as unknown as ExtensionSelectors<typeof ipOptions>,
  }))
/** IPv6: `ip6 saddr`. */
export const ip6: HeaderSelectors<typeof headers.ip6> = header('ip6')
/** `icmp type echo-request` */
export const icmp: HeaderSelectors<typeof headers.icmp> = header('icmp')
/** `igmp type membership-query` */
export const igmp: HeaderSelectors<typeof headers.igmp> = header('igmp')
/** `icmpv6 type nd-neighbor-solicit` */
export const icmpv6: HeaderSelectors<typeof headers.icmpv6> = header('icmpv6')
/** `tcp dport 80`; and its options, `tcp option maxseg size 1400`. */
export const tcp: HeaderSelectors<typeof headers.tcp> & { readonly option: TcpOptionSelectors } = lazily(() => ({
  ...headerFields('tcp'),
  option: extensions('tcp.option', 'tcp option', tcpOptions) as unknown as TcpOptionSelectors,
}))
/** `udp dport 53` */
export const udp: HeaderSelectors<typeof headers.udp> = header('udp')
/** `udplite csumcov 8` */
export const udplite: HeaderSelectors<typeof headers.udplite> = header('udplite')
/** `sctp dport 36412`; and its chunks, `sctp chunk data exists`. */
export const sctp: HeaderSelectors<typeof headers.sctp> & { readonly chunk: ExtensionSelectors<typeof sctpChunks> } =
  lazily(() => ({
    ...headerFields('sctp'),
    chunk: extensions('sctp.chunk', 'sctp chunk', sctpChunks) as unknown as ExtensionSelectors<typeof sctpChunks>,
  }))
/** `dccp type request` */
export const dccp: HeaderSelectors<typeof headers.dccp> = header('dccp')
/** Authentication headers: `ah spi 1`. */
export const ah: HeaderSelectors<typeof headers.ah> = header('ah')
/** Encrypted packets: `esp spi 1`. */
export const esp: HeaderSelectors<typeof headers.esp> = header('esp')
/** Compressed packets: `comp cpi 1`. */
export const comp: HeaderSelectors<typeof headers.comp> = header('comp')
/** Ports of any transport protocol: `meta l4proto { tcp, udp } th dport 53`. */
export const th: HeaderSelectors<typeof headers.th> = header('th')

/** IPv6 hop-by-hop options: `exthdr hbh exists`. */
export const hbh: Exthdrs['hbh'] = exthdrOf('hbh')
/** IPv6 routing headers of any type: `rt type 0`; `rt` has what belongs to them too. */
export const routing: Exthdrs['rt'] = exthdrOf('rt')
/** IPv6 source routes: `rt0 addr[1]`. */
export const rt0: Exthdrs['rt0'] = exthdrOf('rt0')
/** IPv6 routing headers of mobile nodes: `rt2 addr`. */
export const rt2: Exthdrs['rt2'] = exthdrOf('rt2')
/** IPv6 segment routing: `srh sid[1]`. */
export const srh: Exthdrs['srh'] = exthdrOf('srh')
/** IPv6 fragments: `frag more-fragments 1`. */
export const frag: Exthdrs['frag'] = exthdrOf('frag')
/** IPv6 destination options: `exthdr dst exists`. */
export const dst: Exthdrs['dst'] = exthdrOf('dst')
/** IPv6 mobility: `mh type binding-update`. */
export const mh: Exthdrs['mh'] = exthdrOf('mh')

/**
 * Bits of a packet by their place, for headers that nft has no words for: `@nh,96,32`. Offset and length in bits, from the link layer's header,
 * the network's or the transport's.
 *
 * @example raw('nh', 96, 32)(0x0a000001)
 */
export function raw(
  base: keyof typeof rawBases,
  offset: number,
  len: number,
): Typed<typeof rawInteger> & Settable<number | string> {
  return selecting(`raw(${base}, ${offset}, ${len})`, { payload: { base, offset, len } }, [rawInteger])
}
