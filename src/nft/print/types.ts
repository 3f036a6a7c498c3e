/** The data types of what is selected: they say how the constants beside it are written. */

import type { BinaryOperator, Expr } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { isSelector, resolveSelector } from '../selectors/index.ts'

/** What every object among expressions is one of. */
export type ExprObject = Exclude<Expr, string | number | boolean | Expr[]>

/** Of a concatenation, one for each part; none where the type does not matter or is not known. */
export type Types = readonly (DataType | undefined)[]

const binaryOperators: readonly BinaryOperator[] = ['&', '^', '|', '<<', '>>']

export function isObject(expr: Expr): expr is ExprObject {
  return typeof expr === 'object' && !Array.isArray(expr)
}

/** The operands of a binary operation, and its sign. */
export function binaryOf(expr: Expr): [BinaryOperator, Expr[]] | undefined {
  if (!isObject(expr)) return undefined
  for (const operator of binaryOperators) {
    const operands = (expr as Partial<Record<BinaryOperator, Expr[]>>)[operator] // undefined on everything else
    if (operands !== undefined) return [operator, operands]
  }
  return undefined
}

/** The types of a selector, or of a concatenation of them. */
export function typesOf(expr: Expr): Types {
  if (!isObject(expr)) return []
  if ('concat' in expr) return expr.concat.map((part) => typesOf(part)[0])
  if ('elem' in expr) return typesOf(expr.elem.val)
  const left = binaryOf(expr)?.[1][0]
  return left === undefined ? [typeOf(expr)] : typesOf(left)
}

/** What is not known here has no type: it is printed all the same. */
function typeOf(expr: ExprObject): DataType | undefined {
  // options of TCP are numbers, those without a name too
  if (!isSelector(expr) || 'tcp option' in expr) return undefined
  try {
    return resolveSelector(expr).type
  } catch {
    return undefined
  }
}
