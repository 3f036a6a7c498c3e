/**
 * Rules that differ in nothing but IPv4 addresses, as thousands of them do: the first is compiled, and the bytes of the others are its bytes with other
 * addresses in them. In a process that has just begun, compiling and encoding a rule takes 30 us or more, and this 8: V8 compiles a small loop sooner.
 *
 * What may be pressed is not known but tried: the rule is compiled with two sets of addresses that share no byte. Where the results differ in
 * just these addresses, and putting the rule's own ones in gives what it was itself compiled to, they are where they go.
 */
import { ipv4Word } from '../../../protocol/wire/address.ts'
import { equalBytes } from '../../../protocol/wire/bytes.ts'
import { Transaction } from './transaction.ts'

/** A place where rules have an address. */
const hole = Symbol('address')

/** What rules that are alike have in common: keys in their order, and what is under each. */
interface Model {
  readonly keys: readonly string[]
  readonly parts: readonly (Model | typeof hole | string | number | boolean | null | undefined)[]
}

interface Hole {
  /** Where in the message. */
  readonly at: number
  /** Which of the rule's addresses. */
  readonly address: number
}

interface Mould {
  /** Of the message: rules are appended, or inserted. */
  readonly flags: number
  readonly model: Model
  /** Its message, and which address goes where in it; without a message rules like it are compiled one by one. */
  message?: Uint8Array | undefined
  holes: readonly Hole[]
  /** Another rule like it was met. */
  tried: boolean
}

/** So many kinds of rules are told apart, the last ones, and so many addresses in one. */
const MOST = 8
const HOLES = 16

/** Where values have a say in what is made: ranges have an order, sets are sets, masks are put together. */
const byValue: ReadonlySet<string> = new Set(['range', 'set', 'map', 'vmap', '&', '|', '^', '<<', '>>'])

/** Compiles a rule and appends its message. False where what it becomes depends on more than the rule, or is more than one message. */
export type WriteRule<R> = (rule: R, into: Transaction) => boolean

/** The addresses of the rule that is looked at. Emptied before each: of an array, that is 0.8 us of a rule's 8. */
class Words {
  readonly #words = new Uint32Array(HOLES)
  /** Of more than HOLES, the rest is counted only. */
  count = 0

  push(word: number): void {
    if (this.count < HOLES) this.#words[this.count] = word
    this.count += 1
  }

  at(i: number): number {
    return this.#words[i] ?? 0
  }

  list(): number[] {
    return Array.from(this.#words.subarray(0, this.count))
  }
}

/** Of one transaction: rules depend on the chains and sets that are made in it. */
export class Moulds {
  #moulds: Mould[] = []
  readonly #words = new Words()

  /** Something was made that rules are compiled with. */
  clear(): void {
    if (this.#moulds.length > 0) this.#moulds = []
  }

  /** Appends the message of a rule like others before it; false where there is no mould. */
  press(rule: object, flags: number, into: Transaction): boolean {
    const { message, holes } = this.#find(rule, flags) ?? {}
    if (message === undefined || holes === undefined) return false
    const { view, start } = into.copy(message)
    for (let i = 0; i < holes.length; i += 1) {
      // Below the length: it is there.
      const { at, address } = holes[i] as Hole
      view.setUint32(start + at, this.#words.at(address))
    }
    return true
  }

  /** Appends a rule's message, and makes a mould of it where others like it are met. */
  write<R extends object>(rule: R, flags: number, into: Transaction, write: WriteRule<R>): void {
    if (this.press(rule, flags, into)) return
    const mould = this.#find(rule, flags)
    const alone = write(rule, into)
    if (mould === undefined) {
      if (this.#moulds.length === MOST) this.#moulds.shift()
      // What is not alone is remembered as well: that it is not to be tried.
      this.#moulds.push({ flags, model: modelOf(rule), holes: [], tried: !alone })
    } else if (!mould.tried) {
      mould.tried = true
      const holes = this.#words.count > HOLES ? undefined : holesOf(rule, this.#words.list(), into.last(), write)
      if (holes !== undefined) Object.assign(mould, { holes, message: into.last() })
    }
  }

  #find(rule: object, flags: number): Mould | undefined {
    for (let i = 0; i < this.#moulds.length; i += 1) {
      this.#words.count = 0
      const mould = this.#moulds[i]
      if (mould?.flags === flags && isLike(rule, mould.model, this.#words)) return mould
    }
    return undefined
  }
}

function modelOf(value: object): Model {
  const entries: [string, unknown][] = Object.entries(value)
  return {
    keys: entries.map(([key]) => key),
    parts: entries.map(([, part]) => {
      if (typeof part === 'string') return ipv4Word(part, part.length) < 0 ? part : hole
      if (typeof part === 'object' && part !== null) return modelOf(part)
      // Rules are JSON: there is nothing else.
      return part as number | boolean | null | undefined
    }),
  }
}

/** Whether it is like the model; its addresses are put into `words`. An array is like an object with the same indexes: no rule has that. */
function isLike(value: object, { keys, parts }: Model, words: Words): boolean {
  let i = 0
  for (const key in value) {
    if (key !== keys[i]) return false
    // An index that for..in gave.
    const part: unknown = value[key as keyof typeof value]
    const model = parts[i]
    i += 1
    if (model === hole) {
      const word = typeof part === 'string' ? ipv4Word(part, part.length) : -1
      if (word < 0) return false
      words.push(word)
    } else if (typeof model === 'object' && model !== null) {
      if (typeof part !== 'object' || part === null || !isLike(part, model, words)) return false
    } else if (part !== model) return false
  }
  return i === keys.length
}

/** Addresses of which those of one place share no byte. */
const probes = [
  (i: number): readonly number[] => [10, 1 + i, 101 + i, 51 + i],
  (i: number): readonly number[] => [21, 131 + i, 31 + i, 181 + i],
] as const

/** Where the addresses of a rule are in its message; undefined where that cannot be told. */
function holesOf<R extends object>(
  rule: R,
  words: readonly number[],
  message: Uint8Array,
  write: WriteRule<R>,
): Mould['holes'] | undefined {
  if (words.length === 0 || dependsOnValues(rule)) return undefined
  const [a, b] = probes.map((probe) => {
    let count = 0
    const next = (): string => probe(count++).join('.')
    const into = new Transaction(undefined, false, 2 * message.length)
    // The same rule with other addresses.
    write(replaced(rule, next) as R, into)
    return into.last()
  })
  if (a?.length !== message.length || b?.length !== message.length) return undefined
  const holes: { at: number; address: number }[] = []
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] === b[at]) continue
    const address = words.findIndex((_, i) => holds(a, at, probes[0](i)) && holds(b, at, probes[1](i)))
    if (address < 0) return undefined
    holes.push({ at, address })
    at += 3
  }
  const pressed = new DataView(a.buffer, a.byteOffset, a.length)
  for (const { at, address } of holes) pressed.setUint32(at, words[address] ?? 0)
  return equalBytes(a, message) ? holes : undefined
}

const holds = (bytes: Uint8Array, at: number, quad: readonly number[]): boolean =>
  quad.every((byte, i) => bytes[at + i] === byte)

function dependsOnValues(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, part]) => byValue.has(key) || dependsOnValues(part))
}

/** With other addresses, in the order in which isLike() meets them. */
function replaced(value: unknown, next: () => string): unknown {
  if (typeof value === 'string') return ipv4Word(value, value.length) < 0 ? value : next()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((part) => replaced(part, next))
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, replaced(part, next)]))
}
