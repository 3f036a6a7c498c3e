/** tproxy: hands the packet to a local socket without translating it. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { NFPROTO } from '../../constants.ts'

export const tproxy = attributes('nftables/expr-tproxy-attrs', () => ({
  family: attribute('NFTA_TPROXY_FAMILY', 1, oneOf(be32, 'NFPROTO_', NFPROTO)),
  regAddr: attribute('NFTA_TPROXY_REG_ADDR', 2, be32),
  regPort: attribute('NFTA_TPROXY_REG_PORT', 3, be32),
}))
export interface NftTproxy extends Infer<typeof tproxy> {}
export interface NftTproxyInput extends Input<typeof tproxy> {}
