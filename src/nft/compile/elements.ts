/**
 * Elements of sets and maps as the kernel takes them: `nft add element`. An interval is two elements, its first key and, marked as end, the
 * one behind its last; of concatenated keys it is one element with both ends.
 */
import type { SetElementInput } from '../../../protocol/netfilter/nftables/element.ts'
import { EncodeError, isFields, show, within } from '../../../protocol/wire/codec.ts'
import type { Elem, Expr, Statement, Verdict } from '../ast.ts'
import type { Names } from '../datatype.ts'
import { compareBytes, inNetworkOrder, numberOf, predecessor, successor } from '../datatypes/bits.ts'
import { bytesOfPart, isRangeConcat, paddedLength, type SetDefinition, type SetPart } from '../objects/set-parts.ts'
import type { ElementJson } from '../ruleset-json.ts'
import { type Bounds, bounds, exact, needsInterval, shifted } from './element-value.ts'
import { stateful } from './statements/stateful.ts'

export interface ElementOptions {
  /** What only the machine knows: indexes of interfaces ... */
  names?: Names | undefined
  /** false: the set has elements already, so that nothing needs to be said of what lies before the first interval. */
  first?: boolean | undefined
}

/** Throws an EncodeError with the element's index as its path. */
export function compileElements(
  set: SetDefinition,
  elements: readonly (ElementJson | [Expr, Expr | Verdict | Statement])[],
  options: ElementOptions = {},
): SetElementInput[] {
  const { names } = options
  const made: SetElementInput[] = []
  const intervals: Interval[] = []
  const single = set.flags.includes('interval') && !isRangeConcat(set) ? set.key[0] : undefined
  const plain = set.data === undefined && !single && set.key.length === 1 ? set.key[0] : undefined
  let index = 0
  try {
    for (; index < elements.length; index++) {
      const element = elements[index] as ElementJson // below the length
      // The many: no closure, no object but the element's own.
      if (plain && typeof element !== 'object' && element !== '*') {
        made.push({ key: { value: exact(plain, element, names) } })
        continue
      }
      const { key, rest } =
        set.data === undefined && typeof element !== 'object'
          ? { key: element, rest: NONE }
          : takeApart(set, element, names)
      if (key === '*') made.push({ flags: ['catchall'], ...rest })
      else if (single) {
        const { low, high } = bounds(single, key, names)
        intervals.push({ low, high, rest, index, place: placeOf(low) })
      } else made.push({ ...keyOf(set, key, names), ...rest })
    }
  } catch (error) {
    if (error instanceof EncodeError) error.within(`[${index}]`)
    throw error
  }
  return single ? [...closed(set, single, ordered(set, intervals, elements), options.first ?? true), ...made] : made
}

export { needsInterval }

interface Interval extends Bounds {
  /** What belongs to the element besides its key. */
  rest: SetElementInput
  index: number
  /** The first bytes of `low` as a number: compared faster than bytes. */
  place: number
}

function placeOf(low: Uint8Array): number {
  return numberOf(low.length > 6 ? low.subarray(0, 6) : low)
}

function byPlace(a: Interval, b: Interval): number {
  return a.place - b.place || compareBytes(a.low, b.low)
}

/** Of most elements: shared, never written to. */
const NONE: SetElementInput = {}

interface Parts {
  key: Expr
  rest: SetElementInput
}

function isElem(given: Expr | Verdict | Statement): given is Elem {
  if (!isFields(given) || !('elem' in given)) return false
  if (!isFields(given.elem)) throw new EncodeError(`must be an object with val, got ${show(given.elem)}`, 'elem')
  return true
}

function takeApart(set: SetDefinition, element: ElementJson, names: Names | undefined): Parts {
  if (set.data === undefined) {
    return isElem(element) ? { key: element.elem.val, rest: extras(element.elem, NONE) } : { key: element, rest: NONE }
  }
  if (!Array.isArray(element) || element.length !== 2)
    throw new EncodeError(`must be a pair of key and value: it is a map, got ${show(element)}`)
  const [key, value] = element as [Expr, Expr | Verdict] // of two
  const data = within('[1]', () => dataOf(set, value, names))
  return isElem(key) ? { key: key.elem.val, rest: extras(key.elem, data) } : { key, rest: data }
}

