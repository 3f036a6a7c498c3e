/** How selectors are declared: fields of headers and options by place, keys by the kernel's name. Offsets and sizes are bits. */
import type { DataType } from '../datatype.ts'

/** NFT_PAYLOAD_*_HEADER */
export type Base = 'll_header' | 'network_header' | 'transport_header' | 'inner_header'

export interface Field<T extends DataType = DataType> {
  readonly offset: number
  readonly size: number
  readonly type: T
  /** Values of the header's `type` field with which this field exists: `icmp mtu` asks for destination-unreachable first. */
  readonly when?: readonly number[]
}

export function field<T extends DataType>(offset: number, size: number, type: T, when?: readonly number[]): Field<T> {
  return when ? { offset, size, type, when } : { offset, size, type }
}

export type Fields = Readonly<Record<string, Field>>

/** What must hold of a packet for a header to be there. Which of these are asked depends on the table's family. */
export interface Requires {
  /** ARPHRD_*: `meta iiftype`, where packets need not come from Ethernet (ip, ip6, inet). */
  readonly iiftype?: number
  /** In bridge and netdev tables: `ether type`, `vlan type`, `meta protocol`. */
  readonly ethertype?: number
  /** In inet tables: `meta nfproto`. */
  readonly nfproto?: number
  /** `meta l4proto`, `ip protocol`, `ip6 nexthdr`. */
  readonly l4proto?: number
}

export interface Header<F extends Fields = Fields> {
  readonly base: Base
  /** Where it starts, counted from the base: 112 for the VLAN tag behind an Ethernet header. */
  readonly start: number
  readonly fields: F
  readonly requires: Requires
  /** The field that says which header follows. */
  readonly next?: string
  /** NFTA_PAYLOAD_CSUM_TYPE and CSUM_OFFSET (bytes from the base), where writes must correct a checksum. */
  readonly checksum?: { readonly type: 'inet' | 'sctp'; readonly offset: number }
  /** Fields that the transport checksum covers (pseudo-header): writes carry NFT_PAYLOAD_L4CSUM_PSEUDOHDR. */
  readonly pseudo?: readonly string[]
}

/** An IPv6 extension header, TCP or IP option, or SCTP chunk: found by number, wherever it is. */
export interface Extension<F extends Fields = Fields> {
  readonly number: number
  readonly fields: F
}

/** A key of meta, ct, rt, socket ...: a value that the kernel has ready. */
export interface Key<T extends DataType = DataType> {
  /** The constant without prefix in lower case: 'bri_iifname' for NFT_META_BRI_IIFNAME. */
  readonly kernel: string
  readonly size: number
  readonly type: T
  /** Rules may set it: `meta mark set 1`. */
  readonly set?: boolean
  /** A direction of the connection belongs to it: 'always', or 'maybe'. */
  readonly dir?: 'always' | 'maybe'
}

export type Keys = Readonly<Record<string, Key>>

export function key<T extends DataType>(kernel: string, size: number, type: T): Key<T> {
  return { kernel, size, type }
}

export function settable<T extends DataType>(kernel: string, size: number, type: T): Key<T> & { readonly set: true } {
  return { kernel, size, type, set: true }
}
