/** Flowtables: NFT_MSG_NEWFLOWTABLE and its kin (`nft add flowtable`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { be32, be64, flags } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NFT_FLOWTABLE } from './constants.ts'
import { name } from './data.ts'
import { flowtableHook } from './hook.ts'

export const flowtableAttributes = attributes('nftables/flowtable-attrs', () => ({
  table: attribute('NFTA_FLOWTABLE_TABLE', 1, name),
  name: attribute('NFTA_FLOWTABLE_NAME', 2, name),
  hook: nest('NFTA_FLOWTABLE_HOOK', 3, flowtableHook),
  /** How many rules use it. */
  use: attribute('NFTA_FLOWTABLE_USE', 4, be32, { readOnly: true }),
  handle: attribute('NFTA_FLOWTABLE_HANDLE', 5, be64),
  pad: attribute('NFTA_FLOWTABLE_PAD', 6, bytes(), { readOnly: true }),
  flags: attribute('NFTA_FLOWTABLE_FLAGS', 7, flags(be32, 'NFT_FLOWTABLE_', NFT_FLOWTABLE)),
}))

export const flowtableMessage = nfnetlinkMessage(flowtableAttributes)
export interface FlowtableMessage extends Infer<typeof flowtableMessage> {}
export interface FlowtableMessageInput extends Input<typeof flowtableMessage> {}
