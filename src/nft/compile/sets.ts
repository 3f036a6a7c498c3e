/** Sets that rules refer to: named ones, and anonymous ones which are made for the rule. */
import { EncodeError, isFields, show, within } from '../../../protocol/wire/codec.ts'
import type { Elem, Expr, MapExpr } from '../ast.ts'
import { type ObjectType, objectKind } from '../object-kinds.ts'
import type { SetDefinition, SetFlag, SetPart } from '../objects/set-definition.ts'
import { constant, isConstant } from './constant.ts'
import type { Draft } from './draft.ts'
import { interval as inOneWord } from './element-value.ts'
import { compileElements } from './elements.ts'
import { evaluate, inOrder, widthOf } from './evaluate.ts'
import type { Lookup, Node, Payload, SetReference, Shape } from './node.ts'
import { registerNumber } from './registers.ts'
import { shapeOf } from './shape.ts'
import { undo } from './undo.ts'

export interface NamedSet extends SetReference {
  readonly definition: SetDefinition | undefined
}

type Elements = readonly (Expr | readonly [Expr, unknown])[]

/** Looks a set up by the name behind '@'; `key` is what is looked up in it. */
export function namedSet(draft: Draft, reference: unknown, key?: Node): NamedSet {
  if (typeof reference !== 'string' || !reference.startsWith('@') || reference.length < 2) {
    throw new EncodeError(`must be '@' and the name of a set, got ${show(reference)}`)
  }
  const set = reference.slice(1)
  const definition = draft.context.set(set)
  if (definition !== undefined && key !== undefined) checkKey(reference, definition, key)
  return { set, definition }
}

const typeNames = (types: readonly { name: string }[]): string => types.map(({ name }) => name).join(' . ')

function checkKey(reference: string, { key: parts }: SetDefinition, key: Node): void {
  const types = (key.kind === 'concat' ? key.parts : [key]).map(({ type }) => type)
  const fits = (index: number): boolean => {
    const [one, other] = [types[index]?.name, parts[index]?.type.name]
    return one === other || one === 'integer' || other === 'integer'
  }
  if (types.length === parts.length && parts.every((_, index) => fits(index))) return
  const wanted = typeNames(parts.map(({ type }) => type))
  throw new EncodeError(`${reference} has keys of type ${wanted}, this is ${typeNames(types)}`)
}

/** What a concatenation is looked up with, and what anything else is. */
function partsOf(key: Node): SetPart[] {
  const nodes = key.kind === 'concat' ? key.parts : [key]
  return nodes.map((node) => ({ type: node.type, bits: widthOf(node) }))
}

const isElem = (value: unknown): value is Elem => isFields(value) && 'elem' in value
const isPair = (element: unknown): element is readonly [Expr, unknown] => Array.isArray(element) && element.length === 2

/** Whether a value is more than one: a range, a prefix, the start of a name; in a concatenation one of its parts. */
function isInterval(value: unknown, parts: readonly SetPart[]): boolean {
  if (typeof value === 'string') {
    const beginning = value.length > 1 && value.endsWith('*') && !value.endsWith('\\*')
    return parts.some((part) => (part.type.chars ? beginning : inOneWord(part, value) !== undefined))
  }
  if (isElem(value)) return isInterval(value.elem.val, parts)
  if (!isFields(value)) return false
  if ('concat' in value && Array.isArray(value.concat)) return value.concat.some((part) => isInterval(part, parts))
  return 'range' in value || 'prefix' in value
}

interface Made {
  readonly name: '__set%d' | '__map%d' | '__objmap%d'
  readonly flags?: readonly SetFlag[]
  readonly data?: SetDefinition['data']
  readonly dataInterval?: boolean
  /** What is looked up: where its type alone does not say its size (`@th,0,32`), nft needs this to list the set. */
  readonly from?: Expr
}

