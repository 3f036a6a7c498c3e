/** linux/netlink.h */

/** Message types below 16 are the same for every protocol. */
export const NLMSG = { NLMSG_NOOP: 1, NLMSG_ERROR: 2, NLMSG_DONE: 3, NLMSG_OVERRUN: 4 } as const
export const NLMSG_MIN_TYPE = 16
/** sizeof(struct nlmsghdr) */
export const NLMSG_HDRLEN = 16

export const NLM_F_REQUEST = 0x01
export const NLM_F_MULTI = 0x02
export const NLM_F_ACK = 0x04
export const NLM_F_ECHO = 0x08
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_DUMP_FILTERED = 0x20
/** GET requests */
export const NLM_F_ROOT = 0x100
export const NLM_F_MATCH = 0x200
export const NLM_F_ATOMIC = 0x400
export const NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH
/** NEW and SET requests */
export const NLM_F_REPLACE = 0x100
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800
/** DELETE requests */
export const NLM_F_NONREC = 0x100
export const NLM_F_BULK = 0x200
/** Acknowledgements */
export const NLM_F_CAPPED = 0x100
export const NLM_F_ACK_TLVS = 0x200
