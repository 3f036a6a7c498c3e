/** dup: sends a copy of the packet to an address or device. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32 } from '../../../wire/scalar.ts'

export const dup = attributes('nftables/expr-dup-attrs', () => ({
  sregAddr: attribute('NFTA_DUP_SREG_ADDR', 1, be32),
  sregDev: attribute('NFTA_DUP_SREG_DEV', 2, be32),
}))
export interface NftDup extends Infer<typeof dup> {}
export interface NftDupInput extends Input<typeof dup> {}
