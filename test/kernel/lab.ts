/** Namespaces in pairs: one that the library configures, one that `ip` does, and what `ip -j -d` says of either. */
import { expect } from 'vitest'
import { Namespace, type Netlink } from '../../src/index.ts'

export type Json = Record<string, unknown>

/** Runs commands of `ip` inside, in order; the first that fails ends it. Options before the object ('-6') are those of the first command. */
export async function ip(ns: Namespace, ...commands: string[]): Promise<void> {
  const [family = ''] = /^-\S+ /.exec(commands[0] ?? '') ?? []
  const input = `${commands.join('\n').slice(family.length)}\n`
  await ns.exec('ip', [...(family === '' ? [] : [family.trim()]), '-batch', '-'], { input, sysfs: false })
}

/** `ip -j -d ...`: whatever state it is in now. */
export async function shown(ns: Namespace, ...args: string[]): Promise<Json[]> {
  const { stdout } = await ns.exec('ip', ['-j', '-d', ...args], { sysfs: false })
  // Where a filter leaves objects out, iproute2 6.1 prints {} for each.
  const list: Json[] = stdout === '' ? [] : JSON.parse(stdout)
  return list.filter((each) => Object.keys(each).length > 0)
}

/** What two equal configurations differ in. */
export const volatile: ReadonlySet<string> = new Set([
  // Given in the order of creation.
  'ifindex',
  'link_index',
  // They run.
  'hello_timer',
  'tcn_timer',
  'topology_change_timer',
  'gc_timer',
  'hold_timer',
  'message_age_timer',
  'forward_delay_timer',
])

/** A value without the keys in `drop`, at any depth. */
export function without(value: unknown, drop: ReadonlySet<string> = volatile): unknown {
  if (Array.isArray(value)) return value.map((part) => without(part, drop))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => (drop.has(key) ? [] : [[key, without(part, drop)]])),
  )
}

/**
 * A value without the keys in `drop`, and with the addresses that the kernel draws at random numbered in the order they appear
 * (ours begin with 02:00:00).
 */
export function steady(value: unknown, drop: ReadonlySet<string> = volatile): unknown {
  const macs = new Map<string, string>()
  const numbered = (mac: string) => {
    // A bridge's id is printed without leading zeros.
    const full = mac.replace(/\b[0-9a-f]\b/g, '0$&')
    if (/^(02:00:00|00:00:00|01:80:c2|ff:ff:ff)/.test(full)) return full
    const known = macs.get(full) ?? `mac ${macs.size + 1}`
    macs.set(full, known)
    return known
  }
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string')
      return part
        .replace(/\b[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}\b/g, numbered)
        .replace(/^fe80::[0-9a-f:]+ff:fe[0-9a-f:]+/, 'fe80::(of the MAC)')
    if (Array.isArray(part)) return part.map(walk)
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, walk(inner)]))
  }
  return walk(without(value, drop))
}

/** A namespace in which IPv6 addresses are usable at once: duplicate address detection takes a second or two. */
export async function quiet(name?: string): Promise<Namespace> {
  const ns = await Namespace.create(name)
  for (const which of ['all', 'default']) await ns.sysctl.set(`net.ipv6.conf.${which}.accept_dad`, 0)
  return ns
}

/** Waits until both show the same: carriers and port states follow behind the calls that cause them. Then compares. */
export async function same(
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
  timeout = 5_000,
): Promise<void> {
  for (const end = performance.now() + timeout; ; ) {
    const [a, b] = await Promise.all([ours(), theirs()])
    if (JSON.stringify(a) === JSON.stringify(b) || performance.now() > end) {
      expect(a).toEqual(b)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export interface Comparison {
  /** Commands of `ip` that both namespaces get first. */
  before?: readonly string[]
  ours: (nl: Netlink, ns: Namespace) => Promise<unknown>
  theirs: readonly string[]
  /** What is compared: arguments of `ip -j -d`. */
  show: readonly (readonly string[])[]
  drop?: ReadonlySet<string>
}

/** Does the same twice, by the library and by `ip`, each in a namespace of its own, and compares what `ip` shows of both. */
export async function beside({ before = [], ours, theirs, show, drop }: Comparison): Promise<void> {
  await using here = await quiet()
  await using there = await quiet()
  if (before.length > 0) await Promise.all([ip(here, ...before), ip(there, ...before)])
  const untouched = await views(there, show, drop)
  await using nl = await here.netlink()
  await ours(nl, here)
  await ip(there, ...theirs)
  await same(
    () => views(here, show, drop),
    () => views(there, show, drop),
  )
  // A comparison of two that did nothing would hold as well.
  expect(await views(there, show, drop)).not.toEqual(untouched)
}

/** Several answers of `ip -j -d`, without what two equal namespaces differ in. */
export async function views(ns: Namespace, show: Comparison['show'], drop?: ReadonlySet<string>): Promise<unknown> {
  const all: unknown[] = []
  for (const args of show) all.push(settledOrder(await shown(ns, ...args)))
  return steady(all, drop)
}

/** The routes that come with IPv6 on a device appear in the order in which carriers do: they go behind, sorted. */
function settledOrder(objects: Json[]): Json[] {
  const own = ({ dst, protocol }: Json) => protocol === 'kernel' && /^(fe80::|ff00::)/.test(String(dst))
  const key = ({ dst, dev, type }: Json) => `${dev} ${type} ${String(dst).includes('/')}`
  const sorted = objects.filter(own).sort((a, b) => key(a).localeCompare(key(b)))
  return [...objects.filter((each) => !own(each)), ...sorted]
}

/** Two pairs, all ends up, addresses on the first ends. */
export const network: readonly string[] = [
  'link add v0 address 02:00:00:00:00:0a type veth peer name w0',
  'link add v1 address 02:00:00:00:00:0b type veth peer name w1',
  ...['v0', 'w0', 'v1', 'w1'].map((name) => `link set ${name} up`),
  'addr add 192.0.2.1/24 dev v0',
  'addr add 198.51.100.1/24 dev v1',
  'addr add 2001:db8:1::1/64 dev v0 nodad',
  'addr add 2001:db8:2::1/64 dev v1 nodad',
]
