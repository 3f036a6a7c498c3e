import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { hex, Sink, source } from '../../../protocol/wire/bytes.ts'
import { DecodeError, EncodeError } from '../../../protocol/wire/codec.ts'
import { read, write } from '../../../protocol/wire/compile.ts'
import { equalValues } from '../../../protocol/wire/exact.ts'
import { damage, type Everything, everything, values } from './schema.ts'
import { decode, encode } from './tools.ts'

// Thousands of runs a property: seconds, more on a loaded machine.
vi.setConfig({ testTimeout: 60_000 })

/** A result, or the refusal. */
function outcome(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    if (error instanceof DecodeError || error instanceof EncodeError) return error
    throw error
  }
}

function compiledWrite(value: Everything, littleEndian: boolean): string {
  const sink = new Sink(littleEndian, 1)
  write(everything, value, sink)
  return hex(sink.finish())
}
const compiledRead = (bytes: Uint8Array, littleEndian: boolean): unknown =>
  read(everything, source(bytes, { littleEndian }), 0, bytes.length)

describe('the compiler is the interpreter', () => {
  test('for values: both write the same bytes, and read the value from them', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (value, littleEndian) => {
        const bytes = encode(everything, value, littleEndian)
        expect(compiledWrite(value, littleEndian)).toBe(bytes)
        const given = Buffer.from(bytes, 'hex')
        const back = compiledRead(given, littleEndian)
        expect(equalValues(back, decode(everything, given, { littleEndian }))).toBe(true)
        // Writing what was read gives the same again: headers are whole then.
        expect(compiledWrite(back as Everything, littleEndian)).toBe(bytes)
      }),
      { numRuns: 400 },
    )
  })

  test('for damaged bytes: the same value, and never an error', () => {
    fc.assert(
      fc.property(values, damage, fc.boolean(), (value, damaged, littleEndian) => {
        const bytes = damaged(Buffer.from(encode(everything, value, littleEndian), 'hex'))
        const slow = decode(everything, bytes, { littleEndian })
        const fast = compiledRead(bytes, littleEndian)
        if (!equalValues(fast, slow)) expect(fast).toEqual(slow)
      }),
      { numRuns: 1500 },
    )
  })

  test('for values that cannot be encoded: the same error, with the same path', () => {
    const wrong = fc.constantFrom<unknown>(-1, 0.5, 2 ** 40, 'x', 1n, null, true, [], [null], {}, { nope: 1 }, [
      { level: -1 },
    ])
    fc.assert(
      fc.property(values, fc.nat(), wrong, (value, where, instead) => {
        const keys = Object.keys(value)
        const edited = { ...value, [keys[where % keys.length] ?? 'byte']: instead } as Everything
        const slow = outcome(() => encode(everything, edited))
        const fast = outcome(() => compiledWrite(edited, true))
        if (slow instanceof EncodeError) expect(fast).toMatchObject({ path: slow.path, reason: slow.reason })
        else expect(fast).toBe(slow)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('whatever the bytes', () => {
  const anything = fc.oneof(
    fc.tuple(values, damage).map(([value, damaged]) => damaged(Buffer.from(encode(everything, value), 'hex'))),
    fc.uint8Array({ maxLength: 200 }),
  )

  test('the exact reader gives them back', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        const value = decode(everything, bytes, { exact: true })
        expect(encode(everything, value)).toBe(hex(bytes))
      }),
      { numRuns: 1500 },
    )
  })

  test('strict gives the same value as lenient, or a DecodeError inside the bytes', () => {
    let refused = 0
    let taken = 0
    fc.assert(
      fc.property(anything, (bytes) => {
        const strict = outcome(() => decode(everything, bytes, { strict: true }))
        if (strict instanceof DecodeError) {
          refused++
          expect(strict.offset).toBeGreaterThanOrEqual(0)
          expect(strict.offset).toBeLessThanOrEqual(bytes.length)
        } else {
          taken++
          expect(equalValues(strict, decode(everything, bytes))).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
    // The mix says something only if it holds both.
    expect(Math.min(refused, taken)).toBeGreaterThan(100)
  })
})

test('where code generation is forbidden, the interpreter does it all', () => {
  const script = `
    import { decodeMessages, encodeMessages } from './protocol/protocols.ts'
    import { Sink, hex, source } from './protocol/wire/bytes.ts'
    import { read, write } from './protocol/wire/compile.ts'
    import { everything } from './test/protocol/wire/schema.ts'
    let forbidden = false
    try { new Function('return 1')() } catch { forbidden = true }
    const sink = new Sink(true)
    write(everything, { header: { index: 1 }, word: 7, plain: { level: 2 } }, sink)
    const value = read(everything, source(sink.finish(), { littleEndian: true }), 0, sink.position)
    console.log(JSON.stringify({ forbidden, bytes: hex(sink.finish()), value }))
  `
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--disallow-code-generation-from-strings', '--import', 'tsx', '--input-type=module', '--eval', script],
    { cwd: fileURLToPath(new URL('../../..', import.meta.url)), encoding: 'utf8', timeout: 30_000 },
  )
  expect(JSON.parse(stdout || stderr)).toEqual({
    forbidden: true,
    bytes: '0000000001000000080004000700000 00c001000060001000200 0000'.replaceAll(' ', ''),
    value: { header: { kind: 'none', bits: [], index: 1 }, word: 7, plain: { level: 2 } },
  })
})
