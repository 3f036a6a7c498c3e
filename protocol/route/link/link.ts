/** Link messages: struct ifinfomsg and the IFLA attributes (rtnetlink(7), linux/if_link.h). */
import { mac } from '../../wire/address.ts'
import { attribute, attributes, many, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, pad, string } from '../../wire/leaf.ts'
import { message } from '../../wire/message.ts'
import { bool, flags, oneOf, s32, u8, u16, u32, uint } from '../../wire/scalar.ts'
import { selected } from '../../wire/selected.ts'
import { struct } from '../../wire/struct.ts'
import { family } from '../family.ts'
import { afSpec, afSpecBridge } from './af-spec.ts'
import {
  ALTIFNAMSIZ,
  IF_LINK_MODE,
  IF_OPER,
  IFALIASZ,
  IFLA_EVENT,
  IFNAMSIZ,
  RTEXT_FILTER,
  XDP_ATTACHED,
} from './constants.ts'
import { interfaceFlags } from './flags.ts'
import { inet6 } from './inet6.ts'
import { linkinfo } from './info.ts'
import { bridgePort } from './ports/bridge.ts'
import { linkMap, linkStats, linkStats64 } from './stats.ts'
import { vfinfoList, vfPort, vfPorts } from './vf.ts'

/** struct ifinfomsg: the fixed part of every link message. `type` is the ARPHRD; `change` says which of the `flags` are meant. */
export const ifinfomsg = struct({
  family,
  pad: pad(1),
  type: u16,
  index: s32,
  flags: interfaceFlags,
  change: interfaceFlags,
})

const readOnly = { readOnly: true } as const

/** IFLA_XDP: a request gives `fd`, `expectedFd` and `flags`, a report the rest. */
export const xdp = attributes('rt-link/xdp-attrs', () => ({
  fd: attribute('IFLA_XDP_FD', 1, s32),
  attached: attribute('IFLA_XDP_ATTACHED', 2, oneOf(u8, 'XDP_ATTACHED_', XDP_ATTACHED), readOnly),
  flags: attribute('IFLA_XDP_FLAGS', 3, u32),
  progId: attribute('IFLA_XDP_PROG_ID', 4, u32, readOnly),
  drvProgId: attribute('IFLA_XDP_DRV_PROG_ID', 5, u32, readOnly),
  skbProgId: attribute('IFLA_XDP_SKB_PROG_ID', 6, u32, readOnly),
  hwProgId: attribute('IFLA_XDP_HW_PROG_ID', 7, u32, readOnly),
  expectedFd: attribute('IFLA_XDP_EXPECTED_FD', 8, s32),
}))

/** IFLA_PROP_LIST: alternative names, each an attribute. */
export const propList = attributes('rt-link/prop-list-link-attrs', () => ({
  altIfname: many('IFLA_ALT_IFNAME', 53, string(ALTIFNAMSIZ)),
}))

/** IFLA_PROTO_DOWN_REASON: bits of /etc/iproute2/protodown_reasons.d. */
export const protoDownReason = attributes('rt-link/proto-down-reason-attrs', () => ({
  mask: attribute('IFLA_PROTO_DOWN_REASON_MASK', 1, u32),
  value: attribute('IFLA_PROTO_DOWN_REASON_VALUE', 2, u32),
}))

/** IFLA_DEVLINK_PORT: the devlink handle of the device (devlink_nl_port_handle_fill). */
export const devlinkPort = attributes('rt-link/devlink-port-attrs', () => ({
  busName: attribute('DEVLINK_ATTR_BUS_NAME', 1, string()),
  devName: attribute('DEVLINK_ATTR_DEV_NAME', 2, string()),
  portIndex: attribute('DEVLINK_ATTR_PORT_INDEX', 3, u32),
}))

/** IFLA_DPLL_PIN (dpll_netdev_add_pin_handle). */
export const dpllPin = attributes('rt-link/link-dpll-pin-attrs', () => ({
  pinId: attribute('DPLL_A_PIN_ID', 1, u32),
}))

/**
 * enum of IFLA_*. `readOnly` follows the policy of net/core/rtnetlink.c (ifla_policy: NLA_REJECT, or nothing that reads the
 * attribute in rtnl_create_link and do_setlink).
 */
