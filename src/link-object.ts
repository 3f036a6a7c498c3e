/** A link as callers see it: one flat object, in the words of `ip link` and of the kernel's attributes. */
import type { Bridge, BridgeInput } from '../protocol/route/link/kinds/bridge.ts'
import type { Tun, TunInput } from '../protocol/route/link/kinds/tun.ts'
import type { LinkMessage, LinkMessageInput } from '../protocol/route/link/link.ts'
import type { Descriptor } from './descriptor.ts'
import type { Device } from './device.ts'

/** Where a device is to live: a Namespace, the namespace of a process, or an open descriptor of one. */
export type NamespaceTarget = { readonly descriptor: Descriptor } | { readonly pid: number } | { readonly fd: number }

/** What has another form here than in the message. */
type Reshaped =
  | 'header'
  | 'ifname'
  | 'linkinfo'
  | 'propList'
  | 'altIfname'
  | 'master'
  | 'link'
  | 'netNsPid'
  | 'netNsFd'
  | 'extMask'
  | 'raw'
  | 'flat'

/** Attributes under the kernel's names; those that need words have them here, and the schema checks that they exist. */
export interface LinkAttributes extends Omit<LinkMessage, Reshaped> {
  /** Bytes of payload; 68..65535 for most devices. `ip link set mtu`. IFLA_MTU */
  mtu?: number
  /** Hardware address, '02:00:00:00:00:01'. `ip link set address`. IFLA_ADDRESS */
  address?: string
  /** Hardware broadcast address. IFLA_BROADCAST */
  broadcast?: string
  /** Packets that the device's queue holds. `ip link set txqueuelen`. IFLA_TXQLEN */
  txqlen?: number
  /** Number of the device group; 0 is 'default'. IFLA_GROUP */
  group?: number
  /** A comment that the kernel keeps, up to 255 bytes. `ip link set alias`. IFLA_IFALIAS */
  ifalias?: string
}

/** The other end's `namespace`, `up` and `master` are its own. */
export type VethPeer = Omit<LinkInputCommon, 'kind'>

export interface LinkCommon extends LinkAttributes {
  name: string
  /** `ip link set master`: the bridge (or bond, or VRF) that the device is a port of. IFLA_MASTER */
  master?: Device
  /**
   * The device below (vlan, macvlan), by name where it is in the same namespace; of a veth the index of its peer, which is
   * in the namespace with id `linkNetnsid` where that is given. IFLA_LINK
   */
  link?: Device
  /** Alternative names. `ip link property add altname`. IFLA_ALT_IFNAME */
  altnames?: string[]
  /** Kind of the master: says what `slaveData` is. IFLA_INFO_SLAVE_KIND */
  slaveKind?: string
  /** What the device is to its master: of a bridge port cost, priority, state ... IFLA_INFO_SLAVE_DATA */
  slaveData?: NonNullable<LinkMessage['linkinfo']>['slaveData']
}

interface Reported {
  /** ifi_index */
  index: number
  /** IFF_UP: administratively up. Whether it carries traffic says `operstate`. */
  up: boolean
  /** ifi_flags: 'up', 'broadcast', 'running', 'multicast', 'lower_up' ... */
  flags: LinkMessage['header']['flags']
  /** ARPHRD_...: 1 Ethernet, 772 loopback. ifi_type */
  type: number
}

type ByKind<VethData, BridgeData, TunData> =
  | { kind: 'veth'; data?: VethData | undefined }
  | { kind: 'bridge'; data?: BridgeData | undefined }
  /** TUN and TAP, which `data.type` tells. Class Tun makes them: add() is refused (EOPNOTSUPP). */
  | { kind: 'tun'; data?: TunData | undefined }
  /** A kind that has no schema here: its data is bytes. */
  | { kind: 'other'; otherKind: string; data?: Uint8Array | undefined }

/** What get() and list() give. `kind` is undefined for lo and hardware. */
export type Link = LinkCommon &
  Reported &
  (ByKind<{ peer?: Link }, Bridge, Tun> | { kind?: undefined; data?: undefined })

type Loose<T> = { [K in keyof T]?: T[K] | undefined }

export interface LinkInputCommon extends Loose<Omit<LinkCommon, 'name'>> {
  /** 1..15 bytes. */
  name: string
  /** Ignored: the kernel chooses. */
  index?: number | undefined
  /** Bring it up, or down. `ip link set up`. */
  up?: boolean | undefined
  /** All that can be set of ifi_flags at once ('promisc', 'allmulti', 'noarp', 'multicast' ...); what the kernel only reports is ignored. */
  flags?: LinkMessage['header']['flags'] | undefined
  /** Ignored: it follows from the kind. */
  type?: number | undefined
  /** Where the device is to be born, or to be moved. `ip link add ... netns`. IFLA_NET_NS_FD, IFLA_NET_NS_PID */
  namespace?: NamespaceTarget | undefined
}

/** What add() takes; whatever list() gives fits. */
export type LinkInput = LinkInputCommon & ByKind<{ peer?: VethPeer | undefined }, BridgeInput, TunInput>

/** What set() takes: the properties to change. A `name` other than the device's own renames it. */
export type LinkChange = Omit<LinkInputCommon, 'name' | 'master'> & {
  name?: string | undefined
  /** null releases it from its master: `ip link set nomaster`. */
  master?: Device | null | undefined
  kind?: string | undefined
  otherKind?: string | undefined
  /** Of the device's own kind, which is asked for where `kind` is not given. */
  data?: BridgeInput | TunInput | Uint8Array | { peer?: unknown } | undefined
}

export type { LinkMessage, LinkMessageInput }
