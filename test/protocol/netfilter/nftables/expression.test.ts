import { describe, expect, test } from 'vitest'
import {
  expression,
  isExpression,
  knownExpression,
  type NftExpression,
  type NftExpressionInput,
} from '../../../../protocol/netfilter/nftables/expression.ts'
import { bytesOf, type Row, refusal, rows } from '../../route/rows.ts'

const list: Row[] = [
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ip6-flowlabel-22-accept',
    hex: '0c0001006269747769736500 3c000280 0800010000000001 0800020000000001 0800060000000000 0800030000000003 0c000480 070001000fffff00 0c000580 0700010000000000',
    value: {
      name: 'bitwise',
      data: {
        sreg: 1,
        dreg: 1,
        op: 'mask_xor',
        len: 3,
        mask: { value: bytesOf('0fffff') },
        xor: { value: bytesOf('000000') },
      },
    },
  },
  {
    fixture: 'nftables/conntrack/nft-add-rule-inet-t-c-ct-status-dnat-accept',
    hex: '0c0001006269747769736500 34000280 0800010000000001 0800020000000001 0800030000000004 0c000480 0800010020000000 0c000580 0800010000000000',
    value: {
      name: 'bitwise',
      data: { sreg: 1, dreg: 1, len: 4, mask: { value: bytesOf('20000000') }, xor: { value: bytesOf('00000000') } },
    },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-meta-skgid-0-100-accept',
    hex: '0e000100627974656f72646572000000 2c000280 0800010000000001 0800020000000001 0800030000000001 0800040000000004 0800050000000004',
    value: { name: 'byteorder', data: { sreg: 1, dreg: 1, op: 'hton', len: 4, size: 4 } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ip-saddr-192-0-2-1-accept',
    hex: '08000100636d7000 20000280 0800010000000001 0800020000000000 0c000380 0500010002000000',
    value: { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value: bytesOf('02') } } },
  },
  {
    fixture: 'nftables/conntrack/nft-add-rule-inet-t-c-ct-count-over-20-reject',
    hex: '0e000100636f6e6e6c696d6974000000 14000280 0800010000000014 0800020000000001',
    value: { name: 'connlimit', data: { count: 20, flags: ['inv'] } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-c-counter-packets-10-bytes-1000-accept',
    hex: '0c000100636f756e74657200 1c000280 0c00010000000000000003e8 0c000200000000000000000a',
    value: { name: 'counter', data: { bytes: 1000n, packets: 10n } },
  },
  {
    fixture: 'nftables/conntrack/nft-add-rule-inet-t-c-ct-original-packets-10-accept',
    hex: '0700010063740000 1c000280 080002000000000e 0800010000000001 0500030000000000',
    value: { name: 'ct', data: { key: 'pkts', dreg: 1, direction: 'original' } },
  },
  {
    fixture: 'nftables/other-families/nft-add-rule-ip-t-c-dup-to-192-0-2-1-device-veth0',
    hex: '0800010064757000 14000280 0800010000000001 0800020000000002',
    value: { name: 'dup', data: { sregAddr: 1, sregDev: 2 } },
  },
  {
    fixture: 'nftables/maps/nft-add-rule-inet-t-c-update-timed-ip-saddr-0x10',
    hex: '0b00010064796e7365740000 30000280 0800040000000001 0800050000000002 0800030000000001 0a00010074696d6564000000 0800020000000005',
    value: { name: 'dynset', data: { sregKey: 1, sregData: 2, op: 'update', setName: 'timed', setId: 5 } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ip-option-lsrr-exists-drop',
    hex: '0b0001006578746864720000 34000280 0800010000000001 0500020083000000 0800030000000000 0800040000000001 0800060000000002 0800050000000001',
    value: { name: 'exthdr', data: { dreg: 1, type: 131, offset: 0, len: 1, op: 'ipv4', flags: ['present'] } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-tcp-option-maxseg-size-1-500-drop',
    hex: '0b0001006578746864720000 34000280 0800010000000001 0500020002000000 0800030000000002 0800040000000002 0800060000000001 0800050000000000',
    value: { name: 'exthdr', data: { dreg: 1, type: 2, offset: 2, len: 2, op: 'tcpopt', flags: [] } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-fib-saddr-iif-oif-missing-drop',
    hex: '0800010066696200 1c000280 0800030000000029 0800020000000001 0800010000000001',
    value: { name: 'fib', data: { flags: ['saddr', 'iif', 'present'], result: 'oif', dreg: 1 } },
  },
  {
    fixture: 'nftables/flowtable/nft-add-rule-inet-t-forwarded-ip-protocol-tcp-flow-add-ft',
    hex: '11000100666c6f775f6f66666c6f616400000000 0c000280 0700010066740000',
    value: { name: 'flow_offload', data: { tableName: 'ft' } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-netdev-nd-in-fwd-to-veth1',
    hex: '0800010066776400 0c000280 0800010000000001',
    value: { name: 'fwd', data: { sregDev: 1 } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-symhash-mod-4-1-accept',
    hex: '090001006861736800000000 24000280 0800020000000001 0800040000000004 0800060000000000 0800070000000001',
    value: { name: 'hash', data: { dreg: 1, modulus: 4, offset: 0, type: 'sym' } },
  },
  {
    fixture: 'nftables/conntrack/nft-add-rule-inet-t-c-ct-zone-set-7',
    hex: '0e000100696d6d656469617465000000 18000280 0800010000000001 0c000280 0600010007000000',
    value: { name: 'immediate', data: { dreg: 1, data: { value: bytesOf('0700') } } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ip-saddr-192-0-2-1-accept',
    hex: '0e000100696d6d656469617465000000 1c000280 0800010000000000 10000280 0c000280 0800010000000001',
    value: { name: 'immediate', data: { dreg: 0, data: { verdict: { code: 'accept' } } } },
  },
  {
    fixture: 'nftables/files/failing-batch',
    hex: '0e000100696d6d656469617465000000 28000280 0800010000000000 1c000280 18000280 08000100fffffffd 0c0002006e6f776865726500',
    value: { name: 'immediate', data: { dreg: 0, data: { verdict: { code: 'jump', chain: 'nowhere' } } } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-c-limit-rate-10-second-accept',
    hex: '0a0001006c696d6974000000 34000280 0c000100000000000000000a 0c0002000000000000000001 0800030000000005 0800040000000000 0800050000000000',
    value: { name: 'limit', data: { rate: 10n, unit: 1n, burst: 5, type: 'pkts', flags: [] } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-c-log-group-5-snaplen-128-queue-threshold-10',
    hex: '080001006c6f6700 28000280 0b0002006e666c6f67200000 0600010000050000 0800030000000080 06000400000a0000',
    value: { name: 'log', data: { prefix: 'nflog ', group: 5, snaplen: 128, qthreshold: 10 } },
  },
  {
    fixture: 'nftables/conntrack/nft-add-rule-inet-t-c-ct-state-vmap-established-accept-related-a',
    hex: '0b0001006c6f6f6b75700000 28000280 0800020000000001 0800030000000000 0c0001005f5f6d6170256400 0800040000000001',
    value: { name: 'lookup', data: { sreg: 1, dreg: 0, set: '__map%d', setId: 1 } },
  },
  {
    fixture: 'nftables/nat/nft-add-rule-ip-nat-postrouting-masquerade-random-persistent',
    hex: '090001006d61737100000000 0c000280 080001000000000c',
    value: { name: 'masq', data: { flags: ['proto_random', 'persistent'] } },
  },
  {
    fixture: 'netfilter/iptables/iptables-a-input-p-icmp-icmp-type-echo-request-j-accept',
    hex: '0a0001006d61746368000000 24000280 0900010069636d7000000000 0800020000000000 0c0003000800ff0000000000',
    value: { name: 'match', data: { name: 'icmp', rev: 0, info: bytesOf('0800ff0000000000') } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ip-saddr-192-0-2-1-accept',
    hex: '090001006d65746100000000 14000280 080002000000000f 0800010000000001',
    value: { name: 'meta', data: { key: 'nfproto', dreg: 1 } },
  },
  {
    fixture: 'nftables/nat/nft-add-rule-ip-nat-postrouting-tcp-sport-1-1000-snat-to-203-0-1',
    hex: '080001006e617400 34000280 0800010000000000 0800020000000002 0800030000000001 0800050000000002 0800060000000003 0800070000000002',
    value: {
      name: 'nat',
      data: { type: 'snat', family: 'ipv4', regAddrMin: 1, regProtoMin: 2, regProtoMax: 3, flags: ['proto_specified'] },
    },
  },
  {
    fixture: 'nftables/nat/nft-add-rule-ip-nat-prerouting-tcp-dport-5000-dnat-to-192-168-1',
    hex: '080001006e617400 2c000280 0800010000000001 0800020000000002 0800030000000001 0800050000000002 0800070000000002',
    value: {
      name: 'nat',
      data: { type: 'dnat', family: 'ipv4', regAddrMin: 1, regProtoMin: 2, flags: ['proto_specified'] },
    },
  },
  {
    fixture: 'nftables/conntrack/nft-add-rule-inet-t-c-notrack',
    hex: '0c0001006e6f747261636b00',
    value: { name: 'notrack' },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-numgen-random-mod-10-0-accept',
    hex: '0b0001006e756d67656e0000 24000280 0800010000000001 080002000000000a 0800030000000001 0800040000000000',
    value: { name: 'numgen', data: { dreg: 1, modulus: 10, type: 'random', offset: 0 } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-osf-name-linux-accept',
    hex: '080001006f736600 14000280 0800010000000001 0500020000000000',
    value: { name: 'osf', data: { dreg: 1, ttl: 0 } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-c-ip-ttl-set-64',
    hex: '0c0001007061796c6f616400 34000280 0800050000000001 0800020000000001 0800030000000008 0800040000000002 0800060000000001 080007000000000a',
    value: {
      name: 'payload',
      data: { sreg: 1, base: 'network_header', offset: 8, len: 2, csumType: 'inet', csumOffset: 10 },
    },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ip-saddr-192-0-2-1-accept',
    hex: '0c0001007061796c6f616400 24000280 0800010000000001 0800020000000001 080003000000000c 0800040000000004',
    value: { name: 'payload', data: { dreg: 1, base: 'network_header', offset: 12, len: 4 } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-c-queue-num-3',
    hex: '0a0001007175657565000000 14000280 0600010000030000 0600020000010000',
    value: { name: 'queue', data: { num: 3, total: 1 } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-c-quota-until-100-bytes-used-10-bytes-accept',
    hex: '0a00010071756f7461000000 24000280 0c0001000000000000000064 0c000400000000000000000a 0800020000000000',
    value: { name: 'quota', data: { bytes: 100n, consumed: 10n, flags: [] } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ip-saddr-10-0-0-0-10-0-0-255-counter',
    hex: '0a00010072616e6765000000 2c000280 0800010000000001 0800020000000001 0c000380 080001000a000000 0c000480 080001000a0000ff',
    value: {
      name: 'range',
      data: { sreg: 1, op: 'neq', fromData: { value: bytesOf('0a000000') }, toData: { value: bytesOf('0a0000ff') } },
    },
  },
  {
    fixture: 'nftables/nat/nft-add-rule-ip-nat-output-tcp-dport-80-redirect-to-1000-2000-ra',
    hex: '0a0001007265646972000000 1c000280 0800010000000001 0800020000000002 0800030000000006',
    value: { name: 'redir', data: { regProtoMin: 1, regProtoMax: 2, flags: ['proto_specified', 'proto_random'] } },
  },
  {
    fixture: 'nftables/conntrack/nft-add-rule-inet-t-c-ct-count-over-20-reject',
    hex: '0b00010072656a6563740000 14000280 0800010000000002 0500020001000000',
    value: { name: 'reject', data: { type: 'icmpx_unreach', icmpCode: 1 } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-rt-classid-5-accept',
    hex: '0700010072740000 14000280 0800020000000000 0800010000000001',
    value: { name: 'rt', data: { key: 'classid', dreg: 1 } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-socket-transparent-1-accept',
    hex: '0b000100736f636b65740000 1c000280 0800010000000000 0800020000000001 0800030000000000',
    value: { name: 'socket', data: { key: 'transparent', dreg: 1, level: 0 } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-inp-tcp-dport-80-synproxy-mss-1460-wscale-7',
    hex: '0d00010073796e70726f787900000000 1c000280 0600010005b40000 0500020007000000 080003000000000f',
    value: { name: 'synproxy', data: { mss: 1460, wscale: 7, flags: ['mss', 'wscale', 'sack_perm', 'timestamp'] } },
  },
  {
    fixture: 'netfilter/iptables/iptables-t-mangle-a-prerouting-j-ttl-ttl-set-64',
    hex: '0b0001007461726765740000 20000280 0800010054544c00 0800020000000000 0c0003000040000000000000',
    value: { name: 'target', data: { name: 'TTL', rev: 0, info: bytesOf('0040000000000000') } },
  },
  {
    fixture: 'nftables/statements/nft-add-rule-inet-t-pre-meta-l4proto-tcp-tproxy-ip-to-127-0-0-1',
    hex: '0b0001007470726f78790000 1c000280 0800010000000002 0800020000000001 0800030000000002',
    value: { name: 'tproxy', data: { family: 'ipv4', regAddr: 1, regPort: 2 } },
  },
  {
    fixture: 'nftables/matches/nft-add-rule-inet-t-c-ipsec-out-ip-daddr-192-0-2-1-accept',
    hex: '090001007866726d00000000 24000280 0800020000000001 0500030001000000 0800040000000000 0800010000000001',
    value: { name: 'xfrm', data: { key: 'daddr_ip4', dir: 'out', spnum: 0, dreg: 1 } },
  },
  {
    fixture: 'by hand: bitwise of two registers (Linux 6.13)',
    hex: '0c0001006269747769736500 2c000280 0800010000000001 0800080000000002 0800020000000001 0800030000000004 0800060000000004',
    value: { name: 'bitwise', data: { sreg: 1, sreg2: 2, dreg: 1, len: 4, op: 'or' } },
  },
  {
    fixture: 'by hand: inner',
    hex: '0a000100696e6e6572000000 50000280 0800010000000000 0800020000000001 080003000000000f 0800040000000008 2c000580 0c0001007061796c6f616400 1c000280 0800010000000001 0800020000000004 0800030000000004',
    value: {
      name: 'inner',
      data: {
        num: 0,
        type: 'vxlan',
        flags: ['hdrsize', 'll', 'nh', 'th'],
        hdrsize: 8,
        expr: { name: 'payload', data: { dreg: 1, base: 'tun_header', offset: 4 } },
      },
    },
  },
  {
    fixture: 'by hand: dynset with expressions',
    hex: '0b00010064796e7365740000 60000280 0600010073000000 0800030000000000 0800040000000001 0c000600000000000000ea60 0800090000000002 30000a80 2c000180 0c000100636f756e74657200 1c000280 0c0001000000000000000000 0c0002000000000000000000',
    value: {
      name: 'dynset',
      data: {
        setName: 's',
        op: 'add',
        sregKey: 1,
        timeout: 60000n,
        flags: ['expr'],
        expressions: [{ name: 'counter', data: { bytes: 0n, packets: 0n } }],
      },
    },
  },
  {
    fixture: 'by hand: objref (nft leaves the NUL out)',
    hex: '0b0001006f626a7265660000 18000280 0800010000000001 090002006874747000000000',
    value: { name: 'objref', data: { immType: 'counter', immName: 'http' } },
  },
  {
    fixture: 'by hand: last',
    hex: '090001006c61737400000000 18000280 0800010000000001 0c00020000000000000007d0',
    value: { name: 'last', data: { set: 1, msecs: 2000n } },
  },
  {
    fixture: 'by hand: tunnel',
    hex: '0b00010074756e6e656c0000 1c000280 0800010000000001 0800020000000001 0800030000000001',
    value: { name: 'tunnel', data: { key: 'id', dreg: 1, mode: 'rx' } },
  },
]

describe('every expression, as nft and iptables-nft send it', () => {
  rows(expression, list)
})

test('there is a row of each', () => {
  const known = expression.rows.data?.codec.sort === 'selected' ? Object.keys(expression.rows.data.codec.cases) : []
  expect(known.length).toBe(40)
  expect(new Set(list.map(({ value }) => (value as NftExpression).name))).toEqual(new Set(known))
})

describe('the unknown', () => {
  // NLA_F_NESTED is written for every expression's data.
  rows(expression, [
    {
      fixture: 'by hand',
      hex: '0a0001006e6f76656c000000 07000280aabbcc00',
      value: { name: 'novel', data: bytesOf('aabbcc') },
    },
  ])

  test('has no known name', () => {
    const novel: NftExpression = { name: 'novel', data: bytesOf('00') }
    expect(knownExpression(novel)).toBeUndefined()
    expect(knownExpression({ name: 'toString' })).toBeUndefined()
    expect(isExpression(novel, 'cmp')).toBe(false)
  })

  test('data that is missing is that of notrack, data that is malformed none', () => {
    expect(knownExpression({ name: 'notrack' })).toEqual({ name: 'notrack', data: {} })
    expect(knownExpression({ name: 'cmp', data: bytesOf('00') })).toBeUndefined()
    const known = knownExpression({ name: 'rt', data: { dreg: 1, key: 'xfrm' } })
    // By the name, the compiler knows the data.
    expect(known?.name === 'rt' && known.data.key).toBe('xfrm')
  })
})

test.each([
  [
    { name: 'cmp', data: { op: 'equal' } },
    "data.op: must be one of eq, neq, lt, lte, gt, gte or a number, got 'equal'",
  ],
  [{ name: 'cmp', data: { data: { value: 'x' } } }, "data.data.value: must be a Uint8Array, got 'x'"],
  [{ name: 'counter', data: { bytes: 1 } }, `data.bytes: must be a bigint 0..${2n ** 64n - 1n}, got 1`],
  [{ name: 'payload', data: { length: 1 } }, 'data.length: is no attribute of nftables/expr-payload-attrs'],
  [
    { name: 'dynset', data: { expressions: [{ name: 'rt' }, { name: 'rt', data: { key: -1 } }] } },
    'data.expressions[1].data.key: must be an integer 0..4294967295, got -1',
  ],
])('%j: %s', (value, message) => {
  expect(refusal(expression, value)).toBe(message)
})

test('types: the name says which data', () => {
  const taken: NftExpressionInput[] = [
    { name: 'payload', data: { base: 'network_header', offset: 12, len: 4, dreg: 1 } },
    { name: 'immediate', data: { dreg: 0, data: { verdict: { code: 'jump', chain: 'c' } } } },
    { name: 'dynset', data: { op: 'update', expressions: [{ name: 'limit', data: { rate: 1n } }] } },
    { name: 'notrack' },
    { name: 'novel', data: new Uint8Array() },
    // @ts-expect-error no such base
    { name: 'payload', data: { base: 'network' } },
    // @ts-expect-error no such attribute
    { name: 'cmp', data: { register: 1 } },
    // @ts-expect-error a number, not a bigint
    { name: 'counter', data: { bytes: 1 } },
    // @ts-expect-error an expression inside an expression is checked as well
    { name: 'dynset', data: { expr: { name: 'limit', data: { rate: 1 } } } },
    // @ts-expect-error data of the unknown is bytes
    { name: 'novel', data: { dreg: 1 } },
  ]
  const found: unknown[] = []
  for (const each of taken as NftExpression[]) {
    if (isExpression(each, 'payload')) found.push(each.data.base)
    const known = knownExpression(each)
    if (known?.name === 'immediate') found.push(known.data.data?.verdict?.chain)
  }
  expect(found).toEqual(['network_header', 'c', 'network'])
})
