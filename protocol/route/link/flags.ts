/** ifi_flags: the state of a device, and what of it can be set (linux/if.h, netdevice(7)). */
import { flags, u32 } from '../../wire/scalar.ts'

export const IFF = {
  IFF_UP: 0x1,
  IFF_BROADCAST: 0x2,
  IFF_DEBUG: 0x4,
  IFF_LOOPBACK: 0x8,
  IFF_POINTOPOINT: 0x10,
  IFF_NOTRAILERS: 0x20,
  IFF_RUNNING: 0x40,
  IFF_NOARP: 0x80,
  IFF_PROMISC: 0x100,
  IFF_ALLMULTI: 0x200,
  IFF_MASTER: 0x400,
  IFF_SLAVE: 0x800,
  IFF_MULTICAST: 0x1000,
  IFF_PORTSEL: 0x2000,
  IFF_AUTOMEDIA: 0x4000,
  IFF_DYNAMIC: 0x8000,
  IFF_LOWER_UP: 0x10000,
  IFF_DORMANT: 0x20000,
  IFF_ECHO: 0x40000,
} as const

/** 'up', 'broadcast', 'lower_up' ... */
export const interfaceFlags = flags(u32, 'IFF_', IFF)
export type InterfaceFlag = Lowercase<keyof typeof IFF extends `IFF_${infer Name}` ? Name : never>

/** What __dev_change_flags() takes (net/core/dev.c). */
export const settableFlags = [
  'up',
  'debug',
  'notrailers',
  'noarp',
  'promisc',
  'allmulti',
  'multicast',
  'portsel',
  'automedia',
  'dynamic',
] as const satisfies readonly InterfaceFlag[]
