/** Selectors as `nft describe` and `nft --debug=netlink` have them, and definitions of sets as nft sends them to the kernel. */
import { describe, expect, test } from 'vitest'
import { EncodeError } from '../../../protocol/wire/codec.ts'
import type { Expr, NftFamily, Selector } from '../../../src/nft/ast.ts'
import { dataTypes } from '../../../src/nft/datatypes/index.ts'
import {
  defineSet,
  definitionOf,
  type SetInput,
  toSetJson,
  toSetMessage,
} from '../../../src/nft/objects/set-definition.ts'
import {
  type Base,
  type Extension,
  extensionAt,
  extensions,
  headerBehind,
  headers,
  isSelector,
  resolveSelector,
} from '../../../src/nft/selectors/index.ts'
import { buildTypeof, parseTypeof } from '../../../src/nft/selectors/typeof.ts'

const payload = (protocol: string, field: string): Selector => ({ payload: { protocol, field } })

/** Selector, what it loads ('base offset+bits', or kernel key), data type. */
const rows: [Selector, string, string, NftFamily?][] = [
  [payload('ip', 'saddr'), 'network_header 96+32', 'ipv4_addr'],
  [payload('ip', 'dscp'), 'network_header 8+6', 'dscp'],
  [payload('ip6', 'daddr'), 'network_header 192+128', 'ipv6_addr'],
  [payload('ip6', 'flowlabel'), 'network_header 12+20', 'integer'],
  [payload('tcp', 'dport'), 'transport_header 16+16', 'inet_service'],
  [payload('tcp', 'flags'), 'transport_header 104+8', 'tcp_flag'],
  [payload('vlan', 'id'), 'll_header 116+12', 'integer'],
  [payload('vlan', 'cfi'), 'll_header 115+1', 'integer'],
  [payload('ether', 'type'), 'll_header 96+16', 'ether_type'],
  [payload('arp', 'saddr ip'), 'network_header 112+32', 'ipv4_addr'],
  [payload('dccp', 'type'), 'transport_header 67+4', 'dccp_pkttype'],
  [payload('comp', 'cpi'), 'transport_header 16+16', 'integer'],
  [{ payload: { base: 'th', offset: 3, len: 7 } }, 'transport_header 3+7', 'integer'],
  [{ meta: { key: 'iifname' } }, 'meta iifname 128', 'ifname'],
  [{ meta: { key: 'secpath' } }, 'meta secpath 8', 'boolean'],
  [{ meta: { key: 'ibrname' } }, 'meta bri_iifname 128', 'ifname'],
  [{ ct: { key: 'state' } }, 'ct state 32', 'ct_state'],
  [{ ct: { key: 'label' } }, 'ct labels 128', 'ct_label'],
  [{ ct: { key: 'ip6 daddr', dir: 'reply' } }, 'ct dst_ip6 128', 'ipv6_addr'],
  [{ ct: { key: 'saddr', dir: 'original' } }, 'ct src_ip 32', 'ipv4_addr', 'ip'],
  [{ ct: { key: 'daddr', dir: 'reply', family: 'ip6' } }, 'ct dst_ip6 128', 'ipv6_addr', 'inet'],
  [{ ct: { key: 'bytes' } }, 'ct bytes 64', 'integer'],
  [{ rt: { key: 'nexthop', family: 'ip' } }, 'rt nexthop4 32', 'ipv4_addr'],
  [{ rt: { key: 'nexthop' } }, 'rt nexthop6 128', 'ipv6_addr', 'ip6'],
  [{ rt: { key: 'mtu' } }, 'rt tcpmss 16', 'integer'],
  [{ socket: { key: 'cgroupv2', level: 2 } }, 'socket cgroupv2 64', 'cgroupsv2'],
  [{ fib: { result: 'type', flags: 'daddr' } }, 'fib addrtype 32', 'fib_addrtype'],
  [{ osf: { key: 'name' } }, 'osf name 128', 'string'],
  [{ ipsec: { key: 'saddr', family: 'ip6', dir: 'in' } }, 'ipsec saddr_ip6 128', 'ipv6_addr'],
  [{ numgen: { mode: 'inc', mod: 2 } }, 'number 32', 'integer'],
  [{ exthdr: { name: 'frag', field: 'more-fragments' } }, 'ipv6 44 31+1', 'integer'],
  [{ exthdr: { name: 'mh', field: 'type' } }, 'ipv6 135 16+8', 'mh_type'],
  [{ exthdr: { name: 'hbh' } }, 'ipv6 0 0+8 present', 'boolean'],
  [{ exthdr: { name: 'srh', field: 'sid[2]' } }, 'ipv6 43 192+128', 'ipv6_addr'],
  [{ exthdr: { name: 'rt0', field: 'addr', offset: 1 } }, 'ipv6 43 192+128', 'ipv6_addr'],
  [{ 'tcp option': { name: 'mss', field: 'size' } }, 'tcpopt 2 16+16', 'integer'],
  [{ 'tcp option': { name: 'sack2', field: 'left' } }, 'tcpopt 5 144+32', 'integer'],
  [{ 'tcp option': { name: 'mptcp', field: 'subtype' } }, 'tcpopt 30 16+4', 'integer'],
  [{ 'tcp option': { base: 77, offset: 16, len: 8 } }, 'tcpopt 77 16+8', 'integer'],
  [{ 'tcp option': { base: 77, offset: 0, len: 8 } }, 'tcpopt 77 0+8 present', 'boolean'],
  [{ 'ip option': { name: 'ssrr', field: 'addr' } }, 'ipv4 137 24+32', 'integer'],
  [{ 'sctp chunk': { name: 'init', field: 'num-inbound-streams' } }, 'sctp 1 112+16', 'integer'],
]

