/** Addresses as strings, in canonical form (IPv6: RFC 5952, as inet_ntop prints it). */
import { type Codec, DecodeError, EncodeError, show } from './codec.ts'
import { leaf } from './leaf.ts'

const octets = Array.from({ length: 256 }, (_, i) => String(i))
const digits = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const pairs = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

function octet(bytes: Uint8Array, at: number): string {
  // A byte indexes a table of 256.
  return octets[bytes[at] as number] as string
}

/** The first three octets that were last asked for: neighbours in a dump share them, and one string to add up instead of six is 40 ns. */
let lastNet = -1
let lastText = ''

export function formatIpv4(bytes: Uint8Array, at = 0): string {
  const net = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
  if (net !== lastNet) {
    lastNet = net
    lastText = `${octet(bytes, at)}.${octet(bytes, at + 1)}.${octet(bytes, at + 2)}.`
  }
  return lastText + octet(bytes, at + 3)
}

const words = new Uint16Array(8)
const hexWord = Array.from({ length: 256 }, (_, i) => i.toString(16))

/** words[from, to) in hex, with ':' between. */
function hexWords(from: number, to: number): string {
  let text = ''
  for (let i = from; i < to; i++) {
    const word = words[i] as number
    text += (i === from ? '' : ':') + (word < 256 ? (hexWord[word] as string) : word.toString(16))
  }
  return text
}

export function formatIpv6(bytes: Uint8Array, at = 0): string {
  let best = -1
  let bestLength = 1
  let length = 0
  for (let i = 0; i < 8; i++) {
    const word = ((bytes[at + i * 2] as number) << 8) | (bytes[at + i * 2 + 1] as number)
    words[i] = word
    length = word === 0 ? length + 1 : 0
    if (length > bestLength) {
      best = i - length + 1
      bestLength = length
    }
  }
  if (best < 0) return hexWords(0, 8)
  // inet_ntop writes the last four bytes as IPv4 for ::ffff:a.b.c.d and ::a.b.c.d.
  const mixed = best === 0 && (bestLength === 6 || (bestLength === 5 && words[5] === 0xffff))
  if (mixed) return `${bestLength === 6 ? '::' : '::ffff:'}${formatIpv4(bytes, at + 12)}`
  return `${hexWords(0, best)}::${hexWords(best + bestLength, 8)}`
}

/** Four bytes, or undefined where the text is no dotted quad (no leading zeros: '010' is octal for some). */
export function parseIpv4(text: string): Uint8Array | undefined {
  const word = ipv4Word(text, text.length)
  if (word < 0) return undefined
  return Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word)
}

/** The dotted quad in text[0, end) as a number, -1 where it is none. Digit by digit: a regular expression an octet costs 600 ns, this 40. */
export function ipv4Word(text: string, end: number): number {
  let word = 0
  let part = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      if (digits === 0 || dots === 3) return -1
      word = word * 256 + part
      part = 0
      digits = 0
      dots++
    } else {
      if (code < 0x30 || code > 0x39 || (digits > 0 && part === 0)) return -1
      part = part * 10 + (code - 0x30)
      digits++
      if (part > 255) return -1
    }
  }
  return dots === 3 && digits > 0 ? word * 256 + part : -1
}

/** Sixteen bytes, or undefined where the text is no IPv6 address. A zone ('%eth0') is none. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const left = parseWords(halves[0] as string, halves.length === 1)
  const right = halves.length === 2 ? parseWords(halves[1] as string, true) : []
  if (!left || !right) return undefined
  const missing = 16 - left.length - right.length
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined
  const bytes = new Uint8Array(16)
  bytes.set(left)
  bytes.set(right, 16 - right.length)
  return bytes
}

function parseWords(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const quad = parseIpv4(part)
      if (!quad) return undefined
      bytes.push(...quad)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      const word = Number.parseInt(part, 16)
      bytes.push(word >> 8, word & 0xff)
    } else return undefined
  }
  return bytes
}

/** Four or sixteen bytes. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

export function formatIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? formatIpv4(bytes) : formatIpv6(bytes)
}

/** '192.168.1.1/24' taken apart; without a length it is that of a host (32 or 128). */
export interface Prefix {
  /** Canonical. */
  address: string
  length: number
  family: 4 | 6
}

