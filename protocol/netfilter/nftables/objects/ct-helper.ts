/** ct helper objects: the conntrack helper that connections get (`ct helper set "name"`). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { string } from '../../../wire/leaf.ts'
import { be16, oneOf } from '../../../wire/scalar.ts'
import { l4proto } from '../../conntrack/tuple.ts'
import { NFPROTO } from '../../constants.ts'

export const ctHelper = attributes('nftables/ct-helper-attrs', () => ({
  /** 'ftp', 'sip' ... */
  name: attribute('NFTA_CT_HELPER_NAME', 1, string(16)),
  l3proto: attribute('NFTA_CT_HELPER_L3PROTO', 2, oneOf(be16, 'NFPROTO_', NFPROTO)),
  l4proto: attribute('NFTA_CT_HELPER_L4PROTO', 3, l4proto),
}))
export interface NftCtHelper extends Infer<typeof ctHelper> {}
export interface NftCtHelperInput extends Input<typeof ctHelper> {}
