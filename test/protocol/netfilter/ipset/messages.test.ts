import { describe, expect, test } from 'vitest'
import {
  ipsetElementMessage,
  ipsetMessage,
  ipsetPairMessage,
  ipsetProtocolMessage,
  ipsetTypeMessage,
} from '../../../../protocol/netfilter/ipset/messages.ts'
import { IPSET_CMD_CREATE, IPSET_CMD_LIST } from '../../../../protocol/netfilter/ipset/operations.ts'
import { messageFlags } from '../../../../protocol/netlink/operation.ts'
import { hex, Sink, source } from '../../../../protocol/wire/bytes.ts'
import { read, write } from '../../../../protocol/wire/compile.ts'
import { bytesOf, rows } from '../../route/rows.ts'

const header = { family: 'ipv4', version: 0, resId: 0 }

describe('ipsetMessage', () => {
  rows(ipsetMessage, [
    {
      fixture: 'netfilter/ipset/ipset-create-nets-hash-net-family-inet-hashsize-1024-maxelem-655',
      hex: '02000000 0500010007000000 090002006e65747300000000 0d000300686173683a6e657400000000 0500040007000000 0500050002000000 240007800800064000000258080008400000001808001240000004000800134000010000',
      value: {
        header,
        protocol: 7,
        setname: 'nets',
        typename: 'hash:net',
        revision: 7,
        family: 'ipv4',
        data: { timeout: 600, cadtFlags: ['with_counters', 'with_comment'], hashsize: 1024, maxelem: 65536 },
      },
    },
    {
      fixture: 'netfilter/ipset/ipset-list-t',
      hex: '02000000 0500010007000000 0800064000000004',
      value: { header, protocol: 7, flags: ['list_header'] },
    },
  ])

  // hash:ip,mark of netfilter/ipset/ipset-list-t, and an address of netfilter/ipset/ipset-list: neither is marked as big-endian.
  test.each([
    ['a mask in host order', '0c000780 08000b00ffff0000', { data: { markmask: 0xffff } }, '0c00078008000b400000ffff'],
    [
      'an address',
      '14000880 10000780 0c000180 08000100c0000201',
      { adt: { data: [{ ip: { ipv4: '192.0.2.1' } }] } },
      '14000880100007800c00018008000140c0000201',
    ],
  ])(
    'what the kernel reports unmarked is read, and written as the kernel takes it: %s',
    (_what, text, value, written) => {
      const bytes = bytesOf(`02000000${text}`)
      const decoded = read(ipsetMessage, source(bytes, { littleEndian: true }), 0, bytes.length)
      expect(decoded).toEqual({ header, ...value })
      const exact = ipsetMessage.decode(source(bytes, { littleEndian: true, exact: true }), 0, bytes.length)
      for (const [what, want] of [
        [decoded, `02000000${written}`],
        [exact, hex(bytes)],
      ] as const) {
        const sink = new Sink(true)
        write(ipsetMessage, what, sink)
        expect(hex(sink.finish())).toBe(want)
      }
    },
  )
})

describe('ipsetElementMessage', () => {
  rows(ipsetElementMessage, [
    {
      fixture: 'netfilter/ipset/ipset-add-ipportnet-192-0-2-1-tcp-80-10-0-0-0-8',
      hex: '02000000 0500010007000000 0e0002006970706f72746e6574000000 3c0007800c00018008000140c0000201060004400050000005000700060000000c001480080001400a00000005001500080000000800094000000000',
      value: {
        header,
        protocol: 7,
        setname: 'ipportnet',
        data: {
          ip: { ipv4: '192.0.2.1' },
          port: 80,
          proto: 'tcp',
          ip2: { ipv4: '10.0.0.0' },
          cidr2: 8,
          cadtLineno: 0,
        },
      },
    },
    {
      fixture: 'netfilter/ipset/ipset-add-nets6-2001-db8-32',
      hex: '02000000 0500010007000000 0a0002006e65747336000000 2c000780180001801400024020010db800000000000000000000000005000300200000000800094000000000',
      value: {
        header,
        protocol: 7,
        setname: 'nets6',
        data: { ip: { ipv6: '2001:db8::' }, cidr: 32, cadtLineno: 0 },
      },
    },
    {
      fixture: 'netfilter/ipset/restore',
      hex: '02000000 0800094000000002 34000880 180007800c00018008000140c00002010800094000000002 180007800c00018008000140c00002020800094000000003',
      value: {
        header,
        lineno: 2,
        adt: {
          data: [
            { ip: { ipv4: '192.0.2.1' }, cadtLineno: 2 },
            { ip: { ipv4: '192.0.2.2' }, cadtLineno: 3 },
          ],
        },
      },
    },
  ])
})

describe('numbers that mean another thing in another command', () => {
  rows(ipsetPairMessage, [
    {
      fixture: 'netfilter/ipset/ipset-swap-addrs-addrs2',
      hex: '02000000 0500010007000000 0a0002006164647273000000 0b0003006164647273320000',
      value: { header, protocol: 7, setname: 'addrs', setname2: 'addrs2' },
    },
  ])
  rows(ipsetProtocolMessage, [
    {
      fixture: 'netfilter/ipset/ipset-create-addrs-hash-ip: protocol',
      hex: '02000000 0500010007000000 05000a0006000000',
      value: { header, protocol: 7, protocolMin: 6 },
    },
  ])
  rows(ipsetTypeMessage, [
    {
      fixture: 'netfilter/ipset/ipset-create-addrs-hash-ip: type',
      hex: '02000000 0500010007000000 0c000300686173683a697000 0500050002000000 0500040005000000 05000a0000000000',
      value: { header, protocol: 7, typename: 'hash:ip', family: 'ipv4', revision: 5, revisionMin: 0 },
    },
  ])
})

test('flags are those of the kind of message', () => {
  expect(messageFlags[IPSET_CMD_CREATE.kind].number(['create', 'excl'])).toBe(0x600)
  expect(messageFlags[IPSET_CMD_LIST.kind].number(['dump'])).toBe(0x300)
})
