/** IFLA_AF_SPEC: what each address family says of a link; for family bridge, the bridge's attributes (linux/if_bridge.h). */
import { attribute, attributes, many, nest } from '../../wire/attributes.ts'
import type { Infer } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { flags, s32, u8, u16, u32 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'
import { portState } from './bridge.ts'
import { inet6 } from './inet6.ts'

/** IPV4_DEVCONF_* (linux/ip.h) without its number 0: an array of __u32, one a sysctl of net/ipv4/conf. */
export const inetConf = struct(
  {
    forwarding: s32,
    mcForwarding: s32,
    proxyArp: s32,
    acceptRedirects: s32,
    secureRedirects: s32,
    sendRedirects: s32,
    sharedMedia: s32,
    rpFilter: s32,
    acceptSourceRoute: s32,
    bootpRelay: s32,
    logMartians: s32,
    tag: s32,
    arpfilter: s32,
    mediumId: s32,
    noxfrm: s32,
    nopolicy: s32,
    forceIgmpVersion: s32,
    arpAnnounce: s32,
    arpIgnore: s32,
    promoteSecondaries: s32,
    arpAccept: s32,
    arpNotify: s32,
    acceptLocal: s32,
    srcVmark: s32,
    proxyArpPvlan: s32,
    routeLocalnet: s32,
    igmpv2UnsolicitedReportInterval: s32,
    igmpv3UnsolicitedReportInterval: s32,
    ignoreRoutesWithLinkdown: s32,
    dropUnicastInL2Multicast: s32,
    dropGratuitousArp: s32,
    bcForwarding: s32,
    arpEvictNocarrier: s32,
  },
  { grows: true },
)
export interface InetConf extends Infer<typeof inetConf> {}

/** IFLA_INET_CONF is an array in reports, attributes numbered IPV4_DEVCONF_* in requests (inet_set_link_af): this is the report's. */
export const inet = attributes('rt-link/ifla-attrs', () => ({
  conf: attribute('IFLA_INET_CONF', 1, inetConf, { readOnly: true }),
}))

export const mctp = attributes('rt-link/mctp-attrs', () => ({
  net: attribute('IFLA_MCTP_NET', 1, u32),
  physBinding: attribute('IFLA_MCTP_PHYS_BINDING', 2, u8, { readOnly: true }),
}))

/** The attribute's number is the address family. */
export const afSpec = attributes('rt-link/af-spec-attrs', () => ({
  inet: attribute('AF_INET', 2, inet),
  inet6: attribute('AF_INET6', 10, inet6),
  mctp: attribute('AF_MCTP', 45, mctp),
}))
export interface AfSpec extends Infer<typeof afSpec> {}

export const BRIDGE_VLAN_INFO = {
  BRIDGE_VLAN_INFO_MASTER: 0x1,
  BRIDGE_VLAN_INFO_PVID: 0x2,
  BRIDGE_VLAN_INFO_UNTAGGED: 0x4,
  BRIDGE_VLAN_INFO_RANGE_BEGIN: 0x8,
  BRIDGE_VLAN_INFO_RANGE_END: 0x10,
  BRIDGE_VLAN_INFO_BRENTRY: 0x20,
  BRIDGE_VLAN_INFO_ONLY_OPTS: 0x40,
} as const

export const BRIDGE_FLAGS = { BRIDGE_FLAGS_MASTER: 1, BRIDGE_FLAGS_SELF: 2 } as const

/** struct bridge_vlan_info. */
export const bridgeVlanInfo = struct({ flags: flags(u16, 'BRIDGE_VLAN_INFO_', BRIDGE_VLAN_INFO), vid: u16 })

export const bridgeVlanTunnel = attributes('rt-link/bridge-vlan-tunnel-attrs', () => ({
  id: attribute('IFLA_BRIDGE_VLAN_TUNNEL_ID', 1, u32),
  vid: attribute('IFLA_BRIDGE_VLAN_TUNNEL_VID', 2, u16),
  flags: attribute('IFLA_BRIDGE_VLAN_TUNNEL_FLAGS', 3, flags(u16, 'BRIDGE_VLAN_INFO_', BRIDGE_VLAN_INFO)),
}))

/** IFLA_BRIDGE_MST: a port's state in each spanning tree. */
export const bridgeMst = attributes('rt-link/bridge-mst-attrs', () => ({
  entry: many(
    'IFLA_BRIDGE_MST_ENTRY',
    1,
    attributes('rt-link/bridge-mst-entry-attrs', () => ({
      msti: attribute('IFLA_BRIDGE_MST_ENTRY_MSTI', 1, u16),
      state: attribute('IFLA_BRIDGE_MST_ENTRY_STATE', 2, portState),
    })),
  ),
}))

/** IFLA_AF_SPEC in messages of family bridge (`bridge vlan`, `bridge link`). */
export const afSpecBridge = attributes('rt-link/af-spec-bridge-attrs', () => ({
  flags: attribute('IFLA_BRIDGE_FLAGS', 0, flags(u16, 'BRIDGE_FLAGS_', BRIDGE_FLAGS)),
  /** BRIDGE_MODE_VEB 0, BRIDGE_MODE_VEPA 1. */
  mode: attribute('IFLA_BRIDGE_MODE', 1, u16),
  vlanInfo: many('IFLA_BRIDGE_VLAN_INFO', 2, bridgeVlanInfo),
  vlanTunnelInfo: many('IFLA_BRIDGE_VLAN_TUNNEL_INFO', 3, bridgeVlanTunnel),
  mrp: attribute('IFLA_BRIDGE_MRP', 4, bytes()),
  cfm: nest('IFLA_BRIDGE_CFM', 5, bytes()),
  mst: nest('IFLA_BRIDGE_MST', 6, bridgeMst),
}))
export interface AfSpecBridge extends Infer<typeof afSpecBridge> {}
