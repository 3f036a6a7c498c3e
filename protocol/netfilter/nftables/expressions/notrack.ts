/** notrack: keeps the packet out of connection tracking. It has no attributes. */
import { attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'

export const notrack = attributes('nftables/expr-notrack-attrs', () => ({}))
export interface NftNotrack extends Infer<typeof notrack> {}
export interface NftNotrackInput extends Input<typeof notrack> {}
