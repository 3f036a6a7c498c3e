/** NFTA_HOOK and NFTA_FLOWTABLE_HOOK: where a base chain or flowtable is hooked in. */
import { attribute, attributes, many, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be32, sbe32 } from '../../wire/scalar.ts'

/** Devices by name. */
export const hookDevices = attributes('nftables/hook-dev-attrs', () => ({
  name: many('NFTA_DEVICE_NAME', 1, string(16)),
  /** All whose names begin so (Linux 6.17). */
  prefix: many('NFTA_DEVICE_PREFIX', 2, string(16)),
}))
export interface NftDevices extends Infer<typeof hookDevices> {}
export interface NftDevicesInput extends Input<typeof hookDevices> {}

export const hook = attributes('nftables/nft-hook-attrs', () => ({
  /** NF_INET, NF_NETDEV, NF_ARP or NF_BR, as the family has it. */
  hooknum: attribute('NFTA_HOOK_HOOKNUM', 1, be32),
  priority: attribute('NFTA_HOOK_PRIORITY', 2, sbe32),
  dev: attribute('NFTA_HOOK_DEV', 3, string(16)),
  devs: nest('NFTA_HOOK_DEVS', 4, hookDevices),
}))
export interface NftHook extends Infer<typeof hook> {}
export interface NftHookInput extends Input<typeof hook> {}

export const flowtableHook = attributes('nftables/flowtable-hook-attrs', () => ({
  num: attribute('NFTA_FLOWTABLE_HOOK_NUM', 1, be32),
  priority: attribute('NFTA_FLOWTABLE_HOOK_PRIORITY', 2, sbe32),
  devs: nest('NFTA_FLOWTABLE_HOOK_DEVS', 3, hookDevices),
}))
export interface NftFlowtableHook extends Infer<typeof flowtableHook> {}
export interface NftFlowtableHookInput extends Input<typeof flowtableHook> {}
