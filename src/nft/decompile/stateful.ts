/** Stateful expressions as statements: in rules and elements with what they have counted, in declarations of sets without. */

import { knownExpression, type NftExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import type { NftLimit } from '../../../protocol/netfilter/nftables/expressions/limit.ts'
import type { NftQuota } from '../../../protocol/netfilter/nftables/expressions/quota.ts'
import type { LimitStatement, QuotaStatement, Statement } from '../ast.ts'
import { inByteUnit, periodOf } from '../units.ts'

/** 'set': what every element gets; 'rule': with its state. */
export type Where = 'rule' | 'set'

/** A counter, limit, quota, ct count or last; undefined for other expressions. */
export function statefulStatement(expression: NftExpression, where: Where = 'rule'): Statement | undefined {
  const known = knownExpression(expression)
  switch (known?.name) {
    case 'counter': {
      const { packets = 0n, bytes = 0n } = known.data
      return { counter: where === 'set' ? null : { packets: Number(packets), bytes: Number(bytes) } }
    }
    case 'limit':
      return { limit: limit(known.data) }
    case 'quota':
      return { quota: quota(known.data, where) }
    case 'connlimit': {
      const { count = 0, flags } = known.data
      return { 'ct count': { val: count, ...(flags?.includes('inv') && { inv: true }) } }
    }
    case 'last': {
      const { set, msecs } = known.data
      return { last: where === 'rule' && set && msecs !== undefined ? { used: Number(msecs) } : null }
    }
    default:
      return undefined
  }
}

function limit({ rate = 0n, unit = 1n, burst = 0, type, flags }: NftLimit): LimitStatement['limit'] {
  const per = periodOf(Number(unit))
  const inv = flags?.includes('inv') && { inv: true }
  if (type !== 'pkt_bytes') return { rate: Number(rate), burst, per, ...inv }
  const [value, rate_unit] = inByteUnit(Number(rate))
  const [size, burst_unit] = inByteUnit(burst)
  return { rate: value, burst: size, per, ...inv, rate_unit, burst_unit }
}

function quota({ bytes = 0n, flags, consumed = 0n }: NftQuota, where: Where): QuotaStatement['quota'] {
  const [val, val_unit] = inByteUnit(Number(bytes))
  const [used, used_unit] = inByteUnit(Number(consumed))
  const spent = where === 'rule' && consumed > 0n && { used, used_unit }
  return { val, val_unit, ...(flags?.includes('inv') && { inv: true }), ...spent }
}
