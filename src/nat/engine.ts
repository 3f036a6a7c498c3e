/** What nl.nat does, behind its facade: the rules of a name compared, added and removed, each time in one transaction that others cannot get into. */
import type { CallControl } from '../client.ts'
import { NetlinkError } from '../error.ts'
import { checkControl } from '../input.ts'
import { Limits } from '../limits.ts'
import type { Netlink } from '../netlink.ts'
import { NftError } from '../nft/errors.ts'
import type { NftRule, Ruleset } from '../nft/listing/ruleset.ts'
import type { NftBatch } from '../nft/transaction/batch.ts'
import { toldAs } from '../told.ts'
import { defaultName, defineForward, defineMasquerade, defineRedirect, defineSnat } from './define.ts'
import { type Forwarding, turnForwardingOn, turnOn } from './forwarding.ts'
import { NatHandle } from './handle.ts'
import {
  Check,
  contains,
  type Definition,
  type ForwardOptions,
  familyOf,
  type MasqueradeOptions,
  type NatDefinition,
  type NatNamed,
  type NatPlace,
  type NatRule,
  networkOf,
  type RedirectOptions,
  type SnatOptions,
} from './rule.ts'
import { type ChainRule, fromRules, type NatChain, splitTarget, toRules } from './statements.ts'

export { turnForwardingOn as forwarding }

const TABLE = 'netlink-ts'
const family = 'inet'

/** The base chains of the kernel's NAT, as iptables-nft registers them. */
const hooks = {
  prerouting: { hook: 'prerouting', priority: -100 },
  output: { hook: 'output', priority: -100 },
  postrouting: { hook: 'postrouting', priority: 100 },
} as const satisfies Record<NatChain, object>

export async function masquerade(nl: Netlink, options: MasqueradeOptions, control: CallControl): Promise<NatHandle> {
  return add(nl, wanted('nat.masquerade', defineMasquerade(options), options, control))
}

export async function snat(nl: Netlink, options: SnatOptions, control: CallControl): Promise<NatHandle> {
  return add(nl, wanted('nat.snat', defineSnat(options), options, control))
}

export async function redirect(nl: Netlink, options: RedirectOptions, control: CallControl): Promise<NatHandle> {
  return add(nl, wanted('nat.redirect', defineRedirect(options), options, control))
}

export async function forward(nl: Netlink, options: ForwardOptions, control: CallControl): Promise<NatHandle> {
  const definition = defineForward(options)
  const rule = wanted('nat.forward', definition, options, control)
  const { address } = splitTarget(definition.to)
  const { operation } = rule
  const subject = quoted(rule.name)
  const limits = new Limits(operation, control)
  const path = (error: NetlinkError): string | undefined => (error.path === 'to' ? 'to' : undefined)
  const asked = toldAs({ operation, subject, path, asks: true }, () => wayTo(nl, address, limits.left()))
  const { device, network } = await limits.within(asked)
  if (definition.localhost !== true) return add(nl, { ...rule, control: limits.left() }, network)
  if (device === undefined)
    throw new NetlinkError({
      code: 'ENETUNREACH',
      operation,
      subject,
      path: 'localhost',
      reason: `there is no route to ${address} that says which device is to take packets from 127.0.0.1`,
      outcome: 'unsent',
    })
  const teller = { operation, subject, path: () => 'localhost' }
  const localnet = await turnOn(nl, `net/ipv4/conf/${device}/route_localnet`, teller)
  try {
    return await add(nl, { ...rule, control: limits.left() }, network, localnet)
  } catch (error) {
    await localnet.restore()
    throw error
  }
}

/** The device that leads to an address, and the network there that the address is in. */
async function wayTo(
  nl: Netlink,
  address: string,
  control: CallControl,
): Promise<{ device?: string; network?: string }> {
  try {
    const { dev, via, type } = await nl.route.get(address, control)
    if (typeof dev !== 'string' || (type !== undefined && type !== 'unicast')) return {}
    if (via !== undefined) return { device: dev }
    const addresses = await nl.addr.list({ dev, family: familyOf(address) === 'ip' ? 'inet' : 'inet6', ...control })
    const found = addresses.map((each) => each.peer ?? each.address).find((network) => contains(network, address))
    if (found === undefined) return { device: dev }
    const [own = '', length] = found.split('/')
    return { device: dev, ...(length !== undefined && { network: `${networkOf(own, Number(length))}/${length}` }) }
  } catch (error) {
    // ENETUNREACH, EHOSTUNREACH: the target may come later.
    if (error instanceof NetlinkError && error.code.endsWith('UNREACH')) return {}
    throw error
  }
}

interface Named {
  readonly name: string
  readonly rules: readonly NftRule[]
  readonly definition: NatDefinition | undefined
}

function group(rules: readonly NftRule[]): Named[] {
  const byName = new Map<string, NftRule[]>()
  for (const rule of rules) {
    if (rule.comment === undefined) continue
    const same = byName.get(rule.comment)
    if (same) same.push(rule)
    else byName.set(rule.comment, [rule])
  }
  return Array.from(byName, ([name, group]) => {
    const made = group.map(({ chain, statements }): ChainRule => ({ chain: chain as NatChain, rule: statements }))
    return { name, rules: group, definition: fromRules(made) }
  })
}

const inOrder = (value: object): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Where the caller leaves the hairpin's network open, any is the same rule. */
function same(wanted: NatDefinition, found: NatDefinition): boolean {
  return inOrder({ ...wanted, hairpin: undefined }) === inOrder({ ...found, hairpin: undefined })
}

