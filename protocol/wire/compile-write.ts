/** Writers, compiled: see compile.ts. */
import type { AnyAttribute, AnyAttributes, Keyed } from './attributes.ts'
import { aligned, type Sink } from './bytes.ts'
import { Code, isGrowing } from './code.ts'
import { type AnyCodec, EncodeError, type Fields, isFields } from './codec.ts'
import type { List } from './list.ts'
import type { Message } from './message.ts'
import { attributeType, finishAttribute } from './nlattr.ts'
import { canCompile } from './room.ts'
import type { Scalar } from './scalar.ts'
import { lookup, resolve } from './selected.ts'
import { isScalar, type Struct } from './struct.ts'

type Write = (value: never, sink: Sink) => void
type AnyStruct = Struct<unknown, never>

const writers = [new WeakMap<AnyCodec, Write>(), new WeakMap<AnyCodec, Write>()] as const

export type Writable<I> = { encode(value: I, sink: Sink): void } & AnyCodec

export function write<I>(codec: Writable<I>, value: I, sink: Sink): void {
  if (codec !== lastWritten || sink.littleEndian !== lastOrder) {
    lastWriter = writer(codec, sink.littleEndian)
    lastWritten = codec
    lastOrder = sink.littleEndian
  }
  lastWriter(value as never, sink)
}

/** As in read(). */
let lastWritten: AnyCodec | undefined
let lastOrder = false
let lastWriter: Write = () => undefined

function writer(codec: AnyCodec, littleEndian: boolean): Write {
  const known = writers[littleEndian ? 1 : 0]
  const found = known.get(codec)
  if (found) return found
  const made = canCompile() ? compileWriter(codec, littleEndian) : codec.encode
  known.set(codec, made)
  return made
}

/** Compiled when first met: sets may contain themselves. */
function lazily(make: () => Write): Write {
  let made: Write | undefined
  return (value, sink) => {
    made ??= make()
    made(value, sink)
  }
}

/** As readSelected. */
function writeSelected(set: AnyAttributes, row: AnyAttribute, littleEndian: boolean) {
  const { codec } = row
  const known = new Map<unknown, Write>()
  let last: unknown
  let write: Write | undefined
  return (part: unknown, sink: Sink, value: Fields): void => {
    const selector = codec.sort === 'selected' ? lookup(value, codec) : undefined
    if (selector !== last || write === undefined) {
      write = known.get(selector) ?? writer(resolve(set, row, value), littleEndian)
      if (codec.sort === 'selected' && Object.hasOwn(codec.cases, String(selector))) known.set(selector, write)
      last = selector
    }
    write(part as never, sink)
  }
}

function compileWriter(codec: AnyCodec, littleEndian: boolean): Write {
  const code = new Code(littleEndian)
  const self = code.ref(codec)
  const whole = `if (!${code.ref(isFields)}(x) || x.raw !== undefined || x.flat !== undefined) return ${self}.encode(x, s)`
  if (codec.sort === 'attributes') return code.build('x, s', `${whole}\n${writeLoop(codec as AnyAttributes, '', code)}`)
  if (codec.sort === 'struct' && !isGrowing(codec))
    return code.build('x, s', `${whole}\n${writeStruct(codec as AnyStruct, 'x', self, code)}`)
  if (codec.sort === 'message') {
    const { header, attributes } = codec as Message<unknown, never>
    const writeHeader = code.ref(writer(header, littleEndian))
    return code.build(
      'x, s',
      `${whole}
       if (x.header === undefined) s.reserve(${header.size})
       else try { ${writeHeader}(x.header, s) } catch (e) { throw ${code.ref(named)}(e, 'header') }
       ${aligned(header.size) === header.size ? '' : `s.reserve(${aligned(header.size) - header.size})`}
       ${writeLoop(attributes, `case 'header': continue`, code)}`,
    )
  }
  if (codec.sort === 'list') {
    const { item, first, step } = codec as List<unknown, never>
    return code.build(
      'x, s',
      `if (!Array.isArray(x)) return ${self}.encode(x, s)
       ${writeItems('x', code.ref(lazily(() => writer(item, littleEndian))), `${first} + i * ${step}`, code)}`,
    )
  }
  return codec.encode
}

