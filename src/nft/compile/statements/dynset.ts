/** Statements that change a set from the packet path: `add @s { ip saddr }`, `update @m { ip saddr : tcp dport }`, meters. */
import type { NftExpressionInput } from '../../../../protocol/netfilter/nftables/expression.ts'
import { EncodeError, isFields, show, within } from '../../../../protocol/wire/codec.ts'
import type { Elem, Expr, MapStatement, MeterStatement, SetStatement, Statement } from '../../ast.ts'
import { choice, integer } from '../check.ts'
import type { Draft } from '../draft.ts'
import { evaluate } from '../evaluate.ts'
import type { Node, SetReference } from '../node.ts'
import { registerNumber } from '../registers.ts'
import { keyArgument, meterSet, type NamedSet, namedSet, valueArgument } from '../sets.ts'
import { stateful } from './stateful.ts'

const operations = { add: 'add', update: 'update', delete: 'delete' } as const

const isElem = (value: unknown): value is Elem => isFields(value) && 'elem' in value

/** A key with what belongs to it: `{ elem: { val, timeout } }`, or the key alone. */
function element(given: Expr): { key: Expr; timeout: bigint } {
  if (!isElem(given)) return { key: given, timeout: 0n }
  const { val, timeout = 0, comment } = given.elem
  if (comment !== undefined) throw new EncodeError('elements that packets add have no comments', 'elem.comment')
  return { key: val, timeout: BigInt(within('elem.timeout', () => integer(timeout, 0, 0xffff_ffff))) * 1000n }
}

function statements(given: readonly Statement[] | undefined): NftExpressionInput[] {
  return (given ?? []).map((statement, index) =>
    within(`stmt[${index}]`, () => {
      const made = stateful(statement)
      if (made === undefined) {
        throw new EncodeError(
          `an element keeps counter, limit, quota, ct count and last only, got ${show(Object.keys(statement)[0])}`,
        )
      }
      return made
    }),
  )
}

function changing(key: Node): Node {
  if (key.kind === 'value') throw new EncodeError('must come from the packet, a constant does not')
  return key
}

function dynset(
  draft: Draft,
  set: SetReference,
  more: { op: 'add' | 'update' | 'delete'; timeout: bigint; expressions: NftExpressionInput[] },
  key: Node,
  data?: Node,
): void {
  const { op, timeout, expressions } = more
  draft.withRegister(key, (index) => {
    draft.load(key, index)
    const sregData = data === undefined ? undefined : draft.loaded(data)
    draft.add('dynset', {
      setName: set.set,
      ...(set.setId !== undefined && { setId: set.setId }),
      op,
      sregKey: registerNumber(index),
      ...(sregData !== undefined && { sregData }),
      ...(timeout > 0n && { timeout }),
      ...(expressions.length === 1 && { expr: expressions[0] }),
      ...(expressions.length > 1 && { expressions, flags: ['expr' as const] }),
    })
  })
}

/** The set that is changed: a map's elements have values, a set's none. */
function changed(draft: Draft, reference: string, isMap: boolean): NamedSet {
  const found = namedSet(draft, reference)
  const { definition } = found
  if (definition === undefined || (definition.data !== undefined) === isMap) return found
  throw new EncodeError(isMap ? `${reference} is no map` : `${reference} is a map: its elements need a value`)
}

function checkTimeout({ definition }: NamedSet, reference: string, timeout: bigint): void {
  if (timeout === 0n || definition === undefined || definition.flags.includes('timeout')) return
  throw new EncodeError(`${reference} has no timeouts: it needs the flag 'timeout'`, 'elem.elem.timeout')
}

export function set(draft: Draft, body: SetStatement['set']): void {
  const op = within('op', () => choice(operations, body.op))
  const target = within('set', () => changed(draft, body.set, false))
  const { key, timeout } = within('elem', () => element(body.elem))
  checkTimeout(target, body.set, timeout)
  const node = within('elem', () => changing(keyArgument(draft, key, body.set, target.definition)))
  dynset(draft, target, { op, timeout, expressions: statements(body.stmt) }, node)
}

export function map(draft: Draft, body: MapStatement['map'] & { stmt?: Statement[] }): void {
  const op = within('op', () => choice(operations, body.op))
  const target = within('map', () => changed(draft, body.map, true))
  const { key, timeout } = within('elem', () => element(body.elem))
  checkTimeout(target, body.map, timeout)
  const node = within('elem', () => changing(keyArgument(draft, key, body.map, target.definition)))
  const data = within('data', () => valueArgument(draft, body.data, target.definition))
  dynset(draft, target, { op, timeout, expressions: statements(body.stmt) }, node, data)
}

export function meter(draft: Draft, body: MeterStatement['meter']): void {
  const { key, timeout } = within('key', () => element(body.key))
  const node = within('key', () => changing(evaluate(draft, key)))
  const size = body.size === undefined ? undefined : within('size', () => integer(body.size, 1, 0xffff_ffff))
  const expressions = within('stmt', () => {
    const made = stateful(body.stmt)
    if (made === undefined) throw new EncodeError('must keep a state: counter, limit, quota, ct count or last')
    return [made]
  })
  const target = within('name', () => meterSet(draft, body.name, node, size, timeout > 0n))
  dynset(draft, target, { op: timeout > 0n ? 'update' : 'add', timeout, expressions }, node)
}
