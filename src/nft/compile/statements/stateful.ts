/** Statements that keep a state, alone in a rule and in the elements of sets: counter, limit, quota, ct count, last. */
import type { NftExpressionInput } from '../../../../protocol/netfilter/nftables/expression.ts'
import { EncodeError, isFields, show, within } from '../../../../protocol/wire/codec.ts'
import type { CtCountStatement, LastStatement, LimitStatement, QuotaStatement, Statement } from '../../ast.ts'
import { inverted } from '../../names.ts'
import { byteUnits, periods } from '../../units.ts'
import { choice, integer } from '../check.ts'

const MAX32 = 0xffff_ffff

function byteCount(value: number, unit: string, path: string): bigint {
  return within(path, () => BigInt(integer(value, 0, Number.MAX_SAFE_INTEGER)) * BigInt(choice(byteUnits, unit)))
}

export function counter(body: { packets: number; bytes: number } | null): NftExpressionInput {
  const packets = body === null ? 0 : within('packets', () => integer(body.packets, 0, Number.MAX_SAFE_INTEGER))
  const bytes = body === null ? 0 : within('bytes', () => integer(body.bytes, 0, Number.MAX_SAFE_INTEGER))
  if (packets === 0 && bytes === 0) return { name: 'counter', data: {} }
  return { name: 'counter', data: { packets: BigInt(packets), bytes: BigInt(bytes) } }
}

export function limit(body: Exclude<LimitStatement['limit'], string>): NftExpressionInput {
  if (body === null) throw new EncodeError('must be { rate, per }, got null')
  const { rate_unit = 'packets', burst = 0, burst_unit = 'bytes' } = body
  const unit = BigInt(within('per', () => choice(periods, body.per)))
  const flags = inverted(body.inv)
  if (rate_unit === 'packets') {
    const rate = BigInt(within('rate', () => integer(body.rate, 1, Number.MAX_SAFE_INTEGER)))
    const most = within('burst', () => integer(burst, 0, MAX32))
    return { name: 'limit', data: { rate, unit, type: 'pkts', burst: most === 0 ? 5 : most, flags } }
  }
  const rate = byteCount(body.rate, rate_unit, 'rate')
  const most = Number(byteCount(burst, burst_unit, 'burst'))
  within('burst', () => integer(most, 0, MAX32))
  return { name: 'limit', data: { rate, unit, type: 'pkt_bytes', ...(most > 0 && { burst: most }), flags } }
}

export function quota(body: Exclude<QuotaStatement['quota'], string>): NftExpressionInput {
  if (body === null) throw new EncodeError('must be { val }, got null')
  const bytes = byteCount(body.val, body.val_unit ?? 'bytes', 'val')
  const consumed = byteCount(body.used ?? 0, body.used_unit ?? 'bytes', 'used')
  return { name: 'quota', data: { bytes, consumed, flags: inverted(body.inv) } }
}

export function ctCount(body: CtCountStatement['ct count']): NftExpressionInput {
  if (!isFields(body)) throw new EncodeError(`must be { val }, got ${show(body)}`)
  const count = within('val', () => integer(body.val, 0, MAX32))
  return { name: 'connlimit', data: { count, flags: inverted(body.inv) } }
}

export function last(body: LastStatement['last']): NftExpressionInput {
  if (body?.used === undefined) return { name: 'last', data: {} }
  return { name: 'last', data: { set: 1, msecs: BigInt(within('used', () => integer(body.used, 0, MAX32))) } }
}

/** A statement of this file as the expression of a set's element; undefined for any other. */
export function stateful(statement: Statement): NftExpressionInput | undefined {
  if (typeof statement !== 'object' || statement === null) return undefined
  if ('counter' in statement) return named('counter', statement.counter, counter)
  if ('limit' in statement) return named('limit', statement.limit, limit)
  if ('quota' in statement) return named('quota', statement.quota, quota)
  if ('ct count' in statement) return within('ct count', () => ctCount(statement['ct count']))
  return 'last' in statement ? within('last', () => last(statement.last)) : undefined
}

function named<T>(name: string, body: T, make: (body: Own<T>) => NftExpressionInput): NftExpressionInput {
  return within(name, () => {
    if (!isOwn(body)) throw new EncodeError(`must be a ${name} of its own, not a named one, got ${show(body)}`)
    return make(body)
  })
}

/** A statement's own state, not the name of an object. */
type Own<T> = Exclude<T, string | { map: unknown }>
export function isOwn<T>(body: T | string | { map: unknown }): body is Own<T> {
  return body === null || (isFields(body) && !('map' in body))
}
