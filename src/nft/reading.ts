/** What nl.nft reads with, as loaded.ts loads it. */
export { getElements, readElements } from './listing/elements.ts'
export { listChains, listFlowtables, listObjects, listRules, listTables } from './listing/listing.ts'
export { readRules, readRuleset, readSets } from './listing/ruleset.ts'
