/** `nl.nft`: tables, chains, rules, sets and what else nf_tables has, as nft(8) does; each call a transaction, or many calls in one. */

import { show } from '../../protocol/wire/codec.ts'
import type { CallControl } from '../client.ts'
import { invalid, NetlinkError } from '../error.ts'
import { checkBoolean, checkControl, checkFunction, checkInteger, checkObject } from '../input.ts'
import { Limits } from '../limits.ts'
import type { Netlink } from '../netlink.ts'
import { type Teller, toldAs } from '../told.ts'
import type { NftFilter } from './listing/listing.ts'
import type { Ruleset } from './listing/ruleset.ts'
import { reading, writing } from './loaded.ts'
import type { InFamily } from './names.ts'
import {
  type ChainService,
  type ElementService,
  type FlowtableService,
  type ObjectService,
  type One,
  type RuleService,
  type SetService,
  services,
  type TableService,
} from './services.ts'
import type { NftBatch } from './transaction/batch.ts'
import type { NftCommand } from './transaction/command.ts'
import type { NftBatchOptions } from './transaction/run.ts'
import { pause, Turns } from './turns.ts'

export interface NftUpdateOptions extends NftFilter {
  /** How often the ruleset is read and changed anew when another program was faster; 10. */
  attempts?: number | undefined
  /** As in batch(). */
  echo?: boolean | undefined
}

const ATTEMPTS = 10

/** Others were faster: between reading and writing, or while it was read. */
const isOutrun = (error: unknown): boolean =>
  error instanceof NetlinkError && (error.code === 'ERESTART' || error.code === 'EAGAIN')

export class NftService {
  readonly #netlink: Netlink
  readonly #turns = new Turns()
  /** `nft add table` ... */
  readonly table: TableService
  /** `nft add chain` ... */
  readonly chain: ChainService
  /** `nft add rule` ... */
  readonly rule: RuleService
  /** `nft add set`, `nft add map` ... */
  readonly set: SetService
  /** `nft add element` ... */
  readonly element: ElementService
  /** `nft add counter`, `quota`, `limit`, `ct helper` ... */
  readonly object: ObjectService
  /** `nft add flowtable` ... */
  readonly flowtable: FlowtableService

  constructor(netlink: Netlink) {
    this.#netlink = netlink
    const one: One = async (kind, verb, given, control) => {
      const { commandOf } = await writing()
      const command = commandOf(kind, verb, given)
      await this.#send(`nft.${command.operation}`, [command], control, true)
      return command
    }
    const { table, chain, rule, set, element, object, flowtable } = services(netlink, one)
    this.table = table
    this.chain = chain
    this.rule = rule
    this.set = set
    this.element = element
    this.object = object
    this.flowtable = flowtable
  }

  /**
   * Does many commands as one transaction, all or nothing: `nft -f`. They have the words of the services and are done in the order given;
   * none is sent before `build` returns. What one adds the next may refer to. Resolves with what `build` returns: commands, say, whose `handle` is
   * then known.
   *
   * What the commands were given is read after `build` has returned: an object that is changed and given again is one and the same.
   *
   * With CAP_NET_ADMIN of the machine a transaction may be of any size: 10,000 rules, a set of 100,000 elements. Without, it must fit what
   * net.core.wmem_max allows (some 400 KB), or be done in `steps`.
   *
   * @throws NftError: nothing was done, and `commands` says which were wrong, each with the property at fault ('commands[4999].rule[2]').
   * 'ERESTART': the ruleset is of another `generation`. 'EMSGSIZE': it is too long. 'EPERM'.
   * @example
   * const web = await nl.nft.batch((b) => {
   *   b.table.add({ family: 'inet', name: 'filter' })
   *   b.chain.add({ family: 'inet', table: 'filter', name: 'input', hook: 'input', priority: 'filter', policy: 'drop' })
   *   return b.rule.add({ family: 'inet', table: 'filter', chain: 'input', rule: [tcp.dport(80, 443), accept()] })
   * })
   * await nl.nft.rule.del({ family: 'inet', table: 'filter', chain: 'input', handle: web.handle })
   */
  async batch<R>(build: (batch: NftBatch) => R, options: NftBatchOptions = {}): Promise<R> {
    const operation = 'nft.batch'
    checkFunction(operation, 'build', build)
    checkBatch(operation, options)
    const { NftBatch } = await writing()
    const batch = new NftBatch()
    const result = build(batch)
    if (result instanceof Promise) {
      result.catch(() => undefined)
      throw invalid(operation, 'build', 'must not be asynchronous: nothing is sent before it returns')
    }
    // A copy: commands that are noted later come too late.
    await this.#send(operation, [...batch.commands], options, false)
    return result
  }

