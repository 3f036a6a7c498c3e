/** Events as people get them: typed messages, and gaps. */

import type { AcctMessage } from '../protocol/netfilter/acct/acct.ts'
import type { ConntrackMessage } from '../protocol/netfilter/conntrack/entry.ts'
import type { ExpectationMessage } from '../protocol/netfilter/conntrack/expectation.ts'
import type {
  ChainMessage,
  ElementsMessage,
  FlowtableMessage,
  GenerationMessage,
  ObjectMessage,
  RuleMessage,
  SetMessage,
  TableMessage,
  TraceMessage,
} from '../protocol/netfilter/nftables/index.ts'
import { NLMSG_HDRLEN } from '../protocol/netlink/constants.ts'
import type { AnyOperation, Protocol } from '../protocol/netlink/operation.ts'
import { messageFlags } from '../protocol/netlink/operation.ts'
import type { AddressMessage } from '../protocol/route/address.ts'
import type { LinkMessage } from '../protocol/route/link/link.ts'
import type { NeighbourMessage } from '../protocol/route/neighbour.ts'
import type { NsidMessage } from '../protocol/route/nsid.ts'
import type { RouteMessage } from '../protocol/route/route.ts'
import { hostLittleEndian as little, type Source } from '../protocol/wire/bytes.ts'
import { DecodeError } from '../protocol/wire/codec.ts'
import { readOften } from '../protocol/wire/compile.ts'
import type { EventQueue } from './event-queue.ts'

/** One message that the kernel sent to a group. */
export interface NetlinkEvent<Type = string | number, Message = unknown> {
  /** The operation: 'RTM_NEWLINK' also where something was changed. The number, where the type is not known. */
  type: Type
  /** What the operation's schema makes of it; bytes where the type is not known. */
  message: Message
  /** nlmsg_flags: a route that took another's place comes with 'replace'. */
  flags: readonly (string | number)[]
  /** The sequence number of the request that caused it ... */
  seq: number
  /** ... and the port of the socket that sent that; 0 and 0 where it was nobody's request. */
  portid: number
  /** With `allNsid`: the id of the namespace that it is of, where that is not the client's. */
  nsid?: number
}

/**
 * Something is missing here: the receive buffer ran over, or the kernel could not make a message. Look at everything again; what comes after this
 * is whole.
 */
export interface Overrun {
  type: 'overrun'
  /** How many datagrams the kernel says it dropped; 0 where it does not count (a message that could not be made). */
  lost: number
}

/** What the messages of NETLINK_ROUTE are. */
export interface RouteMessages {
  RTM_NEWLINK: LinkMessage
  RTM_DELLINK: LinkMessage
  RTM_GETLINK: LinkMessage
  RTM_SETLINK: LinkMessage
  RTM_NEWADDR: AddressMessage
  RTM_DELADDR: AddressMessage
  RTM_GETADDR: AddressMessage
  RTM_NEWROUTE: RouteMessage
  RTM_DELROUTE: RouteMessage
  RTM_GETROUTE: RouteMessage
  RTM_NEWNEIGH: NeighbourMessage
  RTM_DELNEIGH: NeighbourMessage
  /** With the sysctl app_solicit: the kernel asks user space for a neighbour. */
  RTM_GETNEIGH: NeighbourMessage
  RTM_NEWNSID: NsidMessage
  RTM_DELNSID: NsidMessage
  RTM_GETNSID: NsidMessage
  RTM_NEWLINKPROP: LinkMessage
  RTM_DELLINKPROP: LinkMessage
}

interface NftMessages {
  TABLE: TableMessage
  CHAIN: ChainMessage
  RULE: RuleMessage
  SET: SetMessage
  SETELEM: ElementsMessage
  OBJ: ObjectMessage
  FLOWTABLE: FlowtableMessage
}

type NftEvents = { [K in keyof NftMessages as `NFT_MSG_${'NEW' | 'DEL' | 'DESTROY'}${K}`]: NftMessages[K] }

/** What the messages of NETLINK_NETFILTER's groups are. */
export interface NetfilterMessages extends NftEvents {
  /** Behind the others of a transaction. */
  NFT_MSG_NEWGEN: GenerationMessage
  NFT_MSG_TRACE: TraceMessage
  /** A connection is new (flag 'create'), or has changed. */
  IPCTNL_MSG_CT_NEW: ConntrackMessage
  IPCTNL_MSG_CT_DELETE: ConntrackMessage
  IPCTNL_MSG_EXP_NEW: ExpectationMessage
  IPCTNL_MSG_EXP_DELETE: ExpectationMessage
  NFNL_MSG_ACCT_OVERQUOTA: AcctMessage
}

type Known<Messages> = { [Type in keyof Messages]: NetlinkEvent<Type, Messages[Type]> }[keyof Messages]

/** `type` tells what `message` is: a string that of the operation, a number bytes. */
export type RouteEvent = Known<RouteMessages> | NetlinkEvent<number, Uint8Array> | Overrun
export type NetfilterEvent = Known<NetfilterMessages> | NetlinkEvent<number, Uint8Array> | Overrun

/** Of protocols whose messages are not told apart by type. */
export type AnyEvent = NetlinkEvent | Overrun

/** What a protocol's events are. */
export type EventOf<P extends string> = P extends 'route'
  ? RouteEvent
  : P extends 'netfilter'
    ? NetfilterEvent
    : AnyEvent

type Flags = readonly (string | number)[]

/** Makes events of what is next in a queue. */
export class EventReader {
  readonly #protocol: Protocol
  /** By type and flags, which are the same few in every event. */
  readonly #flags = new Map<number, Flags>()

  constructor(protocol: Protocol) {
    this.#protocol = protocol
  }

  read({ source, start, end, nsid, lost }: EventQueue): AnyEvent {
    if (source === undefined) return { type: 'overrun', lost }
    const { view } = source
    const number = view.getUint16(start + 4, little)
    const operation = this.#protocol.operations.get(number)
    const event = this.#event(operation, number, source, start, end)
    if (nsid !== undefined) event.nsid = nsid
    return event
  }

  #event(
    operation: AnyOperation | undefined,
    number: number,
    source: Source,
    start: number,
    end: number,
  ): NetlinkEvent {
    const { view } = source
    const seq = view.getUint32(start + 8, little)
    const portid = view.getUint32(start + 12, little)
    const flags = this.#flagsOf(operation, source, start)
    const body = start + NLMSG_HDRLEN
    if (operation !== undefined) {
      try {
        return { type: operation.name, message: readOften(operation.body, source, body, end), flags, seq, portid }
      } catch (error) {
        // Shorter than its fixed header: bytes, as of an unknown type.
        if (!(error instanceof DecodeError)) throw error
      }
    }
    return { type: number, message: source.bytes.slice(body, end), flags, seq, portid }
  }

  #flagsOf(operation: AnyOperation | undefined, source: Source, start: number): Flags {
    const key = source.view.getUint32(start + 4, little)
    const known = this.#flags.get(key)
    if (known !== undefined) return known
    const made = Object.freeze(messageFlags[operation?.kind ?? 'other'].decode(source, start + 6, start + 8))
    // A sender of all combinations would fill it.
    if (this.#flags.size < 256) this.#flags.set(key, made)
    return made
  }
}
