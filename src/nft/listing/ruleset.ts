/** A ruleset as it was at one moment. */
import type { NftExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import { NFT_MSG_GETGEN } from '../../../protocol/netfilter/nftables/operations.ts'
import type { CallControl } from '../../client.ts'
import { DumpInterruptedError } from '../../dump.ts'
import { NetlinkError } from '../../error.ts'
import type { Netlink } from '../../netlink.ts'
import { deviceNames, usesDevice } from '../local-names.ts'
import { chainJson, type NftChain } from '../objects/chain-object.ts'
import { flowtableJson, type NftFlowtable } from '../objects/flowtable-object.ts'
import { type NftRuleFields, setNamesOf } from '../objects/rule-object.ts'
import { type NftSet, setJson } from '../objects/set-object.ts'
import { type NftObject, objectJson } from '../objects/stateful-object.ts'
import { type NftTable, tableJson } from '../objects/table-object.ts'
import { printRuleset } from '../print/ruleset.ts'
import type { NftJson } from '../ruleset-json.ts'
import { KnownSets } from './known-sets.ts'
import { NftRule } from './listed-rule.ts'
import {
  listChains,
  listFlowtables,
  listObjects,
  listRules,
  listTables,
  type NftFilter,
  type NftRuleFilter,
} from './listing.ts'

/** How often a ruleset that changes while it is read is read. */
const ATTEMPTS = 10

interface Parts {
  generation: number
  tables: readonly NftTable[]
  chains: readonly NftChain[]
  rules: readonly NftRule[]
  sets: readonly NftSet[]
  objects: readonly NftObject[]
  flowtables: readonly NftFlowtable[]
}

/** What nl.nft.list() gives. */
export class Ruleset {
  /** Which change of the namespace's ruleset it was after: for `batch(..., { generation })`. NFTA_GEN_ID */
  readonly generation: number
  readonly tables: readonly NftTable[]
  readonly chains: readonly NftChain[]
  /** In their order in each chain. */
  readonly rules: readonly NftRule[]
  /** Sets and maps that have names, with their elements. */
  readonly sets: readonly NftSet[]
  readonly objects: readonly NftObject[]
  readonly flowtables: readonly NftFlowtable[]

  /** @internal */
  constructor({ generation, tables, chains, rules, sets, objects, flowtables }: Parts) {
    this.generation = generation
    this.tables = tables
    this.chains = chains
    this.rules = rules
    this.sets = sets
    this.objects = objects
    this.flowtables = flowtables
  }

  /** In nft's syntax, as `nft list ruleset` prints it; `nft -f` takes it, but for rules with parts that are unknown: these are comments. */
  toString(): string {
    return printRuleset(this.#json())
  }

  /** What `nft -j list ruleset` prints, its `metainfo` aside; `nft -j -f` takes it. */
  toJSON(): { nftables: NftJson[] } {
    return { nftables: this.#json() }
  }

  /** Table by table, in nft's order. */
  #json(): NftJson[] {
    return this.tables.flatMap((table): NftJson[] => {
      const mine = <T extends { family: string; table: string }>(list: readonly T[]): T[] =>
        list.filter((each) => each.family === table.family && each.table === table.name)
      const chains = mine(this.chains)
      const rules = new Map<string, NftRule[]>(chains.map(({ name }) => [name, []]))
      for (const rule of mine(this.rules)) rules.get(rule.chain)?.push(rule)
      return [
        { table: tableJson(table) },
        ...mine(this.objects).map(objectJson),
        ...mine(this.sets).map(setJson),
        ...mine(this.flowtables).map((flowtable) => ({ flowtable: flowtableJson(flowtable) })),
        ...chains.map((chain) => ({ chain: chainJson(chain) })),
        ...chains.flatMap(({ name }) => (rules.get(name) ?? []).map((rule) => ({ rule: rule.toJSON() }))),
      ]
    })
  }
}

/** Reads everything until it held still for as long as that took. */
export async function readRuleset(netlink: Netlink, { family, table, ...control }: NftFilter): Promise<Ruleset> {
  const filter = { family, table, ...control }
  return still(netlink, control, async (generation) => {
    const [tables, chains, fields, sets, objects, flowtables] = await Promise.all([
      listTables(netlink, filter),
      listChains(netlink, filter),
      listRules(netlink, filter),
      KnownSets.read(netlink, filter),
      listObjects(netlink, filter),
      listFlowtables(netlink, filter),
    ])
    await nameDevices(netlink, control, fields, sets)
    const rules = fields.map((each) => new NftRule(each, sets))
    return new Ruleset({ generation, tables, chains, rules, sets: sets.named(), objects, flowtables })
  })
}

/** The rules that match, with those sets that they need. */
export async function readRules(
  netlink: Netlink,
  { family, table, chain, ...control }: NftRuleFilter,
): Promise<NftRule[]> {
  return still(netlink, control, async () => {
    const fields = await listRules(netlink, { family, table, chain, ...control })
    const needed = fields.some(({ expressions }) => setNamesOf(expressions).length > 0)
    const sets = needed ? await KnownSets.read(netlink, { family, table, ...control }) : KnownSets.none()
    await nameDevices(netlink, control, fields, sets)
    return fields.map((each) => new NftRule(each, sets))
  })
}

export async function readSets(netlink: Netlink, filter: NftFilter): Promise<NftSet[]> {
  const { family: _, table: __, ...control } = filter
  return still(netlink, control, async () => {
    const sets = await KnownSets.read(netlink, filter)
    await nameDevices(netlink, control, [], sets)
    return sets.named()
  })
}

/** Names of devices for what has their indexes. */
async function nameDevices(
  netlink: Netlink,
  control: CallControl,
  rules: readonly NftRuleFields[],
  sets: KnownSets,
): Promise<void> {
  if (!sets.holdDevices && !rules.some(({ expressions }) => expressions.some(usesDevice))) return
  sets.names = await deviceNames(netlink, control)
}

/** The current generation. */
async function generationOf(netlink: Netlink, control: CallControl): Promise<number> {
  const [answer] = await netlink.request(NFT_MSG_GETGEN, { header: { family: 'unspec' } }, control)
  return answer?.id ?? 0
}

/** What `read` gives, provided that nothing changed meanwhile. */
async function still<T>(netlink: Netlink, control: CallControl, read: (generation: number) => Promise<T>): Promise<T> {
  let before = await generationOf(netlink, control)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const result = await read(before).catch((error: unknown) => {
      if (isDisturbed(error)) return undefined
      throw error
    })
    const after = await generationOf(netlink, control)
    if (result !== undefined && after === before) return result
    before = after
  }
  const reason = `the ruleset changed each of the ${ATTEMPTS} times that it was read`
  throw new NetlinkError({ code: 'EAGAIN', operation: 'nft.list', reason })
}

/** Something was there and is gone, or the dump itself says so. */
const isDisturbed = (error: unknown): boolean =>
  error instanceof DumpInterruptedError || (error instanceof NetlinkError && error.code === 'ENOENT')

export type { NftExpression }
export { NftRule }
