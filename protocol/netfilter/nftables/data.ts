/** NFTA_DATA and NFTA_VERDICT: what registers hold and set elements are. */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { be32, oneOf } from '../../wire/scalar.ts'
import { NF_VERDICT } from '../constants.ts'
import { NFT_NAME_MAXLEN, NFT_VERDICT } from './constants.ts'

/** Names of tables, chains, sets and objects. */
export const name = string(NFT_NAME_MAXLEN)

/** netfilter's verdicts and nf_tables' own: constants of two prefixes, hence without. */
const VERDICT = {
  DROP: NF_VERDICT.NF_DROP,
  ACCEPT: NF_VERDICT.NF_ACCEPT,
  STOLEN: NF_VERDICT.NF_STOLEN,
  QUEUE: NF_VERDICT.NF_QUEUE,
  REPEAT: NF_VERDICT.NF_REPEAT,
  CONTINUE: NFT_VERDICT.NFT_CONTINUE,
  BREAK: NFT_VERDICT.NFT_BREAK,
  JUMP: NFT_VERDICT.NFT_JUMP,
  GOTO: NFT_VERDICT.NFT_GOTO,
  RETURN: NFT_VERDICT.NFT_RETURN,
} as const

export const verdict = attributes('nftables/verdict-attrs', () => ({
  code: attribute('NFTA_VERDICT_CODE', 1, oneOf(be32, '', VERDICT)),
  /** Of jump and goto. */
  chain: attribute('NFTA_VERDICT_CHAIN', 2, name),
  /** Of jump and goto, instead of the name: a chain of the same batch. */
  chainId: attribute('NFTA_VERDICT_CHAIN_ID', 3, be32),
}))
export interface NftVerdict extends Infer<typeof verdict> {}
export interface NftVerdictInput extends Input<typeof verdict> {}

/** Bytes as they stand in a register, or a verdict. */
export const data = attributes('nftables/data-attrs', () => ({
  value: attribute('NFTA_DATA_VALUE', 1, bytes()),
  verdict: nest('NFTA_DATA_VERDICT', 2, verdict),
}))
export interface NftData extends Infer<typeof data> {}
export interface NftDataInput extends Input<typeof data> {}
