/** NFNL_SUBSYS_HOOK: what is hooked in at a family's hook (linux/netfilter/nfnetlink_hook.h; `nft list hooks`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be32, oneOf, sbe32 } from '../../wire/scalar.ts'
import { selected } from '../../wire/selected.ts'
import { nfnetlinkMessage, nfproto } from '../nfgenmsg.ts'
import { name } from './data.ts'

export const NFNL_HOOK_TYPE = {
  NFNL_HOOK_TYPE_NFTABLES: 1,
  NFNL_HOOK_TYPE_BPF: 2,
  NFNL_HOOK_TYPE_NFT_FLOWTABLE: 3,
} as const

/** A base chain; of a flowtable likewise. */
const chainDesc = attributes('nfnetlink-hook/chain-desc-attrs', () => ({
  table: attribute('NFNLA_CHAIN_TABLE', 1, name),
  family: attribute('NFNLA_CHAIN_FAMILY', 2, nfproto),
  name: attribute('NFNLA_CHAIN_NAME', 3, name),
}))

const bpfDesc = attributes('nfnetlink-hook/bpf-desc-attrs', () => ({ id: attribute('NFNLA_HOOK_BPF_ID', 1, be32) }))

const chainInfo = attributes('nfnetlink-hook/chain-info-attrs', () => ({
  desc: nest(
    'NFNLA_HOOK_INFO_DESC',
    1,
    selected('type', { nftables: chainDesc, nft_flowtable: chainDesc, bpf: bpfDesc }),
  ),
  type: attribute('NFNLA_HOOK_INFO_TYPE', 2, oneOf(be32, 'NFNL_HOOK_TYPE_', NFNL_HOOK_TYPE)),
}))

export const hookAttributes = attributes('nfnetlink-hook/hook-attrs', () => ({
  hooknum: attribute('NFNLA_HOOK_HOOKNUM', 1, be32),
  priority: attribute('NFNLA_HOOK_PRIORITY', 2, sbe32),
  dev: attribute('NFNLA_HOOK_DEV', 3, string(16)),
  functionName: attribute('NFNLA_HOOK_FUNCTION_NAME', 4, string()),
  moduleName: attribute('NFNLA_HOOK_MODULE_NAME', 5, string()),
  chainInfo: nest('NFNLA_HOOK_CHAIN_INFO', 6, chainInfo),
}))

export const hookMessage = nfnetlinkMessage(hookAttributes)
export interface HookMessage extends Infer<typeof hookMessage> {}
export interface HookMessageInput extends Input<typeof hookMessage> {}
