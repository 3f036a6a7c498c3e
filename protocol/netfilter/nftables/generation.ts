/** The ruleset's generation, which every transaction counts up: NFT_MSG_NEWGEN and GETGEN. */
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be32 } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'

export const generationAttributes = attributes('nftables/gen-attrs', () => ({
  id: attribute('NFTA_GEN_ID', 1, be32),
  /** Notifications: who did it. */
  procPid: attribute('NFTA_GEN_PROC_PID', 2, be32),
  procName: attribute('NFTA_GEN_PROC_NAME', 3, string()),
}))

export const generationMessage = nfnetlinkMessage(generationAttributes)
export interface GenerationMessage extends Infer<typeof generationMessage> {}
export interface GenerationMessageInput extends Input<typeof generationMessage> {}
