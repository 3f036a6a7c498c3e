/**
 * What a ruleset consists of, as `nft -j list ruleset` prints it: tables, chains, rules, sets, objects, flowtables. Where nft 1.0.6 leaves
 * something out of its JSON (comments of tables and chains, `dynamic`, `auto-merge`), the words of later releases are taken.
 */

import type { Expr, NftFamily, Statement, Verdict } from './ast.ts'

export interface TableJson {
  family: NftFamily
  name: string
  handle?: number
  flags?: string | string[]
  comment?: string
}

export interface ChainJson {
  family: NftFamily
  table: string
  name: string
  handle?: number
  /** Of base chains: 'filter', 'nat', 'route' */
  type?: string
  hook?: string
  prio?: number
  policy?: string
  dev?: string | string[]
  flags?: string | string[]
  comment?: string
}

export interface RuleJson {
  family: NftFamily
  table: string
  chain: string
  handle?: number
  index?: number
  comment?: string
  /** A string is text of nft's own, where 1.0.6 has no JSON for a statement. */
  expr: (Statement | string)[]
}

/** A set's element, or a pair of a map's. */
export type ElementJson = Expr | [Expr, Expr | Verdict]

export interface SetJson {
  family: NftFamily
  table: string
  name: string
  handle?: number
  /** The type's name, the names of a concatenation's types, or what has the type */
  type: string | string[] | { typeof: Expr }
  /** Of a map: the type of its data, or the kind of the objects it refers to */
  map?: string | string[] | { typeof: Expr }
  policy?: string
  size?: number
  flags?: string | string[]
  timeout?: number
  'gc-interval'?: number
  'auto-merge'?: boolean
  comment?: string
  elem?: ElementJson | ElementJson[]
  /** Statements that every element has */
  stmt?: Statement[]
}

export interface FlowtableJson {
  family: NftFamily
  table: string
  name: string
  handle?: number
  hook?: string
  prio?: number
  dev?: string | string[]
  flags?: string | string[]
}

interface NamedJson {
  family: NftFamily
  table: string
  name: string
  handle?: number
  comment?: string
}
export interface CounterJson extends NamedJson {
  packets: number
  bytes: number
}
export interface QuotaJson extends NamedJson {
  bytes: number
  used: number
  inv: boolean
}
export interface LimitJson extends NamedJson {
  rate: number
  per: 'second' | 'minute' | 'hour' | 'day' | 'week'
  burst?: number
  inv?: boolean
  rate_unit?: string
  burst_unit?: string
}
export interface CtHelperJson extends NamedJson {
  type: string
  protocol: string | number
  l3proto: string
}
export interface CtTimeoutJson extends NamedJson {
  protocol: string | number
  l3proto: string
  /** Seconds by state, where they are not the kernel's */
  policy: Readonly<Record<string, number>> | null
}
export interface CtExpectationJson extends NamedJson {
  protocol: string | number
  l3proto: string
  dport: number
  /** In milliseconds */
  timeout: number
  size: number
}
export interface SynproxyJson extends NamedJson {
  mss?: number
  wscale?: number
  flags?: string | string[]
}
export interface SecmarkJson extends NamedJson {
  context: string
}

/** The kinds of stateful objects. */
export interface NftObjects {
  counter: CounterJson
  quota: QuotaJson
  limit: LimitJson
  'ct helper': CtHelperJson
  'ct timeout': CtTimeoutJson
  'ct expectation': CtExpectationJson
  synproxy: SynproxyJson
  secmark: SecmarkJson
}
export type NftObjectKind = keyof NftObjects
export type ObjectJson = { [K in NftObjectKind]: { [P in K]: NftObjects[K] } }[NftObjectKind]

/** One of the list that nft prints, `metainfo` aside. */
export type NftJson =
  | { table: TableJson }
  | { chain: ChainJson }
  | { rule: RuleJson }
  | { set: SetJson }
  | { map: SetJson }
  | { meter: SetJson }
  | { flowtable: FlowtableJson }
  | ObjectJson
