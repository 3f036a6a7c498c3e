/** Named sets and maps in rules, typed by their keys, and what rules do to them: `add @set { ip saddr timeout 1m }`. */

import { invalid } from '../../error.ts'
import type { Expr, MapStatement, SetStatement, Statement } from '../ast.ts'
import { type Constant, toExpr } from './value.ts'

/** The data type of a key, by nft's name: 'ipv4_addr'; of a concatenation, all of them. */
export type Key = string | readonly string[]

/** What has a key's type: selectors and concat(). */
export interface Keyed<K extends Key> {
  /** For the type checker: nft's name of the data type, or the names. */
  readonly datatype: K
  readonly expr: Expr
}

export interface ElementOptions {
  /** Seconds until the element goes; the set needs the flag 'timeout'. */
  timeout?: number | undefined
  /** What the element does on its own: limit(), counter(), quota(), ct.count(). */
  statements?: readonly Statement[] | undefined
}

type Operation = 'add' | 'update' | 'delete'

function named(operation: string, name: unknown): string {
  if (typeof name === 'string' && name !== '') return name.startsWith('@') ? name : `@${name}`
  throw invalid(operation, 'name', 'must be the name of a set or map')
}

function element(key: Keyed<Key>, { timeout }: ElementOptions, operation: string): Expr {
  if (timeout === undefined) return key.expr
  if (!Number.isInteger(timeout) || timeout <= 0)
    throw invalid(operation, 'timeout', `must be a number of seconds, got ${timeout}`)
  return { elem: { val: key.expr, timeout } }
}

/**
 * A named set in rules: give it to a selector of its type, `ip.saddr(blocked)`, or have rules put packets' keys into it.
 */
export class SetRef<K extends Key> {
  /** '@blocked' */
  readonly reference: string
  /** For the type checker. */
  declare readonly datatype: K

  constructor(name: string) {
    this.reference = named('setRef', name)
  }

  /**
   * Puts a key of the packet into the set: `add @blocked { ip saddr timeout 1m limit rate over 10/second }`.
   *
   * @example blocked.add(ip.saddr, { timeout: 60 })
   */
  add(key: Keyed<K>, options?: ElementOptions): SetStatement {
    return this.#change('add', key, options)
  }

  /** The same, and the timeout of an element that is there starts anew: `update @blocked { ip saddr timeout 1m }`. */
  update(key: Keyed<K>, options?: ElementOptions): SetStatement {
    return this.#change('update', key, options)
  }

  /** Takes the packet's key out: `delete @blocked { ip saddr }`. */
  delete(key: Keyed<K>): SetStatement {
    return this.#change('delete', key)
  }

  #change(op: Operation, key: Keyed<Key>, options: ElementOptions = {}): SetStatement {
    const { statements = [] } = options
    const elem = element(key, options, `${this.reference}.${op}`)
    return { set: { op, elem, set: this.reference, ...(statements.length > 0 && { stmt: [...statements] }) } }
  }
}

/** A named map in rules: `tcp.dport.map(backends)`, or of verdicts `tcp.dport.vmap(policy)`. */
export class MapRef<K extends Key, D extends Key> {
  /** '@backends' */
  readonly reference: string
  /** For the type checker. */
  declare readonly datatype: K
  declare readonly data: D

  constructor(name: string) {
    this.reference = named('mapRef', name)
  }

  /**
   * Puts a pair into the map: `add @seen { ip saddr timeout 1m : tcp dport }`.
   *
   * @example seen.add(ip.saddr, tcp.dport, { timeout: 60 })
   */
  add(key: Keyed<K>, value: Constant | Keyed<D>, options?: Omit<ElementOptions, 'statements'>): MapStatement {
    return this.#change('add', key, value, options)
  }

  /** The same, and changes the pair that is there: `update @seen { ip saddr : tcp dport }`. */
  update(key: Keyed<K>, value: Constant | Keyed<D>, options?: Omit<ElementOptions, 'statements'>): MapStatement {
    return this.#change('update', key, value, options)
  }

  #change(op: Operation, key: Keyed<Key>, value: Constant | Keyed<D>, options: ElementOptions = {}): MapStatement {
    const operation = `${this.reference}.${op}`
    const data = isKeyed(value) ? value.expr : toExpr(value, [], operation, 'value')
    return { map: { op, elem: element(key, options, operation), data, map: this.reference } }
  }
}

/** Selectors are functions. */
function isKeyed(value: unknown): value is Keyed<Key> {
  return (typeof value === 'function' || typeof value === 'object') && value !== null && 'expr' in value
}

/**
 * A named set of the table, by its definition or by name, with the type of its keys.
 *
 * @example
 * const blocked = setRef({ name: 'blocked', type: 'ipv4_addr' })      // or setRef<'ipv4_addr'>('blocked')
 * const rule = [ip.saddr(blocked), drop()]                            // ip saddr @blocked drop
 */
export function setRef<const K extends Key>(set: { name: string; type: K } | string): SetRef<K> {
  return new SetRef<K>(typeof set === 'string' ? set : set?.name)
}

/**
 * A named map of the table, with the types of its keys and values; those of a verdict map are 'verdict'.
 *
 * @example
 * const policy = mapRef({ name: 'policy', type: 'inet_service', map: 'verdict' })
 * const rule = [tcp.dport.vmap(policy)]                               // tcp dport vmap @policy
 */
export function mapRef<const K extends Key, const D extends Key>(
  map: { name: string; type: K; map: D } | string,
): MapRef<K, D> {
  return new MapRef<K, D>(typeof map === 'string' ? map : map?.name)
}
