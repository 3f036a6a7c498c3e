/** The services of nl.nft: one for each kind of object. Every call is a transaction of its own; nl.nft.batch() does many in one. */
import type { CallControl } from '../client.ts'
import { type Dump, DumpInterruptedError } from '../dump.ts'
import { NetlinkError } from '../error.ts'
import type { Netlink } from '../netlink.ts'
import type { NftRule } from './listing/listed-rule.ts'
import type { NftFilter, NftObjectFilter, NftRuleFilter } from './listing/listing.ts'
import { reading } from './loaded.ts'
import type { NftChain, NftChainInput, NftChainRef } from './objects/chain-object.ts'
import type { NftFlowtable, NftFlowtableInput, NftNamedRef } from './objects/flowtable-object.ts'
import type { NftRuleFields, NftRuleInput, NftRuleRef } from './objects/rule-object.ts'
import type { NftElementsInput, NftSet, NftSetInput, NftSetPlace } from './objects/set-object.ts'
import type { NftObject, NftObjectInput, NftObjectRef } from './objects/stateful-object.ts'
import type { NftTable, NftTableInput, NftTableRef } from './objects/table-object.ts'
import type { ElementJson } from './ruleset-json.ts'
import type { One } from './service.ts'
import type { NftCommand } from './transaction/command.ts'

abstract class Service {
  protected readonly netlink: Netlink
  protected readonly one: One

  constructor(netlink: Netlink, one: One) {
    this.netlink = netlink
    this.one = one
  }
}

export class TableService extends Service {
  /**
   * Adds a table, where there is none of the name: `nft add table`.
   *
   * @example await nl.nft.table.add({ family: 'inet', name: 'filter' })
   */
  async add(table: NftTableInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.table.add', (b) => b.table.add(table), control)
  }

  /** Adds a table: `nft create table`. @throws NftError 'EEXIST': there is one. */
  async create(table: NftTableInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.table.create', (b) => b.table.create(table), control)
  }

  /** Removes a table with all that is in it: `nft delete table`. @throws NftError 'ENOENT': there is none. */
  async del(table: NftTableRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.table.del', (b) => b.table.del(table), control)
  }

  /** Removes a table if there is one: `nft destroy table`. Linux 6.3; before that `batch((b) => { b.table.add(t); b.table.del(t) })` does the same. */
  async destroy(table: NftTableRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.table.destroy', (b) => b.table.destroy(table), control)
  }

  /** Removes all rules in it, and leaves chains and sets: `nft flush table`. */
  async flush(table: NftTableRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.table.flush', (b) => b.table.flush(table), control)
  }

  /** `nft list tables` */
  async list(filter: NftFilter = {}): Promise<NftTable[]> {
    const { listTables } = await reading()
    return listTables(this.netlink, filter)
  }
}

export class ChainService extends Service {
  /**
   * Adds a chain, or changes the policy of one that is there: `nft add chain`. With `hook` it is a base chain.
   *
   * @throws NftError 'ENOENT': there is no such table; 'EEXIST', 'EOPNOTSUPP': one of the name is at another hook; 'EOPNOTSUPP': the kernel has no such type.
   * @example
   * await nl.nft.chain.add({ family: 'inet', table: 'filter', name: 'input', type: 'filter', hook: 'input', priority: 'filter', policy: 'drop' })
   */
  async add(chain: NftChainInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.chain.add', (b) => b.chain.add(chain), control)
  }

  /** Adds a chain: `nft create chain`. @throws NftError 'EEXIST': there is one. */
  async create(chain: NftChainInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.chain.create', (b) => b.chain.create(chain), control)
  }

  /** Removes a chain with its rules: `nft delete chain`. @throws NftError 'ENOENT': there is none; 'EBUSY': rules jump to it. */
  async del(chain: NftChainRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.chain.del', (b) => b.chain.del(chain), control)
  }

  /** Removes a chain if there is one: `nft destroy chain`. Linux 6.3. */
  async destroy(chain: NftChainRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.chain.destroy', (b) => b.chain.destroy(chain), control)
  }

  /** Removes its rules: `nft flush chain`. */
  async flush(chain: NftChainRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.chain.flush', (b) => b.chain.flush(chain), control)
  }

  /** Gives a chain another name: `nft rename chain`. @throws NftError 'EEXIST': the name is taken. */
  async rename(chain: NftChainRef, newName: string, control: CallControl = {}): Promise<void> {
    await this.one('nft.chain.rename', (b) => b.chain.rename(chain, newName), control)
  }

  /** `nft list chains` */
  async list(filter: NftFilter = {}): Promise<NftChain[]> {
    const { listChains } = await reading()
    return listChains(this.netlink, filter)
  }
}

/** What the kernel gave to a new rule. */
export interface NftAdded {
  /** By which replace(), del() and others' `position` find it. */
  handle: number
}

