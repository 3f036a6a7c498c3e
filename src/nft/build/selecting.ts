/** What a packet has, as functions: `tcp.dport(80, 443)` matches, `.not()`, `.lt()`, `.and()`, `.set()`, `.map()` and `.vmap()` are the rest. */
import { show } from '../../../protocol/wire/codec.ts'
import { invalid } from '../../error.ts'
import type {
  BinaryOperator,
  Expr,
  MangleStatement,
  MapExpr,
  MatchOperator,
  MatchStatement,
  Range,
  ResetStatement,
  Verdict,
  VmapStatement,
} from '../ast.ts'
import type { Key, Keyed, MapRef, SetRef } from './reference.ts'
import { type Constant, type Entries, toExpr, toMap, type ValueType } from './value.ts'

/** '1000-2000', of what is a number. */
export type RangeText<V> = number extends V ? `${number}-${number}` : never

/** What a selector is compared with: constants of its type, ranges of them, a set of its type. */
export type Operand<K extends Key, V> = V | Range | RangeText<V> | SetRef<K>

/** Where the values of one selector come from another, a map or a generator: `meta mark set ct mark`. */
export type Source<V> = V | MapExpr | Keyed<Key>

/**
 * A part of a packet, of its connection or of the machine's state. `K` is nft's name of its data type, `V` are its constants.
 *
 * @example ip.saddr('192.168.1.0/24')       // ip saddr 192.168.1.0/24
 */
export interface Selecting<K extends Key, V> extends Keyed<K> {
  /** It has this value, or (several: an anonymous set) one of these: `tcp dport { 80, 443 }`. */
  (...values: Operand<K, V>[]): MatchStatement
  /** It has none of these: `tcp dport != { 80, 443 }`. */
  not(...values: Operand<K, V>[]): MatchStatement
  /** What becomes of the packet by its value: `tcp dport vmap { 22 : accept, 80 : jump web }`. */
  vmap(entries: Entries<V | RangeText<V>, Verdict> | MapRef<K, 'verdict'>): VmapStatement
  /** A value by its value: `tcp dport map { 80 : 10.0.0.1, 443 : 10.0.0.2 }`. For set(), dnat(), snat(), counter() and their like. */
  map(entries: Entries<V | RangeText<V>, Constant> | MapRef<K, Key>): MapExpr
}

/** Comparisons, of what has an order. */
export interface Ordered<V> {
  /** `< value` */
  lt(value: V): MatchStatement
  /** `<= value` */
  le(value: V): MatchStatement
  /** `> value` */
  gt(value: V): MatchStatement
  /** `>= value` */
  ge(value: V): MatchStatement
}

/** Bit operations, of what is a number or an address. */
export interface Bits<K extends Key, V> {
  /** `meta mark & 0xff`: a selector again. */
  and(mask: V): Selecting<K, V> & Bits<K, V>
  /** `ct mark | 0x100` */
  or(bits: V): Selecting<K, V> & Bits<K, V>
  /** `ct mark ^ 0x100` */
  xor(bits: V): Selecting<K, V> & Bits<K, V>
}

/** What rules may change. */
export interface Settable<V> {
  /**
   * Changes it: `meta mark set 1`.
   *
   * @example meta.mark.set(ct.mark)            // meta mark set ct mark
   * @example ip.dscp.set('cs1')                // ip dscp set cs1
   */
  set(value: Source<V>): MangleStatement
}

/** What is in a packet or is not. */
export interface Existing {
  /** `tcp option sack-perm exists` */
  exists(): MatchStatement
  /** `tcp option sack-perm missing` */
  missing(): MatchStatement
}

