/** Packets that rules log, and how they come (linux/netfilter/nfnetlink_log.h; `nft ... log group N`). The header's resId is the group. */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, pad, string } from '../../wire/leaf.ts'
import { be16, be32, flags, oneOf, u8 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'
import { conntrackAttributes } from '../conntrack/entry.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'
import { ctInfo, logVlan, packetHw, packetTimestamp } from '../packet.ts'

export const NFULNL_CFG_CMD = {
  NFULNL_CFG_CMD_NONE: 0,
  NFULNL_CFG_CMD_BIND: 1,
  NFULNL_CFG_CMD_UNBIND: 2,
  NFULNL_CFG_CMD_PF_BIND: 3,
  NFULNL_CFG_CMD_PF_UNBIND: 4,
} as const
export const NFULNL_COPY = { NFULNL_COPY_NONE: 0, NFULNL_COPY_META: 1, NFULNL_COPY_PACKET: 2 } as const
export const NFULNL_CFG_F = {
  NFULNL_CFG_F_SEQ: 0x1,
  NFULNL_CFG_F_SEQ_GLOBAL: 0x2,
  NFULNL_CFG_F_CONNTRACK: 0x4,
} as const

/** struct nfulnl_msg_packet_hdr. */
export const logPacketHdr = struct({ hwProtocol: be16, hook: u8, pad: pad(1) })

export const logPacketAttributes = attributes('nflog/packet-attrs', () => ({
  packetHdr: attribute('NFULA_PACKET_HDR', 1, logPacketHdr),
  mark: attribute('NFULA_MARK', 2, be32),
  timestamp: attribute('NFULA_TIMESTAMP', 3, packetTimestamp),
  ifindexIndev: attribute('NFULA_IFINDEX_INDEV', 4, be32),
  ifindexOutdev: attribute('NFULA_IFINDEX_OUTDEV', 5, be32),
  ifindexPhysindev: attribute('NFULA_IFINDEX_PHYSINDEV', 6, be32),
  ifindexPhysoutdev: attribute('NFULA_IFINDEX_PHYSOUTDEV', 7, be32),
  hwaddr: attribute('NFULA_HWADDR', 8, packetHw),
  payload: attribute('NFULA_PAYLOAD', 9, bytes()),
  prefix: attribute('NFULA_PREFIX', 10, string(128)),
  uid: attribute('NFULA_UID', 11, be32),
  seq: attribute('NFULA_SEQ', 12, be32),
  seqGlobal: attribute('NFULA_SEQ_GLOBAL', 13, be32),
  gid: attribute('NFULA_GID', 14, be32),
  hwtype: attribute('NFULA_HWTYPE', 15, be16),
  hwheader: attribute('NFULA_HWHEADER', 16, bytes()),
  hwlen: attribute('NFULA_HWLEN', 17, be16),
  ct: nest('NFULA_CT', 18, conntrackAttributes),
  ctInfo: attribute('NFULA_CT_INFO', 19, ctInfo),
  vlan: nest('NFULA_VLAN', 20, logVlan),
  l2hdr: attribute('NFULA_L2HDR', 21, bytes()),
}))

export const logPacketMessage = nfnetlinkMessage(logPacketAttributes)
export interface LogPacketMessage extends Infer<typeof logPacketMessage> {}
export interface LogPacketMessageInput extends Input<typeof logPacketMessage> {}

export const logConfigAttributes = attributes('nflog/config-attrs', () => ({
  cmd: attribute('NFULA_CFG_CMD', 1, oneOf(u8, 'NFULNL_CFG_CMD_', NFULNL_CFG_CMD)),
  /** struct nfulnl_msg_config_mode. */
  mode: attribute(
    'NFULA_CFG_MODE',
    2,
    struct({ copyRange: be32, copyMode: oneOf(u8, 'NFULNL_COPY_', NFULNL_COPY), pad: pad(1) }),
  ),
  nlbufsiz: attribute('NFULA_CFG_NLBUFSIZ', 3, be32),
  /** Hundredths of a second. */
  timeout: attribute('NFULA_CFG_TIMEOUT', 4, be32),
  qthresh: attribute('NFULA_CFG_QTHRESH', 5, be32),
  flags: attribute('NFULA_CFG_FLAGS', 6, flags(be16, 'NFULNL_CFG_F_', NFULNL_CFG_F)),
}))

export const logConfigMessage = nfnetlinkMessage(logConfigAttributes)
export interface LogConfigMessage extends Infer<typeof logConfigMessage> {}
export interface LogConfigMessageInput extends Input<typeof logConfigMessage> {}
