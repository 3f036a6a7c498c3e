/** What of a filter the kernel gets, and what is compared here. */
import { describe, expect, test } from 'vitest'
import { conntrackMessage } from '../../protocol/netfilter/conntrack/entry.ts'
import { Sink, source } from '../../protocol/wire/bytes.ts'
import { type ConntrackFilter, ConntrackMatcher } from '../../src/conntrack-filter.ts'
import type { Conntrack } from '../../src/conntrack-object.ts'
import { NetlinkError } from '../../src/error.ts'

const head = (family: string) => ({ family, version: 0, resId: 0 })

/** The requests, as the kernel reads them, without the header's version and resId. */
function requests(filter: ConntrackFilter): unknown[] {
  return new ConntrackMatcher(filter, 'list').requests().map((request) => {
    const sink = new Sink()
    conntrackMessage.encode(request, sink)
    const bytes = sink.finish()
    const { filter: parts, ...rest } = conntrackMessage.decode(source(bytes, { strict: true }), 0, bytes.length)
    return { ...rest, ...(parts && { orig: parts.origFlags, reply: parts.replyFlags }) }
  })
}

describe('what the kernel gets', () => {
  test.each<[ConntrackFilter, unknown[]]>([
    [{}, [{ header: head('unspec') }]],
    [{ family: 'inet6' }, [{ header: head('ipv6') }]],
    [{ mark: 7 }, [{ header: head('unspec'), mark: 7 }]],
    [{ mark: 7, markMask: 15, zone: 3 }, [{ header: head('unspec'), mark: 7, markMask: 15, zone: 3 }]],
    [{ mark: 0xff, markMask: 0xf000_0002 }, [{ header: head('unspec'), mark: 2, markMask: 0xf000_0002 }]],
    [{ status: ['assured'] }, [{ header: head('unspec'), status: ['assured'], statusMask: ['assured'] }]],
    [
      { status: ['assured', 'confirmed'], statusMask: ['assured', 'seen_reply'] },
      [{ header: head('unspec'), status: ['assured'], statusMask: ['seen_reply', 'assured'] }],
    ],
    // A status of no bits would be refused.
    [{ status: [] }, [{ header: head('unspec') }]],
    [
      { protocol: 'udp' },
      [
        {
          header: head('ipv4'),
          tupleOrig: { proto: { num: 'udp' } },
          orig: ['proto_num'],
          tupleReply: { proto: { num: 'udp' } },
          reply: ['proto_num'],
        },
        {
          header: head('ipv6'),
          tupleOrig: { proto: { num: 'udp' } },
          orig: ['proto_num'],
          tupleReply: { proto: { num: 'udp' } },
          reply: ['proto_num'],
        },
      ],
    ],
  ])('%j', (filter, expected) => {
    expect(requests(filter)).toEqual(expected)
  })

  test.each<[ConntrackFilter, unknown, unknown]>([
    [{ orig: { src: '10.0.0.1' } }, { ip: { v4Src: '10.0.0.1' } }, ['ip_src']],
    [
      { orig: { src: '10.0.0.1', dst: '10.0.0.2' } },
      { ip: { v4Src: '10.0.0.1', v4Dst: '10.0.0.2' } },
      ['ip_src', 'ip_dst'],
    ],
    // Compared here: prefixes, and IPv6, of which the kernel leaves out those that are equal.
    [{ orig: { src: '10.0.0.0/8', dst: '10.0.0.2' } }, { ip: { v4Dst: '10.0.0.2' } }, ['ip_dst']],
    [{ orig: { src: '2001:db8::1' } }, undefined, undefined],
    // Ports without a protocol.
    [{ family: 'inet', orig: { dport: 53 } }, undefined, undefined],
    [
      { family: 'inet', protocol: 'udp', orig: { dport: 53 } },
      { proto: { num: 'udp', dstPort: 53 } },
      ['proto_num', 'proto_dst_port'],
    ],
    [
      { family: 'inet6', protocol: 'tcp', orig: { src: '2001:db8::1', sport: 9, dport: 53 } },
      { proto: { num: 'tcp', srcPort: 9, dstPort: 53 } },
      ['proto_num', 'proto_src_port', 'proto_dst_port'],
    ],
    // Of these the kernel does not compare ports.
    [{ family: 'inet', protocol: 'sctp', orig: { dport: 53 } }, { proto: { num: 'sctp' } }, ['proto_num']],
    [
      { protocol: 'icmp', orig: { type: 8, code: 0, id: 3 } },
      { proto: { num: 'icmp', icmpType: 8, icmpCode: 0, icmpId: 3 } },
      ['proto_num', 'proto_icmp_type', 'proto_icmp_code', 'proto_icmp_id'],
    ],
    [
      { protocol: 'icmpv6', orig: { id: 3 } },
      { proto: { num: 'icmpv6', icmpv6Id: 3 } },
      ['proto_num', 'proto_icmpv6_id'],
    ],
  ])('of a tuple: %j', (filter, tupleOrig, orig) => {
    expect(requests(filter)).toHaveLength(1)
    expect(requests(filter)[0]).toMatchObject({ ...(tupleOrig !== undefined && { tupleOrig, orig }) })
    if (tupleOrig === undefined) expect(requests(filter)[0]).not.toHaveProperty('tupleOrig')
    const turned = new ConntrackMatcher({ ...filter, orig: undefined, reply: filter.orig }, 'list').requests()[0]
    expect(turned?.filter?.replyFlags ?? []).toEqual(orig ?? [])
  })
})

