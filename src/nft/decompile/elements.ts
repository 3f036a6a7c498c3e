/** Elements of sets and maps as `nft -j list` prints them: the way back of compile/elements.ts. */
import type { SetElement } from '../../../protocol/netfilter/nftables/element.ts'
import { commentOf } from '../../../protocol/netfilter/nftables/userdata.ts'
import type { Elem, Expr, Verdict } from '../ast.ts'
import type { Names } from '../datatype.ts'
import {
  bytesOf,
  compareBytes,
  inNetworkOrder,
  integerOf,
  predecessor,
  prefixOf,
  swapBytes,
} from '../datatypes/bits.ts'
import { inet_proto, integer } from '../datatypes/index.ts'
import { bytesOfPart, isRangeConcat, paddedLength, type SetDefinition, type SetPart } from '../objects/set-parts.ts'
import type { ElementJson } from '../ruleset-json.ts'
import { statefulStatement } from './stateful.ts'

/** Sorted, as nft sorts them (which orders concatenations differently from release to release); elements of concatenated intervals are in the kernel's order. */
export function decompileElements(set: SetDefinition, elements: readonly SetElement[], names?: Names): ElementJson[] {
  if (isRangeConcat(set)) return elements.map((element) => whole(set, element, rangeKey(set, element, names), names))
  const [only] = set.key
  if (set.flags.includes('interval') && only) return intervals(set, only, elements, names)
  return sorted(set, elements).map((element) => whole(set, element, plainKey(set, element, names), names))
}

function isCatchall(element: SetElement): boolean {
  return element.key === undefined
}

function bytesIn(data: SetElement['key']): Uint8Array {
  return data?.value ?? new Uint8Array()
}

/** One value, from the order in which it lies in a register or (`big`) in an interval. Several bits are joined by '|'. */
function value(part: SetPart, bytes: Uint8Array, order: 'big' | 'host', names: Names | undefined): Expr {
  const { type, shift = 0, bits } = part
  const number = shift === 0 ? bytes : bytesOf(integerOf(bytes, order) >> BigInt(shift), bits - shift, order)
  const own = order === type.byteorder ? number : inNetworkOrder(number, type.byteorder)
  const made = type.format(own, names)
  return Array.isArray(made) ? made.reduce<Expr>((left, bit) => (left === 0 ? bit : { '|': [left, bit] }), 0) : made
}

/** The parts of a concatenation, each at a register of its own. */
function parted(parts: readonly SetPart[], bytes: Uint8Array): Uint8Array[] {
  let offset = 0
  return parts.map((part) => {
    const length = bytesOfPart(part)
    const own = bytes.subarray(offset, offset + length)
    offset += (length + 3) & ~3
    return own
  })
}

function plainKey(set: SetDefinition, element: SetElement, names: Names | undefined): Expr {
  return isCatchall(element) ? '*' : values(set.key, bytesIn(element.key), names)
}

function values(parts: readonly SetPart[], bytes: Uint8Array, names: Names | undefined): Expr {
  const [only] = parts
  if (parts.length === 1 && only) return value(only, bytes, only.type.byteorder, names)
  const own = parted(parts, bytes)
  return { concat: parts.map((part, i) => value(part, own[i] as Uint8Array, part.type.byteorder, names)) }
}

function rangeKey(set: SetDefinition, element: SetElement, names: Names | undefined): Expr {
  if (isCatchall(element)) return '*'
  return ranges(set.key, bytesIn(element.key), bytesIn(element.keyEnd ?? element.key), 'big', names)
}

/** Ranges of each part, from all first and all last values. */
function ranges(
  parts: readonly SetPart[],
  first: Uint8Array,
  last: Uint8Array,
  order: 'big' | 'own',
  names: Names | undefined,
): Expr {
  const low = parted(parts, first)
  const high = parted(parts, last)
  const made = parts.map((part, i) => {
    const from = low[i] as Uint8Array
    const to = high[i] as Uint8Array
    if (order === 'big') return range(part, from, to, names)
    return range(part, inNetworkOrder(from, part.type.byteorder), inNetworkOrder(to, part.type.byteorder), names)
  })
  return made.length === 1 ? (made[0] as Expr) : { concat: made }
}

/** Types of which nft writes prefixes. */
const prefixed = new Set(['ipv4_addr', 'ipv6_addr', 'mark', 'devgroup', 'realm'])

