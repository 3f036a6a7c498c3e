/**
 * What can be done to each kind of object: by the services of nl.nft, where each call is a transaction of its own, and by nl.nft.batch(), which does many
 * in one. `R` is what comes of it, `O` what it takes beside.
 */
import type { NftNamedRef } from './names.ts'
import type { NftChainInput } from './objects/chain-object.ts'
import type { NftFlowtableInput } from './objects/flowtable-object.ts'
import type { NftRuleInput, NftRuleRef } from './objects/rule-object.ts'
import type { NftElementsInput, NftSetInput } from './objects/set-object.ts'
import type { NftObjectInput, NftObjectRef } from './objects/stateful-object.ts'
import type { NftTableInput, NftTableRef } from './objects/table-object.ts'

type Options = readonly unknown[]

export interface TableActions<R, O extends Options> {
  /**
   * Adds a table, where there is none of the name: `nft add table`.
   *
   * @example await nl.nft.table.add({ family: 'inet', name: 'filter' })
   */
  add(table: NftTableInput, ...options: O): R
  /** Adds a table: `nft create table`. @throws NftError 'EEXIST': there is one. */
  create(table: NftTableInput, ...options: O): R
  /** Removes a table with all that is in it: `nft delete table`. @throws NftError 'ENOENT': there is none. */
  del(table: NftTableRef, ...options: O): R
  /** Removes a table if there is one: `nft destroy table`. Linux 6.3; before that `batch((b) => { b.table.add(t); b.table.del(t) })` does the same. */
  destroy(table: NftTableRef, ...options: O): R
  /** Removes all rules in it, and leaves chains and sets: `nft flush table`. */
  flush(table: NftTableRef, ...options: O): R
}

export interface ChainActions<R, O extends Options> {
  /**
   * Adds a chain, or changes the policy of one that is there: `nft add chain`. With `hook` it is a base chain.
   *
   * @throws NftError 'ENOENT': there is no such table; 'EEXIST', 'EOPNOTSUPP': one of the name is at another hook; 'EOPNOTSUPP': the kernel has no such type.
   * @example
   * await nl.nft.chain.add({ family: 'inet', table: 'filter', name: 'input', type: 'filter', hook: 'input', priority: 'filter', policy: 'drop' })
   */
  add(chain: NftChainInput, ...options: O): R
  /** Adds a chain: `nft create chain`. @throws NftError 'EEXIST': there is one. */
  create(chain: NftChainInput, ...options: O): R
  /** Removes a chain with its rules: `nft delete chain`. @throws NftError 'ENOENT': there is none; 'EBUSY': rules jump to it. */
  del(chain: NftNamedRef, ...options: O): R
  /** Removes a chain if there is one: `nft destroy chain`. Linux 6.3. */
  destroy(chain: NftNamedRef, ...options: O): R
  /** Removes its rules: `nft flush chain`. */
  flush(chain: NftNamedRef, ...options: O): R
  /** Gives a chain another name: `nft rename chain`. @throws NftError 'EEXIST': the name is taken. */
  rename(chain: NftNamedRef, newName: string, ...options: O): R
}

/** `A`: what comes of what gives a rule a handle. */
export interface RuleActions<R, O extends Options, A> {
  /**
   * Adds a rule at the end of its chain, or behind the rule at `position`: `nft add rule`.
   *
   * @throws NftError 'ENOENT': there is no such table, chain, set or object; 'EINVAL', 'EOPNOTSUPP' with the `path` of the statement
   * that the kernel does not take.
   * @example await nl.nft.rule.add({ table: 'nat', chain: 'postrouting', rule: [ip.saddr('10.0.0.0/8'), masquerade()] })
   */
  add(rule: NftRuleInput, ...options: O): A
  /** Adds a rule at the beginning of its chain, or before the rule at `position`: `nft insert rule`. */
  insert(rule: NftRuleInput, ...options: O): A
  /** Puts a rule in the place of the one with this `handle`: `nft replace rule`. Resolves with the handle that it has. */
  replace(rule: NftRuleInput, ...options: O): A
  /** Removes a rule: `nft delete rule ... handle HANDLE`. @throws NftError 'ENOENT': there is none. */
  del(rule: NftRuleRef, ...options: O): R
  /** Removes a rule if it is there: `nft destroy rule`. Linux 6.3. */
  destroy(rule: NftRuleRef, ...options: O): R
}

