/** Numbers, bits, strings and booleans: data types that say little by themselves. */
import { encodeText } from '../../../protocol/wire/bytes.ts'
import { EncodeError, show } from '../../../protocol/wire/codec.ts'
import { type DataType, numeric, single, symbolic } from '../datatype.ts'
import { numberOf } from './bits.ts'

const utf8 = new TextDecoder()

/** A number in network order: fields of headers. */
export const integer = numeric({ name: 'integer', id: 4, size: 0, byteorder: 'big' })
/** A number as the kernel has it in a register: `meta length`, `numgen`. nft has one name for both. */
export const hostInteger = numeric({ name: 'integer', id: 4, size: 0, byteorder: 'host' })
/** Bits of a header by offset, in hexadecimal: `@ih,0,32 0x5`. */
export const rawInteger = numeric({ name: 'integer', id: 4, size: 0, byteorder: 'big', hex: 0 })

/** Bits without names; nft takes them for a number, and compares all of them. */
export const bits = numeric({ name: 'bitmask', id: 3, size: 0, byteorder: 'big', hex: 0 })

/** Exists or is missing; true and false in JSON. */
const existence = symbolic({ name: 'boolean', id: 39, size: 1, byteorder: 'host', names: { exists: 1, missing: 0 } })
export const boolean: DataType<boolean | 'exists' | 'missing', 'boolean'> = {
  name: 'boolean',
  id: 39,
  size: 1,
  byteorder: 'host',
  names: existence.names,
  parse: existence.parse,
  text: existence.text,
  format: (bytes) => numberOf(bytes, 'host') !== 0,
}

/** The verdict of a map's elements: no value in a register, so nothing to parse. */
export const verdict: DataType<never, 'verdict'> = {
  name: 'verdict',
  id: 1,
  size: 0,
  byteorder: 'host',
  parse(value) {
    throw new EncodeError(`must be a verdict, got ${show(value)}`)
  },
  format: () => '',
  text: () => '',
}

/** The text before the first zero byte. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end))
}

/** A last '*' stands for anything; '\*' for itself. */
function words<const S extends string>(name: S, id: number, size: number): DataType<string, S> {
  const format = (bytes: Uint8Array, bits: number): string => {
    const text = textOf(bytes)
    if (bytes.indexOf(0) < 0 && bytes.length * 8 < bits) return `${text}*`
    return text.endsWith('*') ? `${text.slice(0, -1)}\\*` : text
  }
  return {
    name,
    id,
    size,
    byteorder: 'big',
    chars: true,
    parse(value, bits) {
      const text = single(value)
      const length = (bits || size) / 8
      if (typeof text !== 'string' || text === '') throw new EncodeError(`must be a name, got ${show(value)}`)
      const escaped = text.endsWith('\\*')
      const wildcard = text.endsWith('*') && !escaped
      const bytes = encodeText(escaped ? `${text.slice(0, -2)}*` : wildcard ? text.slice(0, -1) : text)
      if (bytes.length >= length || bytes.includes(0))
        throw new EncodeError(`must have less than ${length} bytes, got ${show(text)}`)
      if (wildcard) {
        if (bytes.length === 0) throw new EncodeError(`'*' alone matches everything: leave the match away`)
        return bytes
      }
      const padded = new Uint8Array(length)
      padded.set(bytes)
      return padded
    },
    format: (bytes) => format(bytes, size || 128),
    text: (bytes) => `"${format(bytes, size || 128)}"`,
  }
}

export const string = words('string', 5, 0)
/** IFNAMSIZ bytes. 'eth*' is any name that starts with 'eth'. */
export const ifname = words('ifname', 41, 128)