/** Exact in milliseconds. */
const MOST_SECONDS = Number.MAX_SAFE_INTEGER / 1000

function milliseconds(seconds: number | undefined, path: string): bigint | undefined {
  if (seconds === undefined || seconds === 0) return undefined
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MOST_SECONDS))
    throw new EncodeError(`must be seconds, got ${show(seconds)}`, path)
  return BigInt(Math.round(seconds * 1000))
}

function extras(elem: Elem['elem'], data: SetElementInput): SetElementInput {
  const { timeout: seconds, expires, comment, val: _, ...statements } = elem
  const timeout = milliseconds(seconds, 'elem.timeout')
  const expiration = milliseconds(expires, 'elem.expires')
  const expressions = Object.entries(statements).map(([name, body]) => {
    // Each further property is a statement under its own name.
    const expression = within('elem', () => stateful({ [name]: body } as unknown as Statement))
    if (!expression) throw new EncodeError('must be a counter, limit, quota, ct count or last', `elem.${name}`)
    return expression
  })
  return {
    ...(timeout !== undefined && { timeout }),
    ...(expiration !== undefined && { expiration }),
    ...data,
    ...(comment !== undefined && { userdata: { comment } }),
    ...(expressions.length === 1 && expressions[0] && { expr: expressions[0] }),
    ...(expressions.length > 1 && { expressions }),
  }
}

/** The parts of a key or value: the constants of a concatenation. */
function partsOf(parts: readonly SetPart[], given: Expr): readonly Expr[] {
  const several: unknown = isFields(given) && (given as Readonly<Record<string, unknown>>).concat
  const concat: readonly Expr[] = Array.isArray(several) ? several : [given]
  if (concat.length === parts.length) return concat
  const wanted = parts.map(({ type }) => type.name).join(' . ')
  throw new EncodeError(
    `must have ${parts.length === 1 ? 'one part' : `${parts.length} parts`} (${wanted}), got ${concat.length}`,
  )
}

function keyOf(set: SetDefinition, given: Expr, names: Names | undefined): SetElementInput {
  if (!isRangeConcat(set)) return { key: { value: packed(set.key, given, names) } }
  const [first, last] = endsOf(set.key, given, names, 'big')
  return { key: { value: first }, keyEnd: { value: last } }
}

/** One value, or the values of a concatenation, each at a register of its own. */
function packed(parts: readonly SetPart[], given: Expr, names: Names | undefined): Uint8Array {
  const constants = partsOf(parts, given)
  const whole = new Uint8Array(paddedLength(parts))
  let offset = 0
  let i = 0
  try {
    for (; i < parts.length; i++) {
      const part = parts[i] as SetPart // below the length, as the constants are
      whole.set(exact(part, constants[i] as Expr, names), offset)
      offset += registers(part)
    }
  } catch (error) {
    if (error instanceof EncodeError && parts.length > 1) error.within(`concat[${i}]`)
    throw error
  }
  return whole
}

/** First and last values: of keys in network order ('big'), of a map's values in that of their types ('own'). */
function endsOf(
  parts: readonly SetPart[],
  given: Expr,
  names: Names | undefined,
  order: 'big' | 'own',
): [first: Uint8Array, last: Uint8Array] {
  const constants = partsOf(parts, given)
  const first = new Uint8Array(paddedLength(parts))
  const last = new Uint8Array(first.length)
  let offset = 0
  let i = 0
  try {
    for (; i < parts.length; i++) {
      const part = parts[i] as SetPart // below the length, as the constants are
      const { low, high } = bounds(part, constants[i] as Expr, names)
      first.set(order === 'big' ? shifted(part, low, 'big') : inNetworkOrder(low, part.type.byteorder), offset)
      last.set(order === 'big' ? shifted(part, high, 'big') : inNetworkOrder(high, part.type.byteorder), offset)
      offset += registers(part)
    }
  } catch (error) {
    if (error instanceof EncodeError && parts.length > 1) error.within(`concat[${i}]`)
    throw error
  }
  return [first, last]
}

/** Bytes of the registers that a part takes. */
function registers(part: SetPart): number {
  return (bytesOfPart(part) + 3) & ~3
}

const verdicts = ['accept', 'drop', 'continue', 'return', 'jump', 'goto'] as const

