/** secmark objects: a security context for packets (`meta secmark set "name"`). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { string } from '../../../wire/leaf.ts'

export const secmark = attributes('nftables/secmark-attrs', () => ({
  ctx: attribute('NFTA_SECMARK_CTX', 1, string(4096)),
}))
export interface NftSecmark extends Infer<typeof secmark> {}
export interface NftSecmarkInput extends Input<typeof secmark> {}