/** What lies from `low` to `high`, both in network order: a value, a prefix, a name with '*', a range. */
function range(part: SetPart, low: Uint8Array, high: Uint8Array, names: Names | undefined): Expr {
  if (compareBytes(low, high) === 0) return value(part, low, 'big', names)
  const { type, shift } = part
  const length = shift || part.bits % 8 !== 0 ? undefined : prefixOf(low, high)
  if (length !== undefined && prefixed.has(type.name)) {
    return { prefix: { addr: value(part, low, 'big', names), len: length } }
  }
  if (type.chars && length !== undefined && length % 8 === 0 && length > 0) {
    const start = low.subarray(0, length / 8)
    if (!start.includes(0)) return type.format(start, names) as string // names are no lists
  }
  // protocols have numbers in ranges
  const end = part.type === inet_proto ? { ...part, type: integer } : part
  return { range: [value(end, low, 'big', names), value(end, high, 'big', names)] }
}

interface Point {
  readonly key: Uint8Array
  readonly end: boolean
  readonly element: SetElement
}

/** First keys and ends in one row, from the lowest. What begins where another has no end ends the other. */
function intervals(
  set: SetDefinition,
  part: SetPart,
  elements: readonly SetElement[],
  names: Names | undefined,
): ElementJson[] {
  const points = elements
    .filter((element) => !isCatchall(element))
    .map((element): Point => ({ key: bytesIn(element.key), end: isEnd(element), element }))
    .sort((a, b) => compareBytes(a.key, b.key) || Number(b.end) - Number(a.end))
  const made: ElementJson[] = []
  points.forEach(({ key, end, element }, i) => {
    if (end) return
    const next = points[i + 1]
    const last = next ? predecessor(next.key) : allOnes(part)
    if (last) made.push(whole(set, element, range(part, key, last, names), names))
  })
  for (const element of elements) if (isCatchall(element)) made.push(whole(set, element, '*', names))
  return made
}

function isEnd(element: SetElement): boolean {
  return element.flags?.includes('interval_end') ?? false
}

function allOnes({ bits }: SetPart): Uint8Array {
  return bytesOf((1n << BigInt(bits)) - 1n, bits)
}

/** The key or pair, with what belongs to it. */
function whole(set: SetDefinition, element: SetElement, key: Expr, names: Names | undefined): ElementJson {
  const left = extended(element, key)
  return set.data === undefined ? left : [left, dataOf(set, element, names)]
}

function extended(element: SetElement, val: Expr): Expr {
  const { timeout = 0n, expiration, userdata, expr, expressions } = element
  const comment = commentOf(userdata)
  const statements = expr ? [expr] : (expressions ?? [])
  if (timeout === 0n && expiration === undefined && comment === undefined && statements.length === 0) return val
  const elem: Elem['elem'] = { val }
  if (timeout > 0n) elem.timeout = Number(timeout) / 1000
  if (expiration !== undefined) elem.expires = Math.floor(Number(expiration) / 1000)
  if (comment !== undefined) elem.comment = comment
  for (const expression of statements) Object.assign(elem, statefulStatement(expression, 'rule'))
  return Object.keys(elem).length === 1 ? val : { elem }
}

function dataOf(set: SetDefinition, element: SetElement, names: Names | undefined): Expr | Verdict {
  const { data } = set
  if (data === 'verdict') return verdictOf(element.data?.verdict)
  if (data === undefined || 'object' in data) return element.objref ?? ''
  const bytes = bytesIn(element.data)
  if (!set.dataInterval) return values(data, bytes, names)
  const half = paddedLength(data)
  return ranges(data, bytes.subarray(0, half), bytes.subarray(half), 'own', names)
}

function verdictOf(verdict: NonNullable<SetElement['data']>['verdict']): Verdict {
  const code = String(verdict?.code ?? 'continue')
  // nft knows more verdicts than the AST names (queue); what the kernel says is said.
  return { [code]: verdict?.chain === undefined ? null : { target: verdict.chain } } as unknown as Verdict
}

/** Numbers by value, names by their letters, bits by the lowest, concatenations by their parts; what has no key is last. */
function sorted(set: SetDefinition, elements: readonly SetElement[]): SetElement[] {
  return elements
    .map((element) => ({ element, key: isCatchall(element) ? undefined : sortKey(set.key, bytesIn(element.key)) }))
    .sort((a, b) => {
      if (!a.key || !b.key) return Number(!a.key) - Number(!b.key)
      return compareBytes(a.key, b.key)
    })
    .map(({ element }) => element)
}

/** nft takes texts and concatenations for numbers whose first byte is the lowest. */
function sortKey(parts: readonly SetPart[], bytes: Uint8Array): Uint8Array {
  const [only] = parts
  if (parts.length !== 1 || !only) return swapBytes(joined(parted(parts, bytes)))
  if (only.type.chars) return swapBytes(bytes)
  const key = inNetworkOrder(bytes, only.type.byteorder)
  if (!only.type.bitmask) return key
  const number = integerOf(key)
  return joined([bytesOf(number & -number, key.length * 8), key])
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
