/**
 * NFTA_RULE_COMPAT: which transport protocol a rule is for, so that the kernel lets xtables' matches check that (multiport is refused without it). The
 * kernel takes it and does not report it, so of rules that were listed it is read off what iptables-nft compares first.
 */
import type { NftExpressionInput } from '../../../protocol/netfilter/nftables/expression.ts'
import type { RuleCompat } from '../../../protocol/netfilter/nftables/rule.ts'
import { isFields } from '../../../protocol/wire/codec.ts'

/** undefined where nothing of xtables is in it, or no protocol is said. */
export function compatOf(expressions: readonly NftExpressionInput[]): RuleCompat | undefined {
  if (!expressions.some((each) => each?.name === 'match' || each?.name === 'target')) return undefined
  let register: unknown
  for (const expression of expressions) {
    const name: unknown = expression?.name
    const data: unknown = expression?.data
    if (!isFields(data)) continue
    if (isProtocol(name, data)) register = data.dreg
    else if (name === 'cmp' && register !== undefined && data.sreg === register) {
      const value = isFields(data.data) ? data.data.value : undefined
      const number = value instanceof Uint8Array && value.length === 1 ? value[0] : undefined
      if (number === undefined) return undefined
      return { proto: number, flags: data.op === 'neq' ? ['inv'] : [] }
    }
  }
  return undefined
}

/** `meta l4proto`, or as iptables-nft had it until 1.8.8 the byte in the IPv4 header. */
function isProtocol(name: unknown, data: Record<string, unknown>): boolean {
  if (name === 'meta') return data.key === 'l4proto' && data.dreg !== undefined
  return name === 'payload' && data.base === 'network_header' && data.offset === 9 && data.len === 1
}
