/** Readers, compiled: see compile.ts. */
import type { AnyAttributes, Keyed } from './attributes.ts'
import { aligned, type Source } from './bytes.ts'
import { Code, isGrowing } from './code.ts'
import type { AnyCodec, Fields } from './codec.ts'
import type { List } from './list.ts'
import type { Message } from './message.ts'
import { canCompile, room } from './room.ts'
import { lookup, resolve } from './selected.ts'
import { isScalar, type Struct } from './struct.ts'

type Read = (source: Source, start: number, end: number) => unknown
type Fill = (source: Source, start: number, end: number, value: Fields) => Fields
type AnyStruct = Struct<unknown, never>

const readers = [new WeakMap<AnyCodec, Read>(), new WeakMap<AnyCodec, Read>()] as const

export type Readable<T> = { decode(source: Source, start: number, end: number): T } & AnyCodec

/** Reads with the fast reader; strict and exact reading are the interpreter's. */
export function read<T>(codec: Readable<T>, source: Source, start: number, end: number): T {
  if (source.strict || source.exact) return codec.decode(source, start, end)
  if (codec !== lastRead || source.littleEndian !== lastOrder) {
    lastReader = reader(codec, source.littleEndian)
    lastRead = codec
    lastOrder = source.littleEndian
  }
  return lastReader(source, start, end) as T
}

/** Replies of a kind come in a row: looking the reader up takes 25 of a route's 150 ns. */
let lastRead: AnyCodec | undefined
let lastOrder = false
let lastReader: Read = () => undefined

function reader(codec: AnyCodec, littleEndian: boolean): Read {
  const known = readers[littleEndian ? 1 : 0]
  const found = known.get(codec)
  if (found) return found
  const made = canCompile() ? compileReader(codec, littleEndian) : codec.decode
  known.set(codec, made)
  return made
}

function compileReader(codec: AnyCodec, littleEndian: boolean): Read {
  const code = new Code(littleEndian)
  if (codec.sort === 'attributes') {
    const set = codec as AnyAttributes
    const fill = compileFill(set, littleEndian)
    const Value = room(set.byNumber.size)
    return (source, start, end) => fill(source, start, end, new Value())
  }
  if (codec.sort === 'struct') {
    const struct = codec as AnyStruct
    if (struct.grows) return readGrowing(struct, littleEndian)
    return code.build(
      's, a, z',
      `if (z - a !== ${struct.size}) return ${code.ref(codec)}.decode(s, a, z)\nconst v = s.view\nreturn ${structValue(struct, code)}`,
    )
  }
  if (codec.sort === 'message') {
    const { header, attributes } = codec as Message<unknown, never>
    const skip = aligned(header.size)
    const fill = code.ref(compileFill(attributes, littleEndian))
    const Value = code.ref(room(attributes.byNumber.size + 1))
    return code.build(
      's, a, z',
      `if (z - a < ${skip}) return ${code.ref(codec)}.decode(s, a, z)
       const v = s.view
       const o = new ${Value}()
       o.header = ${structValue(header, code)}
       return ${fill}(s, a + ${skip}, z, o)`,
    )
  }
  if (codec.sort === 'list') {
    const item = code.ref(lazily(() => reader((codec as List<unknown, never>).item, littleEndian)))
    return code.build(
      's, a, z',
      `const v = s.view, list = []
       let p = a
       while (z - p >= 4) {
         const n = v.getUint16(p, ${code.le})
         if (n < 4 || p + n > z) break
         list.push(${item}(s, p + 4, p + n))
         p += (n + 3) & ~3
       }
       return p < z ? ${code.ref(codec)}.decode(s, a, z) : list`,
    )
  }
  return codec.decode
}

/** Compiled when first met: sets may contain themselves. */
function lazily(make: () => Read): Read {
  let made: Read | undefined
  return (source, start, end) => {
    made ??= make()
    return made(source, start, end)
  }
}

/** Kernels differ in how much of such a struct they have, one kernel does not: a reader for each length that was met. */
function readGrowing(struct: AnyStruct, littleEndian: boolean): Read {
  const bySize = new Map<number, Read>()
  const make = (size: number): Read => {
    const last = struct.fields.findIndex((field) => field.offset + field.size === size)
    if (last < 0) return struct.decode
    const code = new Code(littleEndian)
    const made = code.build<Read>(
      's, a, z',
      `const v = s.view\nreturn ${structValue(struct, code, struct.fields.slice(0, last + 1))}`,
    )
    bySize.set(size, made)
    return made
  }
  return (source, start, end) => (bySize.get(end - start) ?? make(end - start))(source, start, end)
}

