/** Connection tracking: linux/netfilter/nf_conntrack_common.h and its like for TCP, SCTP and DCCP. */

/** Protocols above IP that conntrack knows (linux/in.h); others are numbers. */
export const IPPROTO = {
  IPPROTO_ICMP: 1,
  IPPROTO_IGMP: 2,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  IPPROTO_DCCP: 33,
  IPPROTO_GRE: 47,
  IPPROTO_ESP: 50,
  IPPROTO_AH: 51,
  IPPROTO_ICMPV6: 58,
  IPPROTO_SCTP: 132,
  IPPROTO_UDPLITE: 136,
} as const

/** enum ip_conntrack_status. */
export const IPS = {
  /** A connection that a helper foretold. */
  IPS_EXPECTED: 0x1,
  IPS_SEEN_REPLY: 0x2,
  /** Not to be dropped early when the table is full. */
  IPS_ASSURED: 0x4,
  IPS_CONFIRMED: 0x8,
  IPS_SRC_NAT: 0x10,
  IPS_DST_NAT: 0x20,
  IPS_SEQ_ADJUST: 0x40,
  IPS_SRC_NAT_DONE: 0x80,
  IPS_DST_NAT_DONE: 0x100,
  IPS_DYING: 0x200,
  IPS_FIXED_TIMEOUT: 0x400,
  IPS_TEMPLATE: 0x800,
  /** IPS_UNTRACKED until Linux 4.12. */
  IPS_NAT_CLASH: 0x1000,
  IPS_HELPER: 0x2000,
  IPS_OFFLOAD: 0x4000,
  IPS_HW_OFFLOAD: 0x8000,
} as const

/** enum tcp_conntrack; 9 was LISTEN, which nothing uses any more. */
export const TCP_CONNTRACK = {
  TCP_CONNTRACK_NONE: 0,
  TCP_CONNTRACK_SYN_SENT: 1,
  TCP_CONNTRACK_SYN_RECV: 2,
  TCP_CONNTRACK_ESTABLISHED: 3,
  TCP_CONNTRACK_FIN_WAIT: 4,
  TCP_CONNTRACK_CLOSE_WAIT: 5,
  TCP_CONNTRACK_LAST_ACK: 6,
  TCP_CONNTRACK_TIME_WAIT: 7,
  TCP_CONNTRACK_CLOSE: 8,
  TCP_CONNTRACK_SYN_SENT2: 9,
} as const

/** IP_CT_TCP_FLAG_*; of the last two the kernel's names are IP_CT_EXP_CHALLENGE_ACK and IP_CT_TCP_SIMULTANEOUS_OPEN. */
export const IP_CT_TCP_FLAG = {
  IP_CT_TCP_FLAG_WINDOW_SCALE: 0x1,
  IP_CT_TCP_FLAG_SACK_PERM: 0x2,
  IP_CT_TCP_FLAG_CLOSE_INIT: 0x4,
  IP_CT_TCP_FLAG_BE_LIBERAL: 0x8,
  IP_CT_TCP_FLAG_DATA_UNACKNOWLEDGED: 0x10,
  IP_CT_TCP_FLAG_MAXACK_SET: 0x20,
  IP_CT_TCP_FLAG_EXP_CHALLENGE_ACK: 0x40,
  IP_CT_TCP_FLAG_SIMULTANEOUS_OPEN: 0x80,
} as const

/** enum sctp_conntrack. */
export const SCTP_CONNTRACK = {
  SCTP_CONNTRACK_NONE: 0,
  SCTP_CONNTRACK_CLOSED: 1,
  SCTP_CONNTRACK_COOKIE_WAIT: 2,
  SCTP_CONNTRACK_COOKIE_ECHOED: 3,
  SCTP_CONNTRACK_ESTABLISHED: 4,
  SCTP_CONNTRACK_SHUTDOWN_SENT: 5,
  SCTP_CONNTRACK_SHUTDOWN_RECD: 6,
  SCTP_CONNTRACK_SHUTDOWN_ACK_SENT: 7,
  SCTP_CONNTRACK_HEARTBEAT_SENT: 8,
  SCTP_CONNTRACK_HEARTBEAT_ACKED: 9,
} as const

/** enum ct_dccp_states; DCCP left the kernel with Linux 6.17. */
export const CT_DCCP = {
  CT_DCCP_NONE: 0,
  CT_DCCP_REQUEST: 1,
  CT_DCCP_RESPOND: 2,
  CT_DCCP_PARTOPEN: 3,
  CT_DCCP_OPEN: 4,
  CT_DCCP_CLOSEREQ: 5,
  CT_DCCP_CLOSING: 6,
  CT_DCCP_TIMEWAIT: 7,
} as const

export const CT_DCCP_ROLE = { CT_DCCP_ROLE_CLIENT: 0, CT_DCCP_ROLE_SERVER: 1 } as const

/** NF_CT_EXPECT_*: flags of an expectation. */
export const NF_CT_EXPECT = {
  NF_CT_EXPECT_PERMANENT: 0x1,
  NF_CT_EXPECT_INACTIVE: 0x2,
  NF_CT_EXPECT_USERSPACE: 0x4,
} as const

/** Which parts of a tuple a filter compares (net/netfilter/nf_internals.h; no header of the uapi has them). */
export const CTA_FILTER_F = {
  CTA_FILTER_F_CTA_IP_SRC: 0x1,
  CTA_FILTER_F_CTA_IP_DST: 0x2,
  CTA_FILTER_F_CTA_TUPLE_ZONE: 0x4,
  CTA_FILTER_F_CTA_PROTO_NUM: 0x8,
  CTA_FILTER_F_CTA_PROTO_SRC_PORT: 0x10,
  CTA_FILTER_F_CTA_PROTO_DST_PORT: 0x20,
  CTA_FILTER_F_CTA_PROTO_ICMP_TYPE: 0x40,
  CTA_FILTER_F_CTA_PROTO_ICMP_CODE: 0x80,
  CTA_FILTER_F_CTA_PROTO_ICMP_ID: 0x100,
  CTA_FILTER_F_CTA_PROTO_ICMPV6_TYPE: 0x200,
  CTA_FILTER_F_CTA_PROTO_ICMPV6_CODE: 0x400,
  CTA_FILTER_F_CTA_PROTO_ICMPV6_ID: 0x800,
} as const

/** enum ip_conntrack_info: what a packet is to its connection; 3 and 4 are 0 and 1 in the direction of replies. */
export const IP_CT = {
  IP_CT_ESTABLISHED: 0,
  IP_CT_RELATED: 1,
  IP_CT_NEW: 2,
  IP_CT_ESTABLISHED_REPLY: 3,
  IP_CT_RELATED_REPLY: 4,
  IP_CT_UNTRACKED: 7,
} as const
