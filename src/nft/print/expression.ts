/** Expressions in nft's syntax: constants, ranges, sets, maps, concatenations, binary operations, verdicts. */

import type { BinaryOperator, Elem, Expr, Selector, Verdict } from '../ast.ts'
import { printSelector } from './selector.ts'
import { printElementStatement } from './stateful.ts'
import { binaryOf, type ExprObject, isObject, type Types, typesOf } from './types.ts'
import { name, printEnd, printImmediate, quote, time } from './value.ts'

/** An element of a set, or a pair of a map's. */
export type Entry = Expr | readonly [Expr, Expr | Verdict | object]

/** An expression; `types` are those of its constants (of a concatenation's parts), which decide how they are written. */
export function printExpr(expr: Expr, types: Types = []): string {
  if (Array.isArray(expr)) return expr.map((item) => printExpr(item, types)).join(',')
  if (!isObject(expr)) return printImmediate(expr, types[0])
  const binary = binaryOf(expr)
  if (binary !== undefined) return printBinary(...binary, types)
  if ('range' in expr) return expr.range.map((end) => printRangeEnd(end, types)).join('-')
  if ('prefix' in expr) return `${printExpr(expr.prefix.addr, types)}/${expr.prefix.len}`
  if ('concat' in expr) return printConcat(expr.concat, types)
  if ('set' in expr)
    return `{ ${entries(expr.set)
      .map((entry) => printEntry(entry, types))
      .join(', ')} }`
  if ('map' in expr) return printMap(expr.map.key, expr.map.data, types)
  if ('elem' in expr) return printElem(expr, types)
  return printVerdict(expr) ?? printSelector(expr as Selector) // nothing else is left
}

function printRangeEnd(expr: Expr, types: Types): string {
  return typeof expr === 'object' ? printExpr(expr, types) : printEnd(expr, types[0])
}

/** `{ set: x }` may stand for one element. */
function entries(set: Expr | readonly Entry[]): readonly Entry[] {
  return Array.isArray(set) ? set : [set as Entry] // Array.isArray does not narrow readonly arrays
}

function printConcat(parts: readonly Expr[], types: Types): string {
  return parts.map((part, index) => printExpr(part, [types[index]])).join(' . ')
}

/** An element, or `key : data`. */
export function printEntry(entry: Entry, types: Types, dataTypes: Types = []): string {
  if (!isPair(entry)) return printExpr(entry, types)
  return `${printExpr(entry[0], types)} : ${printExpr(entry[1] as Expr, dataTypes)}` // a verdict is an expression too
}

function isPair(entry: Entry): entry is readonly [Expr, Expr | Verdict | object] {
  return Array.isArray(entry)
}

/** `key map { ... }`; the constants in a map's data have the types of what it is used for. */
function printMap(key: Expr, data: Expr, types: Types): string {
  return `${printExpr(key)} map ${printMappings(data, typesOf(key), types)}`
}

/** What stands behind `map` and `vmap`: a named map, or the pairs themselves. */
export function printMappings(data: Expr, types: Types, dataTypes: Types): string {
  if (!isObject(data) || !('set' in data)) return printExpr(data)
  return `{ ${entries(data.set)
    .map((entry) => printEntry(entry, types, dataTypes))
    .join(', ')} }`
}

function printElem({ elem }: Elem, types: Types): string {
  const parts = [printExpr(elem.val, types), ...printElementStatement(elem)]
  if (elem.timeout !== undefined) parts.push(`timeout ${time(elem.timeout)}`)
  if (elem.expires !== undefined) parts.push(`expires ${time(elem.expires)}`)
  if (elem.comment !== undefined) parts.push(`comment ${quote(elem.comment)}`)
  return parts.join(' ')
}

/** Lower binds closer. */
const precedence: Readonly<Record<BinaryOperator, number>> = { '<<': 1, '>>': 1, '&': 2, '^': 3, '|': 4 }

function printBinary(operator: BinaryOperator, operands: readonly Expr[], types: Types): string {
  const inner = types.length > 0 ? types : typesOf(operands[0] ?? 0)
  const shift = operator === '<<' || operator === '>>'
  return operands
    .map((operand, index) => printOperand(operator, operand, shift && index > 0 ? [] : inner))
    .join(` ${operator} `)
}

function printOperand(operator: BinaryOperator, operand: Expr, types: Types): string {
  const text = printExpr(operand, types)
  const own = binaryOf(operand)?.[0]
  const looser = own !== undefined && precedence[own] > precedence[operator]
  return looser || Array.isArray(operand) ? `(${text.replaceAll(',', ' | ')})` : text
}

/** A verdict, undefined for what is none. */
export function printVerdict(expr: ExprObject): string | undefined {
  if ('jump' in expr) return `jump ${name(expr.jump.target)}`
  if ('goto' in expr) return `goto ${name(expr.goto.target)}`
  const [verdict] = Object.keys(expr)
  return verdict !== undefined && plainVerdicts.has(verdict) ? verdict : undefined
}

const plainVerdicts: ReadonlySet<string> = new Set(['accept', 'drop', 'continue', 'return', 'break', 'queue'])
