/** Tables: NFT_MSG_NEWTABLE and its kin (`nft add table`). */
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { be32, be64, flags } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NFT_TABLE_F } from './constants.ts'
import { name } from './data.ts'
import { tableUserdata } from './userdata.ts'

export const tableAttributes = attributes('nftables/table-attrs', () => ({
  name: attribute('NFTA_TABLE_NAME', 1, name),
  flags: attribute('NFTA_TABLE_FLAGS', 2, flags(be32, 'NFT_TABLE_F_', NFT_TABLE_F)),
  /** How many chains, sets and objects are in it. */
  use: attribute('NFTA_TABLE_USE', 3, be32, { readOnly: true }),
  handle: attribute('NFTA_TABLE_HANDLE', 4, be64),
  pad: attribute('NFTA_TABLE_PAD', 5, bytes(), { readOnly: true }),
  userdata: attribute('NFTA_TABLE_USERDATA', 6, tableUserdata),
  /** Port id of the socket that owns it. */
  owner: attribute('NFTA_TABLE_OWNER', 7, be32, { readOnly: true }),
}))

export const tableMessage = nfnetlinkMessage(tableAttributes)
export interface TableMessage extends Infer<typeof tableMessage> {}
export interface TableMessageInput extends Input<typeof tableMessage> {}
