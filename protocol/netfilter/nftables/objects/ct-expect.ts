/** ct expectation objects: which connection is expected to follow (`ct expectation set "name"`). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be16, oneOf, u8, u32 } from '../../../wire/scalar.ts'
import { l4proto } from '../../conntrack/tuple.ts'
import { NFPROTO } from '../../constants.ts'

export const ctExpect = attributes('nftables/ct-expect-attrs', () => ({
  l3proto: attribute('NFTA_CT_EXPECT_L3PROTO', 1, oneOf(be16, 'NFPROTO_', NFPROTO)),
  l4proto: attribute('NFTA_CT_EXPECT_L4PROTO', 2, l4proto),
  dport: attribute('NFTA_CT_EXPECT_DPORT', 3, be16),
  /** Milliseconds; the one number of nf_tables in host order. */
  timeout: attribute('NFTA_CT_EXPECT_TIMEOUT', 4, u32),
  /** Most expectations of a connection. */
  size: attribute('NFTA_CT_EXPECT_SIZE', 5, u8),
}))
export interface NftCtExpect extends Infer<typeof ctExpect> {}
export interface NftCtExpectInput extends Input<typeof ctExpect> {}
