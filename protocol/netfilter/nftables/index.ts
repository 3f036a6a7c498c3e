/** What `netlink-ts/protocol` exports of nf_tables. */

export { type ChainMessage, type ChainMessageInput, chainMessage } from './chain.ts'
export { type CompatMessage, type CompatMessageInput, compatMessage } from './compat.ts'
export * from './constants.ts'
export type { NftData, NftDataInput, NftVerdict, NftVerdictInput } from './data.ts'
export {
  type ElementsMessage,
  type ElementsMessageInput,
  elementsMessage,
  type SetElement,
  type SetElementInput,
} from './element.ts'
export * from './expression.ts'
export { NFT_BITWISE, type NftBitwise, type NftBitwiseInput } from './expressions/bitwise.ts'
export { NFT_BYTEORDER, type NftByteorder, type NftByteorderInput } from './expressions/byteorder.ts'
export { NFT_CMP, type NftCmp, type NftCmpInput } from './expressions/cmp.ts'
export { NFT_CONNLIMIT_F, type NftConnlimit, type NftConnlimitInput } from './expressions/connlimit.ts'
export type { NftCounter, NftCounterInput } from './expressions/counter.ts'
export { IP_CT_DIR, NFT_CT, type NftCt, type NftCtInput } from './expressions/ct.ts'
export type { NftDup, NftDupInput } from './expressions/dup.ts'
export { NFT_DYNSET_F, NFT_DYNSET_OP, type NftDynset, type NftDynsetInput } from './expressions/dynset.ts'
export { NFT_EXTHDR_F, NFT_EXTHDR_OP, type NftExthdr, type NftExthdrInput } from './expressions/exthdr.ts'
export { NFT_FIB_RESULT, NFTA_FIB_F, type NftFib, type NftFibInput } from './expressions/fib.ts'
export type { NftFlowOffload, NftFlowOffloadInput } from './expressions/flow-offload.ts'
export type { NftFwd, NftFwdInput } from './expressions/fwd.ts'
export { NFT_HASH, type NftHash, type NftHashInput } from './expressions/hash.ts'
export type { NftImmediate, NftImmediateInput } from './expressions/immediate.ts'
export { NFT_INNER, NFT_INNER_TYPE, type NftInner, type NftInnerInput } from './expressions/inner.ts'
export type { NftLast, NftLastInput } from './expressions/last.ts'
export { NFT_LIMIT, NFT_LIMIT_F, type NftLimit, type NftLimitInput } from './expressions/limit.ts'
export { NF_LOG, NFT_LOGLEVEL, type NftLog, type NftLogInput } from './expressions/log.ts'
export { NFT_LOOKUP_F, type NftLookup, type NftLookupInput } from './expressions/lookup.ts'
export type { NftMasq, NftMasqInput } from './expressions/masq.ts'
export type { NftMatch, NftMatchInput } from './expressions/match.ts'
export { NFT_META, type NftMeta, type NftMetaInput } from './expressions/meta.ts'
export { NF_NAT_RANGE, NFT_NAT, type NftNat, type NftNatInput } from './expressions/nat.ts'
export type { NftNotrack, NftNotrackInput } from './expressions/notrack.ts'
export { NFT_NG, type NftNumgen, type NftNumgenInput } from './expressions/numgen.ts'
export type { NftObjref, NftObjrefInput } from './expressions/objref.ts'
export { NFT_OSF_F, type NftOsf, type NftOsfInput } from './expressions/osf.ts'
export {
  NFT_PAYLOAD,
  NFT_PAYLOAD_CSUM,
  NFT_PAYLOAD_CSUM_FLAGS,
  type NftPayload,
  type NftPayloadInput,
} from './expressions/payload.ts'
export { NFT_QUEUE_FLAG, type NftQueue, type NftQueueInput } from './expressions/queue.ts'
export { NFT_QUOTA_F, type NftQuota, type NftQuotaInput } from './expressions/quota.ts'
export { NFT_RANGE, type NftRange, type NftRangeInput } from './expressions/range.ts'
export type { NftRedir, NftRedirInput } from './expressions/redir.ts'
export { NFT_REJECT, NFT_REJECT_ICMPX, type NftReject, type NftRejectInput } from './expressions/reject.ts'
export { NFT_RT, type NftRt, type NftRtInput } from './expressions/rt.ts'
export { NFT_SOCKET, type NftSocket, type NftSocketInput } from './expressions/socket.ts'
export { NF_SYNPROXY_OPT, type NftSynproxy, type NftSynproxyInput } from './expressions/synproxy.ts'
export type { NftTarget, NftTargetInput } from './expressions/target.ts'
export type { NftTproxy, NftTproxyInput } from './expressions/tproxy.ts'
export { NFT_TUNNEL, NFT_TUNNEL_MODE, type NftTunnel, type NftTunnelInput } from './expressions/tunnel.ts'
export { NFT_XFRM_KEY, type NftXfrm, type NftXfrmInput, XFRM_POLICY } from './expressions/xfrm.ts'
export { type FlowtableMessage, type FlowtableMessageInput, flowtableMessage } from './flowtable.ts'
export { type GenerationMessage, type GenerationMessageInput, generationMessage } from './generation.ts'
export type {
  NftDevices,
  NftDevicesInput,
  NftFlowtableHook,
  NftFlowtableHookInput,
  NftHook,
  NftHookInput,
} from './hook.ts'
export { type HookMessage, type HookMessageInput, hookMessage, NFNL_HOOK_TYPE } from './hooks.ts'
export { type ObjectMessage, type ObjectMessageInput, objectMessage } from './object.ts'
export type { NftCtExpect, NftCtExpectInput } from './objects/ct-expect.ts'
export type { NftCtHelper, NftCtHelperInput } from './objects/ct-helper.ts'
export type { NftCtTimeout, NftCtTimeoutInput } from './objects/ct-timeout.ts'
export type { NftSecmark, NftSecmarkInput } from './objects/secmark.ts'
export { NFT_TUNNEL_F, type NftTunnelKey, type NftTunnelKeyInput } from './objects/tunnel.ts'
export * from './operations.ts'
export { NFT_RULE_COMPAT_F, type RuleCompat, type RuleMessage, type RuleMessageInput, ruleMessage } from './rule.ts'
export { type SetDesc, type SetMessage, type SetMessageInput, setMessage } from './set.ts'
export { type TableMessage, type TableMessageInput, tableMessage } from './table.ts'
export { type TraceMessage, type TraceMessageInput, traceMessage } from './trace.ts'
export { commentOf, type ElementUserdata, type RuleUserdata, readTlvs, type SetUserdata, type Tlv } from './userdata.ts'
