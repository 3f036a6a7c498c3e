/** Kinds of stateful objects: nft's words, and the kernel's names of them (NFT_OBJECT_*). */
import type { NftObjectKind } from './ruleset-json.ts'

const types = {
  counter: 'counter',
  quota: 'quota',
  limit: 'limit',
  'ct helper': 'ct_helper',
  'ct timeout': 'ct_timeout',
  'ct expectation': 'ct_expect',
  synproxy: 'synproxy',
  secmark: 'secmark',
} as const satisfies Record<NftObjectKind, string>
export type ObjectType = (typeof types)[NftObjectKind]

const kinds = new Map<unknown, NftObjectKind>(
  Object.entries(types).map(([kind, type]) => [type, kind as NftObjectKind]),
)

/** The kernel's type of a kind; undefined where it is none. */
export function objectType(kind: unknown): ObjectType | undefined {
  return typeof kind === 'string' && Object.hasOwn(types, kind) ? types[kind as NftObjectKind] : undefined
}

/** The kind of a type; undefined where nft knows no such one (connlimit, tunnel keys). */
export function objectKind(type: unknown): NftObjectKind | undefined {
  return kinds.get(type)
}