function summary(selector: Selector, family?: NftFamily): string {
  const resolved = resolveSelector(selector, family)
  const place = 'offset' in resolved ? `${resolved.offset}+${resolved.size}` : String(resolved.size)
  if (resolved.kind === 'payload') return `${resolved.base} ${place}`
  if (resolved.kind === 'exthdr')
    return `${resolved.op} ${resolved.number} ${place}${resolved.present ? ' present' : ''}`
  return 'key' in resolved ? `${resolved.kind} ${resolved.key.kernel} ${place}` : `number ${place}`
}

describe('selectors', () => {
  test.each(rows)('%j is %s, %s', (selector, place, type, family) => {
    expect(summary(selector, family)).toBe(place)
    expect(resolveSelector(selector, family).type.name).toBe(type)
    expect(isSelector(selector)).toBe(true)
  })

  test.each<[Selector, string, RegExp, NftFamily?]>([
    [payload('ipv4', 'saddr'), 'payload.protocol', /no protocol 'ipv4'/],
    [payload('ip', 'sadr'), 'payload.field', /no field of ip 'sadr'; known: version, .*daddr/],
    [{ meta: { key: 'constructor' } }, 'meta.key', /no key of meta 'constructor'/],
    [{ ct: { key: 'saddr', dir: 'original' } }, 'ct.family', /needs a family/, 'inet'],
    [{ ct: { key: 'ip saddr' } }, 'ct.dir', /needs a direction/],
    [{ ct: { key: 'state', dir: 'reply' } }, 'ct.dir', /has no direction/],
    [{ 'tcp option': { name: 'maxseg', field: 'left' } }, 'tcp option.field', /known: kind, length, size/],
    [{ exthdr: { name: 'esp' } }, 'exthdr.name', /no exthdr 'esp'/],
  ])('%j is refused', (selector, path, reason, family) => {
    const refused = (() => {
      try {
        return resolveSelector(selector, family)
      } catch (error) {
        return error
      }
    })()
    expect(refused).toBeInstanceOf(EncodeError)
    expect(refused).toMatchObject({ path, reason: expect.stringMatching(reason) })
  })

  test('headers and options are found by number and place', () => {
    expect(headerBehind(6, 'transport_header')?.[0]).toBe('tcp')
    expect(headerBehind(0x86dd, 'network_header')?.[0]).toBe('ip6')
    expect(extensionAt('exthdr', 43, 192, 128)).toMatchObject({ name: 'srh', field: 'sid[2]' })
    expect(extensionAt('tcp option', 5, 16, 32)).toMatchObject({ name: 'sack', field: 'left' })
    expect(extensionAt('tcp option', 5, 80, 32)).toMatchObject({ name: 'sack1', field: 'left' })
  })

  test('no two fields of a header are the same but by their condition, none goes beyond 40 bytes', () => {
    for (const { fields } of Object.values(headers)) {
      const places = Object.values(fields).map(({ offset, size, when }) => `${offset}+${size} ${when ?? ''}`)
      expect(new Set(places).size).toBe(places.length)
      for (const { offset, size } of Object.values(fields)) expect(offset + size).toBeLessThanOrEqual(320)
    }
  })

  test('nft -j words of bases', () => {
    const bases: Base[] = ['ll', 'nh', 'th', 'ih'].map((base) => {
      const resolved = resolveSelector({ payload: { base: base as 'll', offset: 0, len: 8 } })
      return resolved.kind === 'payload' ? resolved.base : 'inner_header'
    })
    expect(bases).toEqual(['ll_header', 'network_header', 'transport_header', 'inner_header'])
  })
})

