/** redir: destination NAT to this machine, to ports in registers. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32 } from '../../../wire/scalar.ts'
import { natFlags } from './nat.ts'

export const redir = attributes('nftables/expr-redir-attrs', () => ({
  regProtoMin: attribute('NFTA_REDIR_REG_PROTO_MIN', 1, be32),
  regProtoMax: attribute('NFTA_REDIR_REG_PROTO_MAX', 2, be32),
  flags: attribute('NFTA_REDIR_FLAGS', 3, natFlags),
}))
export interface NftRedir extends Infer<typeof redir> {}
export interface NftRedirInput extends Input<typeof redir> {}
