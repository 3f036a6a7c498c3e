/** Sets that rules add to: `add @s { ip saddr }`, maps, and meters, which are sets without a name of their own. */

import { knownExpression, type NftExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import type { NftDynset } from '../../../protocol/netfilter/nftables/expressions/dynset.ts'
import type { Expr, Statement } from '../ast.ts'
import { rawInteger } from '../datatypes/index.ts'
import type { SetPart } from '../objects/set-definition.ts'
import { type Node, Untold } from './node.ts'
import type { Reading } from './reading.ts'
import { keyWithParts, valueAs } from './resolve.ts'
import { statefulStatement } from './stateful.ts'

export function dynset(reading: Reading, data: NftDynset): Statement {
  const { setName, op = 'add', sregKey, sregData, timeout = 0n } = data
  const { definition } = reading.set(setName)
  const { expr } = keyWithParts(reading, taken(reading, sregKey, definition.key))
  const elem: Expr = timeout > 0n ? { elem: { val: expr, timeout: Math.floor(Number(timeout) / 1000) } } : expr
  const stmt = (data.expr ? [data.expr] : (data.expressions ?? [])).map(stateful)
  if (typeof op !== 'string') throw new Untold(`dynset ${op}`)
  const [first] = stmt
  if (sregData !== undefined && Array.isArray(definition.data)) {
    const values = mapData(reading, sregData, definition.data)
    return { map: { op, elem, data: values, map: `@${definition.name}`, ...(first && { stmt }) } }
  }
  if (definition.flags.includes('anonymous') && first !== undefined) {
    const { size } = definition
    return { meter: { key: elem, stmt: first, ...(size !== undefined && { size }), name: definition.name } }
  }
  return { set: { op, elem, set: `@${definition.name}`, ...(first && { stmt }) } }
}

function stateful(expression: NftExpression): Statement {
  const statement = statefulStatement(expression, 'set')
  if (statement === undefined) throw new Untold(knownExpression(expression)?.name ?? expression.name)
  return statement
}

function taken(reading: Reading, register: number | undefined, parts: readonly SetPart[]): Node {
  const [only] = parts
  const single = parts.length === 1 && only !== undefined
  const bytes = single ? Math.ceil(only.bits / 8) : parts.reduce((sum, { bits }) => sum + Math.ceil(bits / 32) * 4, 0)
  return reading.registers.takeBytes(register, bytes)
}

/** Constants have the types of the map's values. */
function mapData(reading: Reading, register: number, parts: readonly SetPart[]): Expr {
  const node = taken(reading, register, parts)
  if (node.kind !== 'concat') return valueAs(reading, node, parts[0] ?? { type: rawInteger })
  return { concat: node.parts.map((part, i) => valueAs(reading, part, parts[i] ?? { type: rawInteger })) }
}
