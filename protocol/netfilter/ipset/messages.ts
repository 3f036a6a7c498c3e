/** Messages of ipset (linux/netfilter/ipset/ip_set.h; `ipset`), by command, since some numbers mean different things in each. */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be16, be32, flags, u8 } from '../../wire/scalar.ts'
import { nfnetlinkMessage, nfproto } from '../nfgenmsg.ts'
import { IPSET_FLAG } from './constants.ts'
import { ipsetCreateData, ipsetElement, ipsetElements } from './data.ts'

const marked = { netByteorder: true } as const

/** IPSET_PROTOCOL: every request has it. */
const protocol = { protocol: attribute('IPSET_ATTR_PROTOCOL', 1, u8) } as const

const command = {
  ...protocol,
  setname: attribute('IPSET_ATTR_SETNAME', 2, string(32)),
  flags: attribute('IPSET_ATTR_FLAGS', 6, flags(be32, 'IPSET_FLAG_', IPSET_FLAG), marked),
  lineno: attribute('IPSET_ATTR_LINENO', 9, be32, marked),
} as const

const type = {
  typename: attribute('IPSET_ATTR_TYPENAME', 3, string(32)),
  revision: attribute('IPSET_ATTR_REVISION', 4, u8),
  family: attribute('IPSET_ATTR_FAMILY', 5, nfproto),
} as const

/** A set: create, destroy, flush, list, save, header, get by name or index. */
export const ipsetMessage = nfnetlinkMessage(
  attributes('ipset/set-attrs', () => ({
    ...command,
    ...type,
    data: nest('IPSET_ATTR_DATA', 7, ipsetCreateData),
    adt: nest('IPSET_ATTR_ADT', 8, ipsetElements),
    index: attribute('IPSET_ATTR_INDEX', 11, be16, marked),
  })),
)
export interface IpsetMessage extends Infer<typeof ipsetMessage> {}
export interface IpsetMessageInput extends Input<typeof ipsetMessage> {}

/** Elements: add, del, test. */
export const ipsetElementMessage = nfnetlinkMessage(
  attributes('ipset/element-command-attrs', () => ({
    ...command,
    data: nest('IPSET_ATTR_DATA', 7, ipsetElement),
    adt: nest('IPSET_ATTR_ADT', 8, ipsetElements),
  })),
)
export interface IpsetElementMessage extends Infer<typeof ipsetElementMessage> {}
export interface IpsetElementMessageInput extends Input<typeof ipsetElementMessage> {}

/** Two sets: rename, swap. */
export const ipsetPairMessage = nfnetlinkMessage(
  attributes('ipset/pair-attrs', () => ({ ...command, setname2: attribute('IPSET_ATTR_SETNAME2', 3, string(32)) })),
)
export interface IpsetPairMessage extends Infer<typeof ipsetPairMessage> {}
export interface IpsetPairMessageInput extends Input<typeof ipsetPairMessage> {}

/** The versions of the protocol that the kernel speaks. */
export const ipsetProtocolMessage = nfnetlinkMessage(
  attributes('ipset/protocol-attrs', () => ({
    ...protocol,
    protocolMin: attribute('IPSET_ATTR_PROTOCOL_MIN', 10, u8),
  })),
)
export interface IpsetProtocolMessage extends Infer<typeof ipsetProtocolMessage> {}
export interface IpsetProtocolMessageInput extends Input<typeof ipsetProtocolMessage> {}

/** The revisions of a type of sets that the kernel has. */
export const ipsetTypeMessage = nfnetlinkMessage(
  attributes('ipset/type-attrs', () => ({
    ...protocol,
    ...type,
    revisionMin: attribute('IPSET_ATTR_REVISION_MIN', 10, u8),
  })),
)
export interface IpsetTypeMessage extends Infer<typeof ipsetTypeMessage> {}
export interface IpsetTypeMessageInput extends Input<typeof ipsetTypeMessage> {}
