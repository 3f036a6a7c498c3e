/**
 * Rules that differ in nothing but IPv4 addresses, as thousands of them do: noted as their addresses. Otherwise ten thousand rules stay in memory
 * until the batch is whole, and the garbage collector, which copies what stays, takes a third of the time.
 */
import { ipv4Word } from '../../../protocol/wire/address.ts'

/** A place where they have an address. */
const hole = Symbol('address')

type Part = Model | typeof hole | string | number | boolean | null | undefined

/** What they have in common: keys in their order, and what is under each. */
export interface Model {
  readonly array: boolean
  readonly keys: readonly string[]
  readonly parts: readonly Part[]
}

/** One of them. */
export class Alike {
  readonly model: Model
  /** Its addresses, in the order of the model, as signed integers: V8 has these in place. */
  readonly words: readonly number[]

  constructor(model: Model, words: readonly number[]) {
    this.model = model
    this.words = words
  }

  /** What was given, or the same with other addresses. */
  restored(words = this.words): Record<string, unknown> {
    let count = 0
    const next = (): string => {
      const word = words[count] ?? 0
      count += 1
      return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.')
    }
    // A model is of an object.
    return made(this.model, next) as Record<string, unknown>
  }
}

/** So many kinds of them are told apart, the last ones, and so many addresses in one. */
const MOST = 8
const HOLES = 16
/** Of what is larger than rules are: copying it would cost more than it saves. */
const WIDTH = 64
const DEPTH = 16

/** The addresses of the rule that is looked at. An array that grows takes 0.8 us. */
const scratch = new Int32Array(HOLES)
let found = 0

/** The models of a batch. */
export class Models {
  #models: Model[] = []

  /** `input` as one of those before; undefined where it is the first of its kind, or is no plain object. */
  find(input: unknown): Alike | undefined {
    if (typeof input !== 'object' || input === null) return undefined
    for (let i = 0; i < this.#models.length; i += 1) {
      found = 0
      // Below the length: it is there.
      const model = this.#models[i] as Model
      if (isLike(input, model))
        return new Alike(model, found === 1 ? [scratch[0] ?? 0] : [...scratch.subarray(0, found)])
    }
    found = 0
    const model = modelOf(input, DEPTH)
    if (model === undefined) return undefined
    if (this.#models.length === MOST) this.#models.shift()
    this.#models.push(model)
    return undefined
  }
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype
}

/** undefined where a copy would not be the same (what is in it is no JSON), or is too large. */
function modelOf(value: object, depth: number): Model | undefined {
  const array = Array.isArray(value)
  const keys = Object.keys(value)
  if (!isPlain(value) || depth === 0 || keys.length > WIDTH || (array && keys.length !== value.length)) return undefined
  const parts: Part[] = []
  const values: unknown[] = Object.values(value)
  for (const part of values) {
    if (typeof part === 'string') {
      const isAddress = ipv4Word(part, part.length) >= 0
      if (isAddress) found += 1
      if (found > HOLES) return undefined
      parts.push(isAddress ? hole : part)
    } else if (typeof part === 'object' && part !== null) {
      const model = modelOf(part, depth - 1)
      if (model === undefined) return undefined
      parts.push(model)
    } else if (part == null || typeof part === 'number' || typeof part === 'boolean') parts.push(part)
    else return undefined
  }
  return { array, keys, parts }
}

/** Whether it is like the model; its addresses are put into `scratch`. */
function isLike(value: object, { array, keys, parts }: Model): boolean {
  if (!isPlain(value) || (Array.isArray(value) ? !array || value.length !== keys.length : array)) return false
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
      scratch[found] = word
      found += 1
    } else if (typeof model === 'object' && model !== null) {
      if (typeof part !== 'object' || part === null || !isLike(part, model)) return false
    } else if (part !== model) return false
  }
  return i === keys.length
}

function made({ array, keys, parts }: Model, next: () => string): unknown {
  const values = parts.map((part) => {
    if (part === hole) return next()
    return typeof part === 'object' && part !== null ? made(part, next) : part
  })
  return array ? values : Object.fromEntries(keys.map((key, i) => [key, values[i]]))
}
