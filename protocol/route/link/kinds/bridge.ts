/** An Ethernet bridge: IFLA_BR_* (linux/if_link.h, net/bridge/br_netlink.c; `ip link add type bridge`). */
import { ip, mac } from '../../../wire/address.ts'
import { attribute, attributes, nest } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bytes, flag } from '../../../wire/leaf.ts'
import { be16, bool, flags, oneOf, u8, u16, u32, u64 } from '../../../wire/scalar.ts'
import { struct } from '../../../wire/struct.ts'
import { bridgeId, multicastRouter } from '../bridge.ts'

/** VLAN tags (linux/if_ether.h). */
export const ETH_P_VLAN = { ETH_P_8021Q: 0x8100, ETH_P_8021AD: 0x88a8 } as const

/** enum br_boolopt_id (linux/if_bridge.h), as masks. */
export const BR_BOOLOPT = {
  BR_BOOLOPT_NO_LL_LEARN: 1 << 0,
  BR_BOOLOPT_MCAST_VLAN_SNOOPING: 1 << 1,
  BR_BOOLOPT_MST_ENABLE: 1 << 2,
  BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION: 1 << 3,
  BR_BOOLOPT_FDB_LOCAL_VLAN_0: 1 << 4,
} as const

export const BR_STP_MODE = { BR_STP_MODE_AUTO: 0, BR_STP_MODE_USER: 1, BR_STP_MODE_KERNEL: 2 } as const

const booloptBits = flags(u32, 'BR_BOOLOPT_', BR_BOOLOPT)

/** IFLA_BR_MCAST_QUERIER_STATE: who asks for group memberships (enum of BRIDGE_QUERIER_*, linux/if_bridge.h). */
export const querierState = attributes('rt-link/bridge-querier-attrs', () => ({
  ipAddress: attribute('BRIDGE_QUERIER_IP_ADDRESS', 1, ip),
  ipPort: attribute('BRIDGE_QUERIER_IP_PORT', 2, u32),
  ipOtherTimer: attribute('BRIDGE_QUERIER_IP_OTHER_TIMER', 3, u64),
  pad: attribute('BRIDGE_QUERIER_PAD', 4, bytes()),
  ipv6Address: attribute('BRIDGE_QUERIER_IPV6_ADDRESS', 5, ip),
  ipv6Port: attribute('BRIDGE_QUERIER_IPV6_PORT', 6, u32),
  ipv6OtherTimer: attribute('BRIDGE_QUERIER_IPV6_OTHER_TIMER', 7, u64),
}))

const readOnly = { readOnly: true } as const

