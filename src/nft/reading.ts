/** What nl.nft reads with, as loaded.ts loads it. */
export { getElements, readElements } from './elements.ts'
export { listChains, listFlowtables, listObjects, listRules, listTables } from './listing.ts'
export { readRules, readRuleset, readSets } from './ruleset.ts'
