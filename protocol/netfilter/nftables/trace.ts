/** NFT_MSG_TRACE: the way of a packet with `meta nftrace set 1` through the rules (`nft monitor trace`), sent to NFNLGRP_NFTRACE. */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { be16, be32, be64, oneOf } from '../../wire/scalar.ts'
import { NF_VERDICT, NFPROTO } from '../constants.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { NFT_TRACETYPE } from './constants.ts'
import { name, verdict } from './data.ts'
import { ctDirection } from './expressions/ct.ts'

export const traceAttributes = attributes('nftables/trace-attrs', () => ({
  table: attribute('NFTA_TRACE_TABLE', 1, name),
  chain: attribute('NFTA_TRACE_CHAIN', 2, name),
  ruleHandle: attribute('NFTA_TRACE_RULE_HANDLE', 3, be64),
  type: attribute('NFTA_TRACE_TYPE', 4, oneOf(be32, 'NFT_TRACETYPE_', NFT_TRACETYPE)),
  verdict: nest('NFTA_TRACE_VERDICT', 5, verdict),
  /** The same for all messages about a packet. */
  id: attribute('NFTA_TRACE_ID', 6, be32),
  /** The packet's first bytes, in the first message about it. */
  llHeader: attribute('NFTA_TRACE_LL_HEADER', 7, bytes()),
  networkHeader: attribute('NFTA_TRACE_NETWORK_HEADER', 8, bytes()),
  transportHeader: attribute('NFTA_TRACE_TRANSPORT_HEADER', 9, bytes()),
  iif: attribute('NFTA_TRACE_IIF', 10, be32),
  iiftype: attribute('NFTA_TRACE_IIFTYPE', 11, be16),
  oif: attribute('NFTA_TRACE_OIF', 12, be32),
  oiftype: attribute('NFTA_TRACE_OIFTYPE', 13, be16),
  mark: attribute('NFTA_TRACE_MARK', 14, be32),
  nfproto: attribute('NFTA_TRACE_NFPROTO', 15, oneOf(be32, 'NFPROTO_', NFPROTO)),
  policy: attribute('NFTA_TRACE_POLICY', 16, oneOf(be32, 'NF_', NF_VERDICT)),
  pad: attribute('NFTA_TRACE_PAD', 17, bytes()),
  /** Connection tracking: Linux 6.16. */
  ctId: attribute('NFTA_TRACE_CT_ID', 18, be32),
  ctDirection: attribute('NFTA_TRACE_CT_DIRECTION', 19, ctDirection),
  ctStatus: attribute('NFTA_TRACE_CT_STATUS', 20, be32),
  ctState: attribute('NFTA_TRACE_CT_STATE', 21, be32),
}))

export const traceMessage = nfnetlinkMessage(traceAttributes)
export interface TraceMessage extends Infer<typeof traceMessage> {}
export interface TraceMessageInput extends Input<typeof traceMessage> {}
