/** Sets and maps: NFT_MSG_NEWSET and its kin (`nft add set`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { be32, be64, flags, oneOf } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NFT_OBJECT, NFT_SET, NFT_SET_POL } from './constants.ts'
import { name } from './data.ts'
import { expression } from './expression.ts'
import { list } from './list.ts'
import { setUserdata } from './userdata.ts'

/** A part of a concatenated key. */
const field = attributes('nftables/set-field-attrs', () => ({
  /** In bytes. */
  len: attribute('NFTA_SET_FIELD_LEN', 1, be32),
}))

export const setDesc = attributes('nftables/set-desc-attrs', () => ({
  /** Most elements; for an anonymous set how many there will be. */
  size: attribute('NFTA_SET_DESC_SIZE', 1, be32),
  concat: nest('NFTA_SET_DESC_CONCAT', 2, list('nftables/set-desc-concat-attrs', field)),
}))
export interface SetDesc extends Infer<typeof setDesc> {}

export const setAttributes = attributes('nftables/set-attrs', () => ({
  table: attribute('NFTA_SET_TABLE', 1, name),
  /** '__set%d' and '__map%d' of anonymous ones: the kernel puts a number in. */
  name: attribute('NFTA_SET_NAME', 2, name),
  flags: attribute('NFTA_SET_FLAGS', 3, flags(be32, 'NFT_SET_', NFT_SET)),
  /** nft's type numbers, six bits each for a concatenation: the kernel only keeps them. */
  keyType: attribute('NFTA_SET_KEY_TYPE', 4, be32),
  keyLen: attribute('NFTA_SET_KEY_LEN', 5, be32),
  /** NFT_DATA_VERDICT of verdict maps, else as keyType. */
  dataType: attribute('NFTA_SET_DATA_TYPE', 6, be32),
  dataLen: attribute('NFTA_SET_DATA_LEN', 7, be32),
  policy: attribute('NFTA_SET_POLICY', 8, oneOf(be32, 'NFT_SET_POL_', NFT_SET_POL)),
  desc: nest('NFTA_SET_DESC', 9, setDesc),
  /** For later messages of the same batch. */
  id: attribute('NFTA_SET_ID', 10, be32),
  /** Milliseconds. */
  timeout: attribute('NFTA_SET_TIMEOUT', 11, be64),
  /** Milliseconds. */
  gcInterval: attribute('NFTA_SET_GC_INTERVAL', 12, be32),
  userdata: attribute('NFTA_SET_USERDATA', 13, setUserdata),
  pad: attribute('NFTA_SET_PAD', 14, bytes(), { readOnly: true }),
  /** Of a map whose values are names of objects. */
  objType: attribute('NFTA_SET_OBJ_TYPE', 15, oneOf(be32, 'NFT_OBJECT_', NFT_OBJECT)),
  handle: attribute('NFTA_SET_HANDLE', 16, be64),
  /** What every element has: a counter, a limit ... */
  expr: nest('NFTA_SET_EXPR', 17, expression),
  /** More than one. */
  expressions: nest('NFTA_SET_EXPRESSIONS', 18, list('nftables/set-list-attrs', expression)),
  /** The kernel's symbol for the implementation, a bare address where it keeps no symbols (Linux 6.18). */
  type: attribute('NFTA_SET_TYPE', 19, string(), { readOnly: true }),
  /** Of elements (Linux 6.18). */
  count: attribute('NFTA_SET_COUNT', 20, be32, { readOnly: true }),
}))

export const setMessage = nfnetlinkMessage(setAttributes)
export interface SetMessage extends Infer<typeof setMessage> {}
export interface SetMessageInput extends Input<typeof setMessage> {}