export interface SetActions<R, O extends Options> {
  /**
   * Adds a set, or with `map` a map, with its elements; where there is one with the same type it is left, and gets the elements: `nft add set`, `nft add map`.
   *
   * @throws NftError 'ENOENT': there is no such table; 'EEXIST': there is one of another type.
   * @example await nl.nft.set.add({ table: 'filter', name: 'blocked', type: 'ipv4_addr', flags: ['interval'], elements: ['10.0.0.0/8'] })
   */
  add(set: NftSetInput, ...options: O): R
  /** Adds a set: `nft create set`. @throws NftError 'EEXIST': there is one. */
  create(set: NftSetInput, ...options: O): R
  /** Removes a set: `nft delete set`. @throws NftError 'ENOENT': there is none; 'EBUSY': rules refer to it. */
  del(set: NftNamedRef, ...options: O): R
  /** Removes a set if there is one: `nft destroy set`. Linux 6.3. */
  destroy(set: NftNamedRef, ...options: O): R
  /** Removes its elements: `nft flush set`. */
  flush(set: NftNamedRef, ...options: O): R
}

export interface ElementActions<R, O extends Options> {
  /**
   * Adds elements to a set or map, as many as there are: `nft add element`. Those that are there already are left; in a map, and where they
   * overlap, they are refused.
   *
   * @throws NftError 'ENOENT': there is no such set; 'EEXIST': one overlaps, or maps to something else.
   * @example await nl.nft.element.add({ table: 'filter', set: 'blocked', elements: ['192.0.2.1', { prefix: { addr: '10.0.0.0', len: 8 } }] })
   */
  add(elements: NftElementsInput, ...options: O): R
  /** Adds elements: `nft create element`. @throws NftError 'EEXIST': one is there already. */
  create(elements: NftElementsInput, ...options: O): R
  /** Removes elements: `nft delete element`. @throws NftError 'ENOENT': one is not there. */
  del(elements: NftElementsInput, ...options: O): R
  /** Removes those elements that are there: `nft destroy element`. Linux 6.3. */
  destroy(elements: NftElementsInput, ...options: O): R
}

export interface ObjectActions<R, O extends Options> {
  /**
   * Adds an object, where there is none of its kind and name: `nft add counter`, `nft add quota` ...
   *
   * @example await nl.nft.object.add({ kind: 'counter', table: 'filter', name: 'web' })
   */
  add(object: NftObjectInput, ...options: O): R
  /** Adds an object: `nft create counter` ... @throws NftError 'EEXIST': there is one. */
  create(object: NftObjectInput, ...options: O): R
  /** Removes an object: `nft delete counter` ... @throws NftError 'ENOENT': there is none; 'EBUSY': rules refer to it. */
  del(object: NftObjectRef, ...options: O): R
  /** Removes an object if there is one: `nft destroy counter` ... Linux 6.3. */
  destroy(object: NftObjectRef, ...options: O): R
}

export interface FlowtableActions<R, O extends Options> {
  /** Adds a flowtable, where there is none of its name: `nft add flowtable`. @throws NftError 'EOPNOTSUPP': the kernel has no flowtables. */
  add(flowtable: NftFlowtableInput, ...options: O): R
  /** Adds a flowtable: `nft create flowtable`. @throws NftError 'EEXIST': there is one. */
  create(flowtable: NftFlowtableInput, ...options: O): R
  /** Removes a flowtable: `nft delete flowtable`. @throws NftError 'ENOENT': there is none; 'EBUSY': rules refer to it. */
  del(flowtable: NftNamedRef, ...options: O): R
  /** Removes a flowtable if there is one: `nft destroy flowtable`. Linux 6.3. */
  destroy(flowtable: NftNamedRef, ...options: O): R
}

/** All of them, by kind. */
export interface Actions<R, O extends Options, A = R> {
  readonly table: TableActions<R, O>
  readonly chain: ChainActions<R, O>
  readonly rule: RuleActions<R, O, A>
  readonly set: SetActions<R, O>
  readonly element: ElementActions<R, O>
  readonly object: ObjectActions<R, O>
  readonly flowtable: FlowtableActions<R, O>
}
