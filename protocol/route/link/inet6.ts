/** What IPv6 says of a link: IFLA_AF_SPEC's AF_INET6, and IFLA_PROTINFO in messages of family inet6 (linux/if_link.h, linux/ipv6.h). */
import { ipv6 } from '../../wire/address.ts'
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { array } from '../../wire/list.ts'
import { flags, oneOf, s32, u8, u32, u64 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'

export const IN6_ADDR_GEN_MODE = {
  IN6_ADDR_GEN_MODE_EUI64: 0,
  IN6_ADDR_GEN_MODE_NONE: 1,
  IN6_ADDR_GEN_MODE_STABLE_PRIVACY: 2,
  IN6_ADDR_GEN_MODE_RANDOM: 3,
} as const

/** include/net/if_inet6.h */
export const IF_READY = {
  IF_RS_SENT: 0x10,
  IF_RA_RCVD: 0x20,
  IF_RA_MANAGED: 0x40,
  IF_RA_OTHERCONF: 0x80,
  IF_READY: 0x80000000,
} as const

/** DEVCONF_*: an array of __s32, one a sysctl of net/ipv6/conf; newer kernels append. */
export const inet6Conf = struct(
  {
    forwarding: s32,
    hoplimit: s32,
    mtu6: s32,
    acceptRa: s32,
    acceptRedirects: s32,
    autoconf: s32,
    dadTransmits: s32,
    rtrSolicits: s32,
    rtrSolicitInterval: s32,
    rtrSolicitDelay: s32,
    useTempaddr: s32,
    tempValidLft: s32,
    tempPreferedLft: s32,
    regenMaxRetry: s32,
    maxDesyncFactor: s32,
    maxAddresses: s32,
    forceMldVersion: s32,
    acceptRaDefrtr: s32,
    acceptRaPinfo: s32,
    acceptRaRtrPref: s32,
    rtrProbeInterval: s32,
    acceptRaRtInfoMaxPlen: s32,
    proxyNdp: s32,
    optimisticDad: s32,
    acceptSourceRoute: s32,
    mcForwarding: s32,
    disableIpv6: s32,
    acceptDad: s32,
    forceTllao: s32,
    ndiscNotify: s32,
    mldv1UnsolicitedReportInterval: s32,
    mldv2UnsolicitedReportInterval: s32,
    suppressFragNdisc: s32,
    acceptRaFromLocal: s32,
    useOptimistic: s32,
    acceptRaMtu: s32,
    stableSecret: s32,
    useOifAddrsOnly: s32,
    acceptRaMinHopLimit: s32,
    ignoreRoutesWithLinkdown: s32,
    dropUnicastInL2Multicast: s32,
    dropUnsolicitedNa: s32,
    keepAddrOnDown: s32,
    rtrSolicitMaxInterval: s32,
    seg6Enabled: s32,
    seg6RequireHmac: s32,
    enhancedDad: s32,
    addrGenMode: s32,
    disablePolicy: s32,
    acceptRaRtInfoMinPlen: s32,
    ndiscTclass: s32,
    rplSegEnabled: s32,
    raDefrtrMetric: s32,
    ioam6Enabled: s32,
    ioam6Id: s32,
    ioam6IdWide: s32,
    ndiscEvictNocarrier: s32,
    acceptUntrackedNa: s32,
    acceptRaMinLft: s32,
    forceForwarding: s32,
  },
  { grows: true },
)
export interface Inet6Conf extends Infer<typeof inet6Conf> {}

/** struct ifla_cacheinfo; times are hundredths of a second (tstamp) and milliseconds. */
export const iflaCacheinfo = struct({ maxReasmLen: u32, tstamp: u32, reachableTime: u32, retransTime: u32 })

export const inet6 = attributes('rt-link/ifla6-attrs', () => ({
  flags: attribute('IFLA_INET6_FLAGS', 1, flags(u32, 'IF_', IF_READY), { readOnly: true }),
  conf: attribute('IFLA_INET6_CONF', 2, inet6Conf, { readOnly: true }),
  /** IPSTATS_MIB_*; the first is how many there are. */
  stats: attribute('IFLA_INET6_STATS', 3, array(u64), { readOnly: true }),
  mcast: attribute('IFLA_INET6_MCAST', 4, bytes(), { readOnly: true }),
  cacheinfo: attribute('IFLA_INET6_CACHEINFO', 5, iflaCacheinfo, { readOnly: true }),
  /** ICMP6_MIB_*; the first is how many there are. */
  icmp6stats: attribute('IFLA_INET6_ICMP6STATS', 6, array(u64), { readOnly: true }),
  /** The lower half of addresses from router advertisements (`ip token`); `::` is none. */
  token: attribute('IFLA_INET6_TOKEN', 7, ipv6),
  addrGenMode: attribute('IFLA_INET6_ADDR_GEN_MODE', 8, oneOf(u8, 'IN6_ADDR_GEN_MODE_', IN6_ADDR_GEN_MODE)),
  raMtu: attribute('IFLA_INET6_RA_MTU', 9, u32, { readOnly: true }),
}))
export interface Inet6Link extends Infer<typeof inet6> {}
