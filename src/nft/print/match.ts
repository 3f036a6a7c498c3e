/** Comparisons in nft's syntax: `tcp dport 80`, `ct state established,related`, `tcp flags syn / syn,ack`, `exthdr frag exists`. */

import type { Expr, MatchStatement } from '../ast.ts'
import { printExpr } from './expression.ts'
import { binaryOf, isObject, typesOf } from './types.ts'

export function printMatch({ op, left, right }: MatchStatement['match']): string {
  const types = typesOf(left)
  const flags = op === '==' || op === '!=' ? flagsOf(left) : undefined
  if (flags !== undefined) {
    const sign = op === '!=' ? '!= ' : ''
    return `${printExpr(flags.of)} ${sign}${printExpr(right, types)} / ${printExpr(flags.mask, types)}`
  }
  return `${typeof right === 'boolean' ? printPresence(left) : printExpr(left)} ${sign(op, left, right)}${printExpr(right, types)}`
}

/** A list as a mask is written behind a slash: `tcp flags syn / syn,ack`. */
function flagsOf(left: Expr): { of: Expr; mask: Expr } | undefined {
  if (!hasBits(left)) return undefined
  const [operator, [of, mask, more]] = binaryOf(left) ?? [undefined, []]
  return operator === '&' && of !== undefined && Array.isArray(mask) && more === undefined ? { of, mask } : undefined
}

/** What is only looked for, or removed: of a TCP option, its number is enough. */
export function printPresence(expr: Expr): string {
  return isObject(expr) && 'tcp option' in expr && 'base' in expr['tcp option']
    ? `tcp option ${expr['tcp option'].base}`
    : printExpr(expr)
}

/** Equality goes without saying, but for bits (`tcp flags syn`: among others) and behind an operation. */
function sign(op: MatchStatement['match']['op'], left: Expr, right: Expr): string {
  if (op === 'in') return ''
  if (op !== '==') return `${op} `
  const bits = hasBits(left) && (!isObject(right) || binaryOf(right) !== undefined) && !isReference(right)
  return bits || binaryOf(left) !== undefined ? '== ' : ''
}

function hasBits(left: Expr): boolean {
  return typesOf(left)[0]?.bitmask === true
}

function isReference(expr: Expr): boolean {
  return typeof expr === 'string' && expr.startsWith('@')
}
