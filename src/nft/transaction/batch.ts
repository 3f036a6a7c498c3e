/** `nl.nft.batch(b => ...)`: the verbs of nl.nft, noted instead of done, for one transaction. */
import { isFields } from '../../../protocol/wire/codec.ts'
import type { Actions } from '../actions.ts'
import type { InFamily } from '../names.ts'
import { chainVerbs } from '../verbs/chain-verbs.ts'
import { flowtableVerbs, objectVerbs } from '../verbs/object-verbs.ts'
import { ruleVerbs } from '../verbs/rule-verbs.ts'
import { elementVerbs, setVerbs } from '../verbs/set-verbs.ts'
import { flushVerb, tableVerbs } from '../verbs/table-verbs.ts'
import { NftCommand, type Verb } from './command.ts'

type Commands = Actions<NftCommand, []>
type Kind = keyof Commands

/** Each verb with the input that Actions says. */
type VerbsOf<A> = {
  readonly [V in keyof A]: A[V] extends (input: infer I, ...more: never[]) => unknown ? Verb<I> : never
}

const verbs: { readonly [K in Kind]: VerbsOf<Commands[K]> } = {
  table: tableVerbs,
  chain: chainVerbs,
  rule: ruleVerbs,
  set: setVerbs,
  element: elementVerbs,
  object: objectVerbs,
  flowtable: flowtableVerbs,
}

/** What is said of a command by its kind and verb. */
export function commandOf(kind: Kind, verb: string, given: readonly unknown[]): NftCommand {
  const known: Verb<never> = verbs[kind][verb as never]
  return noted(known, known.input === undefined ? given[0] : known.input(...given))
}

let ids = 0

function noted(verb: Verb<never>, input: unknown): NftCommand {
  // Rules that others are placed by have a number; no two batches the same, so that none is taken for another's.
  const position = isFields(input) ? input.position : undefined
  if (position instanceof NftCommand && position.id === undefined) {
    ids = (ids + 1) >>> 0 || 1
    position.id = ids
  }
  return new NftCommand(verb, input)
}

/** Takes note of commands. What each verb does is said at the services of nl.nft. */
export class NftBatch implements Commands {
  /** @internal */
  readonly commands: NftCommand[] = []
  readonly table: Commands['table'] = this.#of('table')
  readonly chain: Commands['chain'] = this.#of('chain')
  readonly rule: Commands['rule'] = this.#of('rule')
  readonly set: Commands['set'] = this.#of('set')
  readonly element: Commands['element'] = this.#of('element')
  readonly object: Commands['object'] = this.#of('object')
  readonly flowtable: Commands['flowtable'] = this.#of('flowtable')

  /** Removes all tables, or those of a family: `nft flush ruleset`. */
  flush(which: InFamily = {}): NftCommand {
    return this.#note(flushVerb, which)
  }

  #of<K extends Kind>(kind: K): Commands[K] {
    const methods = Object.entries<Verb<never>>(verbs[kind]).map(([name, verb]) => {
      const { input } = verb
      const one = (given: unknown): NftCommand => this.#note(verb, given)
      return [name, input === undefined ? one : (...given: readonly unknown[]) => this.#note(verb, input(...given))]
    })
    // A method for each verb: what VerbsOf holds the table to.
    return Object.fromEntries(methods) as Commands[K]
  }

  #note(verb: Verb<never>, input: unknown): NftCommand {
    const command = noted(verb, input)
    this.commands.push(command)
    return command
  }
}
