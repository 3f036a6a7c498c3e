/** The services of nl.nft, one for each kind of object: what can be done to it, each call a transaction of its own, and what can be asked about it. */
import type { CallControl } from '../client.ts'
import { NetlinkError } from '../error.ts'
import { checkControl, checkObject } from '../input.ts'
import type { Netlink } from '../netlink.ts'
import type {
  Actions,
  ChainActions,
  ElementActions,
  FlowtableActions,
  ObjectActions,
  RuleActions,
  SetActions,
  TableActions,
} from './actions.ts'
import type { NftRule } from './listing/listed-rule.ts'
import type { NftFilter, NftObjectFilter, NftRuleFilter } from './listing/listing.ts'
import { reading } from './loaded.ts'
import type { NftChain } from './objects/chain-object.ts'
import type { NftFlowtable } from './objects/flowtable-object.ts'
import type { NftRuleFields } from './objects/rule-object.ts'
import type { NftElementsInput, NftSet, NftSetPlace } from './objects/set-object.ts'
import type { NftObject } from './objects/stateful-object.ts'
import type { NftTable } from './objects/table-object.ts'
import type { ElementJson } from './ruleset-json.ts'
import type { NftCommand } from './transaction/command.ts'

/** What the kernel gave to a new rule. */
export interface NftAdded {
  /** By which replace(), del() and others' `position` find it. */
  handle: number
}

type Control = [control?: CallControl]

export interface TableService extends TableActions<Promise<void>, Control> {
  /** `nft list tables` */
  list(filter?: NftFilter): Promise<NftTable[]>
}

export interface ChainService extends ChainActions<Promise<void>, Control> {
  /** `nft list chains` */
  list(filter?: NftFilter): Promise<NftChain[]>
}

export interface RuleService extends RuleActions<Promise<void>, Control, Promise<NftAdded>> {
  /** The rules, in their order in each chain, with their anonymous sets: `nft -a list chain`, `nft -a list ruleset`. */
  list(filter?: NftRuleFilter): Promise<NftRule[]>
  /** The rules, whose counters and quotas are zero from then on: `nft reset rules`. Linux 6.2. A `chain` takes its `table`. */
  reset(filter?: NftRuleFilter): Promise<NftRuleFields[]>
}

export interface SetService extends SetActions<Promise<void>, Control> {
  /** Sets and maps with their elements, anonymous ones aside: `nft list sets`, `nft list maps`. */
  list(filter?: NftFilter): Promise<NftSet[]>
}

export interface ElementService extends ElementActions<Promise<void>, Control> {
  /**
   * The elements as the set has them, with their timeouts and counters; of an interval, the one that holds it: `nft get element`.
   *
   * @throws NetlinkError 'ENOENT': one is not there, or there is no such set (`path`).
   */
  get(elements: NftElementsInput, control?: CallControl): Promise<ElementJson[]>
  /** All elements of a set: `nft list set`. @throws NetlinkError 'ENOENT': there is no such set. */
  list(set: NftSetPlace, control?: CallControl): Promise<ElementJson[]>
  /** All elements, whose counters and timeouts begin anew from then on: `nft reset set`. Linux 6.5. @throws NetlinkError as list() */
  reset(set: NftSetPlace, control?: CallControl): Promise<ElementJson[]>
}

export interface ObjectService extends ObjectActions<Promise<void>, Control> {
  /** `nft list counters`, `nft list quotas` ... */
  list(filter?: NftObjectFilter): Promise<NftObject[]>
  /** The objects, whose counters and quotas are zero from then on: `nft reset counters`, `nft reset quotas`. A `name` takes its `table` and `kind`. */
  reset(filter?: NftObjectFilter): Promise<NftObject[]>
}

export interface FlowtableService extends FlowtableActions<Promise<void>, Control> {
  /** `nft list flowtables` */
  list(filter?: NftFilter): Promise<NftFlowtable[]>
}