function structValue(struct: AnyStruct, code: Code, among = struct.fields): string {
  const fields = among.filter(({ codec }) => codec.type !== 'pad')
  return `{ ${fields.map(({ key, offset, size, codec }) => `${JSON.stringify(key)}: ${readExpression(codec, `a + ${offset}`, `a + ${offset + size}`, code)}`).join(', ')} }`
}

function readExpression(codec: AnyCodec, start: string, end: string, code: Code): string {
  if (!isScalar(codec)) return `${code.ref(codec)}.decode(s, ${start}, ${end})`
  const raw = `v.get${codec.width}(${start}${code.order(codec)})`
  if (codec.name) return `${code.ref(codec.name)}(${raw})`
  if (codec.size < 8) return raw
  // Most counters are zero, and 0n needs no allocation: 5 ns instead of 45.
  return `((v.getUint32(${start}) | v.getUint32(${start} + 4)) === 0 ? 0n : ${raw})`
}

/** The loop over a set's attributes. */
function compileFill(set: AnyAttributes, littleEndian: boolean): Fill {
  const code = new Code(littleEndian)
  const self = code.ref(set)
  const slow = `${self}.readOne(s, p, n, start, end, o)`
  const cases = Array.from(set.byNumber.values(), (entry) => {
    const { codec, many } = entry.row
    const size = codec.sort === 'scalar' || (codec.sort === 'struct' && !isGrowing(codec)) ? codec.size : undefined
    const guard = size === undefined ? '' : `if (n !== ${size + 4}) { ${slow}; break } `
    const value = attributeValue(set, entry, code)
    const key = `o[${JSON.stringify(entry.key)}]`
    return `case ${entry.row.number}: ${guard}${many ? `(${key} ??= []).push(${value})` : `${key} = ${value}`}; break`
  })
  return code.build(
    's, start, end, o',
    `const v = s.view
     let p = start
     while (end - p >= 4) {
       const n = v.getUint16(p, ${code.le})
       if (n < 4 || p + n > end) break
       const a = p + 4, z = p + n
       try {
         switch (v.getUint16(p + 2, ${code.le}) & 0x3fff) {
           ${cases.join('\n')}
           default: ${slow}
         }
       } catch { ${slow} }
       p += (n + 3) & ~3
     }
     if (p < end) ${self}.fill(s, p, end, o)
     return o`,
  )
}

function attributeValue(set: AnyAttributes, entry: Keyed, code: Code): string {
  const { codec } = entry.row
  const { littleEndian } = code
  if (codec.sort === 'selected') return `${code.ref(readSelected(set, entry, littleEndian))}(o, s, a, z, start, end)`
  if (codec.sort === 'struct' && !isGrowing(codec)) return structValue(codec as AnyStruct, code)
  if (codec.sort === 'scalar') return readExpression(codec, 'a', 'z', code)
  if (codec.sort === 'other') return `${code.ref(codec)}.decode(s, a, z)`
  return `${code.ref(lazily(() => reader(codec, littleEndian)))}(s, a, z)`
}

/**
 * Expressions of a rule, messages of a dump select the same few codecs again and again: looking them up takes 35 ns, remembering the
 * last one 5, those that the schema names 15.
 */
function readSelected(set: AnyAttributes, { row }: Keyed, littleEndian: boolean) {
  const { codec } = row
  const known = new Map<unknown, Read>()
  let last: unknown
  let read: Read | undefined
  return (value: Fields, source: Source, a: number, z: number, start: number, end: number): unknown => {
    const selector = codec.sort === 'selected' ? lookup(value, codec) : undefined
    if (selector === undefined || selector !== last || read === undefined) {
      read = known.get(selector) ?? reader(resolve(set, row, value, source, start, end), littleEndian)
      if (selector !== undefined && codec.sort === 'selected' && Object.hasOwn(codec.cases, String(selector)))
        known.set(selector, read)
      last = selector
    }
    return read(source, a, z)
  }
}