export class RuleService extends Service {
  /**
   * Adds a rule at the end of its chain, or behind the rule at `position`: `nft add rule`.
   *
   * @throws NftError 'ENOENT': there is no such table, chain, set or object; 'EINVAL', 'EOPNOTSUPP' with the `path` of the statement
   * that the kernel does not take.
   * @example await nl.nft.rule.add({ table: 'nat', chain: 'postrouting', rule: [ip.saddr('10.0.0.0/8'), masquerade()] })
   */
  add(rule: NftRuleInput, control: CallControl = {}): Promise<NftAdded> {
    return added(this.one('nft.rule.add', (b) => b.rule.add(rule), control))
  }

  /** Adds a rule at the beginning of its chain, or before the rule at `position`: `nft insert rule`. */
  insert(rule: NftRuleInput, control: CallControl = {}): Promise<NftAdded> {
    return added(this.one('nft.rule.insert', (b) => b.rule.insert(rule), control))
  }

  /** Puts a rule in the place of the one with this `handle`: `nft replace rule`. Resolves with the handle that it has. */
  replace(rule: NftRuleInput, control: CallControl = {}): Promise<NftAdded> {
    return added(this.one('nft.rule.replace', (b) => b.rule.replace(rule), control))
  }

  /** Removes a rule: `nft delete rule ... handle HANDLE`. @throws NftError 'ENOENT': there is none. */
  async del(rule: NftRuleRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.rule.del', (b) => b.rule.del(rule), control)
  }

  /** Removes a rule if it is there: `nft destroy rule`. Linux 6.3. */
  async destroy(rule: NftRuleRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.rule.destroy', (b) => b.rule.destroy(rule), control)
  }

  /** The rules, in their order in each chain, with their anonymous sets: `nft -a list chain`, `nft -a list ruleset`. */
  async list(filter: NftRuleFilter = {}): Promise<NftRule[]> {
    const { readRules } = await reading()
    return readRules(this.netlink, filter)
  }

  /** The rules, whose counters and quotas are zero from then on: `nft reset rules`. Linux 6.2. */
  async reset(filter: NftRuleFilter = {}): Promise<NftRuleFields[]> {
    const { listRules } = await reading()
    return once(listRules(this.netlink, filter, true))
  }
}

export class SetService extends Service {
  /**
   * Adds a set, or with `map` a map, with its elements; where there is one with the same type it is left, and gets the elements: `nft add set`, `nft add map`.
   *
   * @throws NftError 'ENOENT': there is no such table; 'EEXIST': there is one of another type.
   * @example await nl.nft.set.add({ table: 'filter', name: 'blocked', type: 'ipv4_addr', flags: ['interval'], elements: ['10.0.0.0/8'] })
   */
  async add(set: NftSetInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.set.add', (b) => b.set.add(set), control)
  }

  /** Adds a set: `nft create set`. @throws NftError 'EEXIST': there is one. */
  async create(set: NftSetInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.set.create', (b) => b.set.create(set), control)
  }

  /** Removes a set: `nft delete set`. @throws NftError 'ENOENT': there is none; 'EBUSY': rules refer to it. */
  async del(set: NftNamedRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.set.del', (b) => b.set.del(set), control)
  }

  /** Removes a set if there is one: `nft destroy set`. Linux 6.3. */
  async destroy(set: NftNamedRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.set.destroy', (b) => b.set.destroy(set), control)
  }

  /** Removes its elements: `nft flush set`. */
  async flush(set: NftNamedRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.set.flush', (b) => b.set.flush(set), control)
  }

  /** Sets and maps with their elements, anonymous ones aside: `nft list sets`, `nft list maps`. */
  async list(filter: NftFilter = {}): Promise<NftSet[]> {
    const { readSets } = await reading()
    return readSets(this.netlink, filter)
  }
}

export class ElementService extends Service {
  /**
   * Adds elements to a set or map, as many as there are: `nft add element`. Those that are there already are left; in a map, and where they
   * overlap, they are refused.
   *
   * @throws NftError 'ENOENT': there is no such set; 'EEXIST': one overlaps, or maps to something else.
   * @example await nl.nft.element.add({ table: 'filter', set: 'blocked', elements: ['192.0.2.1', { prefix: { addr: '10.0.0.0', len: 8 } }] })
   */
  async add(elements: NftElementsInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.element.add', (b) => b.element.add(elements), control)
  }

  /** Adds elements: `nft create element`. @throws NftError 'EEXIST': one is there already. */
  async create(elements: NftElementsInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.element.create', (b) => b.element.create(elements), control)
  }

  /** Removes elements: `nft delete element`. @throws NftError 'ENOENT': one is not there. */
  async del(elements: NftElementsInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.element.del', (b) => b.element.del(elements), control)
  }

