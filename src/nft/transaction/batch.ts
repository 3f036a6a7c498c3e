/** `nl.nft.batch(b => ...)`: the verbs of nl.nft, noted instead of done, for one transaction. */

import { isFields } from '../../../protocol/wire/codec.ts'
import type { InFamily } from '../names.ts'
import type { NftChainInput, NftChainRef } from '../objects/chain-object.ts'
import type { NftFlowtableInput, NftNamedRef } from '../objects/flowtable-object.ts'
import type { NftRuleInput, NftRuleRef } from '../objects/rule-object.ts'
import type { NftElementsInput, NftSetInput } from '../objects/set-object.ts'
import type { NftObjectInput, NftObjectRef } from '../objects/stateful-object.ts'
import type { NftTableInput, NftTableRef } from '../objects/table-object.ts'
import { chainVerbs, type NftChainRename } from '../verbs/chain-verbs.ts'
import { objectVerbs } from '../verbs/object-verbs.ts'
import { ruleVerbs } from '../verbs/rule-verbs.ts'
import { elementVerbs, setVerbs } from '../verbs/set-verbs.ts'
import { flowtableVerbs, flushVerb, tableVerbs } from '../verbs/table-verbs.ts'
import { NftCommand, type Verb } from './command.ts'

type Note = <I>(verb: Verb<I>, input: I) => NftCommand

/** Takes note of commands. What each verb does is said at the services of nl.nft. */
export class NftBatch {
  /** @internal */
  readonly commands: NftCommand[] = []
  #ids = 0

  readonly #note: Note = (verb, input) => {
    // Command gives its verb the input that it came with, and no other.
    const command = new NftCommand(verb as Verb<never>, input)
    this.commands.push(command)
    return command
  }

  readonly table: TableCommands = {
    add: (table) => this.#note(tableVerbs.add, table),
    create: (table) => this.#note(tableVerbs.create, table),
    del: (table) => this.#note(tableVerbs.del, table),
    destroy: (table) => this.#note(tableVerbs.destroy, table),
    flush: (table) => this.#note(tableVerbs.flush, table),
  }
  readonly chain: ChainCommands = {
    add: (chain) => this.#note(chainVerbs.add, chain),
    create: (chain) => this.#note(chainVerbs.create, chain),
    del: (chain) => this.#note(chainVerbs.del, chain),
    destroy: (chain) => this.#note(chainVerbs.destroy, chain),
    flush: (chain) => this.#note(chainVerbs.flush, chain),
    rename: (chain, newName) => this.#note<NftChainRename>(chainVerbs.rename, { ...chain, newName }),
  }
  readonly rule: RuleCommands = {
    add: (rule) => this.#placed(rule, ruleVerbs.add),
    insert: (rule) => this.#placed(rule, ruleVerbs.insert),
    replace: (rule) => this.#note(ruleVerbs.replace, rule),
    del: (rule) => this.#note(ruleVerbs.del, rule),
    destroy: (rule) => this.#note(ruleVerbs.destroy, rule),
  }
  readonly set: SetCommands = {
    add: (set) => this.#note(setVerbs.add, set),
    create: (set) => this.#note(setVerbs.create, set),
    del: (set) => this.#note(setVerbs.del, set),
    destroy: (set) => this.#note(setVerbs.destroy, set),
    flush: (set) => this.#note(setVerbs.flush, set),
  }
  readonly element: ElementCommands = {
    add: (elements) => this.#note(elementVerbs.add, elements),
    create: (elements) => this.#note(elementVerbs.create, elements),
    del: (elements) => this.#note(elementVerbs.del, elements),
    destroy: (elements) => this.#note(elementVerbs.destroy, elements),
  }
  readonly object: ObjectCommands = {
    add: (object) => this.#note(objectVerbs.add, object),
    create: (object) => this.#note(objectVerbs.create, object),
    del: (object) => this.#note(objectVerbs.del, object),
    destroy: (object) => this.#note(objectVerbs.destroy, object),
  }
  readonly flowtable: FlowtableCommands = {
    add: (flowtable) => this.#note(flowtableVerbs.add, flowtable),
    create: (flowtable) => this.#note(flowtableVerbs.create, flowtable),
    del: (flowtable) => this.#note(flowtableVerbs.del, flowtable),
    destroy: (flowtable) => this.#note(flowtableVerbs.destroy, flowtable),
  }

  /** Removes all tables, or those of a family: `nft flush ruleset`. */
  flush(which: InFamily = {}): NftCommand {
    return this.#note(flushVerb, which)
  }

  #placed(rule: NftRuleInput, verb: Verb<NftRuleInput>): NftCommand {
    // What is no object is told of when it is written.
    const position = isFields(rule) ? rule.position : undefined
    if (position instanceof NftCommand && position.id === undefined) {
      this.#ids += 1
      position.id = this.#ids
    }
    return this.#note(verb, rule)
  }
}

interface TableCommands {
  add(table: NftTableInput): NftCommand
  create(table: NftTableInput): NftCommand
  del(table: NftTableRef): NftCommand
  destroy(table: NftTableRef): NftCommand
  flush(table: NftTableRef): NftCommand
}
interface ChainCommands {
  add(chain: NftChainInput): NftCommand
  create(chain: NftChainInput): NftCommand
  del(chain: NftChainRef): NftCommand
  destroy(chain: NftChainRef): NftCommand
  flush(chain: NftChainRef): NftCommand
  rename(chain: NftChainRef, newName: string): NftCommand
}
interface RuleCommands {
  add(rule: NftRuleInput): NftCommand
  insert(rule: NftRuleInput): NftCommand
  replace(rule: NftRuleInput): NftCommand
  del(rule: NftRuleRef): NftCommand
  destroy(rule: NftRuleRef): NftCommand
}
interface SetCommands {
  add(set: NftSetInput): NftCommand
  create(set: NftSetInput): NftCommand
  del(set: NftNamedRef): NftCommand
  destroy(set: NftNamedRef): NftCommand
  flush(set: NftNamedRef): NftCommand
}
interface ElementCommands {
  add(elements: NftElementsInput): NftCommand
  create(elements: NftElementsInput): NftCommand
  del(elements: NftElementsInput): NftCommand
  destroy(elements: NftElementsInput): NftCommand
}
interface ObjectCommands {
  add(object: NftObjectInput): NftCommand
  create(object: NftObjectInput): NftCommand
  del(object: NftObjectRef): NftCommand
  destroy(object: NftObjectRef): NftCommand
}
interface FlowtableCommands {
  add(flowtable: NftFlowtableInput): NftCommand
  create(flowtable: NftFlowtableInput): NftCommand
  del(flowtable: NftNamedRef): NftCommand
  destroy(flowtable: NftNamedRef): NftCommand
}
