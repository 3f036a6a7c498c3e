import { describe, expect, test } from 'vitest'
import { conntrackAttributes, conntrackMessage } from '../../../../protocol/netfilter/conntrack/entry.ts'
import { refusal, rows } from '../../route/rows.ts'

describe('conntrackMessage', () => {
  rows(conntrackMessage, [
    {
      fixture: 'netfilter/conntrack-live/conntrack-l-o-xml-timestamp',
      hex: `02000000
        3400018014000180080001000a000002080002000a0000011c000280050001000600000006000200bfbe0000060003000fee0000
        3400028014000180080001000a000001080002000a0000021c0002800500010006000000060002000fee000006000300bfbe0000
        080003000000018e 0800080000000000 08000c0016383946 08000b0000000001 0800070000000075
        300004802c00018005000100070000000500020007000000050003000700000006000400270000000600050023000000
        1c0009800c00010000000000000000050c0002000000000000000112 1c000a800c00010000000000000000030c00020000000000000000a4
        100014800c00010018e9d5458a2469f2`.replaceAll(/\s/g, ''),
      value: {
        header: { family: 'ipv4', version: 0, resId: 0 },
        tupleOrig: {
          ip: { v4Src: '10.0.0.2', v4Dst: '10.0.0.1' },
          proto: { num: 'tcp', srcPort: 49086, dstPort: 4078 },
        },
        tupleReply: {
          ip: { v4Src: '10.0.0.1', v4Dst: '10.0.0.2' },
          proto: { num: 'tcp', srcPort: 4078, dstPort: 49086 },
        },
        status: ['seen_reply', 'assured', 'confirmed', 'src_nat_done', 'dst_nat_done'],
        mark: 0,
        id: 0x16383946,
        use: 1,
        timeout: 117,
        protoinfo: {
          tcp: {
            state: 'time_wait',
            wscaleOriginal: 7,
            wscaleReply: 7,
            flagsOriginal: { flags: ['window_scale', 'sack_perm', 'close_init', 'maxack_set'], mask: [] },
            flagsReply: { flags: ['window_scale', 'sack_perm', 'maxack_set'], mask: [] },
          },
        },
        countersOrig: { packets: 5n, bytes: 274n },
        countersReply: { packets: 3n, bytes: 164n },
        timestamp: { start: 1795200421130955250n },
      },
    },
  ])
})

describe('attributes', () => {
  rows(conntrackAttributes, [
    {
      fixture: 'netfilter/conntrack-live/conntrack-l-o-xml-timestamp',
      hex: '3c00018014000180080001000a000002080002000a0000012400028005000100010000000600040001d2000005000500080000000500060000000000',
      value: {
        tupleOrig: {
          ip: { v4Src: '10.0.0.2', v4Dst: '10.0.0.1' },
          proto: { num: 'icmp', icmpId: 466, icmpType: 8, icmpCode: 0 },
        },
      },
    },
    {
      fixture: 'netfilter/conntrack/conntrack-i-p-tcp-s-2001-db8-1-d-2001-db8-2-sport-5-dport-6-t-60',
      hex: '4c0001802c0001801400030020010db80000000000000000000000011400040020010db80000000000000000000000021c000280050001000600000006000200000500000600030000060000',
      value: {
        tupleOrig: {
          ip: { v6Src: '2001:db8::1', v6Dst: '2001:db8::2' },
          proto: { num: 'tcp', srcPort: 5, dstPort: 6 },
        },
      },
    },
    {
      fixture: 'netfilter/conntrack/conntrack-i-p-tcp-s-192-168-1-10-d-198-51-100-3-sport-4000-dport',
      hex: '200004801c0001800500010001000000060004000a0a0000060005000a0a0000 0c00068008000100cb007105',
      value: {
        protoinfo: {
          tcp: {
            state: 'syn_sent',
            flagsOriginal: { flags: ['sack_perm', 'be_liberal'], mask: ['sack_perm', 'be_liberal'] },
            flagsReply: { flags: ['sack_perm', 'be_liberal'], mask: ['sack_perm', 'be_liberal'] },
          },
        },
        natSrc: { v4Minip: '203.0.113.5' },
      },
    },
    {
      fixture: 'netfilter/conntrack/conntrack-i-p-sctp-s-192-0-2-8-d-198-51-100-8-sport-8-dport-8-t',
      hex: '200004801c0003800500010004000000080002000b000000080003000c000000',
      // The tool writes the tags in host order, the kernel reads them in network order.
      value: { protoinfo: { sctp: { state: 'established', vtagOriginal: 0x0b000000, vtagReply: 0x0c000000 } } },
    },
    {
      fixture: 'a filter: host order in the midst of network order',
      hex: '0c0019800800010009000000 08000300000000020800 1a0000000006',
      value: {
        filter: { origFlags: ['ip_src', 'proto_num'] },
        status: ['seen_reply'],
        statusMask: ['seen_reply', 'assured'],
      },
    },
    {
      fixture: 'labels: words in host order',
      hex: '14001600 02000000000000000000000000000080',
      value: { labels: [2, 0, 0, 0x80000000] },
    },
  ])

  test.each([
    [{ tupleOrig: { proto: { num: 'tpc' } } }, /^tupleOrig\.proto\.num: must be one of icmp, .*got 'tpc'/],
    [{ status: ['sealed'] }, /^status: must hold only expected, .*got 'sealed'/],
    [{ natSrc: { v4Minip: '2001:db8::1' } }, /^natSrc\.v4Minip: must be an IPv4 address/],
    [{ mark: -1 }, /^mark: must be an integer/],
  ])('%j', (value, reason) => {
    expect(refusal(conntrackAttributes, value)).toMatch(reason)
  })
})
