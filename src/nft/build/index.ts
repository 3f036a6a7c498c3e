/** The rule builder: what stands in a rule, as functions. They give statements as `nft -j` has them, which `nl.nft.rule.add()` takes. */
export * from './headers.ts'
export * from './keys.ts'
export * from './nat.ts'
export * from './reference.ts'
export type * from './selecting.ts'
export * from './statements.ts'
export { type Constant, type Entries, range } from './value.ts'
export * from './verdicts.ts'