/** A call for a rule, all of it checked. */
interface Wanted {
  readonly operation: string
  readonly definition: NatDefinition
  readonly name: string
  readonly table: string
  readonly control: CallControl
}

function wanted(
  operation: string,
  definition: NatDefinition,
  { name = defaultName(definition), table = TABLE }: NatNamed,
  control: CallControl,
): Wanted {
  checkControl(operation, control)
  const check = new Check(operation)
  return { operation, definition, name: check.name(name), table: check.name(table, 'table'), control }
}

async function add(
  nl: Netlink,
  { operation, definition, name, table, control }: Wanted,
  network?: string,
  localnet?: Forwarding,
): Promise<NatHandle> {
  const rules = toRules(definition, network)
  const hairpin = definition.kind === 'forward' ? hairpinOf(definition, network) : undefined
  const change = (ruleset: Ruleset, b: NftBatch): boolean => {
    const there = group(ruleset.rules).find((each) => each.name === name)
    if (there) {
      const { definition: found } = there
      if (found === undefined || !same(definition, found)) throw taken(operation, name, found)
      if (found.kind !== 'forward' || found.hairpin === hairpin) return false
      for (const rule of there.rules) b.rule.del(rule)
    }
    b.table.add({ family, name: table })
    for (const chain of new Set(rules.map(({ chain }) => chain))) {
      if (isOther(ruleset, chain)) throw otherChain(operation, name, table, chain)
      b.chain.add({ family, table, name: chain, type: 'nat', ...hooks[chain] })
    }
    for (const { chain, rule } of rules) b.rule.add({ family, table, chain, rule, comment: name })
    return there === undefined
  }
  const created = await toldAs({ operation, subject: quoted(name), path: fault }, () =>
    nl.nft.update(change, { family, table, ...control }),
  )
  return new NatHandle(name, created, async () => {
    await take(nl, name, table, {})
    await localnet?.restore()
  })
}

const quoted = (name: string): string => `'${name}'`

/** The caller's name of what is at fault. */
function fault(error: NetlinkError): string | undefined {
  const { operation, path } = (error instanceof NftError ? error.commands[0] : undefined) ?? error
  if (path === 'comment') return 'name'
  return path === 'table' || operation.startsWith('table.') ? 'table' : undefined
}

/** A chain of the name is there, and sees other packets, or at another time. */
function isOther({ chains }: Ruleset, chain: NatChain): boolean {
  const there = chains.find(({ name }) => name === chain)
  const { hook, priority } = hooks[chain]
  return there !== undefined && (there.type !== 'nat' || there.hook !== hook || there.priority !== priority)
}

function otherChain(operation: string, name: string, table: string, chain: NatChain): NetlinkError {
  const { hook, priority } = hooks[chain]
  const reason = `in ${table} there is another chain ${chain} than that of type nat, hook ${hook}, priority ${priority}: give a table of its own`
  return new NetlinkError({
    code: 'EEXIST',
    operation,
    subject: quoted(name),
    path: 'table',
    reason,
    outcome: 'unsent',
  })
}

const hairpinOf = ({ hairpin }: Definition<'forward'>, network: string | undefined): string | undefined =>
  hairpin === false ? undefined : (hairpin ?? network)

function taken(operation: string, name: string, found: NatDefinition | undefined): NetlinkError {
  const what = found === undefined ? 'something else' : `another rule, ${JSON.stringify(found)}`
  const reason = `the name is that of ${what}: remove it first, or give this one a name`
  return new NetlinkError({ code: 'EEXIST', operation, subject: quoted(name), path: 'name', reason, outcome: 'unsent' })
}

export async function remove(nl: Netlink, name: string, options: NatPlace & CallControl): Promise<void> {
  checkControl('nat.remove', options)
  const check = new Check('nat.remove')
  const { table = TABLE, ...control } = options
  if (await take(nl, check.name(name), check.name(table, 'table'), control)) return
  const reason = `there is no such rule in table ${table}`
  throw new NetlinkError({ code: 'ENOENT', operation: 'nat.remove', subject: quoted(name), path: 'name', reason })
}

/** Removes the rules of a name, and the table where nothing else is in it. */
function take(nl: Netlink, name: string, table: string, control: CallControl): Promise<boolean> {
  const change = (ruleset: Ruleset, b: NftBatch): boolean => {
    const mine = ruleset.rules.filter(({ comment }) => comment === name)
    for (const rule of mine) b.rule.del(rule)
    if (mine.length > 0 && mine.length === ruleset.rules.length) clear(ruleset, table, b)
    return mine.length > 0
  }
  return toldAs({ operation: 'nat.remove', subject: quoted(name), path: fault }, () =>
    nl.nft.update(change, { family, table, ...control }),
  )
}

function clear({ chains, sets, objects, flowtables }: Ruleset, table: string, b: NftBatch): void {
  const foreign = chains.some(({ name }) => !Object.hasOwn(hooks, name))
  if (!foreign && sets.length + objects.length + flowtables.length === 0) b.table.del({ family, name: table })
}

export async function list(nl: Netlink, options: NatPlace & CallControl): Promise<NatRule[]> {
  const operation = 'nat.list'
  checkControl(operation, options)
  const { table = TABLE, ...control } = options
  new Check(operation).name(table, 'table')
  const { rules } = await toldAs({ operation, path: fault }, () => nl.nft.list({ family, table, ...control }))
  // Definitions have no name, rules have.
  return group(rules).flatMap(({ name, definition }) => (definition ? [{ name, ...definition } as NatRule] : []))
}
