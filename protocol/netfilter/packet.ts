/** What nfnetlink_log and nfnetlink_queue say of a packet alike. */
import { attribute, attributes } from '../wire/attributes.ts'
import { bytes, pad } from '../wire/leaf.ts'
import { be16, be32, be64, oneOf } from '../wire/scalar.ts'
import { struct } from '../wire/struct.ts'
import { IP_CT } from './conntrack/constants.ts'

/** struct nfulnl_msg_packet_hw, struct nfqnl_msg_packet_hw: the sender's hardware address, of which `addrlen` bytes count. */
export const packetHw = struct({ addrlen: be16, pad: pad(2), addr: bytes(8) })

/** struct nfulnl_msg_packet_timestamp, struct nfqnl_msg_packet_timestamp. */
export const packetTimestamp = struct({ sec: be64, usec: be64 })

/** What the packet is to its connection. */
export const ctInfo = oneOf(be32, 'IP_CT_', IP_CT)

export const logVlan = attributes('nflog/vlan-attrs', () => ({
  proto: attribute('NFULA_VLAN_PROTO', 1, be16),
  tci: attribute('NFULA_VLAN_TCI', 2, be16),
}))

export const queueVlan = attributes('nfqueue/vlan-attrs', () => ({
  proto: attribute('NFQA_VLAN_PROTO', 1, be16),
  tci: attribute('NFQA_VLAN_TCI', 2, be16),
}))
