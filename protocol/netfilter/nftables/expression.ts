/** NFTA_EXPR: an expression's name and its data, whose schema the name selects. One line in each table below adds an expression. */
import { type Attributes, attribute, attributes, type Kept, nest } from '../../wire/attributes.ts'
import type { Codec } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { lazy } from '../../wire/list.ts'
import { selected } from '../../wire/selected.ts'
import { bitwise, type NftBitwise, type NftBitwiseInput } from './expressions/bitwise.ts'
import { byteorder, type NftByteorder, type NftByteorderInput } from './expressions/byteorder.ts'
import { cmp, type NftCmp, type NftCmpInput } from './expressions/cmp.ts'
import { connlimit, type NftConnlimit, type NftConnlimitInput } from './expressions/connlimit.ts'
import { counter, type NftCounter, type NftCounterInput } from './expressions/counter.ts'
import { ct, type NftCt, type NftCtInput } from './expressions/ct.ts'
import { dup, type NftDup, type NftDupInput } from './expressions/dup.ts'
import { dynset, type NftDynset, type NftDynsetInput } from './expressions/dynset.ts'
import { exthdr, type NftExthdr, type NftExthdrInput } from './expressions/exthdr.ts'
import { fib, type NftFib, type NftFibInput } from './expressions/fib.ts'
import { flowOffload, type NftFlowOffload, type NftFlowOffloadInput } from './expressions/flow-offload.ts'
import { fwd, type NftFwd, type NftFwdInput } from './expressions/fwd.ts'
import { hash, type NftHash, type NftHashInput } from './expressions/hash.ts'
import { immediate, type NftImmediate, type NftImmediateInput } from './expressions/immediate.ts'
import { inner, type NftInner, type NftInnerInput } from './expressions/inner.ts'
import { last, type NftLast, type NftLastInput } from './expressions/last.ts'
import { limit, type NftLimit, type NftLimitInput } from './expressions/limit.ts'
import { log, type NftLog, type NftLogInput } from './expressions/log.ts'
import { lookup, type NftLookup, type NftLookupInput } from './expressions/lookup.ts'
import { masq, type NftMasq, type NftMasqInput } from './expressions/masq.ts'
import { match, type NftMatch, type NftMatchInput } from './expressions/match.ts'
import { meta, type NftMeta, type NftMetaInput } from './expressions/meta.ts'
import { type NftNat, type NftNatInput, nat } from './expressions/nat.ts'
import { type NftNotrack, type NftNotrackInput, notrack } from './expressions/notrack.ts'
import { type NftNumgen, type NftNumgenInput, numgen } from './expressions/numgen.ts'
import { type NftObjref, type NftObjrefInput, objref } from './expressions/objref.ts'
import { type NftOsf, type NftOsfInput, osf } from './expressions/osf.ts'
import { type NftPayload, type NftPayloadInput, payload } from './expressions/payload.ts'
import { type NftQueue, type NftQueueInput, queue } from './expressions/queue.ts'
import { type NftQuota, type NftQuotaInput, quota } from './expressions/quota.ts'
import { type NftRange, type NftRangeInput, range } from './expressions/range.ts'
import { type NftRedir, type NftRedirInput, redir } from './expressions/redir.ts'
import { type NftReject, type NftRejectInput, reject } from './expressions/reject.ts'
import { type NftRt, type NftRtInput, rt } from './expressions/rt.ts'
import { type NftSocket, type NftSocketInput, socket } from './expressions/socket.ts'
import { type NftSynproxy, type NftSynproxyInput, synproxy } from './expressions/synproxy.ts'
import { type NftTarget, type NftTargetInput, target } from './expressions/target.ts'
import { type NftTproxy, type NftTproxyInput, tproxy } from './expressions/tproxy.ts'
import { type NftTunnel, type NftTunnelInput, tunnel } from './expressions/tunnel.ts'
import { type NftXfrm, type NftXfrmInput, xfrm } from './expressions/xfrm.ts'
import { list } from './list.ts'

