/** NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END: what lies between is one transaction of the subsystem in the header's resId. */
import { attribute, attributes } from '../wire/attributes.ts'
import type { Infer, Input } from '../wire/codec.ts'
import { be32 } from '../wire/scalar.ts'
import { nfnetlinkMessage } from './nfgenmsg.ts'

export const batchAttributes = attributes('nftables/batch-attrs', () => ({
  /** The generation that the batch was made for: where the ruleset has changed since, the kernel answers ERESTART. */
  genid: attribute('NFNL_BATCH_GENID', 1, be32),
}))

export const batchMessage = nfnetlinkMessage(batchAttributes)
export interface BatchMessage extends Infer<typeof batchMessage> {}
export interface BatchMessageInput extends Input<typeof batchMessage> {}
