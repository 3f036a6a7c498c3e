/** Stateful objects: NFT_MSG_NEWOBJ and its kin (`nft add counter`, `quota`, `limit`, `ct helper` ...). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { be32, be64, oneOf } from '../../wire/scalar.ts'
import { selected } from '../../wire/selected.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NFT_OBJECT } from './constants.ts'
import { name } from './data.ts'
import { connlimit } from './expressions/connlimit.ts'
import { counterObject } from './expressions/counter.ts'
import { limit } from './expressions/limit.ts'
import { quota } from './expressions/quota.ts'
import { synproxy } from './expressions/synproxy.ts'
import { ctExpect } from './objects/ct-expect.ts'
import { ctHelper } from './objects/ct-helper.ts'
import { ctTimeout } from './objects/ct-timeout.ts'
import { secmark } from './objects/secmark.ts'
import { tunnelKey } from './objects/tunnel.ts'
import { objectUserdata } from './userdata.ts'

const objectData = selected('type', {
  counter: counterObject,
  quota,
  ct_helper: ctHelper,
  limit,
  connlimit,
  tunnel: tunnelKey,
  ct_timeout: ctTimeout,
  secmark,
  ct_expect: ctExpect,
  synproxy,
})

export const objectAttributes = attributes('nftables/obj-attrs', () => ({
  table: attribute('NFTA_OBJ_TABLE', 1, name),
  name: attribute('NFTA_OBJ_NAME', 2, name),
  type: attribute('NFTA_OBJ_TYPE', 3, oneOf(be32, 'NFT_OBJECT_', NFT_OBJECT)),
  data: nest('NFTA_OBJ_DATA', 4, objectData),
  /** How many rules and elements use it. */
  use: attribute('NFTA_OBJ_USE', 5, be32, { readOnly: true }),
  handle: attribute('NFTA_OBJ_HANDLE', 6, be64),
  pad: attribute('NFTA_OBJ_PAD', 7, bytes(), { readOnly: true }),
  userdata: attribute('NFTA_OBJ_USERDATA', 8, objectUserdata),
}))

export const objectMessage = nfnetlinkMessage(objectAttributes)
export interface ObjectMessage extends Infer<typeof objectMessage> {}
export interface ObjectMessageInput extends Input<typeof objectMessage> {}
