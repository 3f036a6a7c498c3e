/** Expressions that keep a state, in rules, sets and elements: counter, limit, quota, ct count, last. The way back of compile/statements/stateful.ts. */
import { knownExpression, type NftExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import type { NftLimit } from '../../../protocol/netfilter/nftables/expressions/limit.ts'
import type { NftQuota } from '../../../protocol/netfilter/nftables/expressions/quota.ts'
import type { LimitStatement, QuotaStatement, Statement } from '../ast.ts'

/** The largest of nft's units that the number is a multiple of. */
export function inUnit(bytes: bigint): [value: number, unit: string] {
  const units = ['bytes', 'kbytes', 'mbytes'] as const
  let value = bytes
  let unit = 0
  while (unit < 2 && value > 0n && value % 1024n === 0n) {
    value /= 1024n
    unit++
  }
  return [Number(value), units[unit] as string] // below 3
}

const periods = new Map([
  [1n, 'second'],
  [60n, 'minute'],
  [3600n, 'hour'],
  [86_400n, 'day'],
  [604_800n, 'week'],
] as const)

function limit({ rate = 0n, unit = 1n, burst = 0, type, flags = [] }: NftLimit): LimitStatement['limit'] {
  const per = periods.get(unit as 1n) ?? 'second' // other lengths are not nft's
  const inv = flags.includes('inv') && { inv: true }
  if (type !== 'pkt_bytes') return { rate: Number(rate), burst, per, ...inv }
  const [value, rate_unit] = inUnit(rate)
  const [most, burst_unit] = inUnit(BigInt(burst))
  return { rate: value, burst: most, per, ...inv, rate_unit, burst_unit }
}

function quota({ bytes = 0n, consumed = 0n, flags = [] }: NftQuota): QuotaStatement['quota'] {
  const [val, val_unit] = inUnit(bytes)
  const [used, used_unit] = inUnit(consumed)
  return { val, val_unit, ...(flags.includes('inv') && { inv: true }), ...(consumed > 0n && { used, used_unit }) }
}

/** The statement of an expression; of a set's declaration (`in` 'set') counters have no numbers. undefined for other expressions. */
export function statefulStatement(expression: NftExpression, place: 'rule' | 'set'): Statement | undefined {
  const known = knownExpression(expression)
  switch (known?.name) {
    case 'counter': {
      if (place === 'set') return { counter: null }
      const { packets = 0n, bytes = 0n } = known.data
      return { counter: { packets: Number(packets), bytes: Number(bytes) } }
    }
    case 'limit':
      return { limit: limit(known.data) }
    case 'quota':
      return { quota: quota(known.data) }
    case 'connlimit': {
      const { count = 0, flags = [] } = known.data
      return { 'ct count': flags.includes('inv') ? { val: count, inv: true } : { val: count } }
    }
    case 'last': {
      const { set = 0, msecs = 0n } = known.data
      return { last: set === 0 || place === 'set' ? null : { used: Number(msecs) } }
    }
    default:
      return undefined
  }
}
