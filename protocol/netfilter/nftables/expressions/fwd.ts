/** fwd: forwards the packet by another device (netdev family). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { NFPROTO } from '../../constants.ts'

export const fwd = attributes('nftables/expr-fwd-attrs', () => ({
  sregDev: attribute('NFTA_FWD_SREG_DEV', 1, be32),
  sregAddr: attribute('NFTA_FWD_SREG_ADDR', 2, be32),
  nfproto: attribute('NFTA_FWD_NFPROTO', 3, oneOf(be32, 'NFPROTO_', NFPROTO)),
}))
export interface NftFwd extends Infer<typeof fwd> {}
export interface NftFwdInput extends Input<typeof fwd> {}