/** undefined where the text is no address with an optional length in range. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const end = slash < 0 ? text.length : slash
  // The only form of an IPv4 address is the canonical one.
  if (ipv4Word(text, end) >= 0) {
    const length = slash < 0 ? 32 : prefixLength(text, slash + 1, 32)
    if (length < 0) return undefined
    return { address: slash < 0 ? text : text.slice(0, slash), length, family: 4 }
  }
  const bytes = parseIpv6(slash < 0 ? text : text.slice(0, slash))
  const length = slash < 0 ? 128 : prefixLength(text, slash + 1, 128)
  if (!bytes || length < 0) return undefined
  return { address: formatIpv6(bytes), length, family: 6 }
}

/** The number in text[start, ...), -1 where it is none or above `most`. */
function prefixLength(text: string, start: number, most: number): number {
  const digits = text.length - start
  if (digits < 1 || digits > 3) return -1
  let length = 0
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return -1
    length = length * 10 + (code - 0x30)
  }
  return length > most ? -1 : length
}

export function formatPrefix(address: string, length: number): string {
  return `${address}/${length}`
}

function address(
  type: string,
  size: number | undefined,
  wanted: string,
  parse: (text: string) => Uint8Array | undefined,
): Codec<string> {
  return leaf(
    type,
    size,
    ({ bytes }, start, end) => {
      if (end - start === 4) return formatIpv4(bytes, start)
      if (end - start === 16) return formatIpv6(bytes, start)
      throw new DecodeError(`takes 4 or 16 bytes, got ${end - start}`, start)
    },
    (value, sink) => {
      if (size !== 16 && typeof value === 'string') {
        // In place: a Uint8Array of four bytes costs more than reading the text.
        const word = ipv4Word(value, value.length)
        if (word >= 0) {
          const at = sink.reserve(4)
          // Not before: reserve() may change the view.
          sink.view.setUint32(at, word, false)
          return
        }
      }
      const bytes = typeof value === 'string' ? parse(value) : undefined
      if (!bytes) throw new EncodeError(`must be ${wanted}, got ${show(value)}`)
      sink.append(bytes)
    },
  )
}

export const ipv4 = address('ipv4', 4, 'an IPv4 address', parseIpv4)
export const ipv6 = address('ipv6', 16, 'an IPv6 address', parseIpv6)
/** Either family, told apart by length. */
export const ip = address('ip', undefined, 'an IP address', parseIp)

/**
 * A prefix in one value, '10.0.0.0/8': the address in network order and behind it one byte of length.
 * rtnetlink keeps the two apart (header and attribute); nftables' and IPsec's selectors do not.
 */
export const prefix: Codec<string> = leaf(
  'prefix',
  undefined,
  ({ bytes }, start, end) => {
    const size = end - start - 1
    if (size !== 4 && size !== 16) throw new DecodeError(`takes 5 or 17 bytes, got ${size + 1}`, start)
    return formatPrefix(formatIp(bytes.subarray(start, end - 1)), bytes[end - 1] as number)
  },
  (value, sink) => {
    const parsed = typeof value === 'string' ? parsePrefix(value) : undefined
    const bytes = parsed && parseIp(parsed.address)
    if (!bytes) throw new EncodeError(`must be an address with a prefix length, got ${show(value)}`)
    sink.append(bytes)
    sink.bytes[sink.reserve(1)] = parsed.length
  },
)

/** One call for all characters: 35 ns, and 110 where strings are added up. */
function formatMac(bytes: Uint8Array, at: number): string {
  const high = (i: number): number => digits[(bytes[at + i] as number) >> 4] as number
  const low = (i: number): number => digits[(bytes[at + i] as number) & 15] as number
  // biome-ignore format: a pair a line
  return String.fromCharCode(
    high(0), low(0), 58,
    high(1), low(1), 58,
    high(2), low(2), 58,
    high(3), low(3), 58,
    high(4), low(4), 58,
    high(5), low(5),
  )
}

function hardware(size: number | undefined): Codec<string> {
  return leaf(
    'mac',
    size,
    ({ bytes }, start, end) => {
      if (end - start === 6) return formatMac(bytes, start)
      let text = ''
      for (let i = start; i < end; i++) text += (i === start ? '' : ':') + pairs[bytes[i] as number]
      return text
    },
    (value, sink) => {
      const bytes = typeof value === 'string' ? parseMac(value) : undefined
      if (!bytes || (size !== undefined && bytes.length !== size))
        throw new EncodeError(`must be a hardware address like 02:00:00:00:00:01, got ${show(value)}`)
      sink.append(bytes)
    },
  )
}

/** A hardware address: '02:00:00:00:00:01'; other lengths too (IP tunnels 4 or 16, InfiniBand 20). */
export const mac = hardware(undefined)
/** One of six bytes, as structs hold it. */
export const ethernet = hardware(6)

export function parseMac(text: string): Uint8Array | undefined {
  if (text === '') return new Uint8Array()
  if (!/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*$/.test(text)) return undefined
  return Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16))
}
