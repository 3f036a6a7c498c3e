/** What nl.nft reads with, as loaded.ts loads it. */
export { getElements, readElements } from './listing/elements.ts'
export {
  checkFilter,
  listChains,
  listFlowtables,
  listObjects,
  listTables,
  resetObjects,
  resetRules,
} from './listing/listing.ts'
export { readRules, readRuleset, readSets } from './listing/ruleset.ts'
