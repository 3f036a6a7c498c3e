/** Chains: `nft add chain`, NFT_MSG_NEWCHAIN. */
import type { ChainMessage, ChainMessageInput } from '../../../protocol/netfilter/nftables/chain.ts'
import { commentOf } from '../../../protocol/netfilter/nftables/userdata.ts'
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import type { NftFamily } from '../ast.ts'
import {
  checkType,
  hookName,
  hookNumber,
  type NftChainType,
  type NftHook,
  type NftPriority,
  priorityNumber,
} from '../hooks.ts'
import { checkComment, checkDeviceName, checkFlags, checkName, DEFAULT_FAMILY, familyOf, headerOf } from '../names.ts'
import type { ChainJson } from '../ruleset-json.ts'
import { one } from './table-object.ts'

export type NftChainPolicy = 'accept' | 'drop'

/** What chain.add() takes; whatever list() gives fits. A base chain has `type`, `hook` and `priority`, any other none of them. */
export interface NftChainInput {
  /** The default is 'ip'. */
  family?: NftFamily | undefined
  /** NFTA_CHAIN_TABLE */
  table: string
  /** Up to 255 bytes. NFTA_CHAIN_NAME */
  name: string
  /** 'filter'; 'nat' (prerouting, input, output, postrouting); 'route' (output). The default of a base chain is 'filter'. NFTA_CHAIN_TYPE */
  type?: NftChainType | undefined
  /** Where packets come from: makes it a base chain. NFTA_HOOK_HOOKNUM */
  hook?: NftHook | undefined
  /** -2147483648..2147483647 or a name, 'dstnat - 10'; lower ones see packets first. NFTA_HOOK_PRIORITY */
  priority?: NftPriority | undefined
  /** Devices that it hears (ingress and egress only; there at least one). NFTA_HOOK_DEV, NFTA_HOOK_DEVS */
  devices?: readonly string[] | undefined
  /** What becomes of packets that no rule decides about; 'accept' where it is left out. NFTA_CHAIN_POLICY */
  policy?: NftChainPolicy | undefined
  /** 'hw_offload': in the device (netdev). NFTA_CHAIN_FLAGS */
  flags?: readonly NftChainFlag[] | undefined
  /** Up to 128 bytes. NFTA_CHAIN_USERDATA */
  comment?: string | undefined
  /** Ignored by add(). */
  handle?: number | undefined
  /** Ignored by add(). */
  use?: number | undefined
  /** Packets and bytes that the policy decided about. Ignored by add(). NFTA_CHAIN_COUNTERS */
  counters?: NftCounters | undefined
}

export type NftChainFlag = 'hw_offload'

export interface NftCounters {
  packets: bigint
  bytes: bigint
}

/** A chain as list() gives it. */
export interface NftChain {
  family: NftFamily
  table: string
  name: string
  /** NFTA_CHAIN_HANDLE */
  handle: number
  type?: NftChainType
  hook?: NftHook
  priority?: number
  devices?: readonly string[]
  policy?: NftChainPolicy
  flags?: readonly NftChainFlag[]
  comment?: string
  /** How many rules it has and how many jump to it. NFTA_CHAIN_USE */
  use: number
  counters?: NftCounters
}

const chainFlags = ['hw_offload'] as const

export function chainMessage(chain: NftChainInput): ChainMessageInput {
  const { family, table, name, hook, policy, flags, comment } = chain
  const header = headerOf(family)
  if (policy !== undefined && policy !== 'accept' && policy !== 'drop')
    throw new EncodeError(`must be accept or drop, got ${show(policy)}`, 'policy')
  const base = hook === undefined ? undefined : hookOf(family ?? DEFAULT_FAMILY, hook, chain)
  if (base === undefined)
    for (const key of ['type', 'priority', 'devices'] as const)
      if (chain[key] !== undefined) throw new EncodeError('is only for base chains: it takes a hook', key)
  return {
    header,
    table: checkName(table, 'table'),
    name: checkName(name, 'name'),
    ...base,
    ...(policy !== undefined && { policy }),
    ...(flags !== undefined && { flags: checkFlags(flags, chainFlags) }),
    ...(comment !== undefined && { userdata: { comment: checkComment(comment) } }),
  }
}

function hookOf(family: NftFamily, hook: NftHook, chain: NftChainInput): Pick<ChainMessageInput, 'hook' | 'type'> {
  const { priority, devices } = chain
  const hooknum = hookNumber(family, hook)
  const type = checkType(family, chain.type ?? 'filter', hook)
  if (priority === undefined) throw new EncodeError('is missing: a base chain has one', 'priority')
  const number = priorityNumber(family, hook, type, priority)
  const hears = hook === 'ingress' || hook === 'egress'
  if (!hears) {
    if (devices !== undefined) throw new EncodeError(`are only for ingress and egress, this is ${hook}`, 'devices')
    return { hook: { hooknum, priority: number }, type }
  }
  if (!Array.isArray(devices) || devices.length === 0)
    throw new EncodeError(`must name at least one device at ${hook}`, 'devices')
  const names = devices.map((device, i) => checkDeviceName(device, `devices[${i}]`))
  const [only] = names
  const which = names.length === 1 && only !== undefined ? { dev: only } : { devs: { name: names } }
  return { hook: { hooknum, priority: number, ...which }, type }
}

/** The chain of a message; undefined where it is in a family that nft does not know. */
export function toChain(message: ChainMessage): NftChain | undefined {
  const { header, table = '', name = '', handle, hook, policy, flags, use, userdata, counters } = message
  const family = familyOf(header)
  if (family === undefined) return undefined
  const chain: NftChain = { family, table, name, handle: Number(handle ?? 0), use: use ?? 0 }
  if (hook !== undefined) {
    // What the kernel reports of its own types and hooks.
    chain.type = message.type as NftChainType
    chain.hook = hookName(family, hook.hooknum ?? 0) as NftHook
    chain.priority = hook.priority ?? 0
    const devices = hook.devs?.name ?? (hook.dev === undefined ? undefined : [hook.dev])
    // The kernel has the last first; nft sorts them.
    if (devices !== undefined && devices.length > 0) chain.devices = [...devices].sort()
  }
  if (policy === 'accept' || policy === 'drop') chain.policy = policy
  const known = flags?.filter((flag): flag is NftChainFlag => flag === 'hw_offload')
  if (known !== undefined && known.length > 0) chain.flags = known
  const comment = commentOf(userdata)
  if (comment !== undefined) chain.comment = comment
  if (counters !== undefined) chain.counters = { packets: counters.packets ?? 0n, bytes: counters.bytes ?? 0n }
  return chain
}

export function chainJson(chain: NftChain): ChainJson {
  const { family, table, name, handle, type, hook, priority, policy, devices, flags, comment } = chain
  return {
    family,
    table,
    name,
    handle,
    ...(hook !== undefined && {
      ...(type !== undefined && { type }),
      hook,
      prio: priority ?? 0,
      ...(devices && { dev: one(devices) }),
      policy: policy ?? 'accept',
    }),
    ...(flags && { flags: one(flags) }),
    ...(comment !== undefined && { comment }),
  }
}
