/** Statements that rewrite or send packets elsewhere, in nft's syntax: snat, dnat, masquerade, redirect, tproxy, dup, fwd. */

import type { DupStatement, Expr, FwdStatement, NatTarget, TproxyStatement } from '../ast.ts'
import { iface_index } from '../datatypes/index.ts'
import { printExpr } from './expression.ts'
import { isObject } from './types.ts'

/** What stands behind the statement's name: ` ip to 10.0.0.1:80 random,persistent` */
export function printNat({ family, addr, port, flags, type_flags }: NatTarget): string {
  let text = ''
  if (addr !== undefined || port !== undefined) {
    const prefix = ([] as string[]).concat(type_flags ?? []).includes('prefix')
    text = `${family === undefined ? '' : ` ${family}`}${prefix ? ' prefix' : ''} to ${target(addr, port)}`
  }
  // netmap is what `prefix` means, and no word of nft's
  const shown = ([] as string[]).concat(flags ?? []).filter((flag) => flag !== 'netmap')
  return shown.length === 0 ? text : `${text} ${shown.join(',')}`
}

/** Address and port; an IPv6 address before a port stands in brackets. */
function target(addr: Expr | undefined, port: Expr | undefined): string {
  const to = port === undefined ? '' : `:${printExpr(port)}`
  if (addr === undefined) return to
  if (port === undefined) return printExpr(addr)
  if (isObject(addr) && 'range' in addr) return `${addr.range.map(bracketed).join('-')}${to}`
  return `${bracketed(addr)}${to}`
}

function bracketed(addr: Expr): string {
  const text = printExpr(addr)
  return typeof addr === 'string' && addr.includes(':') ? `[${text}]` : text
}

export function printTproxy({ family, addr, port }: TproxyStatement['tproxy']): string {
  const to = port === undefined ? '' : `:${printExpr(port)}`
  const host = addr === undefined ? '' : bracketed(addr)
  return `tproxy${family === undefined ? '' : ` ${family}`} to ${host}${to}`
}

/** To an address, by way of a device; in netdev tables to a device. */
export function printDup({ addr, dev }: DupStatement['dup']): string {
  return `dup to ${printExpr(addr, [iface_index])}${dev === undefined ? '' : ` device ${printExpr(dev, [iface_index])}`}`
}

export function printFwd({ dev, family, addr }: FwdStatement['fwd']): string {
  const device = printExpr(dev, [iface_index])
  return addr === undefined ? `fwd to ${device}` : `fwd ${family ?? 'ip'} to ${printExpr(addr)} device ${device}`
}
