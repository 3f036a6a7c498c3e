/** Elements of sets and maps: bytes as nft 1.0.6 sends them, and the way back as `nft -j` prints them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SetElement, SetElementInput } from '../../../protocol/netfilter/nftables/element.ts'
import { EncodeError } from '../../../protocol/wire/codec.ts'
import type { Expr } from '../../../src/nft/ast.ts'
import { compileElements, needsInterval } from '../../../src/nft/compile/elements.ts'
import { bytesOf } from '../../../src/nft/datatypes/bits.ts'
import { dataTypes } from '../../../src/nft/datatypes/index.ts'
import { decompileElements } from '../../../src/nft/decompile/elements.ts'
import { defineSet, type SetDefinition, type SetInput } from '../../../src/nft/objects/set-definition.ts'
import type { ElementJson } from '../../../src/nft/ruleset-json.ts'

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex')

/** One line an element: key, keyEnd behind '..', value behind ':', '!' for an end, '*' for the catch-all, what else there is in JSON. */
function line({ key, keyEnd, data, objref, flags = [], ...rest }: SetElementInput): string {
  const value = data?.verdict ? `${data.verdict.code} ${data.verdict.chain ?? ''}`.trim() : (objref ?? hex(data?.value))
  const more = JSON.stringify(rest, (_, each) => (typeof each === 'bigint' ? Number(each) : each))
  return [
    flags.includes('interval_end') ? '!' : flags.includes('catchall') ? '*' : '',
    hex(key?.value),
    keyEnd ? `..${hex(keyEnd.value)}` : '',
    value === '' ? '' : `:${value}`,
    more === '{}' ? '' : more,
  ].join('')
}

/** What compile gives is what the kernel would. */
const answer = (elements: SetElementInput[]): SetElement[] => elements as SetElement[]

const set = (input: Omit<SetInput, 'name'>, elements: readonly ElementJson[] = []): SetDefinition =>
  defineSet({ name: 's', ...input }, elements)

const interval = { flags: ['interval'] }
const prefix = (addr: string, len: number): Expr => ({ prefix: { addr, len } })
const range = (from: Expr, to: Expr): Expr => ({ range: [from, to] })

