/** Entries and their messages, both ways. */
import { describe, expect, test } from 'vitest'
import type { ConntrackMessage, ConntrackMessageInput } from '../../protocol/netfilter/conntrack/entry.ts'
import { conntrackMessage } from '../../protocol/netfilter/conntrack/entry.ts'
import { Sink, source } from '../../protocol/wire/bytes.ts'
import { fromChange, fromConntrack, fromTarget, renameConntrack } from '../../src/conntrack-message.ts'
import {
  type ConntrackInput,
  type ConntrackStatus,
  type ConntrackTarget,
  toConntrack,
} from '../../src/conntrack-object.ts'
import { NetlinkError } from '../../src/error.ts'

const header = { family: 'ipv4', version: 0, resId: 0 } as const
const tuple = (src: string, dst: string, srcPort: number, dstPort: number) => ({
  ip: { v4Src: src, v4Dst: dst },
  proto: { num: 'tcp' as const, srcPort, dstPort },
})
const confirmed: ConntrackStatus = ['confirmed']

/** What the kernel would read of it: keys that are undefined are not there. */
function sent(message: ConntrackMessageInput): ConntrackMessage {
  const sink = new Sink()
  conntrackMessage.encode(message, sink)
  const bytes = sink.finish()
  return conntrackMessage.decode(source(bytes, { strict: true }), 0, bytes.length)
}

const ssh: ConntrackMessage = {
  header,
  tupleOrig: tuple('10.0.0.2', '192.0.2.1', 4000, 22),
  tupleReply: tuple('192.0.2.1', '10.0.0.2', 22, 4000),
  status: ['seen_reply', 'assured', 'confirmed'],
  id: 7,
}

