/** flow_offload: hands the connection over to a flowtable (`flow add @name`). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { name } from '../data.ts'

export const flowOffload = attributes('nftables/expr-flow-offload-attrs', () => ({
  tableName: attribute('NFTA_FLOW_TABLE_NAME', 1, name),
}))
export interface NftFlowOffload extends Infer<typeof flowOffload> {}
export interface NftFlowOffloadInput extends Input<typeof flowOffload> {}