  /** Removes those elements that are there: `nft destroy element`. Linux 6.3. */
  async destroy(elements: NftElementsInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.element.destroy', (b) => b.element.destroy(elements), control)
  }

  /**
   * The elements as the set has them, with their timeouts and counters; of an interval, the one that holds it: `nft get element`.
   *
   * @throws NetlinkError 'ENOENT': one is not there.
   */
  async get(elements: NftElementsInput, control: CallControl = {}): Promise<ElementJson[]> {
    const { getElements } = await reading()
    return getElements(this.netlink, elements, control)
  }

  /** All elements of a set: `nft list set`. @throws NetlinkError 'ENOENT': there is no such set. */
  async list(set: NftSetPlace, control: CallControl = {}): Promise<ElementJson[]> {
    const { readElements } = await reading()
    return readElements(this.netlink, set, control)
  }

  /** All elements, whose counters and timeouts begin anew from then on: `nft reset set`. Linux 6.5. */
  async reset(set: NftSetPlace, control: CallControl = {}): Promise<ElementJson[]> {
    const { readElements } = await reading()
    return readElements(this.netlink, set, control, true)
  }
}

export class ObjectService extends Service {
  /**
   * Adds an object, where there is none of its kind and name: `nft add counter`, `nft add quota` ...
   *
   * @example await nl.nft.object.add({ kind: 'counter', table: 'filter', name: 'web' })
   */
  async add(object: NftObjectInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.object.add', (b) => b.object.add(object), control)
  }

  /** Adds an object: `nft create counter` ... @throws NftError 'EEXIST': there is one. */
  async create(object: NftObjectInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.object.create', (b) => b.object.create(object), control)
  }

  /** Removes an object: `nft delete counter` ... @throws NftError 'ENOENT': there is none; 'EBUSY': rules refer to it. */
  async del(object: NftObjectRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.object.del', (b) => b.object.del(object), control)
  }

  /** Removes an object if there is one: `nft destroy counter` ... Linux 6.3. */
  async destroy(object: NftObjectRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.object.destroy', (b) => b.object.destroy(object), control)
  }

  /** `nft list counters`, `nft list quotas` ... */
  async list(filter: NftObjectFilter = {}): Promise<NftObject[]> {
    const { listObjects } = await reading()
    return listObjects(this.netlink, filter)
  }

  /** The objects, whose counters and quotas are zero from then on: `nft reset counters`, `nft reset quotas`. */
  async reset(filter: NftObjectFilter = {}): Promise<NftObject[]> {
    const { listObjects } = await reading()
    return once(listObjects(this.netlink, filter, true))
  }
}

export class FlowtableService extends Service {
  /** Adds a flowtable, where there is none of its name: `nft add flowtable`. @throws NftError 'EOPNOTSUPP': the kernel has no flowtables. */
  async add(flowtable: NftFlowtableInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.flowtable.add', (b) => b.flowtable.add(flowtable), control)
  }

  /** Adds a flowtable: `nft create flowtable`. @throws NftError 'EEXIST': there is one. */
  async create(flowtable: NftFlowtableInput, control: CallControl = {}): Promise<void> {
    await this.one('nft.flowtable.create', (b) => b.flowtable.create(flowtable), control)
  }

  /** Removes a flowtable: `nft delete flowtable`. @throws NftError 'ENOENT': there is none; 'EBUSY': rules refer to it. */
  async del(flowtable: NftNamedRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.flowtable.del', (b) => b.flowtable.del(flowtable), control)
  }

  /** Removes a flowtable if there is one: `nft destroy flowtable`. Linux 6.3. */
  async destroy(flowtable: NftNamedRef, control: CallControl = {}): Promise<void> {
    await this.one('nft.flowtable.destroy', (b) => b.flowtable.destroy(flowtable), control)
  }

  /** `nft list flowtables` */
  async list(filter: NftFilter = {}): Promise<NftFlowtable[]> {
    const { listFlowtables } = await reading()
    return listFlowtables(this.netlink, filter)
  }
}

async function added(command: Promise<NftCommand>): Promise<NftAdded> {
  const { handle, subject } = await command
  if (handle !== undefined) return { handle }
  const reason = 'the rule was added, but the kernel did not tell its handle'
  throw new NetlinkError({ code: 'ERR_REPLY_LOST', operation: 'nft.rule.add', subject, reason, outcome: 'unknown' })
}

/** All that a dump gives, asked for once: what it sets back is lost where it is asked again. */
async function once<T>(dump: Dump<T>): Promise<T[]> {
  const list: T[] = []
  try {
    for await (const value of dump) list.push(value)
  } catch (error) {
    // Objects came or went meanwhile: all that was told was true.
    if (!(error instanceof DumpInterruptedError)) throw error
  }
  return list
}