/** Makes an anonymous set for `key`, and gives the key as it must be looked up. */
function make(draft: Draft, key: Node, elements: Elements, made: Made): { key: Node; set: SetReference } {
  if (elements.length === 0) throw new EncodeError('must have elements')
  const undone = key.kind === 'concat' || made.name === '__objmap%d' ? undefined : undo(key)
  const shifted = undone !== undefined && key.kind === 'operation' && key.operator === '>>' ? undone : undefined
  const node = shifted?.node ?? key
  const parts = partsOf(key)
  const [part] = parts
  const shift = key.kind === 'operation' ? Number(key.right) : 0
  const keys = shifted !== undefined && part !== undefined ? [{ ...part, bits: shifted.bits, shift }] : parts
  const interval = elements.some((element) => isInterval(isPair(element) ? element[0] : element, parts))
  const flags: SetFlag[] = ['anonymous', 'constant', ...(made.flags ?? [])]
  if (interval) flags.push('interval')
  if (interval && parts.length > 1) flags.push('concat')
  const { name, data, dataInterval, from } = made
  const definition: SetDefinition = {
    name,
    flags,
    key: keys,
    size: elements.length,
    ...(data !== undefined && { data }),
    ...(dataInterval === true && { dataInterval }),
    ...(from !== undefined && { keyTypeof: from }),
  }
  // The elements of the AST are those of a set or a map, which compileElements tells apart by the definition
  const compiled = compileElements(definition, elements as readonly Expr[], { names: draft.context.names })
  const setId = draft.context.anonymous({ definition: { ...definition, size: compiled.length }, elements: compiled })
  return { key: interval ? inOrder(node, 'big') : node, set: { set: name, setId } }
}

/** `{ 22, 80 }` */
export function anonymousSet(
  draft: Draft,
  left: Node,
  elements: Elements,
  from?: Expr,
): { node: Node; reference: SetReference } {
  const { key, set } = make(draft, left, elements, { name: '__set%d', ...(from !== undefined && { from }) })
  return { node: key, reference: set }
}

/** Compares a field with a set of numbers. */
export function matchEither(draft: Draft, field: Payload, numbers: readonly number[]): void {
  const { node, reference } = anonymousSet(draft, field, numbers)
  draft.withRegister(node, (index) => {
    draft.load(node, index)
    draft.lookup(reference, { sreg: registerNumber(index) })
  })
}

type Map = MapExpr['map']

/** Of maps, nft tells what is looked up where it is a concatenation. */
function concatOnly(key: Expr): { from?: Expr } {
  return isFields(key) && 'concat' in key ? { from: key } : {}
}

/** The pairs of an anonymous map; undefined where it is a named one. */
function pairsOf(data: Expr): Elements | undefined {
  if (!isFields(data) || !('set' in data)) return undefined
  const { set } = data
  if (typeof set === 'string' && set.startsWith('@')) return undefined
  if (!Array.isArray(set) || !set.every(isPair)) throw new EncodeError('must be pairs of key and value', 'set')
  return set
}

/** A key that is looked up in a map by name: `@name`, or `{ set: '@name' }`. */
function namedMap(draft: Draft, key: Node, data: Expr, kind: (data: SetDefinition['data']) => boolean): NamedSet {
  const name = isFields(data) && 'set' in data ? data.set : data
  const found = namedSet(draft, name, key)
  if (found.definition !== undefined && !kind(found.definition.data)) {
    throw new EncodeError(`${show(name)} is no map of this kind`)
  }
  return found
}

function ordered(key: Node, definition: SetDefinition | undefined): Node {
  return definition?.flags.includes('interval') ? inOrder(key, 'big') : key
}

const isData = (data: SetDefinition['data']): data is readonly SetPart[] => Array.isArray(data)

/** A map to values: addresses, ports, marks. `behind`: what nat takes after the address, in concatenations. */
export function dataMap(draft: Draft, map: Map, wanted: Shape | undefined, behind?: Shape): Lookup {
  const key = within('key', () => evaluate(draft, map.key))
  if (key.kind === 'value') throw new EncodeError('must be something of the packet', 'key')
  return within('data', () => {
    const pairs = pairsOf(map.data)
    if (pairs === undefined) return namedData(draft, key, map.data, wanted)
    if (wanted === undefined) throw new EncodeError('needs to be used as something: nothing says what its values are')
    const values = pairs.map((pair) => (isPair(pair) ? pair[1] : pair))
    const concatenated = behind !== undefined && values.some((value) => isFields(value) && 'concat' in value)
    const data = concatenated ? [wanted, behind] : [wanted]
    const parts = data.map(({ type, bits }) => ({ type, bits }))
    const interval = values.some((value) => isInterval(value, parts))
    const made = within('set', () =>
      make(draft, key, pairs, {
        name: '__map%d',
        flags: ['map'],
        data: parts,
        dataInterval: interval,
        ...concatOnly(map.key),
      }),
    )
    const { type, bits, order } = wanted
    return { kind: 'map', type, bits, order, ...made, concatenated, interval }
  })
}

