/** Elements of sets and maps: NFT_MSG_NEWSETELEM and its kin (`nft add element`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { be32, be64, flags } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NFT_SET_ELEM } from './constants.ts'
import { data, name } from './data.ts'
import { expression, expressionList } from './expression.ts'
import { list } from './list.ts'
import { elementUserdata } from './userdata.ts'

export const setElement = attributes('nftables/setelem-attrs', () => ({
  key: nest('NFTA_SET_ELEM_KEY', 1, data),
  /** A map's value. */
  data: nest('NFTA_SET_ELEM_DATA', 2, data),
  flags: attribute('NFTA_SET_ELEM_FLAGS', 3, flags(be32, 'NFT_SET_ELEM_', NFT_SET_ELEM)),
  /** Milliseconds. */
  timeout: attribute('NFTA_SET_ELEM_TIMEOUT', 4, be64),
  /** Milliseconds that are left. */
  expiration: attribute('NFTA_SET_ELEM_EXPIRATION', 5, be64),
  userdata: attribute('NFTA_SET_ELEM_USERDATA', 6, elementUserdata),
  expr: nest('NFTA_SET_ELEM_EXPR', 7, expression),
  pad: attribute('NFTA_SET_ELEM_PAD', 8, bytes(), { readOnly: true }),
  /** Name of an object. */
  objref: attribute('NFTA_SET_ELEM_OBJREF', 9, name),
  /** Last key of an interval of concatenated keys. */
  keyEnd: nest('NFTA_SET_ELEM_KEY_END', 10, data),
  expressions: nest('NFTA_SET_ELEM_EXPRESSIONS', 11, expressionList),
}))
export interface SetElement extends Infer<typeof setElement> {}
export interface SetElementInput extends Input<typeof setElement> {}

export const elementsAttributes = attributes('nftables/setelem-list-attrs', () => ({
  table: attribute('NFTA_SET_ELEM_LIST_TABLE', 1, name),
  set: attribute('NFTA_SET_ELEM_LIST_SET', 2, name),
  /** At most 64 KiB of them in a message. */
  elements: nest(
    'NFTA_SET_ELEM_LIST_ELEMENTS',
    3,
    list('nftables/setelem-list-elem-attrs', setElement, { numbered: true }),
  ),
  /** A set of the same batch. */
  setId: attribute('NFTA_SET_ELEM_LIST_SET_ID', 4, be32),
}))

export const elementsMessage = nfnetlinkMessage(elementsAttributes)
export interface ElementsMessage extends Infer<typeof elementsMessage> {}
export interface ElementsMessageInput extends Input<typeof elementsMessage> {}