describe('toConntrack', () => {
  test('everything that the kernel tells', () => {
    const entry = toConntrack({
      ...ssh,
      timeout: 431_999,
      mark: 5,
      zone: 9,
      use: 1,
      countersOrig: { packets: 3n, bytes: 180n },
      countersReply: { packets: 2n, bytes: 2n ** 40n },
      timestamp: { start: 17n },
      labels: [0b101, 0, 0, 0x80000000],
      help: { name: 'ftp' },
      secctx: { name: 'system_u' },
      tupleMaster: tuple('10.0.0.2', '192.0.2.1', 3999, 21),
      synproxy: { isn: 0, its: 0, tsoff: 0 },
      seqAdjReply: { correctionPos: 1, offsetBefore: 2, offsetAfter: 3 },
      protoinfo: {
        tcp: {
          state: 'established',
          wscaleOriginal: 7,
          wscaleReply: 8,
          flagsOriginal: { flags: ['sack_perm'], mask: [] },
          flagsReply: { flags: [], mask: [] },
        },
      },
    })
    expect(entry).toEqual({
      family: 'inet',
      protocol: 'tcp',
      orig: { src: '10.0.0.2', dst: '192.0.2.1', sport: 4000, dport: 22, packets: 3n, bytes: 180n },
      reply: { src: '192.0.2.1', dst: '10.0.0.2', sport: 22, dport: 4000, packets: 2n, bytes: 2n ** 40n },
      status: ['seen_reply', 'assured', 'confirmed'],
      id: 7,
      state: 'established',
      timeout: 431_999,
      mark: 5,
      zone: 9,
      use: 1,
      timestamp: { start: 17n },
      labels: [0, 2, 127],
      helper: 'ftp',
      secctx: 'system_u',
      master: { protocol: 'tcp', src: '10.0.0.2', dst: '192.0.2.1', sport: 3999, dport: 21 },
      seqAdj: { reply: { correctionPos: 1, offsetBefore: 2, offsetAfter: 3 } },
      tcp: { wscaleOriginal: 7, wscaleReply: 8, flagsOriginal: ['sack_perm'], flagsReply: [] },
    })
  })

  test('ICMPv6, SCTP with zones of one direction', () => {
    const ip = { v6Src: '2001:db8::1', v6Dst: '2001:db8::2' }
    const echo = (icmpv6Type: number) => ({
      ip,
      proto: { num: 'icmpv6' as const, icmpv6Type, icmpv6Code: 0, icmpv6Id: 3 },
    })
    expect(toConntrack({ header: { ...header, family: 'ipv6' }, tupleOrig: echo(128), tupleReply: echo(129) })).toEqual(
      {
        family: 'inet6',
        protocol: 'icmpv6',
        orig: { src: '2001:db8::1', dst: '2001:db8::2', type: 128, code: 0, id: 3 },
        reply: { src: '2001:db8::1', dst: '2001:db8::2', type: 129, code: 0, id: 3 },
        status: [],
        id: 0,
      },
    )
    const entry = toConntrack({
      ...ssh,
      tupleOrig: { ...ssh.tupleOrig, zone: 3 },
      protoinfo: { sctp: { state: 'closed', vtagOriginal: 1, vtagReply: 2 } },
    })
    expect(entry).toMatchObject({ orig: { zone: 3 }, state: 'closed', sctp: { vtagOriginal: 1, vtagReply: 2 } })
  })

  test('a message without tuples is no entry', () => {
    expect(toConntrack({ header, id: 1 })).toBeUndefined()
  })

  test.each([
    ['none', ['confirmed'], tuple('192.0.2.1', '10.0.0.2', 22, 4000), undefined],
    ['masquerade', ['src_nat'], tuple('192.0.2.1', '203.0.113.1', 22, 4000), { src: { address: '203.0.113.1' } }],
    [
      'another port',
      ['src_nat'],
      tuple('192.0.2.1', '203.0.113.1', 22, 999),
      { src: { address: '203.0.113.1', port: 999 } },
    ],
    [
      'a published port',
      ['dst_nat'],
      tuple('10.9.9.9', '10.0.0.2', 8022, 4000),
      { dst: { address: '10.9.9.9', port: 8022 } },
    ],
    [
      'both',
      ['src_nat', 'dst_nat'],
      tuple('10.9.9.9', '10.9.9.1', 22, 4000),
      { src: { address: '10.9.9.1' }, dst: { address: '10.9.9.9' } },
    ],
  ] as const)('NAT: %s', (_what, status, tupleReply, nat) => {
    expect(toConntrack({ ...ssh, status, tupleReply })?.nat).toEqual(nat)
  })
})

