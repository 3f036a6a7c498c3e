/** Values of a rule on their way to registers: what a selector, a constant or an operation on them becomes. */

import type { DataType } from '../datatype.ts'
import type { ByteOrder } from '../datatypes/bits.ts'
import type { ExtensionOp } from '../selectors/exthdr.ts'
import type { Layer, Protocol } from './protocols.ts'

/** How a value lies in a register. */
export interface Shape {
  readonly type: DataType
  /** Its width; fewer than a whole byte lie to the right. */
  readonly bits: number
  readonly order: ByteOrder
}

type LoadName = 'meta' | 'ct' | 'rt' | 'socket' | 'fib' | 'osf' | 'xfrm' | 'tunnel' | 'numgen' | 'hash'

/** An expression of the kernel that loads a register: meta, ct, rt, socket, fib ... */
export interface Load extends Shape {
  readonly kind: 'load'
  readonly name: LoadName
  /** Its attributes but for the register; select.ts makes them as the name wants them. */
  readonly data: Readonly<Record<string, unknown>>
  /** The key that tells a protocol (`meta l4proto`, `ct protocol`), where it does. */
  readonly tells?: string
  /** The largest value, where it is not that of its width (numgen, jhash). */
  readonly most?: number
}

/** Bytes of a header. */
export interface Payload extends Shape {
  readonly kind: 'payload'
  readonly layer: Layer
  /** Bits from the start of the layer. */
  readonly offset: number
  /** undefined: raw bytes, of whatever is there. */
  readonly protocol: Protocol | undefined
  readonly field: string | undefined
  /** Whether the protocol above is told by it. */
  readonly tells: boolean
}

/** An extension header of IPv6, an option of TCP or IPv4, a chunk of SCTP. */
export interface Exthdr extends Shape {
  readonly kind: 'exthdr'
  readonly op: ExtensionOp
  readonly number: number
  /** In bits. */
  readonly offset: number
  readonly present: boolean
}

interface Hash extends Shape {
  readonly kind: 'hash'
  readonly argument: Node
  readonly data: Readonly<Record<string, unknown>>
  readonly most: number
}

export type Operator = '&' | '|' | '^' | '<<' | '>>'

export interface Operation extends Shape {
  readonly kind: 'operation'
  readonly operator: Operator
  readonly left: Node
  readonly right: bigint
  /** Bits of the field itself: what it is compared with has no more. */
  readonly width: number
}

/** From the machine's byte order to the network's, or back. */
interface Swap extends Shape {
  readonly kind: 'swap'
  readonly op: 'hton' | 'ntoh'
  readonly argument: Node
}

export interface Concatenation extends Shape {
  readonly kind: 'concat'
  readonly parts: readonly Node[]
}

export interface Lookup extends Shape {
  readonly kind: 'map'
  readonly key: Node
  readonly set: SetReference
  /** Values are addresses and ports, for nat. */
  readonly concatenated: boolean
  /** Values are ranges: both ends come into registers, one behind the other. */
  readonly interval: boolean
}

export interface Constant extends Shape {
  readonly kind: 'value'
  readonly bytes: Uint8Array
}

export type Node = Load | Payload | Exthdr | Hash | Operation | Swap | Concatenation | Lookup | Constant

/** A set by name, or by the number that it has in the transaction. */
export interface SetReference {
  readonly set: string
  readonly setId?: number
}