/** Data by name: decoded, and as encoding takes it. */
export interface ExpressionTypes {
  bitwise: [NftBitwise, NftBitwiseInput]
  byteorder: [NftByteorder, NftByteorderInput]
  cmp: [NftCmp, NftCmpInput]
  connlimit: [NftConnlimit, NftConnlimitInput]
  counter: [NftCounter, NftCounterInput]
  ct: [NftCt, NftCtInput]
  dup: [NftDup, NftDupInput]
  dynset: [NftDynset, NftDynsetInput]
  exthdr: [NftExthdr, NftExthdrInput]
  fib: [NftFib, NftFibInput]
  flow_offload: [NftFlowOffload, NftFlowOffloadInput]
  fwd: [NftFwd, NftFwdInput]
  hash: [NftHash, NftHashInput]
  immediate: [NftImmediate, NftImmediateInput]
  inner: [NftInner, NftInnerInput]
  last: [NftLast, NftLastInput]
  limit: [NftLimit, NftLimitInput]
  log: [NftLog, NftLogInput]
  lookup: [NftLookup, NftLookupInput]
  masq: [NftMasq, NftMasqInput]
  match: [NftMatch, NftMatchInput]
  meta: [NftMeta, NftMetaInput]
  nat: [NftNat, NftNatInput]
  notrack: [NftNotrack, NftNotrackInput]
  numgen: [NftNumgen, NftNumgenInput]
  objref: [NftObjref, NftObjrefInput]
  osf: [NftOsf, NftOsfInput]
  payload: [NftPayload, NftPayloadInput]
  queue: [NftQueue, NftQueueInput]
  quota: [NftQuota, NftQuotaInput]
  range: [NftRange, NftRangeInput]
  redir: [NftRedir, NftRedirInput]
  reject: [NftReject, NftRejectInput]
  rt: [NftRt, NftRtInput]
  socket: [NftSocket, NftSocketInput]
  synproxy: [NftSynproxy, NftSynproxyInput]
  target: [NftTarget, NftTargetInput]
  tproxy: [NftTproxy, NftTproxyInput]
  tunnel: [NftTunnel, NftTunnelInput]
  xfrm: [NftXfrm, NftXfrmInput]
}

/** Lazy: these hold expressions, and their files import this one. */
const recursive = {
  dynset: lazy((): Codec<NftDynset, NftDynsetInput> => dynset),
  inner: lazy((): Codec<NftInner, NftInnerInput> => inner),
}

/** The compiler holds this table to the one above. */
const codecs: { readonly [K in ExpressionName]: Codec<ExpressionTypes[K][0], ExpressionTypes[K][1]> } = {
  ...recursive,
  bitwise,
  byteorder,
  cmp,
  connlimit,
  counter,
  ct,
  dup,
  exthdr,
  fib,
  flow_offload: flowOffload,
  fwd,
  hash,
  immediate,
  last,
  limit,
  log,
  lookup,
  masq,
  match,
  meta,
  nat,
  notrack,
  numgen,
  objref,
  osf,
  payload,
  queue,
  quota,
  range,
  redir,
  reject,
  rt,
  socket,
  synproxy,
  target,
  tproxy,
  tunnel,
  xfrm,
}

export type ExpressionName = keyof ExpressionTypes

/** An expression that this library knows, as `knownExpression` gives it: `name` tells which `data` it has. */
export type KnownExpression<K extends ExpressionName = ExpressionName> = {
  [N in K]: { name: N; data: ExpressionTypes[N][0] } & Kept
}[K]

/** One that it does not know. Written back as it came. */
export interface OtherExpression extends Kept {
  name: string
  data?: Uint8Array
}

export type NftExpression = KnownExpression | OtherExpression

/** What encoding takes. `notrack` needs no data. */
export type NftExpressionInput =
  | { [N in ExpressionName]: Kept & { name: N; data?: ExpressionTypes[N][1] | undefined } }[ExpressionName]
  | OtherExpression

/** The types that the two tables give are those of the unions: said once here, checked entry by entry above. */
export const expression = attributes('nftables/expr-attrs', () => ({
  name: attribute('NFTA_EXPR_NAME', 1, string()),
  data: nest('NFTA_EXPR_DATA', 2, selected('name', codecs)),
})) as Attributes<unknown, never> as Attributes<NftExpression, NftExpressionInput>

/** NFTA_RULE_EXPRESSIONS and the like. */
export const expressionList: Codec<NftExpression[], readonly NftExpressionInput[]> = list(
  'nftables/expr-list-attrs',
  expression,
)

/**
 * The expression as one of those that are known, for `switch (known.name)`; undefined where it is another, or its data was malformed.
 * `OtherExpression` can have any name, so that comparing `expression.name` alone says nothing about `data`.
 */
export function knownExpression(given: NftExpression): KnownExpression | undefined {
  if (!Object.hasOwn(codecs, given.name) || given.data instanceof Uint8Array || given.unknown !== undefined)
    return undefined
  // The kernel sends no data of an expression that has no attributes.
  return (given.data === undefined ? { ...given, data: {} } : given) as KnownExpression
}

/** Is it the expression of this name? */
export function isExpression<K extends ExpressionName>(
  given: NftExpression,
  name: K,
): given is Extract<KnownExpression, { name: K }> {
  return given.name === name && given.data !== undefined && !(given.data instanceof Uint8Array)
}
