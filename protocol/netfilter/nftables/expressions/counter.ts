/** counter: of packets and bytes; also as a named object, in set elements and of base chains. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes } from '../../../wire/leaf.ts'
import { be64 } from '../../../wire/scalar.ts'

const rows = {
  bytes: attribute('NFTA_COUNTER_BYTES', 1, be64),
  packets: attribute('NFTA_COUNTER_PACKETS', 2, be64),
  pad: attribute('NFTA_COUNTER_PAD', 3, bytes(), { readOnly: true }),
} as const

export const counter = attributes('nftables/expr-counter-attrs', () => rows)
/** The same in an object; the specification has three sets of it. */
export const counterObject = attributes('nftables/counter-attrs', () => rows)
/** NFTA_CHAIN_COUNTERS */
export const chainCounters = attributes('nftables/nft-counter-attrs', () => rows)
export interface NftCounter extends Infer<typeof counter> {}
export interface NftCounterInput extends Input<typeof counter> {}
