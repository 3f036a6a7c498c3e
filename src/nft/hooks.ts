/** Where base chains can be: hooks, types and named priorities of each family, as nft(8) lists them under CHAINS. */
import { NF_ARP, NF_BR, NF_INET, NF_NETDEV } from '../../protocol/netfilter/constants.ts'
import { EncodeError, show } from '../../protocol/wire/codec.ts'
import type { NftFamily } from './ast.ts'

export type NftHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress'
export type NftChainType = 'filter' | 'nat' | 'route'
export type NftPriorityName = 'raw' | 'mangle' | 'dstnat' | 'filter' | 'security' | 'srcnat' | 'out'
/** A number, lower ones first; or nft's name of one, with an offset: 'filter', 'dstnat - 10'. */
export type NftPriority = number | NftPriorityName | `${NftPriorityName} ${'+' | '-'} ${number}`

type Numbers = { readonly [H in NftHook]?: number }

const inet: Numbers = {
  prerouting: NF_INET.NF_INET_PRE_ROUTING,
  input: NF_INET.NF_INET_LOCAL_IN,
  forward: NF_INET.NF_INET_FORWARD,
  output: NF_INET.NF_INET_LOCAL_OUT,
  postrouting: NF_INET.NF_INET_POST_ROUTING,
}

const numbers: { readonly [F in NftFamily]: Numbers } = {
  ip: inet,
  ip6: inet,
  inet: { ...inet, ingress: NF_INET.NF_INET_INGRESS },
  arp: { input: NF_ARP.NF_ARP_IN, output: NF_ARP.NF_ARP_OUT },
  bridge: {
    prerouting: NF_BR.NF_BR_PRE_ROUTING,
    input: NF_BR.NF_BR_LOCAL_IN,
    forward: NF_BR.NF_BR_FORWARD,
    output: NF_BR.NF_BR_LOCAL_OUT,
    postrouting: NF_BR.NF_BR_POST_ROUTING,
  },
  netdev: { ingress: NF_NETDEV.NF_NETDEV_INGRESS, egress: NF_NETDEV.NF_NETDEV_EGRESS },
}

const names = Object.fromEntries(
  Object.entries(numbers).map(([family, hooks]) => [
    family,
    new Map(Object.entries(hooks).map(([name, number]) => [number, name as NftHook])),
  ]),
) as Readonly<Record<string, ReadonlyMap<number, NftHook>>>