function dataOf(set: SetDefinition, given: Expr | Verdict, names: Names | undefined): SetElementInput {
  const { data } = set
  if (data === 'verdict') return { data: { verdict: verdictOf(given) } }
  if (data === undefined || 'object' in data) {
    if (typeof given !== 'string') throw new EncodeError(`must be the name of an object, got ${show(given)}`)
    return { objref: given }
  }
  const value = given as Expr // what is none is refused as such
  if (!set.dataInterval) return { data: { value: packed(data, value, names) } }
  const [first, last] = endsOf(data, value, names, 'own')
  return { data: { value: Uint8Array.of(...first, ...last) } }
}

function verdictOf(given: Expr | Verdict): { code: (typeof verdicts)[number]; chain?: string } {
  if (isFields(given)) {
    for (const code of verdicts) {
      if (!Object.hasOwn(given, code)) continue
      if (code !== 'jump' && code !== 'goto') return { code }
      const { target } = (given as Record<typeof code, { target?: unknown }>)[code] ?? {} // it is there
      if (typeof target !== 'string') throw new EncodeError('must be the name of a chain', `${code}.target`)
      return { code, chain: target }
    }
  }
  throw new EncodeError(`must be a verdict like { accept: null } or { jump: { target: 'chain' } }, got ${show(given)}`)
}

/** Sorted, merged where the set wants that, and without overlaps. */
function ordered(set: SetDefinition, intervals: Interval[], elements: readonly unknown[]): Interval[] {
  intervals.sort(byPlace)
  const merge = set.data === undefined && (set.autoMerge || set.flags.includes('anonymous'))
  const kept: Interval[] = []
  for (const next of intervals) {
    const last = kept[kept.length - 1]
    if (!last || compareBytes(next.low, last.high) > 0) {
      if (merge && last && touches(last.high, next.low)) last.high = next.high
      else kept.push(next)
      continue
    }
    const same = compareBytes(next.low, last.low) === 0 && compareBytes(next.high, last.high) === 0
    if (merge || (same && set.data === undefined)) {
      if (compareBytes(next.high, last.high) > 0) last.high = next.high
      continue
    }
    const [a, b] = last.index < next.index ? [last, next] : [next, last]
    throw new EncodeError(
      `${describe(elements[b.index])} ${same ? 'is there twice, first as' : 'overlaps'} [${a.index}], ${describe(elements[a.index])}`,
      `[${b.index}]`,
    )
  }
  return kept
}

function touches(high: Uint8Array, low: Uint8Array): boolean {
  const before = predecessor(low)
  return before !== undefined && compareBytes(before, high) === 0
}

/** An element in an error: short. */
function describe(element: unknown): string {
  const text = JSON.stringify(Array.isArray(element) ? element[0] : element)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** First keys and, marked as ends, the keys behind the last. */
function closed(set: SetDefinition, part: SetPart, intervals: readonly Interval[], first: boolean): SetElementInput[] {
  const made: SetElementInput[] = []
  const most = allOnes(part)
  const start = intervals[0]
  // Says that nothing lies before the first: what the kernel does not need, and nft wants to see.
  if (first && start?.low.some((byte) => byte !== 0)) made.push(end(new Uint8Array(bytesOfPart(part))))
  const anonymous = set.flags.includes('anonymous')
  intervals.forEach(({ low, high, rest }, i) => {
    const last = shifted(part, high, 'big')
    const key = { value: shifted(part, low, 'big') }
    if (compareBytes(last, most) === 0) {
      made.push({ key, ...rest, userdata: { ...(rest.userdata as { comment?: string } | undefined), flags: 1 } })
      return
    }
    made.push(rest === NONE ? { key } : { key, ...rest })
    const behind = successor(last)
    const next = intervals[i + 1]
    if (behind && !(anonymous && next && compareBytes(shifted(part, next.low, 'big'), behind) === 0))
      made.push(end(behind))
  })
  return made
}

function end(value: Uint8Array): SetElementInput {
  return { flags: ['interval_end'], key: { value } }
}

function allOnes({ bits }: SetPart): Uint8Array {
  const most = new Uint8Array((bits + 7) >> 3).fill(0xff)
  if (bits % 8 !== 0) most[0] = (1 << (bits % 8)) - 1
  return most
}
