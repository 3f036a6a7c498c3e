/** Flowtables: `nft add flowtable`, NFT_MSG_NEWFLOWTABLE. */
import type { FlowtableMessage, FlowtableMessageInput } from '../../../protocol/netfilter/nftables/flowtable.ts'
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import type { NftFamily } from '../ast.ts'
import { type NftPriority, priorityNumber } from '../hooks.ts'
import { checkArray, checkDeviceName, checkFlags, checkName, DEFAULT_FAMILY, familyOf, headerOf } from '../names.ts'
import type { FlowtableJson } from '../ruleset-json.ts'
import { one } from './table-object.ts'

/** 'hw_offload': in the device; 'counter': counts what goes by it. */
export type NftFlowtableFlag = 'hw_offload' | 'counter'

/** What flowtable.add() takes; whatever list() gives fits. */
export interface NftFlowtableInput {
  /** The default is 'ip'. */
  family?: NftFamily | undefined
  /** NFTA_FLOWTABLE_TABLE */
  table: string
  /** Up to 255 bytes. NFTA_FLOWTABLE_NAME */
  name: string
  /** There is no other. NFTA_FLOWTABLE_HOOK_NUM */
  hook?: 'ingress' | undefined
  /** A number, or 'filter' (0), which is the default. NFTA_FLOWTABLE_HOOK_PRIORITY */
  priority?: NftPriority | undefined
  /** Devices whose packets take the short way. NFTA_FLOWTABLE_HOOK_DEVS */
  devices?: readonly string[] | undefined
  /** NFTA_FLOWTABLE_FLAGS */
  flags?: readonly NftFlowtableFlag[] | undefined
  /** Ignored by add(). */
  handle?: number | undefined
  /** Ignored by add(). */
  use?: number | undefined
}

/** A flowtable as list() gives it. */
export interface NftFlowtable {
  family: NftFamily
  table: string
  name: string
  /** NFTA_FLOWTABLE_HANDLE */
  handle: number
  hook: 'ingress'
  priority: number
  devices: readonly string[]
  flags?: readonly NftFlowtableFlag[]
  /** How many rules use it. NFTA_FLOWTABLE_USE */
  use: number
}

const flowtableFlags = ['hw_offload', 'counter'] as const

export function flowtableMessage(flowtable: NftFlowtableInput): FlowtableMessageInput {
  const { family, table, name, hook = 'ingress', priority = 0, devices = [], flags } = flowtable
  if (hook !== 'ingress') throw new EncodeError(`must be ingress, got ${show(hook)}`, 'hook')
  checkArray(devices, 'devices')
  // Named priorities are those of ingress whatever the table's family.
  const number = priorityNumber(family === undefined ? DEFAULT_FAMILY : family, 'ingress', 'filter', priority)
  return {
    header: headerOf(family),
    table: checkName(table, 'table'),
    name: checkName(name, 'name'),
    hook: {
      num: 0,
      priority: number,
      devs: { name: devices.map((device, i) => checkDeviceName(device, `devices[${i}]`)) },
    },
    ...(flags !== undefined && { flags: checkFlags(flags, flowtableFlags) }),
  }
}

export function toFlowtable(message: FlowtableMessage): NftFlowtable | undefined {
  const { header, table = '', name = '', handle, hook, flags, use } = message
  const family = familyOf(header)
  if (family === undefined) return undefined
  const known = flags?.filter((flag): flag is NftFlowtableFlag => flowtableFlags.includes(flag as NftFlowtableFlag))
  return {
    family,
    table,
    name,
    handle: Number(handle ?? 0),
    hook: 'ingress',
    priority: hook?.priority ?? 0,
    devices: [...(hook?.devs?.name ?? [])].sort(),
    ...(known !== undefined && known.length > 0 && { flags: known }),
    use: use ?? 0,
  }
}

export function flowtableJson(flowtable: NftFlowtable): FlowtableJson {
  const { family, table, name, handle, hook, priority, devices, flags } = flowtable
  return {
    family,
    name,
    table,
    handle,
    hook,
    prio: priority,
    ...(devices.length > 0 && { dev: one(devices) }),
    ...(flags && { flags: one(flags) }),
  }
}
