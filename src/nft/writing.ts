/** What nl.nft writes with, as loaded.ts loads it. */

export { askDevice } from './local-names.ts'
export { commandOf, NftBatch } from './transaction/batch.ts'
export { run } from './transaction/run.ts'