/** Captured from `nft`: expression, its number, records as type:value (u32) or type:hex. */
const typeofs: [Expr, number, string[]][] = [
  [payload('ip', 'saddr'), 7, ['0:12', '1:11']],
  [payload('vlan', 'id'), 7, ['0:16', '1:4', '4:12']],
  [payload('ip', 'dscp'), 7, ['0:12', '1:3']],
  [{ meta: { key: 'mark' } }, 9, ['0:3']],
  [
    { concat: [payload('ip', 'saddr'), payload('tcp', 'dport')] },
    13,
    ['0:000407000000010c00040c00000001040b000000', '1:000407000000010c000408000000010402000000'],
  ],
]

describe('typeof', () => {
  test.each(typeofs)('%j', (expr, number, records) => {
    const made = buildTypeof(expr)
    const data = made?.data instanceof Uint8Array ? [] : (made?.data ?? [])
    const shown = data.map(
      ({ type, bytes }) =>
        `${type}:${bytes.length === 4 ? Buffer.from(bytes).readUInt32LE() : Buffer.from(bytes).toString('hex')}`,
    )
    expect(made?.expr).toBe(number)
    expect(shown).toEqual(records)
  })

  const fields = Object.entries(headers).flatMap(([protocol, { fields }]) =>
    Object.keys(fields).map((field) => payload(protocol, field)),
  )
  const options = Object.entries(extensions).flatMap(([kind, { table }]) =>
    Object.entries<Extension>(table).flatMap(([name, { fields }]) =>
      Object.keys(fields).map((field) => ({ [kind]: { name, field } }) as unknown as Selector),
    ),
  )
  const others = rows
    .map(([selector]) => selector)
    .filter((selector) => !('fib' in selector || 'osf' in selector || 'tcp option' in selector))

  test('back comes a selector of the same place and type', () => {
    const lost = [...fields, ...options, ...others].filter((selector) => {
      const family: NftFamily = JSON.stringify(selector).includes('nexthop"}') ? 'ip6' : 'ip'
      const made = buildTypeof(named(selector, family))
      // Whether a header is there, and addresses behind the first, have no numbers.
      if (made === undefined) return !/"hbh"}|sid\[2\]|"rt0","field":"addr"/.test(JSON.stringify(selector))
      const back = parseTypeof(made) as Selector | undefined
      return !back || summary(back, family) !== summary(selector, family)
    })
    expect(lost).toEqual([])
  })

  /** With the family, which `typeof` in a table without one must have. */
  function named(selector: Selector, family: 'ip' | 'ip6'): Selector {
    if ('rt' in selector) return selector.rt.key === 'nexthop' ? { rt: { family, ...selector.rt } } : selector
    if ('ct' in selector && /^.addr$/.test(selector.ct.key.slice(0, 5))) return { ct: { family, ...selector.ct } }
    return selector
  }
})

