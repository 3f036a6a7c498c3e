/** Stateful statements in nft's syntax, as they stand in rules, in sets and behind elements: counter, limit, quota, ct count, last. */

import type { CtCountStatement, Elem, LimitStatement, QuotaStatement } from '../ast.ts'
import { time } from './value.ts'

export type Limit = Exclude<LimitStatement['limit'], string>
export type Quota = Exclude<QuotaStatement['quota'], string>

/** `packets 1 bytes 60` */
export function printCounter({ packets, bytes }: { packets: number; bytes: number }): string {
  return `packets ${packets} bytes ${bytes}`
}

/** `rate over 10 mbytes/second burst 1 mbytes`; nft takes a burst of 5 packets for granted. */
export function printLimit({ rate, per, burst, rate_unit, burst_unit, inv }: Limit): string {
  const over = inv === true ? 'over ' : ''
  if (rate_unit === undefined || rate_unit === 'packets') {
    return `rate ${over}${rate}/${per}${burst === undefined || burst === 0 || burst === 5 ? '' : ` burst ${burst} packets`}`
  }
  return `rate ${over}${rate} ${rate_unit}/${per}${burst === undefined || burst === 0 ? '' : ` burst ${burst} ${burst_unit ?? 'bytes'}`}`
}

/** `over 25 mbytes used 3 kbytes` */
export function printQuota({ val, val_unit, used, used_unit, inv }: Quota): string {
  const spent = used === undefined || used === 0 ? '' : ` used ${used} ${used_unit ?? 'bytes'}`
  return `${inv === true ? 'over ' : ''}${val} ${val_unit}${spent}`
}

/** `count over 10` */
export function printCtCount({ val, inv }: CtCountStatement['ct count']): string {
  return `count ${inv === true ? 'over ' : ''}${val}`
}

/** `last used 1m3s` */
export function printLast(last: { used?: number } | null): string {
  return last?.used === undefined ? 'last' : `last used ${time(last.used / 1000)}`
}

/** The statements that an element of a set carries. */
export function printElementStatement(elem: Elem['elem']): string[] {
  const parts: string[] = []
  if (elem.counter !== undefined)
    parts.push(elem.counter === null ? 'counter' : `counter ${printCounter(elem.counter)}`)
  if (typeof elem.limit === 'object') parts.push(`limit ${printLimit(elem.limit)}`)
  if (typeof elem.quota === 'object') parts.push(`quota ${printQuota(elem.quota)}`)
  if (elem['ct count'] !== undefined) parts.push(`ct ${printCtCount(elem['ct count'])}`)
  if (elem.last !== undefined) parts.push(printLast(elem.last))
  return parts
}