  /**
   * The whole ruleset, or one family or table of it, as it was at one moment: `nft list ruleset`. If it changes while it is read it is read
   * again. `String(ruleset)` is nft's syntax, `ruleset.toJSON()` what `nft -j` prints.
   *
   * @throws NetlinkError 'EAGAIN': it never held still.
   * @example console.log(String(await nl.nft.list({ family: 'inet', table: 'filter' })))
   */
  async list(filter: NftFilter = {}): Promise<Ruleset> {
    const operation = 'nft.list'
    const { checkFilter } = await reading()
    checkFilter(operation, filter)
    return this.#read({ operation }, filter)
  }

  /** Removes all tables with what is in them, or those of a family: `nft flush ruleset`. */
  async flush(which: InFamily = {}, control: CallControl = {}): Promise<void> {
    const operation = 'nft.flush'
    checkControl(operation, control)
    checkObject(operation, 'which', which)
    const { NftBatch } = await writing()
    await this.#send(operation, [new NftBatch().flush(which)], control, true)
  }

  /**
   * Reads the ruleset, has `change` decide what to do, and does it, provided that nobody has changed any ruleset of the namespace meanwhile. If somebody
   * has, all of it is done again: `change` sees the new ruleset, and what others did is never lost. Where it notes no commands nothing is sent.
   * Updates of one client go one after another; `signal` and `deadline` are for the whole of it, with the waiting.
   *
   * @returns what `change` returned the last time.
   * @throws NetlinkError 'ERESTART', 'EAGAIN': others were faster ten times (`attempts`). What `change` throws, as it is.
   * @example
   * await nl.nft.update((ruleset, b) => {
   *   for (const rule of ruleset.rules) if (rule.comment === 'old') b.rule.del(rule)
   * }, { family: 'inet', table: 'filter' })
   */
  async update<R>(
    change: (ruleset: Ruleset, batch: NftBatch) => R | Promise<R>,
    options: NftUpdateOptions = {},
  ): Promise<R> {
    const operation = 'nft.update'
    checkFunction(operation, 'change', change)
    const begun = performance.now()
    const { checkFilter } = await reading()
    checkFilter(operation, options)
    const { attempts = ATTEMPTS, echo, signal, deadline, ...filter } = options
    if (typeof attempts !== 'number' || !(attempts >= 1))
      throw invalid(operation, 'attempts', `must be a number from 1 on, got ${show(attempts)}`)
    checkBoolean(operation, 'echo', echo)
    const { NftBatch } = await writing()
    const limits = new Limits(operation, { signal, deadline }, begun)
    for (let attempt = 1; ; attempt += 1) {
      const done = await this.#turns.next(limits)
      const since = performance.now()
      // What `change` throws is the caller's, whatever its code.
      let ours = true
      try {
        const ruleset = await limits.within(this.#read({ operation, asks: true }, { ...filter, ...limits.left() }))
        const batch = new NftBatch()
        ours = false
        const changing = change(ruleset, batch)
        // It may wait for another update.
        if (changing instanceof Promise) done()
        const result = await changing
        ours = true
        const sending = { ...limits.left(), echo, generation: ruleset.generation }
        await this.#send(operation, batch.commands, sending, false)
        return result
      } catch (error) {
        if (!ours || !isOutrun(error) || attempt >= attempts) throw error
      } finally {
        done()
      }
      await limits.within(pause(attempt, performance.now() - since))
    }
  }

  async #read(teller: Teller, filter: NftFilter): Promise<Ruleset> {
    const { readRuleset } = await reading()
    return toldAs({ ...teller, path: ({ path }) => path }, () => readRuleset(this.#netlink, filter))
  }

  async #send(
    operation: string,
    commands: readonly NftCommand[],
    options: NftBatchOptions,
    single: boolean,
  ): Promise<void> {
    const { run, askDevice } = await writing()
    const subject = single ? commands[0]?.subject : undefined
    return this.#netlink.converse('netfilter', (conversation) =>
      run(conversation, commands, options, { operation, subject, single }, (name) =>
        askDevice(this.#netlink, name, { signal: options.signal }),
      ),
    )
  }
}

function checkBatch(operation: string, options: NftBatchOptions): void {
  checkControl(operation, options)
  const { generation, echo, steps } = options
  if (generation !== undefined) checkInteger(operation, 'generation', generation, 0, 0xffff_ffff)
  checkBoolean(operation, 'echo', echo)
  checkBoolean(operation, 'steps', steps)
}