/** Captured from nft (host order as on a little-endian machine): set, elements, lines, and what comes back where it is not what was given. */
const rows: [Omit<SetInput, 'name'>, ElementJson[], string[], ElementJson[]?][] = [
  [{ type: 'inet_service' }, [80, 'ssh'], ['0050', '0016'], [22, 80]],
  [
    { type: 'ipv4_addr', ...interval },
    [prefix('10.0.0.0', 8), range('192.0.2.0', '192.0.2.9'), '7.7.7.7', prefix('255.0.0.0', 8)],
    [
      '!00000000',
      '07070707',
      '!07070708',
      '0a000000',
      '!0b000000',
      'c0000200',
      '!c000020a',
      'ff000000{"userdata":{"flags":1}}',
    ],
    ['7.7.7.7', prefix('10.0.0.0', 8), range('192.0.2.0', '192.0.2.9'), prefix('255.0.0.0', 8)],
  ],
  [
    { type: 'ipv4_addr', ...interval },
    [prefix('0.0.0.0', 8), prefix('1.0.0.0', 8), '255.255.255.255'],
    ['00000000', '!01000000', '01000000', '!02000000', 'ffffffff{"userdata":{"flags":1}}'],
  ],
  [{ type: 'ipv4_addr', ...interval }, [prefix('0.0.0.0', 0)], ['00000000{"userdata":{"flags":1}}']],
  [
    { type: 'ipv4_addr', ...interval, 'auto-merge': true },
    [prefix('10.0.0.0', 8), prefix('11.0.0.0', 8), '11.2.3.4'],
    ['!00000000', '0a000000', '!0c000000'],
    [prefix('10.0.0.0', 7)],
  ],
  [
    { type: 'ipv4_addr', ...interval },
    ['10.1.2.3/8', '192.0.2.4-192.0.2.9'],
    ['!00000000', '0a000000', '!0b000000', 'c0000204', '!c000020a'],
    [prefix('10.0.0.0', 8), range('192.0.2.4', '192.0.2.9')],
  ],
  [
    { type: 'ifname', ...interval },
    ['eth*', 'lo'],
    [
      `!${'0'.repeat(32)}`,
      '65746800000000000000000000000000',
      '!65746900000000000000000000000000',
      '6c6f0000000000000000000000000000',
      '!6c6f0000000000000000000000000001',
    ],
  ],
  [{ type: 'mark', ...interval }, [range(5, 7)], ['!00000000', '00000005', '!00000008']],
  [{ type: 'mark' }, [256, 5], ['00010000', '05000000'], [5, 256]],
  [
    { type: 'ct_state' },
    ['new', { '|': ['established', 'related'] }],
    ['08000000', '06000000'],
    [{ '|': ['established', 'related'] }, 'new'],
  ],
  [{ type: 'tcp_flag' }, ['syn', { '|': ['syn', 'ack'] }, 0], ['02', '12', '00'], [0, 'syn', { '|': ['syn', 'ack'] }]],
  [
    { type: ['ipv4_addr', 'inet_proto', 'inet_service'], ...interval },
    [{ concat: [prefix('192.0.2.0', 24), 'tcp', range(1000, 2000)] }, { concat: ['1.1.1.1', 'udp', 53] }],
    ['c00002000600000003e80000..c00002ff0600000007d00000', '010101011100000000350000..010101011100000000350000'],
  ],
  [
    { type: ['ipv4_addr', 'mark', 'ifname'] },
    [{ concat: ['1.2.3.4', 5, 'lo'] }],
    ['01020304050000006c6f0000000000000000000000000000'],
  ],
  [
    { type: ['mark', 'inet_service'], ...interval },
    [{ concat: [range(1, 2), 5] }],
    ['0000000100050000..0000000200050000'],
  ],
  [
    { type: ['ifname', 'ipv4_addr'], ...interval },
    [{ concat: ['eth*', prefix('1.2.3.0', 24)] }],
    ['6574680000000000000000000000000001020300..657468ffffffffffffffffffffffffff010203ff'],
  ],
  [
    { type: 'ipv4_addr', timeout: 3600 },
    [{ elem: { val: '1.2.3.4', timeout: 300, expires: 180, comment: 'x y' } }, '1.2.3.5'],
    ['01020304{"timeout":300000,"expiration":180000,"userdata":{"comment":"x y"}}', '01020305'],
  ],
  [
    { type: 'ipv4_addr', stmt: [{ counter: null }] },
    [{ elem: { val: '1.2.3.4', counter: { packets: 5, bytes: 7 } } }],
    ['01020304{"expr":{"name":"counter","data":{"packets":5,"bytes":7}}}'],
  ],
  [{ type: 'ipv4_addr', ...interval }, ['*', '1.2.3.4'], ['!00000000', '01020304', '!01020305', '*'], ['1.2.3.4', '*']],
  [{ type: { typeof: { payload: { protocol: 'vlan', field: 'id' } } } }, [5], ['0005']],
  [{ type: 'dscp' }, ['af11'], ['0a']],
  [{ type: 'inet_service', map: 'ipv4_addr' }, [[80, '1.2.3.4']], ['0050:01020304']],
  [
    { type: 'ipv4_addr', map: 'verdict', ...interval },
    [
      [prefix('1.2.3.0', 24), { accept: null }],
      [prefix('1.2.5.0', 24), { jump: { target: 'o' } }],
      ['*', { continue: null }],
    ],
    ['!00000000', '01020300:accept', '!01020400', '01020500:jump o', '!01020600', '*:continue'],
  ],
  [
    { type: 'ipv4_addr', map: 'mark', ...interval },
    [[range('1.2.4.0', '1.2.4.5'), 6]],
    ['!00000000', '01020400:06000000', '!01020406'],
  ],
  [
    { type: ['ipv4_addr', 'inet_service'], map: ['ipv4_addr', 'inet_service'] },
    [[{ concat: ['1.2.3.4', 80] }, { concat: ['4.3.2.1', 8080] }]],
    ['0102030400500000:040302011f900000'],
  ],
  [
    { type: 'inet_service', map: 'ipv4_addr', ...interval },
    [
      [80, prefix('1.2.3.0', 24)],
      [81, range('1.2.3.4', '1.2.3.9')],
    ],
    ['!0000', '0050:01020300010203ff', '!0051', '0051:0102030401020309', '!0052'],
  ],
  [{ type: 'inet_service', map: 'counter' }, [[80, 'cnt']], ['0050:cnt']],
  [
    { type: 'ipv4_addr', map: 'classid', flags: ['timeout'] },
    [[{ elem: { val: '1.2.3.4', timeout: 5 } }, '1:2']],
    ['01020304:02000100{"timeout":5000}'],
  ],
]