describe('fromConntrack', () => {
  const orig = { src: '10.0.0.2', dst: '192.0.2.1', sport: 4000, dport: 22 }

  test('the least: the reply is the original turned round', () => {
    expect(sent(fromConntrack({ protocol: 'tcp', orig, timeout: 60, state: 'established' }, 'add'))).toEqual({
      header,
      tupleOrig: ssh.tupleOrig,
      tupleReply: ssh.tupleReply,
      timeout: 60,
      protoinfo: {
        tcp: {
          state: 'established',
          flagsOriginal: { flags: ['sack_perm', 'be_liberal'], mask: ['sack_perm', 'be_liberal'] },
          flagsReply: { flags: ['sack_perm', 'be_liberal'], mask: ['sack_perm', 'be_liberal'] },
        },
      },
    })
  })

  test('what was listed is sent as it was, without what the kernel only tells', () => {
    const listed: ConntrackMessage = {
      ...ssh,
      timeout: 60,
      mark: 5,
      zone: 9,
      labels: [0b101, 0, 0, 0],
      help: { name: 'ftp' },
      tupleMaster: tuple('10.0.0.2', '192.0.2.1', 3999, 21),
      seqAdjOrig: { correctionPos: 1, offsetBefore: 2, offsetAfter: 3 },
      protoinfo: {
        tcp: {
          state: 'established',
          wscaleOriginal: 7,
          wscaleReply: 8,
          flagsOriginal: { flags: ['sack_perm'], mask: ['sack_perm'] },
          flagsReply: { flags: ['window_scale'], mask: ['window_scale'] },
        },
      },
    }
    const reported = { use: 1, countersOrig: { packets: 1n }, timestamp: { start: 1n }, secctx: { name: 'x' } }
    const entry = toConntrack({ ...listed, ...reported, status: ['expected', ...(ssh.status ?? [])] })
    if (entry === undefined) throw new Error('no entry')
    const { id: _, ...expected } = listed
    expect(sent(fromConntrack(entry, 'add'))).toEqual(expected)
  })

  test('with NAT the reply is not translated yet', () => {
    const nat = { src: { address: '203.0.113.1' }, dst: { address: '10.9.9.9', port: 8022 } }
    const reply = { src: '10.9.9.9', dst: '203.0.113.1', sport: 8022, dport: 4000 }
    expect(sent(fromConntrack({ protocol: 'tcp', orig, reply, timeout: 60, nat, status: confirmed }, 'add'))).toEqual({
      header,
      tupleOrig: ssh.tupleOrig,
      tupleReply: ssh.tupleReply,
      timeout: 60,
      status: ['confirmed'],
      natSrc: { v4Minip: '203.0.113.1' },
      natDst: { v4Minip: '10.9.9.9', proto: { portMin: 8022 } },
    })
  })

  test.each([
    ['icmp', 8, 0],
    ['icmp', 14, 13],
    ['icmpv6', 128, 129],
    ['icmpv6', 140, 139],
  ] as const)('the answer to %s %i is %i', (protocol, type, answer) => {
    const [src, dst] = protocol === 'icmp' ? ['10.0.0.1', '10.0.0.2'] : ['2001:db8::1', '2001:db8::2']
    const { tupleReply } = sent(
      fromConntrack({ protocol, orig: { src, dst, type, code: 0, id: 3 }, timeout: 1 }, 'add'),
    )
    expect(tupleReply?.proto?.icmpType ?? tupleReply?.proto?.icmpv6Type).toBe(answer)
  })

  test('protocols by number, and those without ports', () => {
    expect(sent(fromConntrack({ protocol: 6, orig, timeout: 1 }, 'add')).tupleOrig?.proto?.num).toBe('tcp')
    const { src, dst } = orig
    expect(sent(fromConntrack({ protocol: 99, orig: { src, dst }, timeout: 1 }, 'add')).tupleOrig?.proto).toEqual({
      num: 99,
    })
  })

  const whole: ConntrackInput = { protocol: 'tcp', orig, timeout: 60 }
  const echo: ConntrackInput = {
    protocol: 'icmp',
    orig: { src: '10.0.0.1', dst: '10.0.0.2', type: 8, code: 0, id: 1 },
    timeout: 1,
  }
  test.each<[unknown, string, RegExp]>([
    [{ ...whole, protocol: 'tpc' }, 'protocol', /must be one of icmp/],
    [{ ...whole, protocol: undefined }, 'protocol', /must be one of icmp/],
    [{ ...whole, orig: undefined }, 'orig', /is missing/],
    [{ ...whole, timeout: undefined }, 'timeout', /is missing/],
    [{ ...whole, timeout: -1 }, 'timeout', /integer 0\.\.4294967295/],
    [{ ...whole, mark: 2 ** 32 }, 'mark', /integer/],
    [{ ...whole, markMask: 1 }, 'mark', /is missing/],
    [{ ...whole, zone: 70_000 }, 'zone', /integer 0\.\.65535/],
    [{ ...whole, family: 'inet6' }, 'orig.src', /family inet6/],
    [{ ...whole, orig: { ...orig, src: 'nobody' } }, 'orig.src', /must be an IP address/],
    [{ ...whole, orig: { ...orig, dst: '10.0.0.0/8' } }, 'orig.dst', /must be an IP address/],
    [{ ...whole, orig: { ...orig, dst: '2001:db8::1' } }, 'orig.dst', /family inet/],
    [{ ...whole, orig: { ...orig, dport: undefined } }, 'orig.dport', /is missing/],
    [{ ...whole, orig: { ...orig, sport: 65_536 } }, 'orig.sport', /integer 0\.\.65535/],
    [{ ...whole, reply: { ...orig, src: '2001:db8::1', dst: '2001:db8::2' } }, 'reply.src', /family inet/],
    [{ ...whole, nat: { src: { address: 'x' } } }, 'nat.src.address', /must be an IP address/],
    [{ ...whole, nat: { dst: { address: '::1' } } }, 'nat.dst.address', /family inet/],
    [{ ...whole, nat: { dst: { address: '10.0.0.1', port: 1.5 } } }, 'nat.dst.port', /integer/],
    [{ ...whole, labels: [3, 128] }, 'labels[1]', /integer 0\.\.127/],
    [{ ...whole, protocol: 'udp', state: 'established' }, 'state', /'udp' has no state/],
    [{ ...echo, orig: { ...echo.orig, id: undefined } }, 'orig.id', /is missing/],
    [{ ...echo, orig: { ...echo.orig, type: 3 } }, 'orig.type', /3 of icmp has no answer/],
  ])('%#: %j: %s', (entry, path, reason) => {
    try {
      fromConntrack(entry as ConntrackInput, 'conntrack.add')
    } catch (error) {
      expect(error).toBeInstanceOf(NetlinkError)
      expect(error).toMatchObject({ code: 'EINVAL', operation: 'conntrack.add', path, outcome: 'unsent' })
      expect(String(error)).toMatch(reason)
      return
    }
    throw new Error('taken')
  })
})

