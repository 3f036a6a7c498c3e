/** last: remembers when a packet came by (Linux 5.14). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes } from '../../../wire/leaf.ts'
import { be32, be64 } from '../../../wire/scalar.ts'

export const last = attributes('nftables/expr-last-attrs', () => ({
  /** 0: never. */
  set: attribute('NFTA_LAST_SET', 1, be32),
  /** Milliseconds ago. */
  msecs: attribute('NFTA_LAST_MSECS', 2, be64),
  pad: attribute('NFTA_LAST_PAD', 3, bytes(), { readOnly: true }),
}))
export interface NftLast extends Infer<typeof last> {}
export interface NftLastInput extends Input<typeof last> {}
