/**
 * Rules that differ in addresses only (alike.ts): one is compiled, and the bytes of the others are its bytes with other addresses in them. In a process
 * that has just begun, compiling and encoding a rule takes 30 us or more, and this 2: V8 compiles a small loop sooner.
 *
 * What may be pressed is not known but tried: the rule is compiled with two sets of addresses that share no byte. Where the results differ in
 * just these addresses, and putting the rule's own ones in gives what it was itself compiled to, they are where they go.
 */
import { equalBytes } from '../../../protocol/wire/bytes.ts'
import type { Alike, Model } from './alike.ts'
import { Transaction } from './transaction.ts'

interface Hole {
  /** Where in the message. */
  readonly at: number
  /** Which of the rule's addresses. */
  readonly address: number
}

/** A message, and which address goes where in it. */
interface Mould {
  readonly message: Uint8Array
  readonly holes: readonly Hole[]
}

/** Where values have a say in what is made: ranges have an order, sets are sets, masks are put together. */
const byValue: ReadonlySet<string> = new Set(['range', 'set', 'map', 'vmap', '&', '|', '^', '<<', '>>'])

/** Compiles a rule and appends its message. False where what it becomes depends on more than the rule, or is more than one message. */
export type WriteRule = (rule: Record<string, unknown>, into: Transaction) => boolean

/** Of one transaction: rules depend on the chains and sets that are made in it. */
export class Moulds {
  /** undefined: rules like it are compiled one by one. */
  #moulds = new Map<Model, Mould | undefined>()

  /** Something was made that rules are compiled with. */
  clear(): void {
    if (this.#moulds.size > 0) this.#moulds = new Map()
  }

  /** Appends the message of a rule like others before it; false where there is no mould. */
  press({ model, words }: Alike, into: Transaction): boolean {
    const mould = this.#moulds.get(model)
    if (mould === undefined) return false
    const { message, holes } = mould
    const { view, start } = into.copy(message)
    for (let i = 0; i < holes.length; i += 1) {
      // Below the length: it is there.
      const { at, address } = holes[i] as Hole
      view.setInt32(start + at, words[address] ?? 0)
    }
    return true
  }

  /** Appends a rule's message, and makes a mould of the first of its kind. */
  write(rule: Alike, into: Transaction, write: WriteRule): void {
    const alone = write(rule.restored(), into)
    if (this.#moulds.has(rule.model)) return
    this.#moulds.set(rule.model, alone ? mouldOf(rule, into.last(), write) : undefined)
  }
}

/** Addresses of which those of one place share no byte. */
const probes = [
  (i: number): readonly number[] => [10, 1 + i, 101 + i, 51 + i],
  (i: number): readonly number[] => [21, 131 + i, 31 + i, 181 + i],
] as const

/** undefined where it cannot be told where the addresses of a rule are in its message. */
function mouldOf(rule: Alike, message: Uint8Array, write: WriteRule): Mould | undefined {
  const { model, words } = rule
  if (words.length === 0 || dependsOnValues(model)) return undefined
  const [a, b] = probes.map((probe) => {
    const into = new Transaction(undefined, false, 2 * message.length)
    write(rule.restored(words.map((_, i) => wordOf(probe(i)))), into)
    return into.last()
  })
  if (a?.length !== message.length || b?.length !== message.length) return undefined
  const holes: Hole[] = []
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] === b[at]) continue
    const address = words.findIndex((_, i) => holds(a, at, probes[0](i)) && holds(b, at, probes[1](i)))
    if (address < 0) return undefined
    holes.push({ at, address })
    at += 3
  }
  const pressed = new DataView(a.buffer, a.byteOffset, a.length)
  for (const { at, address } of holes) pressed.setInt32(at, words[address] ?? 0)
  return equalBytes(a, message) ? { message, holes } : undefined
}

const wordOf = (quad: readonly number[]): number => quad.reduce((word, byte) => (word << 8) | byte, 0)

const holds = (bytes: Uint8Array, at: number, quad: readonly number[]): boolean =>
  quad.every((byte, i) => bytes[at + i] === byte)

const dependsOnValues = ({ array, keys, parts }: Model): boolean =>
  (!array && keys.some((key) => byValue.has(key))) ||
  parts.some((part) => typeof part === 'object' && part !== null && dependsOnValues(part))