/** Times and timers are in hundredths of a second (USER_HZ). */
export const bridge = attributes('rt-link/linkinfo-bridge-attrs', () => ({
  forwardDelay: attribute('IFLA_BR_FORWARD_DELAY', 1, u32),
  helloTime: attribute('IFLA_BR_HELLO_TIME', 2, u32),
  maxAge: attribute('IFLA_BR_MAX_AGE', 3, u32),
  ageingTime: attribute('IFLA_BR_AGEING_TIME', 4, u32),
  /** 0 off, 1 the kernel's spanning tree, 2 that of a daemon. */
  stpState: attribute('IFLA_BR_STP_STATE', 5, u32),
  priority: attribute('IFLA_BR_PRIORITY', 6, u16),
  vlanFiltering: attribute('IFLA_BR_VLAN_FILTERING', 7, bool(u8)),
  vlanProtocol: attribute('IFLA_BR_VLAN_PROTOCOL', 8, oneOf(be16, 'ETH_P_', ETH_P_VLAN)),
  /** Bits of the link-local group addresses 01:80:c2:00:00:0X to forward. */
  groupFwdMask: attribute('IFLA_BR_GROUP_FWD_MASK', 9, u16),
  rootId: attribute('IFLA_BR_ROOT_ID', 10, bridgeId, readOnly),
  bridgeId: attribute('IFLA_BR_BRIDGE_ID', 11, bridgeId, readOnly),
  rootPort: attribute('IFLA_BR_ROOT_PORT', 12, u16, readOnly),
  rootPathCost: attribute('IFLA_BR_ROOT_PATH_COST', 13, u32, readOnly),
  topologyChange: attribute('IFLA_BR_TOPOLOGY_CHANGE', 14, bool(u8), readOnly),
  topologyChangeDetected: attribute('IFLA_BR_TOPOLOGY_CHANGE_DETECTED', 15, bool(u8), readOnly),
  helloTimer: attribute('IFLA_BR_HELLO_TIMER', 16, u64, readOnly),
  tcnTimer: attribute('IFLA_BR_TCN_TIMER', 17, u64, readOnly),
  topologyChangeTimer: attribute('IFLA_BR_TOPOLOGY_CHANGE_TIMER', 18, u64, readOnly),
  gcTimer: attribute('IFLA_BR_GC_TIMER', 19, u64, readOnly),
  groupAddr: attribute('IFLA_BR_GROUP_ADDR', 20, mac),
  /** A command: forget all learnt addresses. */
  fdbFlush: attribute('IFLA_BR_FDB_FLUSH', 21, flag),
  mcastRouter: attribute('IFLA_BR_MCAST_ROUTER', 22, multicastRouter),
  mcastSnooping: attribute('IFLA_BR_MCAST_SNOOPING', 23, bool(u8)),
  mcastQueryUseIfaddr: attribute('IFLA_BR_MCAST_QUERY_USE_IFADDR', 24, bool(u8)),
  mcastQuerier: attribute('IFLA_BR_MCAST_QUERIER', 25, bool(u8)),
  /** Without effect since Linux 4.20. */
  mcastHashElasticity: attribute('IFLA_BR_MCAST_HASH_ELASTICITY', 26, u32),
  mcastHashMax: attribute('IFLA_BR_MCAST_HASH_MAX', 27, u32),
  mcastLastMemberCnt: attribute('IFLA_BR_MCAST_LAST_MEMBER_CNT', 28, u32),
  mcastStartupQueryCnt: attribute('IFLA_BR_MCAST_STARTUP_QUERY_CNT', 29, u32),
  mcastLastMemberIntvl: attribute('IFLA_BR_MCAST_LAST_MEMBER_INTVL', 30, u64),
  mcastMembershipIntvl: attribute('IFLA_BR_MCAST_MEMBERSHIP_INTVL', 31, u64),
  mcastQuerierIntvl: attribute('IFLA_BR_MCAST_QUERIER_INTVL', 32, u64),
  mcastQueryIntvl: attribute('IFLA_BR_MCAST_QUERY_INTVL', 33, u64),
  mcastQueryResponseIntvl: attribute('IFLA_BR_MCAST_QUERY_RESPONSE_INTVL', 34, u64),
  mcastStartupQueryIntvl: attribute('IFLA_BR_MCAST_STARTUP_QUERY_INTVL', 35, u64),
  nfCallIptables: attribute('IFLA_BR_NF_CALL_IPTABLES', 36, bool(u8)),
  nfCallIp6tables: attribute('IFLA_BR_NF_CALL_IP6TABLES', 37, bool(u8)),
  nfCallArptables: attribute('IFLA_BR_NF_CALL_ARPTABLES', 38, bool(u8)),
  /** The VLAN of untagged frames on new ports; 0 is none. */
  vlanDefaultPvid: attribute('IFLA_BR_VLAN_DEFAULT_PVID', 39, u16),
  pad: attribute('IFLA_BR_PAD', 40, bytes(), readOnly),
  vlanStatsEnabled: attribute('IFLA_BR_VLAN_STATS_ENABLED', 41, bool(u8)),
  mcastStatsEnabled: attribute('IFLA_BR_MCAST_STATS_ENABLED', 42, bool(u8)),
  mcastIgmpVersion: attribute('IFLA_BR_MCAST_IGMP_VERSION', 43, u8),
  mcastMldVersion: attribute('IFLA_BR_MCAST_MLD_VERSION', 44, u8),
  vlanStatsPerPort: attribute('IFLA_BR_VLAN_STATS_PER_PORT', 45, bool(u8)),
  /** struct br_boolopt_multi: the options in `optmask` become what `optval` says. */
  multiBoolopt: attribute('IFLA_BR_MULTI_BOOLOPT', 46, struct({ optval: booloptBits, optmask: booloptBits })),
  mcastQuerierState: nest('IFLA_BR_MCAST_QUERIER_STATE', 47, querierState, readOnly),
  fdbNLearned: attribute('IFLA_BR_FDB_N_LEARNED', 48, u32, readOnly),
  fdbMaxLearned: attribute('IFLA_BR_FDB_MAX_LEARNED', 49, u32),
  stpMode: attribute('IFLA_BR_STP_MODE', 50, oneOf(u32, 'BR_STP_MODE_', BR_STP_MODE)),
}))
export interface Bridge extends Infer<typeof bridge> {}
export interface BridgeInput extends Input<typeof bridge> {}
