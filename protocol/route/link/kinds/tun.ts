/** A device whose other end is a process: IFLA_TUN_* (linux/if_link.h, tun_fill_info() in drivers/net/tun.c; `ip -d link show type tun`). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { bool, oneOf, u8, u32 } from '../../../wire/scalar.ts'

/** What TUNSETIFF says a device is (linux/if_tun.h): packets without a link layer, or Ethernet frames. */
export const IFF_TUN_TYPE = { IFF_TUN: 1, IFF_TAP: 2 } as const

/** rtnetlink only reports them: such a device is made and changed through /dev/net/tun (tun_validate() refuses). */
const readOnly = { readOnly: true } as const

export const tun = attributes('rt-link/linkinfo-tun-attrs', () => ({
  /** The user, by number, who may open it beside CAP_NET_ADMIN. */
  owner: attribute('IFLA_TUN_OWNER', 1, u32, readOnly),
  group: attribute('IFLA_TUN_GROUP', 2, u32, readOnly),
  type: attribute('IFLA_TUN_TYPE', 3, oneOf(u8, 'IFF_', IFF_TUN_TYPE), readOnly),
  /** Packets have struct tun_pi in front. */
  pi: attribute('IFLA_TUN_PI', 4, bool(u8), readOnly),
  /** Packets have struct virtio_net_hdr in front. */
  vnetHdr: attribute('IFLA_TUN_VNET_HDR', 5, bool(u8), readOnly),
  /** It outlives the processes that have it open. */
  persist: attribute('IFLA_TUN_PERSIST', 6, bool(u8), readOnly),
  multiQueue: attribute('IFLA_TUN_MULTI_QUEUE', 7, bool(u8), readOnly),
  numQueues: attribute('IFLA_TUN_NUM_QUEUES', 8, u32, readOnly),
  numDisabledQueues: attribute('IFLA_TUN_NUM_DISABLED_QUEUES', 9, u32, readOnly),
}))
export interface Tun extends Infer<typeof tun> {}
export interface TunInput extends Input<typeof tun> {}
