/** objref: uses a named object, given by name or found in a map. */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be32, oneOf } from '../../../wire/scalar.ts'
import { NFT_OBJECT } from '../constants.ts'
import { name } from '../data.ts'

export const objref = attributes('nftables/expr-objref-attrs', () => ({
  immType: attribute('NFTA_OBJREF_IMM_TYPE', 1, oneOf(be32, 'NFT_OBJECT_', NFT_OBJECT)),
  immName: attribute('NFTA_OBJREF_IMM_NAME', 2, name),
  setSreg: attribute('NFTA_OBJREF_SET_SREG', 3, be32),
  setName: attribute('NFTA_OBJREF_SET_NAME', 4, name),
  setId: attribute('NFTA_OBJREF_SET_ID', 5, be32),
}))
export interface NftObjref extends Infer<typeof objref> {}
export interface NftObjrefInput extends Input<typeof objref> {}