describe('elements', () => {
  test.each(rows)('%j %j', (input, elements, lines, back = elements) => {
    const definition = set(input, elements)
    const made = compileElements(definition, elements)
    expect(made.map(line)).toEqual(lines)
    expect(decompileElements(definition, answer(made))).toEqual(back)
  })

  const anonymous = (input: Omit<SetInput, 'name'>): SetDefinition => {
    const made = set(input)
    return { ...made, flags: ['anonymous', 'constant', ...made.flags] }
  }

  test('an anonymous set merges, and spares ends where the next begins', () => {
    const ports = anonymous({ type: 'inet_service', ...interval })
    const made = compileElements(ports, [range(1, 5), 9, 6])
    expect(made.map(line)).toEqual(['!0000', '0001', '!0007', '0009', '!000a'])
    const verdicts = anonymous({ type: 'inet_service', map: 'verdict', ...interval })
    const pairs: ElementJson[] = [
      [range(1, 5), { accept: null }],
      [6, { drop: null }],
    ]
    expect(compileElements(verdicts, pairs).map(line)).toEqual(['!0000', '0001:accept', '0006:drop', '!0007'])
    expect(decompileElements(verdicts, answer(compileElements(verdicts, pairs)))).toEqual(pairs)
  })

  test('values of bits that are not shifted before the look-up', () => {
    const definition: SetDefinition = { name: 's', flags: [], key: [{ type: dataTypes.dscp, bits: 16, shift: 6 }] }
    const made = compileElements(definition, ['af11', 5])
    expect(made.map(line)).toEqual(['0280', '0140'])
    expect(decompileElements(definition, answer(made))).toEqual([5, 'af11'])
    const ranges = compileElements({ ...definition, flags: ['anonymous', 'interval'] }, [5, range(6, 9)])
    expect(ranges.map(line)).toEqual(['!0000', '0140', '!0241'])
  })

  test('a set that has elements already needs no first end', () => {
    const definition = set({ type: 'inet_service', ...interval })
    expect(compileElements(definition, [80], { first: false }).map(line)).toEqual(['0050', '!0051'])
  })

  test('who needs intervals', () => {
    expect(needsInterval(['1.2.3.4', '*', { concat: ['lo', 5] }, [80, prefix('1.2.3.0', 24)]])).toBe(false)
    expect(needsInterval([{ elem: { val: { concat: ['lo', range(1, 2)] } } }])).toBe(true)
    expect(needsInterval(['eth*'])).toBe(true)
  })
})

