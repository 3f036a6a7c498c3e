/** dynset: adds, updates or deletes a set's element from the packet (`add @name { ip saddr }`). */
import { type Attributes, attribute, attributes, type Kept, nest } from '../../../wire/attributes.ts'
import { bytes } from '../../../wire/leaf.ts'
import { lazy } from '../../../wire/list.ts'
import { be32, be64, flags, type NameOf, oneOf } from '../../../wire/scalar.ts'
import { name } from '../data.ts'
import { expression, expressionList, type NftExpression, type NftExpressionInput } from '../expression.ts'

export const NFT_DYNSET_OP = { NFT_DYNSET_OP_ADD: 0, NFT_DYNSET_OP_UPDATE: 1, NFT_DYNSET_OP_DELETE: 2 } as const
/** inv: match where the set is full; expr: `expressions` may be more than one. */
export const NFT_DYNSET_F = { NFT_DYNSET_F_INV: 1, NFT_DYNSET_F_EXPR: 2 } as const

interface Rows<E> extends Kept {
  setName?: string
  setId?: number
  op?: NameOf<keyof typeof NFT_DYNSET_OP, 'NFT_DYNSET_OP_'> | number
  sregKey?: number
  sregData?: number
  /** Milliseconds. */
  timeout?: bigint
  expr?: E
  pad?: Uint8Array
  flags?: readonly (NameOf<keyof typeof NFT_DYNSET_F, 'NFT_DYNSET_F_'> | number)[]
  expressions?: E[]
}
/** Written out, because it holds expressions, of which it is one. */
export interface NftDynset extends Rows<NftExpression> {}
export type NftDynsetInput = { [K in keyof Rows<unknown>]?: Rows<NftExpressionInput>[K] | undefined }

export const dynset: Attributes<NftDynset, NftDynsetInput> = attributes('nftables/expr-dynset-attrs', () => ({
  setName: attribute('NFTA_DYNSET_SET_NAME', 1, name),
  setId: attribute('NFTA_DYNSET_SET_ID', 2, be32),
  op: attribute('NFTA_DYNSET_OP', 3, oneOf(be32, 'NFT_DYNSET_OP_', NFT_DYNSET_OP)),
  sregKey: attribute('NFTA_DYNSET_SREG_KEY', 4, be32),
  sregData: attribute('NFTA_DYNSET_SREG_DATA', 5, be32),
  timeout: attribute('NFTA_DYNSET_TIMEOUT', 6, be64),
  expr: nest(
    'NFTA_DYNSET_EXPR',
    7,
    lazy(() => expression),
  ),
  pad: attribute('NFTA_DYNSET_PAD', 8, bytes(), { readOnly: true }),
  flags: attribute('NFTA_DYNSET_FLAGS', 9, flags(be32, 'NFT_DYNSET_F_', NFT_DYNSET_F)),
  expressions: nest(
    'NFTA_DYNSET_EXPRESSIONS',
    10,
    lazy(() => expressionList),
  ),
}))
