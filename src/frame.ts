/** nlmsghdr at the level of bytes (include/uapi/linux/netlink.h): what the conversation must read and write of a message. */
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG, NLMSG_HDRLEN } from '../protocol/netlink/constants.ts'
import { extack, type Policy } from '../protocol/netlink/error.ts'
import { aligned, hostLittleEndian, source } from '../protocol/wire/bytes.ts'
import { readOften } from '../protocol/wire/compile.ts'

/** A buffer and its one DataView: a view a message would cost more than reading the message. */
export interface Frame {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export function frame(bytes: Uint8Array): Frame {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

/**
 * One received message, in place. The same object is moved on to the next message, and the bytes are read over by the next
 * datagram: decode at once, copy what is kept.
 */
export interface Message extends Frame {
  type: number
  flags: number
  seq: number
  /** nlmsg_pid: the port of the socket that asked, 0 in events which the kernel caused by itself. */
  pid: number
  /** Where the header starts in `bytes`. */
  start: number
  /** Where the payload starts: start + 16. */
  offset: number
  /** Where it ends. */
  end: number
}

/** What the kernel says about a request beside its errno (extended ACK). A warning comes with errno 0. */
export interface Extack {
  /** NLMSGERR_ATTR_MSG. */
  text?: string
  /** NLMSGERR_ATTR_OFFS: where in the request, from its nlmsghdr, the attribute at fault starts. */
  offset?: number
  /** NLMSGERR_ATTR_POLICY: what would have been accepted there. */
  policy?: Policy
  /** NLMSGERR_ATTR_MISS_TYPE: the attribute which is missing ... */
  missing?: number
  /** NLMSGERR_ATTR_MISS_NEST: ... and where the nest starts that should hold it (absent: in the message itself). */
  missingNest?: number
  /** NLMSGERR_ATTR_COOKIE. */
  cookie?: Uint8Array
}

/**
 * Calls `each` for every whole message in bytes[start, stop). Returns where it stopped: `stop`, or the start of a message
 * that is cut off or no message at all.
 */
export function eachMessage(frame: Frame, stop: number, each: (message: Message) => void, start = 0): number {
  const { bytes, view } = frame
  const message: Message = { bytes, view, type: 0, flags: 0, seq: 0, pid: 0, start: 0, offset: 0, end: 0 }
  let at = start
  while (at + NLMSG_HDRLEN <= stop) {
    const size = view.getUint32(at, hostLittleEndian)
    if (size < NLMSG_HDRLEN || size > stop - at) return at
    message.type = view.getUint16(at + 4, hostLittleEndian)
    message.flags = view.getUint16(at + 6, hostLittleEndian)
    message.seq = view.getUint32(at + 8, hostLittleEndian)
    message.pid = view.getUint32(at + 12, hostLittleEndian)
    message.start = at
    message.offset = at + NLMSG_HDRLEN
    message.end = at + size
    each(message)
    at += aligned(size)
  }
  return Math.min(at, stop)
}

/** The errno (positive, 0 for an ACK) of an NLMSG_ERROR or NLMSG_DONE; a DONE without payload is 0. */
export function errnoOf(message: Message): number {
  return message.offset + 4 <= message.end ? -message.view.getInt32(message.offset, hostLittleEndian) : 0
}

/** The extended ACK of an NLMSG_ERROR or NLMSG_DONE; undefined where the kernel attached none. */
export function extackOf(message: Message): Extack | undefined {
  if ((message.flags & NLM_F_ACK_TLVS) === 0) return undefined
  const { bytes, view, offset, end } = message
  let at = offset + 4
  if (message.type === NLMSG.NLMSG_ERROR) {
    // struct nlmsgerr repeats the request's header, and the request itself unless CAPPED.
    if (at + NLMSG_HDRLEN > end) return undefined
    at += (message.flags & NLM_F_CAPPED) !== 0 ? NLMSG_HDRLEN : aligned(view.getUint32(at, hostLittleEndian))
  }
  if (at >= end) return undefined
  const { msg, offs, cookie, policy, missType, missNest } = readOften(extack, source(bytes), at, end)
  return {
    ...(msg !== undefined && { text: msg }),
    ...(offs !== undefined && { offset: offs }),
    ...(policy !== undefined && { policy }),
    ...(missType !== undefined && { missing: missType }),
    ...(missNest !== undefined && { missingNest: missNest }),
    ...(cookie !== undefined && { cookie }),
  }
}