describe('elements that are refused', () => {
  test.each<[Omit<SetInput, 'name'>, ElementJson[], string, RegExp]>([
    [
      { type: 'ipv4_addr', ...interval },
      ['1.1.1.1', prefix('10.0.0.0', 8), '10.1.2.3'],
      '[2]',
      /^"10.1.2.3" overlaps \[1\], {"prefix"/,
    ],
    [{ type: 'inet_service', ...interval }, [range(5, 9), range(1, 5)], '[1]', /overlaps \[0\]/],
    [
      { type: 'inet_service', map: 'mark', ...interval },
      [
        [5, 1],
        [5, 2],
      ],
      '[1]',
      /is there twice, first as \[0\]/,
    ],
    [{ type: 'inet_service', ...interval }, [80, range(9, 5)], '[1].range', /from the lower to the higher/],
    [{ type: 'ipv4_addr' }, [prefix('10.0.0.0', 8)], '[0]', /no flag 'interval'/],
    [{ type: 'ipv4_addr' }, ['1.1.1.1', '10.0.0.0/8'], '[1]', /no flag 'interval'/],
    [{ type: 'mark' }, [{ '<<': [1, 32] }], '[0]', /from 0 to 4294967295/],
    [{ type: 'ifname' }, ['eth*'], '[0]', /flag 'interval'/],
    [{ type: 'ipv4_addr', ...interval }, [prefix('10.0.0.0', 33)], '[0].prefix.len', /from 0 to 32/],
    [
      { type: ['ipv4_addr', 'inet_service'] },
      [{ concat: ['1.2.3.4', 80] }, { concat: ['1.2.3.4', 'x'] }],
      '[1].concat[1]',
      /must be a port/,
    ],
    [
      { type: ['ipv4_addr', 'inet_service'] },
      ['1.2.3.4'],
      '[0]',
      /must have 2 parts \(ipv4_addr . inet_service\), got 1/,
    ],
    [{ type: 'inet_service', map: 'verdict' }, [[80, 'accept']], '[0][1]', /must be a verdict like/],
    [{ type: 'inet_service', map: 'verdict' }, [80], '[0]', /must be a pair/],
    [{ type: 'ipv4_addr' }, [{ elem: { val: '1.2.3.4', timeout: -1 } }], '[0].elem.timeout', /must be seconds/],
  ])('%j %j', (input, elements, path, reason) => {
    const refused = (() => {
      try {
        return compileElements(set(input), elements)
      } catch (error) {
        return error
      }
    })()
    expect(refused).toBeInstanceOf(EncodeError)
    expect(refused).toMatchObject({ path, reason: expect.stringMatching(reason) })
  })
})

describe('any intervals', () => {
  const types = [dataTypes.inet_service, dataTypes.ipv4_addr, dataTypes.ipv6_addr, dataTypes.mark]
  const cuts = (bits: number) =>
    fc
      .uniqueArray(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }), { minLength: 2, maxLength: 24 })
      .map((list) => list.sort((a, b) => (a < b ? -1 : 1)))

  test.each(types.map((type) => [type.name, type] as const))('%s: back come the same', (name, type) => {
    fc.assert(
      fc.property(cuts(type.size), fc.boolean(), (ends, shuffled) => {
        const definition = set({ type: name, ...interval })
        const pairs = ends.flatMap((from, i) => (i % 2 === 0 ? [[from, ends[i + 1] ?? from] as const] : []))
        const word = (value: bigint): Expr => type.format(bytesOf(value, type.size, type.byteorder)) as Expr
        const given = pairs.map(([from, to]) => (from === to ? word(from) : range(word(from), word(to))))
        const back = decompileElements(
          definition,
          answer(compileElements(definition, shuffled ? given.reverse() : given)),
        )
        const bounds = back.map((element) => limits(element as Expr, type.size, name))
        expect(bounds).toEqual(pairs)
        // What is printed compiles to the same.
        expect(compileElements(definition, back).map(line)).toEqual(compileElements(definition, given).map(line))
      }),
    )
  })

  function limits(element: Expr, bits: number, name: string): readonly [bigint, bigint] {
    const type = types.find((each) => each.name === name) ?? dataTypes.mark
    const number = (value: Expr): bigint => {
      const bytes = type.parse(value as string, bits)
      return BigInt(`0x${hex(type.byteorder === 'host' ? bytes.reverse() : bytes)}`)
    }
    if (typeof element === 'object' && 'range' in element) return [number(element.range[0]), number(element.range[1])]
    if (typeof element === 'object' && 'prefix' in element) {
      const from = number(element.prefix.addr)
      return [from, from + (1n << BigInt(bits - element.prefix.len)) - 1n]
    }
    return [number(element), number(element)]
  }
})
