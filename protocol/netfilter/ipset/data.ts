/**
 * IPSET_ATTR_DATA: what a set is created with, and its elements. Numbers above 16 mean different things in the two. Numbers are big-endian,
 * and marked so (NLA_F_NET_BYTEORDER): the kernel refuses those which are not. It reports addresses unmarked.
 */
import { ethernet, ipv4, ipv6 } from '../../wire/address.ts'
import { attribute, attributes, many, nest } from '../../wire/attributes.ts'
import type { Codec, Infer, Input } from '../../wire/codec.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { NLA_F_NET_BYTEORDER } from '../../wire/nlattr.ts'
import { be16, be32, be64, flags, u8, u32 } from '../../wire/scalar.ts'
import { l4proto } from '../conntrack/tuple.ts'
import { IPSET_CADT_FLAG } from './constants.ts'

const marked = { netByteorder: true } as const

const cadtFlags = flags(be32, 'IPSET_FLAG_', IPSET_CADT_FLAG)

/** The kernel reports IPSET_ATTR_MARKMASK in host order, unmarked, and takes it in network order: the mark in the attribute's type tells. */
const byMark: Codec<number> = {
  ...be32,
  sort: 'other',
  decode(source, start, end) {
    const type = source.view.getUint16(start - 2, source.littleEndian)
    return (type & NLA_F_NET_BYTEORDER ? be32 : u32).decode(source, start, end)
  },
}

/** One of the two. */
export const ipsetAddress = attributes('ipset/ipaddr-attrs', () => ({
  ipv4: attribute('IPSET_ATTR_IPADDR_IPV4', 1, ipv4, marked),
  ipv6: attribute('IPSET_ATTR_IPADDR_IPV6', 2, ipv6, marked),
}))

/** What sets and elements have in common. */
const common = {
  cidr: attribute('IPSET_ATTR_CIDR', 3, u8),
  /** Seconds. */
  timeout: attribute('IPSET_ATTR_TIMEOUT', 6, be32, marked),
  proto: attribute('IPSET_ATTR_PROTO', 7, l4proto),
  cadtFlags: attribute('IPSET_ATTR_CADT_FLAGS', 8, cadtFlags, marked),
  cadtLineno: attribute('IPSET_ATTR_CADT_LINENO', 9, be32, marked),
  mark: attribute('IPSET_ATTR_MARK', 10, be32, marked),
  markmask: attribute('IPSET_ATTR_MARKMASK', 11, byMark, marked),
} as const

const reported = { netByteorder: true, readOnly: true } as const

export const ipsetCreateData = attributes('ipset/create-attrs', () => ({
  ...common,
  ipFrom: nest('IPSET_ATTR_IP_FROM', 1, ipsetAddress),
  ipTo: nest('IPSET_ATTR_IP_TO', 2, ipsetAddress),
  portFrom: attribute('IPSET_ATTR_PORT_FROM', 4, be16, marked),
  portTo: attribute('IPSET_ATTR_PORT_TO', 5, be16, marked),
  /** Since Linux 6.2. */
  bitmask: nest('IPSET_ATTR_BITMASK', 12, ipsetAddress),
  initval: attribute('IPSET_ATTR_INITVAL', 17, be32, marked),
  hashsize: attribute('IPSET_ATTR_HASHSIZE', 18, be32, marked),
  maxelem: attribute('IPSET_ATTR_MAXELEM', 19, be32, marked),
  netmask: attribute('IPSET_ATTR_NETMASK', 20, u8),
  bucketsize: attribute('IPSET_ATTR_BUCKETSIZE', 21, u8),
  resize: attribute('IPSET_ATTR_RESIZE', 22, u8),
  /** Of a list of sets: how many it holds. */
  size: attribute('IPSET_ATTR_SIZE', 23, be32, marked),
  elements: attribute('IPSET_ATTR_ELEMENTS', 24, be32, reported),
  references: attribute('IPSET_ATTR_REFERENCES', 25, be32, reported),
  memsize: attribute('IPSET_ATTR_MEMSIZE', 26, be32, reported),
}))

export const ipsetElement = attributes('ipset/element-attrs', () => ({
  ...common,
  ip: nest('IPSET_ATTR_IP', 1, ipsetAddress),
  ipTo: nest('IPSET_ATTR_IP_TO', 2, ipsetAddress),
  port: attribute('IPSET_ATTR_PORT', 4, be16, marked),
  portTo: attribute('IPSET_ATTR_PORT_TO', 5, be16, marked),
  ether: attribute('IPSET_ATTR_ETHER', 17, ethernet),
  /** Of a list of sets: a set, and the one that it stands before or behind. */
  name: attribute('IPSET_ATTR_NAME', 18, string(32)),
  nameref: attribute('IPSET_ATTR_NAMEREF', 19, string(32)),
  ip2: nest('IPSET_ATTR_IP2', 20, ipsetAddress),
  cidr2: attribute('IPSET_ATTR_CIDR2', 21, u8),
  ip2To: nest('IPSET_ATTR_IP2_TO', 22, ipsetAddress),
  iface: attribute('IPSET_ATTR_IFACE', 23, string(16)),
  bytes: attribute('IPSET_ATTR_BYTES', 24, be64, marked),
  packets: attribute('IPSET_ATTR_PACKETS', 25, be64, marked),
  comment: attribute('IPSET_ATTR_COMMENT', 26, string(256)),
  /** The mark in the upper half, its mask in the lower. */
  skbmark: attribute('IPSET_ATTR_SKBMARK', 27, be64, marked),
  skbprio: attribute('IPSET_ATTR_SKBPRIO', 28, be32, marked),
  skbqueue: attribute('IPSET_ATTR_SKBQUEUE', 29, be16, marked),
  pad: attribute('IPSET_ATTR_PAD', 30, bytes(), { readOnly: true }),
}))
export interface IpsetElement extends Infer<typeof ipsetElement> {}
export interface IpsetElementInput extends Input<typeof ipsetElement> {}

/** IPSET_ATTR_ADT: many elements. */
export const ipsetElements = attributes('ipset/adt-attrs', () => ({
  data: many('IPSET_ATTR_DATA', 7, ipsetElement, { nested: true }),
}))