export const linkAttributes = attributes('rt-link/link-attrs', () => ({
  address: attribute('IFLA_ADDRESS', 1, mac),
  broadcast: attribute('IFLA_BROADCAST', 2, mac),
  ifname: attribute('IFLA_IFNAME', 3, string(IFNAMSIZ)),
  mtu: attribute('IFLA_MTU', 4, u32),
  /** Index of the device below (VLAN, macvlan, tunnels) or of a veth's peer, in the namespace `linkNetnsid` if that is given. */
  link: attribute('IFLA_LINK', 5, u32),
  qdisc: attribute('IFLA_QDISC', 6, string(IFNAMSIZ), readOnly),
  stats: attribute('IFLA_STATS', 7, linkStats, readOnly),
  cost: attribute('IFLA_COST', 8, u32),
  priority: attribute('IFLA_PRIORITY', 9, u32),
  /** Index of the bridge, bond, VRF or team; 0 in a request means none. */
  master: attribute('IFLA_MASTER', 10, u32),
  wireless: attribute('IFLA_WIRELESS', 11, bytes(), readOnly),
  /** What a protocol says of the link: header.family tells which. */
  protinfo: nest('IFLA_PROTINFO', 12, selected('header.family', { bridge: bridgePort, inet6 })),
  txqlen: attribute('IFLA_TXQLEN', 13, u32),
  /** Read-only for all drivers but those of a few ISA cards (ndo_set_config); others refuse it, even unchanged. */
  map: attribute('IFLA_MAP', 14, linkMap, readOnly),
  weight: attribute('IFLA_WEIGHT', 15, u32),
  /** A supplicant may set it in link mode 'dormant'; otherwise it follows carrier and IFF_UP. */
  operstate: attribute('IFLA_OPERSTATE', 16, oneOf(u8, 'IF_OPER_', IF_OPER), readOnly),
  linkmode: attribute('IFLA_LINKMODE', 17, oneOf(u8, 'IF_LINK_MODE_', IF_LINK_MODE)),
  linkinfo: attribute('IFLA_LINKINFO', 18, linkinfo),
  /** Requests only: create in, or move to, the namespace of this process. */
  netNsPid: attribute('IFLA_NET_NS_PID', 19, u32),
  /** Text for people (`ip link set alias`), not a name. */
  ifalias: attribute('IFLA_IFALIAS', 20, string(IFALIASZ)),
  numVf: attribute('IFLA_NUM_VF', 21, u32, readOnly),
  vfinfoList: attribute('IFLA_VFINFO_LIST', 22, vfinfoList),
  stats64: attribute('IFLA_STATS64', 23, linkStats64, readOnly),
  vfPorts: attribute('IFLA_VF_PORTS', 24, vfPorts),
  portSelf: attribute('IFLA_PORT_SELF', 25, vfPort),
  /** By address family; a message of family 'bridge' has the bridge's own attributes here. */
  afSpec: attribute('IFLA_AF_SPEC', 26, selected('header.family', { bridge: afSpecBridge }, afSpec)),
  group: attribute('IFLA_GROUP', 27, u32),
  /** Requests only: create in, or move to, the namespace of this descriptor. */
  netNsFd: attribute('IFLA_NET_NS_FD', 28, u32),
  extMask: attribute('IFLA_EXT_MASK', 29, flags(u32, 'RTEXT_FILTER_', RTEXT_FILTER)),
  promiscuity: attribute('IFLA_PROMISCUITY', 30, u32, readOnly),
  numTxQueues: attribute('IFLA_NUM_TX_QUEUES', 31, u32),
  numRxQueues: attribute('IFLA_NUM_RX_QUEUES', 32, u32),
  /** Changed on devices with a switchable carrier only (ndo_change_carrier: dummy, team); others refuse it, even unchanged. */
  carrier: attribute('IFLA_CARRIER', 33, bool(u8)),
  physPortId: attribute('IFLA_PHYS_PORT_ID', 34, bytes(), readOnly),
  carrierChanges: attribute('IFLA_CARRIER_CHANGES', 35, u32, readOnly),
  physSwitchId: attribute('IFLA_PHYS_SWITCH_ID', 36, bytes(), readOnly),
  /** Id of the namespace in which `link` is an index. */
  linkNetnsid: attribute('IFLA_LINK_NETNSID', 37, s32),
  physPortName: attribute('IFLA_PHYS_PORT_NAME', 38, string(), readOnly),
  /** Taken by devices that allow it only (vxlan, macvlan; dev->change_proto_down). */
  protoDown: attribute('IFLA_PROTO_DOWN', 39, bool(u8)),
  gsoMaxSegs: attribute('IFLA_GSO_MAX_SEGS', 40, u32),
  gsoMaxSize: attribute('IFLA_GSO_MAX_SIZE', 41, u32),
  pad: attribute('IFLA_PAD', 42, bytes(), readOnly),
  xdp: attribute('IFLA_XDP', 43, xdp),
  event: attribute('IFLA_EVENT', 44, oneOf(u32, 'IFLA_EVENT_', IFLA_EVENT), readOnly),
  /** RTM_DELLINK of a device that moved: where to, and its index there. */
  newNetnsid: attribute('IFLA_NEW_NETNSID', 45, s32, readOnly),
  /** Work in the namespace of this id instead of the socket's; the same number as the older IFLA_IF_NETNSID. */
  targetNetnsid: attribute('IFLA_TARGET_NETNSID', 46, s32),
  carrierUpCount: attribute('IFLA_CARRIER_UP_COUNT', 47, u32, readOnly),
  carrierDownCount: attribute('IFLA_CARRIER_DOWN_COUNT', 48, u32, readOnly),
  /** In a request that moves a device: the index wanted there. */
  newIfindex: attribute('IFLA_NEW_IFINDEX', 49, s32),
  minMtu: attribute('IFLA_MIN_MTU', 50, u32, readOnly),
  maxMtu: attribute('IFLA_MAX_MTU', 51, u32, readOnly),
  /** Alternative names; changed by RTM_NEWLINKPROP and RTM_DELLINKPROP only. */
  propList: nest('IFLA_PROP_LIST', 52, propList),
  /** Names the device of a request; a report lists them in `propList`. */
  altIfname: attribute('IFLA_ALT_IFNAME', 53, string(ALTIFNAMSIZ)),
  permAddress: attribute('IFLA_PERM_ADDRESS', 54, mac, readOnly),
  protoDownReason: nest('IFLA_PROTO_DOWN_REASON', 55, protoDownReason),
  parentDevName: attribute('IFLA_PARENT_DEV_NAME', 56, string()),
  parentDevBusName: attribute('IFLA_PARENT_DEV_BUS_NAME', 57, string(), readOnly),
  groMaxSize: attribute('IFLA_GRO_MAX_SIZE', 58, u32),
  tsoMaxSize: attribute('IFLA_TSO_MAX_SIZE', 59, u32, readOnly),
  tsoMaxSegs: attribute('IFLA_TSO_MAX_SEGS', 60, u32, readOnly),
  allmulti: attribute('IFLA_ALLMULTI', 61, u32, readOnly),
  devlinkPort: nest('IFLA_DEVLINK_PORT', 62, devlinkPort, readOnly),
  gsoIpv4MaxSize: attribute('IFLA_GSO_IPV4_MAX_SIZE', 63, u32),
  groIpv4MaxSize: attribute('IFLA_GRO_IPV4_MAX_SIZE', 64, u32),
  dpllPin: nest('IFLA_DPLL_PIN', 65, dpllPin, readOnly),
  maxPacingOffloadHorizon: attribute('IFLA_MAX_PACING_OFFLOAD_HORIZON', 66, uint, readOnly),
  netnsImmutable: attribute('IFLA_NETNS_IMMUTABLE', 67, bool(u8), readOnly),
  headroom: attribute('IFLA_HEADROOM', 68, u16, readOnly),
  tailroom: attribute('IFLA_TAILROOM', 69, u16, readOnly),
}))

export const linkMessage = message(ifinfomsg, linkAttributes)
export interface LinkMessage extends Infer<typeof linkMessage> {}
export interface LinkMessageInput extends Input<typeof linkMessage> {}