/** Sets of bits with names. */
export interface Flags<K extends Key, V> extends Keyed<K> {
  /** Any of these bits is set, `ct state established,related`; or the whole value is in a set. */
  (...values: Operand<K, V>[]): MatchStatement
  /** None of these bits is set: `ct state ! invalid`, `tcp flags ! syn,rst`. */
  not(...values: Operand<K, V>[]): MatchStatement
  /** These bits are set, and no others: `tcp flags == syn`. */
  is(...bits: V[]): MatchStatement
  /** `tcp flags != syn` */
  isNot(...bits: V[]): MatchStatement
  /** The whole value is one of these, where an array is several bits together: `tcp flags { syn, syn | ack }`. */
  oneOf(...values: (V | readonly V[])[]): MatchStatement
  /** `tcp flags != { syn, syn | ack }` */
  noneOf(...values: (V | readonly V[])[]): MatchStatement
  /**
   * Only some bits are looked at: `tcp flags & (fin | syn | rst | ack) == syn`.
   *
   * @example tcp.flags.and('fin', 'syn', 'rst', 'ack').is('syn')
   */
  and(...mask: V[]): Pick<Flags<K, V>, 'is' | 'isNot' | 'oneOf' | 'noneOf' | 'expr' | 'datatype'>
  /** What becomes of the packet by its value: `ct state vmap { established : accept, invalid : drop }`. */
  vmap(entries: Entries<V | RangeText<V>, Verdict> | MapRef<K, 'verdict'>): VmapStatement
  /** A value by its value: `tcp flags map { syn : 1 }`. */
  map(entries: Entries<V | RangeText<V>, Constant> | MapRef<K, Key>): MapExpr
}

export interface SettableFlags<V> {
  /** `ct event set new,related` */
  set(...bits: V[]): MangleStatement
}

/** As the kernel says it in errors: 'tcp.dport'. */
interface Selector {
  readonly title: string
  readonly expr: Expr
  readonly types: readonly ValueType[]
}

const isBitmask = ({ types }: Selector): boolean => types.length === 1 && types[0]?.bitmask === true

function match(selector: Selector, op: MatchOperator, right: Expr): MatchStatement {
  return { match: { op, left: selector.expr, right } }
}

/** One value, or an anonymous set of several. */
function compare(selector: Selector, op: '==' | '!=', values: readonly unknown[], call: string): MatchStatement {
  const operation = `${selector.title}${call}`
  if (values.length === 0) throw invalid(operation, 'values', 'are missing')
  const exprs = values.map((value, i) => toExpr(value, selector.types, operation, `values[${i}]`))
  const [first] = exprs as [Expr]
  const constants = exprs.every((expr) => typeof expr !== 'object' && !String(expr).startsWith('@'))
  if (isBitmask(selector) && constants)
    return match(selector, op === '==' ? 'in' : '!', exprs.length === 1 ? first : exprs)
  // A concatenation is looked up in a set even where it is one value.
  const single = exprs.length === 1 && (selector.types.length === 1 || typeof first !== 'object')
  return match(selector, op, single ? first : { set: exprs })
}

function lookup(selector: Selector, op: '==' | '!=', values: readonly unknown[], call: string): MatchStatement {
  const operation = `${selector.title}.${call}`
  if (values.length === 0) throw invalid(operation, 'values', 'are missing')
  const set = values.map((value, i) => toExpr(value, selector.types, operation, `values[${i}]`))
  return match(selector, op, { set })
}

function bits(selector: Selector, values: readonly unknown[], call: string): Expr {
  const operation = `${selector.title}.${call}`
  if (values.length === 0) throw invalid(operation, 'bits', 'are missing')
  const list = values.map((value, i) => toExpr(value, selector.types, operation, `bits[${i}]`))
  return list.length === 1 ? (list[0] as Expr) : list
}

function than(selector: Selector, op: MatchOperator, value: unknown, call: string): MatchStatement {
  const operation = `${selector.title}.${call}`
  const right = toExpr(value, selector.types, operation, 'value')
  if (isBitmask(selector)) throw invalid(operation, 'value', 'is a set of bits, which has no order')
  if (typeof right === 'object') throw invalid(operation, 'value', `must be one value, got ${show(value)}`)
  return match(selector, op, right)
}