/** nft's JSON, and what it sends to the kernel (without flags of byte order in the name: 1 host, 2 network, 0 concatenation). */
const sets: [Omit<SetInput, 'name'>, object][] = [
  [
    { type: 'ipv4_addr', flags: ['interval'], 'auto-merge': true, comment: 'hi' },
    {
      flags: ['interval'],
      keyType: 7,
      keyLen: 4,
      userdata: { keybyteorder: 2, mergeElements: 1, comment: 'hi' },
    },
  ],
  [{ type: 'ifname' }, { flags: [], keyType: 41, keyLen: 16, userdata: { keybyteorder: 1 } }],
  [
    { type: ['ipv4_addr', 'inet_proto', 'inet_service'], flags: ['interval'] },
    {
      flags: ['interval', 'concat'],
      keyType: 29453,
      keyLen: 12,
      desc: { concat: [{ len: 4 }, { len: 1 }, { len: 2 }] },
      userdata: { keybyteorder: 0, keyTypeof: { expr: 13, data: [] } },
    },
  ],
  [
    { type: 'ipv4_addr', policy: 'memory', size: 77, timeout: 3600, 'gc-interval': 300 },
    {
      flags: ['timeout'],
      keyType: 7,
      keyLen: 4,
      policy: 'memory',
      desc: { size: 77 },
      timeout: 3_600_000n,
      gcInterval: 300_000,
      userdata: { keybyteorder: 2 },
    },
  ],
  [
    { type: 'ipv4_addr', flags: ['timeout', 'dynamic'], size: 65535, stmt: [{ counter: null }] },
    {
      flags: ['timeout', 'eval'],
      keyType: 7,
      keyLen: 4,
      desc: { size: 65535 },
      userdata: { keybyteorder: 2 },
      expr: { name: 'counter', data: {} },
    },
  ],
  [
    { type: 'ipv4_addr', map: 'verdict' },
    {
      flags: ['map'],
      keyType: 7,
      keyLen: 4,
      dataType: 0xffffff00,
      dataLen: 0,
      userdata: { keybyteorder: 2, databyteorder: 0, dataInterval: 0 },
    },
  ],
  [
    { type: ['ipv4_addr', 'inet_service'], map: ['ipv4_addr', 'inet_service'] },
    {
      flags: ['map'],
      keyType: 461,
      keyLen: 8,
      dataType: 461,
      dataLen: 8,
      userdata: {
        keybyteorder: 0,
        databyteorder: 0,
        keyTypeof: { expr: 13, data: [] },
        dataTypeof: { expr: 13, data: [] },
        dataInterval: 0,
      },
    },
  ],
  [
    { type: 'inet_service', map: 'ct helper' },
    { flags: ['object'], keyType: 13, keyLen: 2, objType: 'ct_helper', userdata: { keybyteorder: 2, dataInterval: 0 } },
  ],
]

describe('definitions', () => {
  test.each(sets)('%j', (input, message) => {
    const made = toSetMessage(defineSet({ name: 's', ...input }))
    expect(made).toEqual({ name: 's', ...message })
    expect(toSetJson(definitionOf(made as never))).toEqual({
      name: 's',
      ...input,
      ...(input.timeout !== undefined && { flags: ['timeout'] }),
    })
  })

  test('typeof', () => {
    const input: SetInput = {
      name: 's',
      type: { typeof: { concat: [payload('vlan', 'id'), { meta: { key: 'length' } }] } },
      map: { typeof: { meta: { key: 'mark' } } },
    }
    const definition = defineSet(input)
    expect(definition.key).toEqual([
      { type: dataTypes.integer, bits: 12 },
      { type: resolveSelector({ meta: { key: 'length' } }).type, bits: 32 },
    ])
    expect(toSetJson(definitionOf(toSetMessage(definition) as never))).toEqual(input)
  })

  test.each<[SetInput, string, RegExp]>([
    [{ name: 's', type: 'ipv5_addr' }, 'type', /no data type 'ipv5_addr'/],
    [{ name: 's', type: 'integer' }, 'type', /has no size of its own/],
    [{ name: 's', type: 'ipv4_addr', flags: ['intervall'] }, 'flags', /constant, interval, timeout, dynamic/],
    [{ name: 's', type: 'ipv4_addr', 'auto-merge': true }, 'auto-merge', /needs the flag 'interval'/],
    [{ name: 's', type: { typeof: 5 } }, 'type', /must be a selector/],
  ])('%j is refused', (input, path, reason) => {
    expect(() => defineSet(input)).toThrow(reason)
    expect(() => defineSet(input)).toThrow(path)
  })

  test('values that are ranges', () => {
    const definition = defineSet({ name: 's', type: 'inet_service', map: 'interval ipv4_addr' })
    expect(definition).toEqual(defineSet({ name: 's', type: 'inet_service', map: 'ipv4_addr' }, [[80, '10.0.0.0/8']]))
    expect(toSetMessage(definition)).toMatchObject({ dataType: 7, dataLen: 8, userdata: { dataInterval: 1 } })
    expect(definitionOf(toSetMessage(definition) as never)).toEqual(definition)
  })

  test('a number of another program', () => {
    const definition = definitionOf({ header: {}, name: 's', keyType: 63, keyLen: 6, flags: [] } as never)
    expect(definition.key).toEqual([{ type: dataTypes.integer, bits: 48 }])
  })
})
