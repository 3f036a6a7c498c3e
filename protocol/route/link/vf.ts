/** SR-IOV virtual functions: IFLA_VFINFO_LIST, IFLA_VF_PORTS and IFLA_PORT_SELF (linux/if_link.h). */
import { attribute, attributes, many } from '../../wire/attributes.ts'
import { bytes, pad, string } from '../../wire/leaf.ts'
import { be16, oneOf, u8, u16, u32, u64 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'

const IFLA_VF_LINK_STATE = {
  IFLA_VF_LINK_STATE_AUTO: 0,
  IFLA_VF_LINK_STATE_ENABLE: 1,
  IFLA_VF_LINK_STATE_DISABLE: 2,
} as const

const setting = struct({ vf: u32, setting: u32 })
const guid = struct({ vf: u32, pad: pad(4), guid: u64 })

/** IFLA_VF_STATS. */
export const vfStats = attributes('rt-link/vf-stats-attrs', () => ({
  rxPackets: attribute('IFLA_VF_STATS_RX_PACKETS', 0, u64),
  txPackets: attribute('IFLA_VF_STATS_TX_PACKETS', 1, u64),
  rxBytes: attribute('IFLA_VF_STATS_RX_BYTES', 2, u64),
  txBytes: attribute('IFLA_VF_STATS_TX_BYTES', 3, u64),
  broadcast: attribute('IFLA_VF_STATS_BROADCAST', 4, u64),
  multicast: attribute('IFLA_VF_STATS_MULTICAST', 5, u64),
  pad: attribute('IFLA_VF_STATS_PAD', 6, bytes()),
  rxDropped: attribute('IFLA_VF_STATS_RX_DROPPED', 7, u64),
  txDropped: attribute('IFLA_VF_STATS_TX_DROPPED', 8, u64),
}))

/** IFLA_VF_VLAN_LIST: one struct ifla_vf_vlan_info a VLAN (MAX_VLAN_LIST_LEN is 1). */
export const vfVlans = attributes('rt-link/vf-vlan-attrs', () => ({
  info: many('IFLA_VF_VLAN_INFO', 1, struct({ vf: u32, vlan: u32, qos: u32, vlanProto: be16, pad: pad(2) })),
}))

/** IFLA_VF_INFO: each struct begins with the function's number. */
export const vfinfo = attributes('rt-link/vfinfo-attrs', () => ({
  mac: attribute('IFLA_VF_MAC', 1, struct({ vf: u32, mac: bytes(32) })),
  vlan: attribute('IFLA_VF_VLAN', 2, struct({ vf: u32, vlan: u32, qos: u32 })),
  /** Mbit/s; 0 is no limit. */
  txRate: attribute('IFLA_VF_TX_RATE', 3, struct({ vf: u32, rate: u32 })),
  spoofchk: attribute('IFLA_VF_SPOOFCHK', 4, setting),
  linkState: attribute(
    'IFLA_VF_LINK_STATE',
    5,
    struct({ vf: u32, linkState: oneOf(u32, 'IFLA_VF_LINK_STATE_', IFLA_VF_LINK_STATE) }),
  ),
  rate: attribute('IFLA_VF_RATE', 6, struct({ vf: u32, minTxRate: u32, maxTxRate: u32 })),
  rssQueryEn: attribute('IFLA_VF_RSS_QUERY_EN', 7, setting),
  stats: attribute('IFLA_VF_STATS', 8, vfStats, { readOnly: true }),
  trust: attribute('IFLA_VF_TRUST', 9, setting),
  ibNodeGuid: attribute('IFLA_VF_IB_NODE_GUID', 10, guid),
  ibPortGuid: attribute('IFLA_VF_IB_PORT_GUID', 11, guid),
  vlanList: attribute('IFLA_VF_VLAN_LIST', 12, vfVlans),
  broadcast: attribute('IFLA_VF_BROADCAST', 13, bytes(), { readOnly: true }),
}))

export const vfinfoList = attributes('rt-link/vfinfo-list-attrs', () => ({
  info: many('IFLA_VF_INFO', 1, vfinfo),
}))

/** enum of IFLA_PORT_*: 802.1Qbg and its like. */
export const vfPort = attributes('rt-link/port-self-attrs', () => ({
  vf: attribute('IFLA_PORT_VF', 1, u32),
  profile: attribute('IFLA_PORT_PROFILE', 2, string()),
  vsiType: attribute('IFLA_PORT_VSI_TYPE', 3, bytes()),
  instanceUuid: attribute('IFLA_PORT_INSTANCE_UUID', 4, bytes(16)),
  hostUuid: attribute('IFLA_PORT_HOST_UUID', 5, bytes(16)),
  request: attribute('IFLA_PORT_REQUEST', 6, u8),
  response: attribute('IFLA_PORT_RESPONSE', 7, u16),
}))

export const vfPorts = attributes('rt-link/vf-ports-attrs', () => ({
  port: many('IFLA_VF_PORT', 1, vfPort),
}))