function namedData(draft: Draft, key: Node, data: Expr, wanted: Shape | undefined): Lookup {
  const { definition, ...set } = namedMap(draft, key, data, isData)
  const values = definition?.data
  const [value] = isData(values) ? values : []
  const shape = wanted ?? (value && shapeOf(value.type, value.bits))
  if (shape === undefined) throw new EncodeError(`${show(data)} is not known: nothing says what its values are`)
  if (value !== undefined && value.type.name !== shape.type.name) {
    throw new EncodeError(`${show(data)} has values of type ${value.type.name}, not ${shape.type.name}`)
  }
  const concatenated = isData(values) && values.length > 1
  const interval = definition?.dataInterval ?? false
  const { type, bits, order } = shape
  return { kind: 'map', type, bits, order, key: ordered(key, definition), set, concatenated, interval }
}

/** A map to verdicts. */
export function verdictMap(draft: Draft, map: Map): { key: Node; set: SetReference } {
  const key = within('key', () => evaluate(draft, map.key))
  return within('data', () => {
    const pairs = pairsOf(map.data)
    if (pairs === undefined) {
      const { definition, ...set } = namedMap(draft, key, map.data, (data) => data === 'verdict')
      return { key: ordered(key, definition), set }
    }
    return within('set', () =>
      make(draft, key, pairs, { name: '__map%d', flags: ['map'], data: 'verdict', ...concatOnly(map.key) }),
    )
  })
}

/** A map to named objects. */
export function objectMap(draft: Draft, map: Map, type: ObjectType): { key: Node; set: SetReference } {
  const key = within('key', () => evaluate(draft, map.key))
  const object = objectKind(type) ?? type
  return within('data', () => {
    const pairs = pairsOf(map.data)
    if (pairs === undefined) {
      const isObject = (data: SetDefinition['data']): boolean => isFields(data) && data.object === object
      const { definition, ...set } = namedMap(draft, key, map.data, isObject)
      return { key: ordered(key, definition), set }
    }
    return within('set', () =>
      make(draft, key, pairs, { name: '__objmap%d', flags: ['object'], data: { object }, ...concatOnly(map.key) }),
    )
  })
}

/** The key of a statement that changes a set: in the shape that the set has, where it is known. */
export function keyArgument(draft: Draft, key: Expr, reference: string, definition: SetDefinition | undefined): Node {
  const [part, ...more] = definition?.key ?? []
  const node = evaluate(draft, key, part !== undefined && more.length === 0 ? shapeOf(part.type, part.bits) : undefined)
  if (definition !== undefined) checkKey(reference, definition, node)
  return node
}

/** The value of a statement that changes a map. */
export function valueArgument(draft: Draft, value: Expr, definition: SetDefinition | undefined): Node {
  const data = definition?.data
  const [part, ...more] = isData(data) ? data : []
  const shape = part !== undefined && more.length === 0 ? shapeOf(part.type, part.bits) : undefined
  if (shape !== undefined && isConstant(value)) return constant(draft, value, shape)
  return evaluate(draft, value, shape)
}

/** A meter's own set, which packets fill. */
export function meterSet(
  draft: Draft,
  name: string,
  key: Node,
  size: number | undefined,
  timeout: boolean,
): SetReference {
  if (typeof name !== 'string' || name === '') throw new EncodeError(`must be a name, got ${show(name)}`)
  const flags: SetFlag[] = ['anonymous', 'eval', ...(timeout ? (['timeout'] as const) : [])]
  const definition: SetDefinition = { name, flags, key: partsOf(key), ...(size !== undefined && { size }) }
  return { set: name, setId: draft.context.anonymous({ definition, elements: [] }) }
}