interface Services {
  readonly table: TableService
  readonly chain: ChainService
  readonly rule: RuleService
  readonly set: SetService
  readonly element: ElementService
  readonly object: ObjectService
  readonly flowtable: FlowtableService
}

/** One command as a transaction of its own. */
export type One = (
  kind: keyof Actions<unknown, []>,
  verb: string,
  given: readonly unknown[],
  control: CallControl,
) => Promise<NftCommand>

type Calls = Actions<Promise<void>, Control, Promise<NftAdded>>
type Reading = Awaited<ReturnType<typeof reading>>

export function services(netlink: Netlink, one: One): Services {
  /** The methods of a kind for these verbs, which take so many things. */
  const calls = <K extends keyof Calls, V extends keyof Calls[K] & string>(
    kind: K,
    verbs: readonly V[],
    result: (command: NftCommand) => unknown = () => undefined,
    things = 1,
  ): Pick<Calls[K], V> => {
    const call =
      (verb: V) =>
      async (...given: unknown[]): Promise<unknown> => {
        const operation = `nft.${kind}.${verb}`
        const { [things]: control = {} } = given
        checkControl(operation, control)
        checkObject(operation, kind, given[0])
        return result(await one(kind, verb, given.slice(0, things), control))
      }
    // What Calls says of them.
    return Object.fromEntries(verbs.map((verb) => [verb, call(verb)])) as unknown as Pick<Calls[K], V>
  }

  /** Asks for all that the filter, once it is checked, lets by. */
  const listing =
    <F extends NftFilter, T>(operation: string, list: (from: Reading, filter: F) => PromiseLike<T>) =>
    async (filter: F = {} as F): Promise<T> => {
      const from = await reading()
      from.checkFilter(`nft.${operation}`, filter)
      return list(from, filter)
    }

  return {
    table: {
      ...calls('table', ['add', 'create', 'del', 'destroy', 'flush']),
      list: listing('table.list', ({ listTables }, filter) => listTables(netlink, filter)),
    },
    chain: {
      ...calls('chain', ['add', 'create', 'del', 'destroy', 'flush']),
      ...calls('chain', ['rename'], undefined, 2),
      list: listing('chain.list', ({ listChains }, filter) => listChains(netlink, filter)),
    },
    rule: {
      ...calls('rule', ['add', 'insert', 'replace'], added),
      ...calls('rule', ['del', 'destroy']),
      list: listing('rule.list', ({ readRules }, filter: NftRuleFilter) => readRules(netlink, filter)),
      reset: listing('rule.reset', ({ resetRules }, filter: NftRuleFilter) => resetRules(netlink, filter)),
    },
    set: {
      ...calls('set', ['add', 'create', 'del', 'destroy', 'flush']),
      list: listing('set.list', ({ readSets }, filter) => readSets(netlink, filter)),
    },
    element: {
      ...calls('element', ['add', 'create', 'del', 'destroy']),
      get: async (elements, control = {}) => (await reading()).getElements(netlink, elements, control),
      list: async (set, control = {}) => (await reading()).readElements(netlink, set, control),
      reset: async (set, control = {}) => (await reading()).readElements(netlink, set, control, true),
    },
    object: {
      ...calls('object', ['add', 'create', 'del', 'destroy']),
      list: listing('object.list', ({ listObjects }, filter: NftObjectFilter) => listObjects(netlink, filter)),
      reset: listing('object.reset', ({ resetObjects }, filter: NftObjectFilter) => resetObjects(netlink, filter)),
    },
    flowtable: {
      ...calls('flowtable', ['add', 'create', 'del', 'destroy']),
      list: listing('flowtable.list', ({ listFlowtables }, filter) => listFlowtables(netlink, filter)),
    },
  }
}

function added({ handle, operation, subject }: NftCommand): NftAdded {
  if (handle !== undefined) return { handle }
  const reason = 'it was done, but the kernel did not tell the handle'
  throw new NetlinkError({ code: 'ERR_REPLY_LOST', operation: `nft.${operation}`, subject, reason, outcome: 'unknown' })
}
