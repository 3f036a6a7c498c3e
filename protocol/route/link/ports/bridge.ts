/** A port of a bridge: IFLA_BRPORT_* (linux/if_link.h, net/bridge/br_netlink.c; `ip link set type bridge_slave`, `bridge link`). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes, flag } from '../../../wire/leaf.ts'
import { bool, u8, u16, u32, u64 } from '../../../wire/scalar.ts'
import { bridgeId, multicastRouter, portState } from '../bridge.ts'

const readOnly = { readOnly: true } as const

export const bridgePort = attributes('rt-link/linkinfo-brport-attrs', () => ({
  /** Refused while the kernel runs spanning tree (EBUSY) and on a device that is down (ENETDOWN; br_set_port_state). */
  state: attribute('IFLA_BRPORT_STATE', 1, portState),
  priority: attribute('IFLA_BRPORT_PRIORITY', 2, u16),
  cost: attribute('IFLA_BRPORT_COST', 3, u32),
  /** Hairpin: a frame may leave by the port that it came in by. */
  mode: attribute('IFLA_BRPORT_MODE', 4, bool(u8)),
  /** BPDU guard. */
  guard: attribute('IFLA_BRPORT_GUARD', 5, bool(u8)),
  /** Never the root port. */
  protect: attribute('IFLA_BRPORT_PROTECT', 6, bool(u8)),
  fastLeave: attribute('IFLA_BRPORT_FAST_LEAVE', 7, bool(u8)),
  learning: attribute('IFLA_BRPORT_LEARNING', 8, bool(u8)),
  unicastFlood: attribute('IFLA_BRPORT_UNICAST_FLOOD', 9, bool(u8)),
  proxyarp: attribute('IFLA_BRPORT_PROXYARP', 10, bool(u8)),
  learningSync: attribute('IFLA_BRPORT_LEARNING_SYNC', 11, bool(u8)),
  proxyarpWifi: attribute('IFLA_BRPORT_PROXYARP_WIFI', 12, bool(u8)),
  rootId: attribute('IFLA_BRPORT_ROOT_ID', 13, bridgeId, readOnly),
  bridgeId: attribute('IFLA_BRPORT_BRIDGE_ID', 14, bridgeId, readOnly),
  designatedPort: attribute('IFLA_BRPORT_DESIGNATED_PORT', 15, u16, readOnly),
  designatedCost: attribute('IFLA_BRPORT_DESIGNATED_COST', 16, u16, readOnly),
  id: attribute('IFLA_BRPORT_ID', 17, u16, readOnly),
  no: attribute('IFLA_BRPORT_NO', 18, u16, readOnly),
  topologyChangeAck: attribute('IFLA_BRPORT_TOPOLOGY_CHANGE_ACK', 19, bool(u8), readOnly),
  configPending: attribute('IFLA_BRPORT_CONFIG_PENDING', 20, bool(u8), readOnly),
  /** Timers are what is left, in hundredths of a second. */
  messageAgeTimer: attribute('IFLA_BRPORT_MESSAGE_AGE_TIMER', 21, u64, readOnly),
  forwardDelayTimer: attribute('IFLA_BRPORT_FORWARD_DELAY_TIMER', 22, u64, readOnly),
  holdTimer: attribute('IFLA_BRPORT_HOLD_TIMER', 23, u64, readOnly),
  /** A command: forget the addresses learnt here. */
  flush: attribute('IFLA_BRPORT_FLUSH', 24, flag),
  multicastRouter: attribute('IFLA_BRPORT_MULTICAST_ROUTER', 25, multicastRouter),
  pad: attribute('IFLA_BRPORT_PAD', 26, bytes(), readOnly),
  mcastFlood: attribute('IFLA_BRPORT_MCAST_FLOOD', 27, bool(u8)),
  mcastToUcast: attribute('IFLA_BRPORT_MCAST_TO_UCAST', 28, bool(u8)),
  vlanTunnel: attribute('IFLA_BRPORT_VLAN_TUNNEL', 29, bool(u8)),
  bcastFlood: attribute('IFLA_BRPORT_BCAST_FLOOD', 30, bool(u8)),
  /** Bits of the link-local group addresses 01:80:c2:00:00:0X to forward. */
  groupFwdMask: attribute('IFLA_BRPORT_GROUP_FWD_MASK', 31, u16),
  neighSuppress: attribute('IFLA_BRPORT_NEIGH_SUPPRESS', 32, bool(u8)),
  isolated: attribute('IFLA_BRPORT_ISOLATED', 33, bool(u8)),
  /** Index of the port that takes over when this one loses its carrier; 0 in a request is none. */
  backupPort: attribute('IFLA_BRPORT_BACKUP_PORT', 34, u32),
  mrpRingOpen: attribute('IFLA_BRPORT_MRP_RING_OPEN', 35, bool(u8), readOnly),
  mrpInOpen: attribute('IFLA_BRPORT_MRP_IN_OPEN', 36, bool(u8), readOnly),
  mcastEhtHostsLimit: attribute('IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT', 37, u32),
  mcastEhtHostsCnt: attribute('IFLA_BRPORT_MCAST_EHT_HOSTS_CNT', 38, u32, readOnly),
  locked: attribute('IFLA_BRPORT_LOCKED', 39, bool(u8)),
  mab: attribute('IFLA_BRPORT_MAB', 40, bool(u8)),
  mcastNGroups: attribute('IFLA_BRPORT_MCAST_N_GROUPS', 41, u32, readOnly),
  mcastMaxGroups: attribute('IFLA_BRPORT_MCAST_MAX_GROUPS', 42, u32),
  neighVlanSuppress: attribute('IFLA_BRPORT_NEIGH_VLAN_SUPPRESS', 43, bool(u8)),
  backupNhid: attribute('IFLA_BRPORT_BACKUP_NHID', 44, u32),
  neighForwardGrat: attribute('IFLA_BRPORT_NEIGH_FORWARD_GRAT', 45, bool(u8)),
}))
export interface BridgePort extends Infer<typeof bridgePort> {}
export interface BridgePortInput extends Input<typeof bridgePort> {}
