/** immediate: puts a value or a verdict into a register. */
import { attribute, attributes, nest } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32 } from '../../../wire/scalar.ts'
import { data } from '../data.ts'

export const immediate = attributes('nftables/expr-immediate-attrs', () => ({
  /** 0: the verdict. */
  dreg: attribute('NFTA_IMMEDIATE_DREG', 1, be32),
  data: nest('NFTA_IMMEDIATE_DATA', 2, data),
}))
export interface NftImmediate extends Infer<typeof immediate> {}
export interface NftImmediateInput extends Input<typeof immediate> {}
