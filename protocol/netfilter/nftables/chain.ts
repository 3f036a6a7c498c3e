/** Chains: NFT_MSG_NEWCHAIN and its kin (`nft add chain`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { be32, be64, flags, oneOf } from '../../wire/scalar.ts'
import { NF_VERDICT } from '../constants.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NFT_CHAIN } from './constants.ts'
import { name } from './data.ts'
import { chainCounters } from './expressions/counter.ts'
import { hook } from './hook.ts'
import { chainUserdata } from './userdata.ts'

export const chainAttributes = attributes('nftables/chain-attrs', () => ({
  table: attribute('NFTA_CHAIN_TABLE', 1, name),
  handle: attribute('NFTA_CHAIN_HANDLE', 2, be64),
  name: attribute('NFTA_CHAIN_NAME', 3, name),
  /** A base chain has one. */
  hook: nest('NFTA_CHAIN_HOOK', 4, hook),
  policy: attribute('NFTA_CHAIN_POLICY', 5, oneOf(be32, 'NF_', NF_VERDICT)),
  /** How many rules and jumps there are. */
  use: attribute('NFTA_CHAIN_USE', 6, be32, { readOnly: true }),
  /** 'filter', 'nat' or 'route'. */
  type: attribute('NFTA_CHAIN_TYPE', 7, string()),
  counters: nest('NFTA_CHAIN_COUNTERS', 8, chainCounters),
  pad: attribute('NFTA_CHAIN_PAD', 9, bytes(), { readOnly: true }),
  flags: attribute('NFTA_CHAIN_FLAGS', 10, flags(be32, 'NFT_CHAIN_', NFT_CHAIN)),
  /** For later messages of the same batch. */
  id: attribute('NFTA_CHAIN_ID', 11, be32),
  userdata: attribute('NFTA_CHAIN_USERDATA', 12, chainUserdata),
}))

export const chainMessage = nfnetlinkMessage(chainAttributes)
export interface ChainMessage extends Infer<typeof chainMessage> {}
export interface ChainMessageInput extends Input<typeof chainMessage> {}
