/** Where bytes are read from and written to. The only place that knows Buffer (faster text and hex where Node has it). */

/** What a reader reads: one datagram, or one captured message. */
export interface Source {
  /** Never a Buffer, whose slice() is no copy. */
  readonly bytes: Uint8Array
  /** UTF-8 text in `start..end`. */
  readonly text: (start: number, end: number) => string
  readonly view: DataView
  /** Host byte order of the machine the bytes come from. */
  readonly littleEndian: boolean
  /** Throw a DecodeError at the first malformed attribute instead of keeping it as unknown. */
  readonly strict: boolean
  /** Keep `raw` beside every value that would be encoded to other bytes. */
  readonly exact: boolean
  /** The message's attributes come without NLA_F_NESTED: see Kept. */
  flat: boolean
  /** How many recursive messages are open (a veth's peer inside its peer ...). */
  depth: number
}

/** Real messages nest a link in a link once; hostile ones are not followed further than this. */
export const maxDepth = 16

export interface ReadOptions {
  littleEndian?: boolean | undefined
  strict?: boolean | undefined
  exact?: boolean | undefined
}

/** Byte order of this machine. */
export const hostLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

export function source(given: Uint8Array, options: ReadOptions = {}): Source {
  const { buffer, byteOffset, byteLength } = given
  const bytes = given.constructor === Uint8Array ? given : new Uint8Array(buffer, byteOffset, byteLength)
  return {
    bytes,
    text: textOf(bytes),
    view: new DataView(buffer, byteOffset, byteLength),
    littleEndian: options.littleEndian ?? hostLittleEndian,
    strict: options.strict ?? false,
    exact: options.exact ?? false,
    flat: false,
    depth: 0,
  }
}

/** A growing buffer. Bytes between what was written are zero. */
export class Sink {
  bytes: Uint8Array
  view: DataView
  position = 0
  depth = 0
  /** Write kept bytes without asking whether they still mean the value beside them. */
  trustRaw = false
  /** Write no NLA_F_NESTED. */
  flat = false
  readonly littleEndian: boolean

  constructor(littleEndian: boolean = hostLittleEndian, capacity = 512) {
    this.bytes = new Uint8Array(capacity)
    this.view = new DataView(this.bytes.buffer)
    this.littleEndian = littleEndian
  }

  /** Advances by `length` zero bytes and returns where they start. */
  reserve(length: number): number {
    const start = this.position
    this.position += length
    if (this.position > this.bytes.length) this.#grow()
    return start
  }

  /** Zero bytes up to the next multiple of 4 counted from `start` (NLMSG_ALIGN, NLA_ALIGN). */
  align(start: number): void {
    const odd = (this.position - start) & 3
    if (odd !== 0) this.reserve(4 - odd)
  }

  append(bytes: Uint8Array): void {
    const { length } = bytes
    const start = this.reserve(length)
    // set() is a call out of compiled code: 40 ns for an address, the loop 5.
    if (length > 16) this.bytes.set(bytes, start)
    else for (let i = 0; i < length; i++) this.bytes[start + i] = bytes[i] as number
  }

  /** Drops what was written from `position` on. */
  rewind(position: number): void {
    this.bytes.fill(0, position, this.position)
    this.position = position
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.position)
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.position, this.bytes.length * 2))
    grown.set(this.bytes)
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }
}

/** The length of `length` bytes with their padding: NLMSG_ALIGN and NLA_ALIGN are both 4. */
export function aligned(length: number): number {
  return (length + 3) & ~3
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const hasBuffer = typeof Buffer !== 'undefined'
const utf8 = new TextDecoder()
const utf8Encoder = new TextEncoder()

function textOf(bytes: Uint8Array): (start: number, end: number) => string {
  if (!hasBuffer) return (start, end) => utf8.decode(bytes.subarray(start, end))
  const buffer = asBuffer(bytes)
  return (start, end) => buffer.toString('utf8', start, end)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function encodeText(text: string): Uint8Array {
  return utf8Encoder.encode(text)
}

export const hex: (bytes: Uint8Array) => string = hasBuffer
  ? (bytes) => asBuffer(bytes).toString('hex')
  : (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Bytes of a hex string; undefined if it is none (odd length, other characters). */
export function unhex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16)
  return bytes
}
