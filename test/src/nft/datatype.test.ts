/** Data types as `nft describe` has them, and as `nft -j list` and `nft list` print their constants. */
import { describe, expect, test } from 'vitest'
import { hostLittleEndian } from '../../../protocol/wire/bytes.ts'
import { EncodeError } from '../../../protocol/wire/codec.ts'
import type { InputOf, Names, Value } from '../../../src/nft/datatype.ts'
import {
  bytesOf,
  integerOf,
  numberOf,
  predecessor,
  prefixLength,
  prefixMask,
  prefixOf,
  successor,
} from '../../../src/nft/datatypes/bits.ts'
import {
  type ct_state,
  type DataTypeName,
  dataType,
  dataTypes,
  date,
  type inet_service,
  typeId,
  typesOf,
} from '../../../src/nft/datatypes/index.ts'

/** Bytes of a host order value on a little-endian machine turned round elsewhere, so that one table does. */
function local(hex: string, byteorder: 'big' | 'host'): string {
  return byteorder === 'host' && !hostLittleEndian ? (hex.match(/../g) ?? []).reverse().join('') : hex
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Seen with nft 1.0.6 in rules of a namespace: the constant given, bits, the register, `nft -j`, `nft`. */
const rows: [DataTypeName, Value, number, string, Value, string][] = [
  ['ipv4_addr', '1.2.3.4', 0, '01020304', '1.2.3.4', '1.2.3.4'],
  ['ipv6_addr', '::FFFF:1.2.3.4', 0, '00000000000000000000ffff01020304', '::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ['ether_addr', '02:00:00:00:00:0A', 0, '02000000000a', '02:00:00:00:00:0a', '02:00:00:00:00:0a'],
  ['ether_type', 'vlan', 0, '8100', '8021q', '8021q'],
  ['ether_type', 0x8864, 0, '8864', 34916, '0x8864'],
  ['inet_proto', 'icmpv6', 0, '3a', 'ipv6-icmp', 'ipv6-icmp'],
  ['inet_proto', 200, 0, 'c8', 200, '200'],
  ['inet_service', 'ssh', 0, '0016', 22, '22'],
  ['inet_service', 65535, 0, 'ffff', 65535, '65535'],
  ['icmp_type', 'echo-request', 0, '08', 'echo-request', 'echo-request'],
  ['icmpv6_type', 'mld-listener-reduction', 0, '84', 'mld-listener-done', 'mld-listener-done'],
  ['icmp_code', 77, 0, '4d', 77, '77'],
  ['arp_op', 'reply', 0, '0002', 'reply', 'reply'],
  ['tcp_flag', ['syn', 'ack'], 0, '12', ['syn', 'ack'], 'syn,ack'],
  ['tcp_flag', 'fin', 0, '01', 'fin', 'fin'],
  ['tcp_flag', 0, 0, '00', 0, '0x0'],
  ['dccp_pkttype', 'sync', 0, '08', 'sync', 'sync'],
  ['dccp_pkttype', 12, 0, '0c', 12, '12'],
  ['mark', '0x10', 0, '10000000', 16, '0x00000010'],
  ['mark', 0xffffffff, 0, 'ffffffff', 0xffffffff, '0xffffffff'],
  ['ct_state', 0x4a, 0, '4a000000', ['established', 'new', 'untracked'], 'established,new,untracked'],
  ['ct_state', 0x100, 0, '00010000', 256, '0x100'],
  ['ct_status', 'assured', 0, '04000000', 'assured', 'assured'],
  ['ct_dir', 'reply', 0, '01', 'reply', 'reply'],
  ['ct_event', 0x802, 0, '02080000', ['related', 2048], 'related,0x800'],
  ['ct_label', 5, 0, '20000000000000000000000000000000', 5, '5'],
  ['ct_label', [5, 127], 0, '20000000000000000000000000000080', [5, 127], '5,127'],
  ['pkt_type', 'unicast', 0, '00', 'host', 'host'],
  ['iface_index', 'lo', 0, '01000000', 'lo', '"lo"'],
  ['iface_index', 77, 0, '4d000000', '77', '77'],
  ['ifname', 'lo', 0, '6c6f0000000000000000000000000000', 'lo', '"lo"'],
  ['ifname', 'eth*', 0, '657468', 'eth*', '"eth*"'],
  ['ifname', 'eth\\*', 0, '6574682a000000000000000000000000', 'eth\\*', '"eth\\*"'],
  ['string', 'ftp', 128, '66747000000000000000000000000000', 'ftp', '"ftp"'],
  ['iface_type', 'loopback', 0, '0403', 'loopback', 'loopback'],
  ['iface_type', 9, 0, '0900', 9, '9'],
  ['realm', 'cosmos', 0, '00000000', 'cosmos', '"cosmos"'],
  ['realm', 5, 0, '05000000', '5', '5'],
  ['classid', '1:2', 0, '02000100', '1:2', '1:2'],
  ['classid', 0x10000, 0, '00000100', '1:0', '1:0'],
  ['classid', 'none', 0, '00000000', 'none', 'none'],
  ['classid', 'root', 0, 'ffffffff', 'root', 'root'],
  ['devgroup', 'default', 0, '00000000', 'default', '"default"'],
  ['devgroup', 7, 0, '07000000', 7, '7'],
  ['uid', 'root', 0, '00000000', 0, '0'],
  ['gid', 12345, 0, '39300000', 12345, '12345'],
  ['dscp', 'af11', 0, '0a', 'af11', 'af11'],
  ['dscp', 5, 0, '05', 5, '0x05'],
  ['dscp', 'df', 0, '00', 'cs0', 'cs0'],
  ['ecn', 1, 0, '01', 'ect1', 'ect1'],
  ['fib_addrtype', 'local', 0, '02000000', 'local', 'local'],
  ['fib_addrtype', 77, 0, '4d000000', 77, '77'],
  ['boolean', 'exists', 8, '01', true, 'exists'],
  ['boolean', false, 8, '00', false, 'missing'],
  ['time', 605, 32, '483b0900', 605, '10m5s'],
  ['time', '1d1h1m1s', 64, 'c8385e0500000000', 90061, '1d1h1m1s'],
  ['time', '500ms', 32, 'f4010000', '500ms', '500ms'],
  ['day', 'Monday', 0, '01', 'Monday', '"Monday"'],
  ['nf_proto', 'ipv6', 0, '0a', 'ipv6', 'ipv6'],
  ['mh_type', 'home-test', 0, '03', 'home-test', 'home-test'],
  ['igmp_type', 'leave-group', 0, '17', 'leave-group', 'leave-group'],
  ['integer', 5, 12, '0005', 5, '5'],
  ['integer', '0xffffffffffffffffff', 72, 'ffffffffffffffffff', '0xffffffffffffffffff', '4722366482869645213695'],
  ['bitmask', 5, 8, '05', 5, '0x5'],
  ['cgroupsv2', 'user.slice', 0, '0700000000000000', 'user.slice', '"user.slice"'],
]

const names: Names = {
  ifindex: (name) => (name === 'lo' ? 1 : undefined),
  ifname: (index) => (index === 1 ? 'lo' : undefined),
  cgroup: (path) => (path === 'user.slice' ? 7n : undefined),
  cgroupPath: (id) => (id === 7n ? 'user.slice' : undefined),
}

describe('constants', () => {
  test.each(rows)('%s %j', (name, value, bits, bytes, json, text) => {
    const type = dataType(name)
    const parsed = type.parse(value, bits, names)
    expect(hex(parsed)).toBe(local(bytes, type.byteorder))
    expect(type.format(parsed, names)).toEqual(json)
    expect(type.text(parsed, names)).toBe(text)
    // What is printed can be given back.
    expect(hex(type.parse(type.format(parsed, names), bits, names))).toBe(hex(parsed))
  })

  test.each<[DataTypeName, Value, number, RegExp]>([
    ['ipv4_addr', '1.2.3', 0, /must be an IPv4 address, got '1\.2\.3'/],
    ['ether_addr', '02:00', 0, /must have 6 bytes/],
    ['inet_service', 65536, 0, /from 0 to 65535, got 65536/],
    ['inet_service', 'sssh', 0, /must be a port/],
    ['inet_service', -1, 0, /from 0 to 65535/],
    ['dscp', 64, 0, /from 0 to 63/],
    ['ct_state', 'estabished', 0, /one of invalid, new, established, related, untracked/],
    ['icmp_type', ['echo-request', 'echo-reply'], 0, /must be one value/],
    ['iface_index', 'nope', 0, /must be an interface that exists/],
    ['ifname', 'sixteen-bytes-xx', 0, /less than 16 bytes/],
    ['ifname', '*', 0, /matches everything/],
    ['time', '1x', 32, /must be seconds or a time/],
    ['ct_label', 128, 0, /bit from 0 to 127/],
    ['verdict', 'accept', 0, /must be a verdict/],
  ])('%s %j is refused', (name, value, bits, message) => {
    expect(() => dataType(name).parse(value, bits, names)).toThrow(message)
    expect(() => dataType(name).parse(value, bits, names)).toThrow(EncodeError)
  })

  test('times of the clock are local', () => {
    const noon = new Date(2020, 0, 2, 3, 4, 5)
    const bytes = date.parse('2020-01-02 03:04:05', 0)
    expect(integerOf(bytes, 'host')).toBe(BigInt(noon.getTime()) * 1_000_000n)
    expect(date.format(bytes)).toBe('2020-01-02 03:04:05')
    const hour = dataTypes.hour.parse('13:30', 0)
    expect(numberOf(hour, 'host')).toBe((13.5 * 3600 + new Date().getTimezoneOffset() * 60 + 86_400) % 86_400)
    expect([dataTypes.hour.format(hour), dataTypes.hour.text(hour)]).toEqual(['13:30', '"13:30"'])
    expect(dataTypes.hour.format(dataTypes.hour.parse('13:04:05', 0))).toBe('13:04:05')
  })
})

describe('type numbers', () => {
  test('are each of one type', () => {
    const ids = Object.values(dataTypes).map((type) => type.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const type of Object.values(dataTypes)) expect(typesOf(type.id)?.map(({ name }) => name)).toEqual([type.name])
  })

  test('six bits each in a concatenation', () => {
    const types = [dataTypes.ipv4_addr, dataTypes.inet_service, dataTypes.ifname]
    expect(typeId(types)).toBe((7 << 12) | (13 << 6) | 41)
    expect(typesOf(typeId(types))).toEqual(types)
    expect(typesOf(63)).toBeUndefined()
    expect(() => dataType('ipv5_addr')).toThrow(/no data type 'ipv5_addr'/)
  })

  test('input types', () => {
    // Checked by the compiler.
    const state: InputOf<typeof ct_state> = 'established'
    const port: InputOf<typeof inet_service> = 22
    // @ts-expect-error no such state
    const wrong: InputOf<typeof ct_state> = 'estabished'
    expect([state, port, wrong]).toHaveLength(3)
  })
})

describe('bits', () => {
  test('numbers of any width', () => {
    expect(hex(bytesOf(0x1234, 12))).toBe('1234')
    expect(hex(bytesOf(1n, 128))).toBe(`${'0'.repeat(31)}1`)
    expect(integerOf(bytesOf(2n ** 100n + 5n, 128, 'host'), 'host')).toBe(2n ** 100n + 5n)
    expect(numberOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBe(0xffffffff)
  })

  test.each([
    [0, 32, '00000000'],
    [1, 32, '80000000'],
    [24, 32, 'ffffff00'],
    [31, 32, 'fffffffe'],
    [32, 32, 'ffffffff'],
    [10, 16, 'ffc0'],
  ])('mask of /%i in %i bits', (length, bits, mask) => {
    expect(hex(prefixMask(length, bits))).toBe(mask)
    expect(prefixLength(prefixMask(length, bits))).toBe(length)
  })

  test('masks with holes, ranges that are no prefix', () => {
    for (const mask of ['ff00ff00', '00000001', 'fd000000', '80800000'])
      expect(prefixLength(Buffer.from(mask, 'hex'))).toBeUndefined()
    const range = (first: string, last: string) => prefixOf(Buffer.from(first, 'hex'), Buffer.from(last, 'hex'))
    expect(range('0a000000', '0affffff')).toBe(8)
    expect(range('00000000', 'ffffffff')).toBe(0)
    expect(range('0a000001', '0a000001')).toBe(32)
    expect(range('0a000001', '0affffff')).toBeUndefined()
    expect(range('0a000000', '0afffffe')).toBeUndefined()
  })

  test('neighbours', () => {
    expect(hex(successor(Buffer.from('00ffff', 'hex')) ?? new Uint8Array())).toBe('010000')
    expect(successor(Buffer.from('ffff', 'hex'))).toBeUndefined()
    expect(hex(predecessor(Buffer.from('010000', 'hex')) ?? new Uint8Array())).toBe('00ffff')
    expect(predecessor(Buffer.from('0000', 'hex'))).toBeUndefined()
  })
})
