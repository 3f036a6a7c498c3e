/** CTA_PROTOINFO: what conntrack knows of a connection's own state. */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import { bytes } from '../../wire/leaf.ts'
import { be32, be64, flags, oneOf, u8 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'
import { CT_DCCP, CT_DCCP_ROLE, IP_CT_TCP_FLAG, SCTP_CONNTRACK, TCP_CONNTRACK } from './constants.ts'

const tcpFlags = flags(u8, 'IP_CT_TCP_FLAG_', IP_CT_TCP_FLAG)

/** struct nf_ct_tcp_flags: in requests the mask says which flags count; the kernel reports none. */
export const nfCtTcpFlags = struct({ flags: tcpFlags, mask: tcpFlags })

export const protoinfoTcp = attributes('conntrack/protoinfo-tcp-attrs', () => ({
  state: attribute('CTA_PROTOINFO_TCP_STATE', 1, oneOf(u8, 'TCP_CONNTRACK_', TCP_CONNTRACK)),
  wscaleOriginal: attribute('CTA_PROTOINFO_TCP_WSCALE_ORIGINAL', 2, u8),
  wscaleReply: attribute('CTA_PROTOINFO_TCP_WSCALE_REPLY', 3, u8),
  flagsOriginal: attribute('CTA_PROTOINFO_TCP_FLAGS_ORIGINAL', 4, nfCtTcpFlags),
  flagsReply: attribute('CTA_PROTOINFO_TCP_FLAGS_REPLY', 5, nfCtTcpFlags),
}))

export const protoinfoDccp = attributes('conntrack/protoinfo-dccp-attrs', () => ({
  state: attribute('CTA_PROTOINFO_DCCP_STATE', 1, oneOf(u8, 'CT_DCCP_', CT_DCCP)),
  role: attribute('CTA_PROTOINFO_DCCP_ROLE', 2, oneOf(u8, 'CT_DCCP_ROLE_', CT_DCCP_ROLE)),
  handshakeSeq: attribute('CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ', 3, be64),
  pad: attribute('CTA_PROTOINFO_DCCP_PAD', 4, bytes(), { readOnly: true }),
}))

export const protoinfoSctp = attributes('conntrack/protoinfo-sctp-attrs', () => ({
  state: attribute('CTA_PROTOINFO_SCTP_STATE', 1, oneOf(u8, 'SCTP_CONNTRACK_', SCTP_CONNTRACK)),
  vtagOriginal: attribute('CTA_PROTOINFO_SCTP_VTAG_ORIGINAL', 2, be32),
  vtagReply: attribute('CTA_PROTOINFO_SCTP_VTAG_REPLY', 3, be32),
}))

export const protoinfo = attributes('conntrack/protoinfo-attrs', () => ({
  tcp: nest('CTA_PROTOINFO_TCP', 1, protoinfoTcp),
  dccp: nest('CTA_PROTOINFO_DCCP', 2, protoinfoDccp),
  sctp: nest('CTA_PROTOINFO_SCTP', 3, protoinfoSctp),
}))
