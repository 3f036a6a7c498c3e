/** Packets that rules hand to a program, and its verdicts (linux/netfilter/nfnetlink_queue.h; `nft ... queue to N`). The header's resId is the queue. */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, pad, string } from '../../wire/leaf.ts'
import { be16, be32, flags, oneOf, u8 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'
import { conntrackAttributes } from '../conntrack/entry.ts'
import { expectationAttributes } from '../conntrack/expectation.ts'
import { NF_VERDICT } from '../constants.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { ctInfo, packetHw, packetTimestamp, queueVlan } from '../packet.ts'

export const NFQNL_CFG_CMD = {
  NFQNL_CFG_CMD_NONE: 0,
  NFQNL_CFG_CMD_BIND: 1,
  NFQNL_CFG_CMD_UNBIND: 2,
  NFQNL_CFG_CMD_PF_BIND: 3,
  NFQNL_CFG_CMD_PF_UNBIND: 4,
} as const
export const NFQNL_COPY = { NFQNL_COPY_NONE: 0, NFQNL_COPY_META: 1, NFQNL_COPY_PACKET: 2 } as const
export const NFQA_CFG_F = {
  NFQA_CFG_F_FAIL_OPEN: 0x1,
  NFQA_CFG_F_CONNTRACK: 0x2,
  NFQA_CFG_F_GSO: 0x4,
  NFQA_CFG_F_UID_GID: 0x8,
  NFQA_CFG_F_SECCTX: 0x10,
} as const
export const NFQA_SKB = {
  NFQA_SKB_CSUMNOTREADY: 0x1,
  NFQA_SKB_GSO: 0x2,
  NFQA_SKB_CSUM_NOTVERIFIED: 0x4,
} as const

const configFlags = flags(be32, 'NFQA_CFG_F_', NFQA_CFG_F)

/** struct nfqnl_msg_packet_hdr, seven bytes. */
export const queuePacketHdr = struct({ packetId: be32, hwProtocol: be16, hook: u8 })

/** struct nfqnl_msg_verdict_hdr. Of 'queue' the upper half of the number is the queue: 3 + (7 << 16). */
export const queueVerdictHdr = struct({ verdict: oneOf(be32, 'NF_', NF_VERDICT), id: be32 })

export const queuePacketAttributes = attributes('nfqueue/packet-attrs', () => ({
  packetHdr: attribute('NFQA_PACKET_HDR', 1, queuePacketHdr),
  verdictHdr: attribute('NFQA_VERDICT_HDR', 2, queueVerdictHdr),
  mark: attribute('NFQA_MARK', 3, be32),
  timestamp: attribute('NFQA_TIMESTAMP', 4, packetTimestamp),
  ifindexIndev: attribute('NFQA_IFINDEX_INDEV', 5, be32),
  ifindexOutdev: attribute('NFQA_IFINDEX_OUTDEV', 6, be32),
  ifindexPhysindev: attribute('NFQA_IFINDEX_PHYSINDEV', 7, be32),
  ifindexPhysoutdev: attribute('NFQA_IFINDEX_PHYSOUTDEV', 8, be32),
  hwaddr: attribute('NFQA_HWADDR', 9, packetHw),
  payload: attribute('NFQA_PAYLOAD', 10, bytes()),
  ct: nest('NFQA_CT', 11, conntrackAttributes),
  ctInfo: attribute('NFQA_CT_INFO', 12, ctInfo),
  capLen: attribute('NFQA_CAP_LEN', 13, be32),
  skbInfo: attribute('NFQA_SKB_INFO', 14, flags(be32, 'NFQA_SKB_', NFQA_SKB)),
  exp: nest('NFQA_EXP', 15, expectationAttributes),
  uid: attribute('NFQA_UID', 16, be32),
  gid: attribute('NFQA_GID', 17, be32),
  secctx: attribute('NFQA_SECCTX', 18, string()),
  vlan: nest('NFQA_VLAN', 19, queueVlan),
  l2hdr: attribute('NFQA_L2HDR', 20, bytes()),
  priority: attribute('NFQA_PRIORITY', 21, be32),
}))

export const queuePacketMessage = nfnetlinkMessage(queuePacketAttributes)
export interface QueuePacketMessage extends Infer<typeof queuePacketMessage> {}
export interface QueuePacketMessageInput extends Input<typeof queuePacketMessage> {}

export const queueConfigAttributes = attributes('nfqueue/config-attrs', () => ({
  /** struct nfqnl_msg_config_cmd; `pf` is of the commands PF_BIND and PF_UNBIND. */
  cmd: attribute(
    'NFQA_CFG_CMD',
    1,
    struct({ command: oneOf(u8, 'NFQNL_CFG_CMD_', NFQNL_CFG_CMD), pad: pad(1), pf: be16 }),
  ),
  /** struct nfqnl_msg_config_params, five bytes. */
  params: attribute('NFQA_CFG_PARAMS', 2, struct({ copyRange: be32, copyMode: oneOf(u8, 'NFQNL_COPY_', NFQNL_COPY) })),
  queueMaxlen: attribute('NFQA_CFG_QUEUE_MAXLEN', 3, be32),
  mask: attribute('NFQA_CFG_MASK', 4, configFlags),
  flags: attribute('NFQA_CFG_FLAGS', 5, configFlags),
}))

export const queueConfigMessage = nfnetlinkMessage(queueConfigAttributes)
export interface QueueConfigMessage extends Infer<typeof queueConfigMessage> {}
export interface QueueConfigMessageInput extends Input<typeof queueConfigMessage> {}