describe('fromTarget and fromChange', () => {
  test('either direction names an entry', () => {
    const reply = { src: '192.0.2.1', dst: '10.0.0.2', sport: 22, dport: 4000 }
    expect(sent(fromTarget({ protocol: 'tcp', reply, zone: 4 }, 'get'))).toEqual({
      header,
      tupleReply: ssh.tupleReply,
      zone: 4,
    })
    const entry = toConntrack(ssh)
    expect(sent(fromTarget(entry as ConntrackTarget, 'get'))).toEqual({ header, tupleOrig: ssh.tupleOrig })
    expect(() => fromTarget({ protocol: 'tcp' }, 'get')).toThrow(/orig: is missing \(or give a reply\)/)
    expect(() => fromTarget({ protocol: 'tcp', reply, id: -1 }, 'get')).toThrow(/id: must be an integer/)
  })

  test('only what changes is sent', () => {
    expect(sent({ header, ...fromChange({ mark: 1, markMask: 3 }, 'udp', 'update', false) })).toEqual({
      header,
      mark: 1,
      markMask: 3,
    })
    expect(sent({ header, ...fromChange({ state: 'close' }, 'tcp', 'update', false) })).toEqual({
      header,
      protoinfo: { tcp: { state: 'close' } },
    })
    expect(sent({ header, ...fromChange({ labels: [33] }, 'udp', 'update', false) })).toEqual({
      header,
      labels: [0, 2, 0, 0],
    })
  })
})

test.each([
  ['tupleOrig', 'orig'],
  ['tupleOrig.ip.v4Src', 'orig.src'],
  ['tupleReply.ip.v6Dst', 'reply.dst'],
  ['tupleOrig.proto.num', 'protocol'],
  ['tupleOrig.proto.dstPort', 'orig.dport'],
  ['tupleOrig.proto.icmpType', 'orig.type'],
  ['tupleMaster.proto.icmpv6Id', 'master.id'],
  ['tupleReply.zone', 'reply.zone'],
  ['protoinfo.tcp.state', 'state'],
  ['protoinfo.tcp.wscaleReply', 'tcp.wscaleReply'],
  ['help.name', 'helper'],
  ['seqAdjOrig.correctionPos', 'seqAdj.orig.correctionPos'],
  ['natSrc.v4Minip', 'nat.src'],
  ['mark', 'mark'],
])('%s is %s to the caller', (ours, theirs) => {
  expect(renameConntrack(ours)).toBe(theirs)
})
