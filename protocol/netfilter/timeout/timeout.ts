/** Timeout policies: how long connections that a rule gives one are remembered, in seconds (linux/netfilter/nfnetlink_cttimeout.h; `nfct timeout`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be16, be32, oneOf } from '../../wire/scalar.ts'
import { selected } from '../../wire/selected.ts'
import { l4proto } from '../conntrack/tuple.ts'
import { NFPROTO } from '../constants.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'

export const timeoutGeneric = attributes('cttimeout/generic-attrs', () => ({
  timeout: attribute('CTA_TIMEOUT_GENERIC_TIMEOUT', 1, be32),
}))

export const timeoutTcp = attributes('cttimeout/tcp-attrs', () => ({
  synSent: attribute('CTA_TIMEOUT_TCP_SYN_SENT', 1, be32),
  synRecv: attribute('CTA_TIMEOUT_TCP_SYN_RECV', 2, be32),
  established: attribute('CTA_TIMEOUT_TCP_ESTABLISHED', 3, be32),
  finWait: attribute('CTA_TIMEOUT_TCP_FIN_WAIT', 4, be32),
  closeWait: attribute('CTA_TIMEOUT_TCP_CLOSE_WAIT', 5, be32),
  lastAck: attribute('CTA_TIMEOUT_TCP_LAST_ACK', 6, be32),
  timeWait: attribute('CTA_TIMEOUT_TCP_TIME_WAIT', 7, be32),
  close: attribute('CTA_TIMEOUT_TCP_CLOSE', 8, be32),
  synSent2: attribute('CTA_TIMEOUT_TCP_SYN_SENT2', 9, be32),
  retrans: attribute('CTA_TIMEOUT_TCP_RETRANS', 10, be32),
  unack: attribute('CTA_TIMEOUT_TCP_UNACK', 11, be32),
}))

export const timeoutUdp = attributes('cttimeout/udp-attrs', () => ({
  unreplied: attribute('CTA_TIMEOUT_UDP_UNREPLIED', 1, be32),
  replied: attribute('CTA_TIMEOUT_UDP_REPLIED', 2, be32),
}))

export const timeoutUdplite = attributes('cttimeout/udplite-attrs', () => ({
  unreplied: attribute('CTA_TIMEOUT_UDPLITE_UNREPLIED', 1, be32),
  replied: attribute('CTA_TIMEOUT_UDPLITE_REPLIED', 2, be32),
}))

export const timeoutIcmp = attributes('cttimeout/icmp-attrs', () => ({
  timeout: attribute('CTA_TIMEOUT_ICMP_TIMEOUT', 1, be32),
}))

export const timeoutIcmpv6 = attributes('cttimeout/icmpv6-attrs', () => ({
  timeout: attribute('CTA_TIMEOUT_ICMPV6_TIMEOUT', 1, be32),
}))

export const timeoutDccp = attributes('cttimeout/dccp-attrs', () => ({
  request: attribute('CTA_TIMEOUT_DCCP_REQUEST', 1, be32),
  respond: attribute('CTA_TIMEOUT_DCCP_RESPOND', 2, be32),
  partopen: attribute('CTA_TIMEOUT_DCCP_PARTOPEN', 3, be32),
  open: attribute('CTA_TIMEOUT_DCCP_OPEN', 4, be32),
  closereq: attribute('CTA_TIMEOUT_DCCP_CLOSEREQ', 5, be32),
  closing: attribute('CTA_TIMEOUT_DCCP_CLOSING', 6, be32),
  timewait: attribute('CTA_TIMEOUT_DCCP_TIMEWAIT', 7, be32),
}))

export const timeoutSctp = attributes('cttimeout/sctp-attrs', () => ({
  closed: attribute('CTA_TIMEOUT_SCTP_CLOSED', 1, be32),
  cookieWait: attribute('CTA_TIMEOUT_SCTP_COOKIE_WAIT', 2, be32),
  cookieEchoed: attribute('CTA_TIMEOUT_SCTP_COOKIE_ECHOED', 3, be32),
  established: attribute('CTA_TIMEOUT_SCTP_ESTABLISHED', 4, be32),
  shutdownSent: attribute('CTA_TIMEOUT_SCTP_SHUTDOWN_SENT', 5, be32),
  shutdownRecd: attribute('CTA_TIMEOUT_SCTP_SHUTDOWN_RECD', 6, be32),
  shutdownAckSent: attribute('CTA_TIMEOUT_SCTP_SHUTDOWN_ACK_SENT', 7, be32),
  heartbeatSent: attribute('CTA_TIMEOUT_SCTP_HEARTBEAT_SENT', 8, be32),
  heartbeatAcked: attribute('CTA_TIMEOUT_SCTP_HEARTBEAT_ACKED', 9, be32),
}))

export const timeoutGre = attributes('cttimeout/gre-attrs', () => ({
  unreplied: attribute('CTA_TIMEOUT_GRE_UNREPLIED', 1, be32),
  replied: attribute('CTA_TIMEOUT_GRE_REPLIED', 2, be32),
}))

/** CTA_TIMEOUT_DATA by the protocol; whatever has no set of its own has one timeout. */
export const timeoutData = selected(
  'l4proto',
  {
    tcp: timeoutTcp,
    udp: timeoutUdp,
    udplite: timeoutUdplite,
    icmp: timeoutIcmp,
    icmpv6: timeoutIcmpv6,
    dccp: timeoutDccp,
    sctp: timeoutSctp,
    gre: timeoutGre,
  },
  timeoutGeneric,
)

export const timeoutAttributes = attributes('cttimeout/timeout-attrs', () => ({
  name: attribute('CTA_TIMEOUT_NAME', 1, string(32)),
  l3proto: attribute('CTA_TIMEOUT_L3PROTO', 2, oneOf(be16, 'NFPROTO_', NFPROTO)),
  l4proto: attribute('CTA_TIMEOUT_L4PROTO', 3, l4proto),
  data: nest('CTA_TIMEOUT_DATA', 4, timeoutData),
  /** How many rules refer to it. */
  use: attribute('CTA_TIMEOUT_USE', 5, be32, { readOnly: true }),
}))

export const timeoutMessage = nfnetlinkMessage(timeoutAttributes)
export interface TimeoutMessage extends Infer<typeof timeoutMessage> {}
export interface TimeoutMessageInput extends Input<typeof timeoutMessage> {}
