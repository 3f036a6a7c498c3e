/** ct timeout objects: how long the states of connections last, in seconds (`ct timeout set "name"`). */
import { attribute, attributes, nest } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be16, oneOf } from '../../../wire/scalar.ts'
import { l4proto } from '../../conntrack/tuple.ts'
import { NFPROTO } from '../../constants.ts'
import { timeoutData } from '../../timeout/timeout.ts'

export const ctTimeout = attributes('nftables/ct-timeout-attrs', () => ({
  l3proto: attribute('NFTA_CT_TIMEOUT_L3PROTO', 1, oneOf(be16, 'NFPROTO_', NFPROTO)),
  l4proto: attribute('NFTA_CT_TIMEOUT_L4PROTO', 2, l4proto),
  data: nest('NFTA_CT_TIMEOUT_DATA', 3, timeoutData),
}))
export interface NftCtTimeout extends Infer<typeof ctTimeout> {}
export interface NftCtTimeoutInput extends Input<typeof ctTimeout> {}