/** What a type of chain can do where; types that a family is not in do not exist there. */
const types: Record<NftChainType, { families: readonly NftFamily[]; hooks?: readonly NftHook[] }> = {
  filter: { families: ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'] },
  nat: { families: ['ip', 'ip6', 'inet'], hooks: ['prerouting', 'input', 'output', 'postrouting'] },
  route: { families: ['ip', 'ip6', 'inet'], hooks: ['output'] },
}

/** The number of a family's hook (NF_INET_LOCAL_IN ...). */
export function hookNumber(family: NftFamily, hook: unknown): number {
  const hooks = numbers[family]
  const number = typeof hook === 'string' && Object.hasOwn(hooks, hook) ? hooks[hook as NftHook] : undefined
  if (number === undefined)
    throw new EncodeError(
      `must be one of ${Object.keys(hooks).join(', ')} in family ${family}, got ${show(hook)}`,
      'hook',
    )
  return number
}

/** The name of a hook; its number where the family has no such one. */
export function hookName(family: NftFamily, number: number): NftHook | number {
  return names[family]?.get(number) ?? number
}

export function checkType(family: NftFamily, type: unknown, hook: NftHook): NftChainType {
  const known = typeof type === 'string' && Object.hasOwn(types, type) ? types[type as NftChainType] : undefined
  if (known === undefined)
    throw new EncodeError(`must be one of ${Object.keys(types).join(', ')}, got ${show(type)}`, 'type')
  if (!known.families.includes(family)) throw new EncodeError(`there are no ${type} chains in family ${family}`, 'type')
  if (known.hooks !== undefined && !known.hooks.includes(hook))
    throw new EncodeError(`a ${type} chain must be at ${known.hooks.join(', ')}, got ${show(hook)}`, 'hook')
  return type as NftChainType
}

/** A named priority, and the hooks where the name means something; without them, at all. */
interface NamedPriority {
  readonly name: NftPriorityName
  readonly number: number
  /** nft lists by name at the first one only. */
  readonly hooks?: readonly NftHook[]
}

/** std_prios of nft: of the families of IP ... */
const ipPriorities: readonly NamedPriority[] = [
  { name: 'raw', number: -300 },
  { name: 'mangle', number: -150 },
  { name: 'dstnat', number: -100, hooks: ['prerouting', 'output'] },
  { name: 'filter', number: 0 },
  { name: 'security', number: 50 },
  { name: 'srcnat', number: 100, hooks: ['postrouting', 'input'] },
]
/** ... and of bridges (NF_BR_PRI_*). */
const bridgePriorities: readonly NamedPriority[] = [
  { name: 'dstnat', number: -300, hooks: ['prerouting', 'output'] },
  { name: 'filter', number: -200 },
  { name: 'out', number: 100, hooks: ['output'] },
  { name: 'srcnat', number: 300, hooks: ['postrouting', 'input'] },
]
const filterOnly: readonly NamedPriority[] = [{ name: 'filter', number: 0 }]

function prioritiesOf(family: NftFamily): readonly NamedPriority[] {
  if (family === 'bridge') return bridgePriorities
  return family === 'arp' || family === 'netdev' ? filterOnly : ipPriorities
}

/** `filter`, `srcnat + 5`, `-450`: by name where the family and the hook have one at most 10 away. */
export function priorityWords(family: NftFamily, hook: string, priority: number): string {
  const near = prioritiesOf(family).find(({ number }) => Math.abs(priority - number) <= 10)
  if (near === undefined || (near.hooks !== undefined && near.hooks[0] !== hook)) return String(priority)
  const away = priority - near.number
  return away === 0 ? near.name : `${near.name} ${away > 0 ? '+' : '-'} ${Math.abs(away)}`
}

const INT_MIN = -0x8000_0000
const INT_MAX = 0x7fff_ffff
/** Connection tracking is at -200 (NF_IP_PRI_CONNTRACK); nat before it would see no connections (nft_chain_parse_hook()). */
const NAT_LOWEST = -199

/** The number of a priority. */
export function priorityNumber(family: NftFamily, hook: NftHook, type: NftChainType, priority: unknown): number {
  const number = typeof priority === 'string' ? named(family, hook, priority) : priority
  if (typeof number !== 'number' || !Number.isInteger(number) || number < INT_MIN || number > INT_MAX)
    throw new EncodeError(`must be an integer ${INT_MIN}..${INT_MAX} or a name, got ${show(priority)}`, 'priority')
  if (type === 'nat' && number < NAT_LOWEST)
    throw new EncodeError(
      `of a nat chain must be above -200, where connections are tracked, got ${show(priority)}`,
      'priority',
    )
  return number
}

function named(family: NftFamily, hook: NftHook, text: string): number {
  const [, name, sign, offset = '0'] = /^([a-z]+)(?:\s*([+-])\s*(\d+))?$/.exec(text.trim()) ?? []
  const all = hook === 'ingress' ? filterOnly : prioritiesOf(family)
  const known = all.filter(({ hooks }) => hooks === undefined || hooks.includes(hook))
  const base = known.find((each) => each.name === name)?.number
  if (base === undefined)
    throw new EncodeError(
      `must be a number or one of ${known.map((each) => each.name).join(', ')} at ${hook} in family ${family}, got ${show(text)}`,
      'priority',
    )
  return sign === '-' ? base - Number(offset) : base + Number(offset)
}
