/** What nl.nft writes with, as loaded.ts loads it. */
export { NftBatch } from './batch.ts'
export { askDevice } from './local-names.ts'
export { run } from './run.ts'