const entry: Conntrack = {
  family: 'inet',
  protocol: 'tcp',
  orig: { src: '10.1.2.3', dst: '192.0.2.1', sport: 4000, dport: 80 },
  reply: { src: '192.0.2.1', dst: '203.0.113.9', sport: 80, dport: 4000 },
  status: ['seen_reply', 'confirmed', 'src_nat'],
  state: 'established',
  mark: 0x8000_0012,
  labels: [1, 70],
  id: 1,
}
const six: Conntrack = {
  family: 'inet6',
  protocol: 'icmpv6',
  orig: { src: '2001:db8::1', dst: '2001:db8:1::1', type: 128, code: 0, id: 3 },
  reply: { src: '2001:db8:1::1', dst: '2001:db8::1', type: 129, code: 0, id: 3 },
  status: ['confirmed'],
  zone: 4,
  id: 2,
}

describe('what is compared here', () => {
  test.each<[ConntrackFilter, boolean, boolean]>([
    [{}, true, true],
    [{ family: 'inet' }, true, false],
    [{ protocol: 'tcp' }, true, false],
    [{ protocol: 58 }, false, true],
    [{ orig: { src: '10.1.2.3' } }, true, false],
    [{ orig: { src: '10.1.2.4' } }, false, false],
    [{ orig: { src: '10.1.0.0/16' } }, true, false],
    [{ orig: { src: '10.1.2.2/31' } }, true, false],
    [{ orig: { src: '10.1.2.0/31' } }, false, false],
    [{ orig: { src: '0.0.0.0/0' } }, true, false],
    [{ reply: { dst: '203.0.113.9' } }, true, false],
    [{ orig: { dst: '203.0.113.9' } }, false, false],
    [{ orig: { src: '2001:db8::1' } }, false, true],
    [{ orig: { src: '2001:DB8:0::1' } }, false, true],
    [{ orig: { dst: '2001:db8:1::/48' } }, false, true],
    [{ orig: { dst: '2001:db8:2::/48' } }, false, false],
    [{ orig: { dport: 80 } }, true, false],
    [{ orig: { sport: 80 } }, false, false],
    [{ reply: { sport: 80 } }, true, false],
    [{ orig: { type: 128, id: 3 } }, false, true],
    [{ reply: { type: 128 } }, false, false],
    [{ mark: 0x8000_0012 }, true, false],
    [{ mark: 0x12, markMask: 0xff }, true, false],
    [{ mark: 0x8000_0000, markMask: 0x8000_0000 }, true, false],
    [{ mark: 0 }, false, true],
    [{ zone: 4 }, false, true],
    [{ zone: 0 }, true, false],
    [{ status: ['seen_reply'] }, true, false],
    [{ status: ['seen_reply', 'assured'] }, false, false],
    [{ status: [], statusMask: ['seen_reply'] }, false, true],
    [{ status: ['src_nat'], statusMask: ['src_nat', 'dst_nat'] }, true, false],
    [{ state: 'established' }, true, false],
    [{ labels: [70, 1] }, true, false],
    [{ labels: [2] }, false, false],
  ])('%j', (filter, tcp, icmp) => {
    const matcher = new ConntrackMatcher(filter, 'list')
    expect([matcher.matches(entry), matcher.matches(six)]).toEqual([tcp, icmp])
  })

  test('zones of one direction', () => {
    const { matches } = { matches: (each: Conntrack) => new ConntrackMatcher({ zone: 3 }, 'list').matches(each) }
    expect(matches({ ...entry, orig: { ...entry.orig, zone: 3 } })).toBe(true)
    expect(matches(entry)).toBe(false)
  })

  test.each<[ConntrackFilter, string | undefined]>([
    [
      { protocol: 'tcp', family: 'inet', orig: { src: '10.0.0.1', dport: 80 }, mark: 1, status: ['assured'] },
      undefined,
    ],
    [{ protocol: 'udp' }, undefined],
    [{ state: 'established' }, 'state'],
    [{ labels: [1] }, 'labels'],
    [{ orig: { src: '10.0.0.0/8' } }, 'orig.src'],
    [{ reply: { dst: '2001:db8::1' } }, 'reply.dst'],
    [{ protocol: 'tcp', orig: { dport: 80 } }, undefined],
    [{ orig: { dport: 80 } }, 'orig.dport'],
    [{ family: 'inet', protocol: 'sctp', orig: { dport: 80 } }, 'orig.dport'],
  ])('%j: first of what only is compared here: %s', (filter, path) => {
    expect(new ConntrackMatcher(filter, 'list').comparedHere).toBe(path)
  })
})

test.each<[unknown, string, RegExp]>([
  [{ protocol: 'tpc' }, 'protocol', /must be one of/],
  [{ mark: 'x' }, 'mark', /integer/],
  [{ markMask: 3 }, 'mark', /is missing/],
  [{ zone: -1 }, 'zone', /integer/],
  [{ status: ['sealed'] }, 'status', /must hold only expected/],
  [{ statusMask: 'assured' }, 'statusMask', /must be an array/],
  [{ orig: { src: '10.0.0.1/33' } }, 'orig.src', /prefix length/],
  [{ reply: { dport: 70_000 } }, 'reply.dport', /integer 0\.\.65535/],
  [{ family: 'inet6', orig: { src: '10.0.0.1' } }, 'orig.src', /must be of family inet6, as family is/],
  [{ protocol: 'icmp', reply: { dst: '::1' } }, 'reply.dst', /must be of family inet, as protocol is/],
])('%j: %s', (filter, path, reason) => {
  const attempt = () => new ConntrackMatcher(filter as ConntrackFilter, 'conntrack.list')
  expect(attempt).toThrow(NetlinkError)
  expect(attempt).toThrow(reason)
  expect(attempt).toThrow(
    expect.objectContaining({ code: 'EINVAL', path, operation: 'conntrack.list', outcome: 'unsent' }),
  )
})