function binary(selector: Selector, operator: BinaryOperator, values: readonly unknown[], call: string): unknown {
  const value = bits(selector, values, call)
  // One of the five operators, as its type says.
  const expr = { [operator]: [selector.expr, value] } as Expr
  return selecting(`${selector.title}.${call}()`, expr, selector.types)
}

/** The value of another selector, a map, or constants. */
function sourceOf(selector: Selector, values: readonly unknown[]): Expr {
  const [value] = values
  if (typeof value === 'function' && 'expr' in value) return value.expr as Expr
  return bits(selector, values, 'set')
}

function present(selector: Selector, exists: boolean): MatchStatement {
  return match(selector, '==', exists)
}

function verdictOf(operation: string): (value: unknown, path: string) => unknown {
  return (value, path) => {
    if (typeof value === 'object' && value !== null) return value
    throw invalid(operation, path, `must be a verdict like accept(), got ${show(value)}`)
  }
}

/** All methods there are; a selector's type says which of them it has. */
const methods = {
  not(this: Selector, ...values: unknown[]): MatchStatement {
    return compare(this, '!=', values, '.not')
  },
  is(this: Selector, ...values: unknown[]): MatchStatement {
    return match(this, '==', bits(this, values, 'is'))
  },
  isNot(this: Selector, ...values: unknown[]): MatchStatement {
    return match(this, '!=', bits(this, values, 'isNot'))
  },
  oneOf(this: Selector, ...values: unknown[]): MatchStatement {
    return lookup(this, '==', values, 'oneOf')
  },
  noneOf(this: Selector, ...values: unknown[]): MatchStatement {
    return lookup(this, '!=', values, 'noneOf')
  },
  lt(this: Selector, value: unknown): MatchStatement {
    return than(this, '<', value, 'lt')
  },
  le(this: Selector, value: unknown): MatchStatement {
    return than(this, '<=', value, 'le')
  },
  gt(this: Selector, value: unknown): MatchStatement {
    return than(this, '>', value, 'gt')
  },
  ge(this: Selector, value: unknown): MatchStatement {
    return than(this, '>=', value, 'ge')
  },
  and(this: Selector, ...mask: unknown[]): unknown {
    return binary(this, '&', mask, 'and')
  },
  or(this: Selector, ...values: unknown[]): unknown {
    return binary(this, '|', values, 'or')
  },
  xor(this: Selector, ...values: unknown[]): unknown {
    return binary(this, '^', values, 'xor')
  },
  set(this: Selector, ...values: unknown[]): MangleStatement {
    return { mangle: { key: this.expr, value: sourceOf(this, values) } }
  },
  vmap(this: Selector, entries: unknown): VmapStatement {
    const operation = `${this.title}.vmap`
    return { vmap: { key: this.expr, data: toMap(entries, this.types, operation, verdictOf(operation)) } }
  },
  map(this: Selector, entries: unknown): MapExpr {
    const operation = `${this.title}.map`
    const data = toMap(entries, this.types, operation, (value, path) => toExpr(value, [], operation, path))
    return { map: { key: this.expr, data } }
  },
  exists(this: Selector): MatchStatement {
    return present(this, true)
  },
  missing(this: Selector): MatchStatement {
    return present(this, false)
  },
  reset(this: Selector): ResetStatement {
    return { reset: this.expr }
  },
} satisfies ThisType<Selector>

const prototype: object = Object.assign(Object.create(Function.prototype), methods)

/** A selector as a function with methods. What it can do is said by the type that it is given. */
export function selecting<S>(title: string, expr: Expr, types: readonly ValueType[]): S {
  const call = (...values: unknown[]): MatchStatement => compare(self, '==', values, '')
  const self = Object.assign(call, { title, expr, types })
  Object.setPrototypeOf(self, prototype)
  return self as S
}
