/** The tables of src/nft/datatypes and src/nft/selectors beside `nft describe`: types, sizes, names of constants. As root. */
import { expect, test } from 'vitest'
import { hostLittleEndian } from '../../protocol/wire/bytes.ts'
import { Namespace } from '../../src/index.ts'
import { bytesOf, numberOf } from '../../src/nft/datatypes/bits.ts'
import { dataTypes } from '../../src/nft/datatypes/index.ts'
import {
  ct,
  type Extension,
  extensions,
  fib,
  headers,
  ipsec,
  meta,
  osf,
  rt,
  socket,
} from '../../src/nft/selectors/index.ts'

interface Row {
  words: string
  type: string
  bits: number
}

/** Words that are keywords of nft's grammar before they are types, or types that it has no words for. */
const unspoken = new Set(['time', 'day', 'hour', 'mark', 'invalid', 'ct_event', 'ct_label', 'ecn', 'verdict'])

const types = Object.values(dataTypes).filter(({ name }) => !unspoken.has(name))

const spelled: Readonly<Record<string, string>> = { 'icmpv6 parameter-problem': 'icmpv6 param-problem' }

const fields: Row[] = Object.entries(headers).flatMap(([protocol, { fields }]) =>
  Object.entries(fields).map(([field, { type, size }]) => {
    const words = `${protocol} ${field}`
    return { words: spelled[words] ?? words, type: type.name, bits: size }
  }),
)

const prefix = {
  exthdr: '',
  'tcp option': 'tcp option ',
  'ip option': 'ip option ',
  'sctp chunk': 'sctp chunk ',
} as const
/** Without what crashes nft 1.0.6 (rt2) or is no word of its grammar. */
const options: Row[] = Object.entries(extensions).flatMap(([kind, { table }]) =>
  Object.entries<Extension>(table).flatMap(([name, { fields }]) =>
    Object.entries(fields)
      .filter(([field]) => field !== 'kind' && name !== 'rt2' && !(name === 'rt0' && field === 'reserved'))
      .map(([field, { type, size }]) => ({
        words: `${prefix[kind as keyof typeof prefix]}${name} ${field}`,
        type: type.name,
        bits: size,
      })),
  ),
)

interface Keyed {
  type: { name: string }
  size: number
  dir?: string
}
const keys = (table: Readonly<Record<string, Keyed>>, words: (key: string, dir: string | undefined) => string): Row[] =>
  Object.entries(table).map(([key, { type, size, dir }]) => ({ words: words(key, dir), type: type.name, bits: size }))

const others: Row[] = [
  ...keys(meta, (key) => `meta ${key}`),
  ...keys(ct, (key, dir) => `ct ${dir === 'always' ? 'original ' : ''}${key}`).filter(
    ({ words }) => !/proto-/.test(words),
  ),
  ...keys(rt, (key) => `rt ${key}`),
  ...keys(socket, (key) => `socket ${key}${key === 'cgroupv2' ? ' level 1' : ''}`),
  ...keys(fib, (key) => `fib saddr ${key}`).filter(({ words }) => !words.endsWith('check')),
  ...keys(osf, (key) => `osf ${key}`),
  ...keys(ipsec, (key) => `ipsec in ${key}`),
]

test('data types and selectors', async () => {
  const rows = [...fields, ...options, ...others]
  const input = [...types.map(({ name }) => `describe ${name}`), ...rows.map(({ words }) => `describe ${words}`)].join(
    '\n',
  )
  await using ns = await Namespace.create()
  const { stdout } = await ns.exec('nft', ['-f', '-'], { input: `${input}\n`, sysfs: false })
  const answers = stdout.split(/^(?=(?:[a-z]+ expression, )?datatype )/m)
  expect(answers).toHaveLength(types.length + rows.length)

  const described = answers.map((answer) => {
    const [, type, size = '0', unit] = /datatype (\S+) \(.*?(?:, (\d+) (bits|characters))?(?:\n|$)/.exec(answer) ?? []
    return { type, bits: Number(size) * (unit === 'characters' ? 8 : 1) }
  })
  expect(described.slice(0, types.length)).toEqual(types.map(({ name, size }) => ({ type: name, bits: size })))
  const seen = described.slice(types.length).map((answer, i) => ({ words: rows[i]?.words, ...answer }))
  expect(seen).toEqual(rows)

  types.forEach(({ name, byteorder, size, names = {} }, i) => {
    const listed = [...(answers[i] ?? '').matchAll(/^\t(\S+)\s+(0x)?([0-9a-f]+)$/gm)].map(
      ([, word = '', hex, number = '']) => {
        const value = Number.parseInt(number, hex ? 16 : 10)
        // Hexadecimal is printed as the bytes lie in memory.
        const swapped = hex && byteorder === 'big' && size > 8 && hostLittleEndian
        return [word, swapped ? numberOf(bytesOf(value, size, 'host')) : value] as const
      },
    )
    expect({ name, names: Object.fromEntries(listed) }).toEqual({ name, names })
  })
})