/** The loop over the items of an array, each an attribute of its own. */
function writeItems(list: string, item: string, type: string, code: Code): string {
  return `for (let i = 0; i < ${list}.length; i++) {
      const q = s.reserve(4)
      try { ${item}(${list}[i], s) ; ${code.ref(finishAttribute)}(s, q, ${type}) } catch (e) { throw ${code.ref(named)}(e, \`[\${i}]\`) }
    }`
}

function named(error: unknown, key: string): unknown {
  return error instanceof EncodeError ? error.within(key) : error
}

/** True where `value` is a number that the integer takes without a word from the interpreter. */
function fits(scalar: Scalar<unknown, never>, value: string): string {
  const bits = scalar.size * 8
  const signed = scalar.width.startsWith('Int')
  const low = signed ? -(2 ** (bits - 1)) : 0
  const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1
  return `typeof ${value} === 'number' && ${value} >= ${low} && ${value} <= ${high} && ${value} % 1 === 0`
}

/** Integers that a number holds. */
function isPlain(codec: AnyCodec): codec is Scalar<unknown, never> {
  return isScalar(codec) && codec.size < 8
}

function writeStruct(struct: AnyStruct, value: string, self: string, code: Code): string {
  const cases = struct.fields.flatMap(({ key, offset, codec }) => {
    if (!isPlain(codec)) return []
    const set = (raw: string): string => `s.view.set${codec.width}(at + ${offset}, ${raw}${code.order(codec)})`
    return codec.name
      ? `case ${JSON.stringify(key)}: if (typeof y !== 'string') break; ${set(`${code.ref(codec.number)}(y)`)}; continue`
      : `case ${JSON.stringify(key)}: if (!(${fits(codec, 'y')})) break; ${set('y')}; continue`
  })
  return `const at = s.reserve(${struct.size})
    for (const key in ${value}) {
      const y = ${value}[key]
      if (y === undefined) continue
      try { switch (key) { ${cases.join('\n')} } } catch {}
      s.rewind(at)
      return ${self}.encode(${value}, s)
    }`
}

function writeLoop(set: AnyAttributes, extra: string, code: Code): string {
  const cases = Array.from(
    set.byNumber.values(),
    (entry) => `case ${JSON.stringify(entry.key)}: ${writeCase(set, entry, code)}; continue`,
  )
  return `let p = 0, n = 0
    for (const key in x) {
      const y = x[key]
      if (y === undefined) continue
      try { switch (key) { ${extra}
        ${cases.join('\n')}
      } } catch (e) { throw ${code.ref(named)}(e, key) }
      ${code.ref(set)}.writeEntry(key, y, x, s)
    }`
}

/** What writes `y` as this row's attribute; `break` leaves it to the interpreter. */
function writeCase(set: AnyAttributes, { row }: Keyed, code: Code): string {
  const { codec, many } = row
  const { littleEndian } = code
  const type = attributeType(row)
  if (codec.sort === 'selected') {
    if (many) return 'break'
    return `p = s.reserve(4); ${code.ref(writeSelected(set, row, littleEndian))}(y, s, x); ${code.ref(finishAttribute)}(s, p, ${type})`
  }
  const target = code.ref(codec.sort === 'other' ? codec.encode : lazily(() => writer(codec, littleEndian)))
  if (many) return `if (!Array.isArray(y)) break; ${writeItems('y', target, String(type), code)}`
  if (!isScalar(codec)) return `p = s.reserve(4); ${target}(y, s); ${code.ref(finishAttribute)}(s, p, ${type})`
  const length = 4 + codec.size
  const raw = isPlain(codec) && !codec.name ? 'y' : `${code.ref(codec.number)}(y)`
  return `${raw === 'y' ? `if (!(${fits(codec, 'y')})) break; ` : ''}n = ${raw}; p = s.reserve(${aligned(length)}); s.view.setUint16(p, ${length}, ${code.le}); s.view.setUint16(p + 2, ${type}, ${code.le}); s.view.set${codec.width}(p + 4, n${code.order(codec)})`
}
