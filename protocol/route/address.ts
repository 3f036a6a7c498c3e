/** Address messages: struct ifaddrmsg and the IFA attributes (rtnetlink(7), linux/if_addr.h; `ip address`). */
import { ip } from '../wire/address.ts'
import { attribute, attributes } from '../wire/attributes.ts'
import type { Infer, Input } from '../wire/codec.ts'
import { string } from '../wire/leaf.ts'
import { message } from '../wire/message.ts'
import { flags, oneOf, s32, u8, u32 } from '../wire/scalar.ts'
import { struct } from '../wire/struct.ts'
import { RT_SCOPE } from './constants.ts'
import { family } from './family.ts'

export const IFA_F = {
  /** Also IFA_F_TEMPORARY, its meaning for IPv6. */
  IFA_F_SECONDARY: 0x1,
  IFA_F_NODAD: 0x2,
  IFA_F_OPTIMISTIC: 0x4,
  IFA_F_DADFAILED: 0x8,
  IFA_F_HOMEADDRESS: 0x10,
  IFA_F_DEPRECATED: 0x20,
  IFA_F_TENTATIVE: 0x40,
  IFA_F_PERMANENT: 0x80,
  IFA_F_MANAGETEMPADDR: 0x100,
  IFA_F_NOPREFIXROUTE: 0x200,
  IFA_F_MCAUTOJOIN: 0x400,
  IFA_F_STABLE_PRIVACY: 0x800,
} as const

/** Who added an address; other numbers are the user's. */
export const IFAPROT = {
  IFAPROT_UNSPEC: 0,
  IFAPROT_KERNEL_LO: 1,
  IFAPROT_KERNEL_RA: 2,
  IFAPROT_KERNEL_LL: 3,
} as const

/** struct ifaddrmsg. `flags` is the low byte of the attribute `flags`, which counts where both are given. */
export const ifaddrmsg = struct({
  family,
  prefixlen: u8,
  flags: flags(u8, 'IFA_F_', IFA_F),
  scope: oneOf(u8, 'RT_SCOPE_', RT_SCOPE),
  index: u32,
})

/** struct ifa_cacheinfo: lifetimes in seconds (0xffffffff is forever), stamps in hundredths of a second since boot. */
export const ifaCacheinfo = struct({ prefered: u32, valid: u32, cstamp: u32, tstamp: u32 })

export const addressAttributes = attributes('rt-addr/addr-attrs', () => ({
  /** The prefix's address; of a point-to-point link, the other end's, and `local` is ours. */
  address: attribute('IFA_ADDRESS', 1, ip),
  /** Ours. IPv6 reports it for an address with a peer only. */
  local: attribute('IFA_LOCAL', 2, ip),
  /** IPv4 only: the device's name, perhaps with ':text' behind it. */
  label: attribute('IFA_LABEL', 3, string(16)),
  broadcast: attribute('IFA_BROADCAST', 4, ip),
  /** Reports of RTM_GETANYCAST and RTM_GETMULTICAST. */
  anycast: attribute('IFA_ANYCAST', 5, ip, { readOnly: true }),
  cacheinfo: attribute('IFA_CACHEINFO', 6, ifaCacheinfo),
  multicast: attribute('IFA_MULTICAST', 7, ip, { readOnly: true }),
  flags: attribute('IFA_FLAGS', 8, flags(u32, 'IFA_F_', IFA_F)),
  /** Metric of the prefix's route. */
  rtPriority: attribute('IFA_RT_PRIORITY', 9, u32),
  targetNetnsid: attribute('IFA_TARGET_NETNSID', 10, s32),
  proto: attribute('IFA_PROTO', 11, oneOf(u8, 'IFAPROT_', IFAPROT)),
}))

export const addressMessage = message(ifaddrmsg, addressAttributes)
export interface AddressMessage extends Infer<typeof addressMessage> {}
export interface AddressMessageInput extends Input<typeof addressMessage> {}
