/** masq: source NAT to the address of the device that the packet leaves by. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32 } from '../../../wire/scalar.ts'
import { natFlags } from './nat.ts'

export const masq = attributes('nftables/expr-masq-attrs', () => ({
  flags: attribute('NFTA_MASQ_FLAGS', 1, natFlags),
  regProtoMin: attribute('NFTA_MASQ_REG_PROTO_MIN', 2, be32),
  regProtoMax: attribute('NFTA_MASQ_REG_PROTO_MAX', 3, be32),
}))
export interface NftMasq extends Infer<typeof masq> {}
export interface NftMasqInput extends Input<typeof masq> {}
