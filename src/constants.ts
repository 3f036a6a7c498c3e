/** Numbers of the socket and namespace system calls, under the kernel's own names (include/uapi/linux, asm-generic). */

/** Address families, include/linux/socket.h. */
export const addressFamily = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
} as const

/** Socket types; the two flags go into the same argument of socket(2). */
export const socketType = {
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_SEQPACKET: 5,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
} as const

/** The `level` of setsockopt(2). */
export const socketLevel = { SOL_SOCKET: 1, SOL_IP: 0, IPPROTO_TCP: 6, SOL_IPV6: 41, SOL_NETLINK: 270 } as const

/** Options of SOL_SOCKET, asm-generic/socket.h. */
export const socketOption = {
  SO_REUSEADDR: 2,
  SO_TYPE: 3,
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_REUSEPORT: 15,
  SO_BINDTODEVICE: 25,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  SO_PROTOCOL: 38,
  SO_DOMAIN: 39,
  SO_MEMINFO: 55,
  SO_BINDTOIFINDEX: 62,
} as const

/** Options of SOL_IPV6, linux/in6.h. */
export const ipv6Option = { IPV6_V6ONLY: 26 } as const

/** Options of SOL_NETLINK, linux/netlink.h. */
export const netlinkOption = {
  NETLINK_ADD_MEMBERSHIP: 1,
  NETLINK_DROP_MEMBERSHIP: 2,
  NETLINK_PKTINFO: 3,
  NETLINK_BROADCAST_ERROR: 4,
  NETLINK_NO_ENOBUFS: 5,
  NETLINK_LISTEN_ALL_NSID: 8,
  NETLINK_LIST_MEMBERSHIPS: 9,
  NETLINK_CAP_ACK: 10,
  NETLINK_EXT_ACK: 11,
  NETLINK_GET_STRICT_CHK: 12,
} as const

/** Flags of recvmmsg(2), linux/socket.h. */
export const messageFlag = { MSG_TRUNC: 0x20, MSG_DONTWAIT: 0x40 } as const

/** The `protocol` of an AF_NETLINK socket, linux/netlink.h. */
export const netlinkProtocol = {
  NETLINK_ROUTE: 0,
  NETLINK_SOCK_DIAG: 4,
  NETLINK_XFRM: 6,
  NETLINK_AUDIT: 9,
  NETLINK_NETFILTER: 12,
  NETLINK_KOBJECT_UEVENT: 15,
  NETLINK_GENERIC: 16,
} as const

/** What unshare(2) and setns(2) name a namespace with, linux/sched.h. */
export const cloneFlag = { CLONE_NEWNS: 0x00020000, CLONE_NEWUSER: 0x10000000, CLONE_NEWNET: 0x40000000 } as const

/** mount(2) and umount2(2). */
export const mountFlag = {
  MS_RDONLY: 1,
  MS_BIND: 4096,
  MS_REC: 16384,
  MS_SLAVE: 1 << 19,
  MS_SHARED: 1 << 20,
  MNT_DETACH: 2,
  UMOUNT_NOFOLLOW: 8,
} as const

/** open(2): a place in the file system, for which no right to read is needed. Not among Node's constants. */
export const O_PATH = 0o10000000

/** flock(2). */
export const lockFlag = { LOCK_EX: 2, LOCK_NB: 4, LOCK_UN: 8 } as const

/** fcntl(2). */
export const fcntlCommand = {
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_DUPFD_CLOEXEC: 1030,
  FD_CLOEXEC: 1,
} as const

/** struct ifreq: a name, and what the request takes behind it (linux/if.h); the longest member is struct ifmap or a pointer-sized one. */
export const ifreq = { IFNAMSIZ: 16, size: 40 } as const

/** ifr_flags of TUNSETIFF, linux/if_tun.h. */
export const tunFlag = {
  IFF_TUN: 0x0001,
  IFF_TAP: 0x0002,
  IFF_MULTI_QUEUE: 0x0100,
  IFF_NO_PI: 0x1000,
  IFF_ONE_QUEUE: 0x2000,
  IFF_VNET_HDR: 0x4000,
  IFF_TUN_EXCL: 0x8000,
} as const

/** _IOW('T', number, int): the direction is written otherwise on PowerPC and MIPS (their asm/ioctl.h). */
const tunRequest = (number: number) =>
  ((/^(ppc|mips)/.test(process.arch) ? 0x80000000 : 0x40000000) | (4 << 16) | (0x54 << 8) | number) >>> 0

/** linux/if_tun.h. */
export const tunIoctl = {
  TUNSETIFF: tunRequest(202),
  TUNSETPERSIST: tunRequest(203),
  TUNSETOWNER: tunRequest(204),
  TUNSETGROUP: tunRequest(206),
} as const

/** ioctl(2) requests. */
export const ioctlRequest = {
  /** linux/nsfs.h, since 4.9: a descriptor of the user namespace that owns a namespace. */
  NS_GET_USERNS: 0xb701,
  /** linux/nsfs.h, since 4.11: which CLONE_NEW... a namespace file is. */
  NS_GET_NSTYPE: 0xb703,
  /** linux/sockios.h: a device's name by its index. */
  SIOCGIFNAME: 0x8910,
} as const
