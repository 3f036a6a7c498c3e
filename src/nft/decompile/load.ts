/** Expressions that put something into a register. */

import type { KnownExpression } from '../../../protocol/netfilter/nftables/expression.ts'
import type { NftBitwise } from '../../../protocol/netfilter/nftables/expressions/bitwise.ts'
import type { NftCt } from '../../../protocol/netfilter/nftables/expressions/ct.ts'
import type { NftFib } from '../../../protocol/netfilter/nftables/expressions/fib.ts'
import type { NftHash } from '../../../protocol/netfilter/nftables/expressions/hash.ts'
import type { NftPayload } from '../../../protocol/netfilter/nftables/expressions/payload.ts'
import type { Selector } from '../ast.ts'
import { numberOf } from '../datatypes/bits.ts'
import { boolean, hostInteger } from '../datatypes/index.ts'
import {
  ct,
  ctAddresses,
  type ExtensionKind,
  extensions,
  fib,
  ipsec,
  type Key,
  type Keys,
  meta,
  osf,
  rawBases,
  rt,
  socket,
  tunnel,
} from '../selectors/index.ts'
import { type Node, type PayloadNode, type Registers, Untold } from './node.ts'

/** Bytes: so many fit into all registers together, with much to spare. */
const LONGEST = 256

/** The register is written with what the expression selects; undefined where the expression is none of these. */
export function load(registers: Registers, expression: KnownExpression): boolean {
  const node = loaded(registers, expression)
  if (node === undefined) return false
  registers.put((expression.data as { dreg?: number }).dreg, node) // all of them have it
  return true
}

function loaded(registers: Registers, expression: KnownExpression): Node | undefined {
  switch (expression.name) {
    case 'payload': {
      if (expression.data.dreg === undefined) return undefined
      return payloadOf(expression.data)
    }
    case 'exthdr': {
      const { dreg, op = 'ipv6', type = 0, offset = 0, len = 0, flags } = expression.data
      if (dreg === undefined) return undefined
      if (len > LONGEST) throw new Untold('an extension')
      const present = flags?.includes('present') === true
      return {
        kind: 'extension',
        extension: extensionKind(op),
        number: type,
        offset: offset * 8,
        size: len * 8,
        present,
      }
    }
    case 'meta': {
      const { dreg, key } = expression.data
      return dreg === undefined ? undefined : keyed('meta', meta, key)
    }
    case 'ct':
      return expression.data.dreg === undefined ? undefined : connection(expression.data)
    case 'rt': {
      const [word, { type, size }] = named(rt, expression.data.key)
      const [, family, name] = /^(?:(ip6?) )?(.*)$/.exec(word) ?? []
      const selector = { rt: { key: name, ...(family !== undefined && { family }) } } as Selector // made of the table's words
      return { kind: 'selector', selector, type, size }
    }
    case 'socket': {
      const [key, { type, size }] = named(socket, expression.data.key)
      const level = key === 'cgroupv2' && { level: expression.data.level ?? 0 }
      return { kind: 'selector', selector: { socket: { key, ...level } } as Selector, type, size } // a word of the table's
    }
    case 'osf': {
      const { ttl, flags } = expression.data
      const key = flags?.includes('version') ? 'version' : 'name'
      const mode = { 1: 'loose', 2: 'skip' }[ttl ?? 0] as 'loose' | 'skip' | undefined
      const selector: Selector = { osf: { key, ...(mode !== undefined && { ttl: mode }) } }
      return { kind: 'selector', selector, type: osf[key].type, size: osf[key].size }
    }
    case 'xfrm': {
      const { key, dir, spnum = 0 } = expression.data
      if (typeof dir !== 'string') throw new Untold('xfrm')
      const [word, { type, size }] = named(ipsec, key)
      const [, family, name] = /^(?:(ip6?) )?(.*)$/.exec(word) ?? []
      const selector = { ipsec: { key: name, ...(family !== undefined && { family }), dir, spnum } } as Selector // made of the table's words
      return { kind: 'selector', selector, type, size }
    }
    case 'tunnel': {
      const [key, { type, size }] = named(tunnel, expression.data.key)
      return { kind: 'selector', selector: { tunnel: { key } } as Selector, type, size } // a word of the table's
    }
    case 'fib':
      return route(expression.data)
    case 'numgen': {
      const { type, modulus = 0, offset = 0 } = expression.data
      const mode = type === 'random' ? 'random' : 'inc'
      return { kind: 'selector', selector: { numgen: { mode, mod: modulus, offset } }, type: hostInteger, size: 32 }
    }
    case 'hash':
      return hash(registers, expression.data)
    case 'immediate': {
      const bytes = expression.data.data?.value
      return bytes && { kind: 'value', bytes, size: bytes.length * 8 }
    }
    case 'bitwise':
      return bitwise(registers, expression.data)
    case 'byteorder': {
      const of = registers.take(expression.data.sreg)
      return { kind: 'swapped', of, size: of.size }
    }
    default:
      return undefined
  }
}

/** Bytes of the packet; nft's language has no word for those behind a tunnel's header. */
export function payloadOf({ base, offset = 0, len = 0 }: NftPayload): PayloadNode {
  const known = Object.values(rawBases).find((one) => one === base)
  if (known === undefined || len > LONGEST) throw new Untold('a payload')
  return { kind: 'payload', base: known, offset: offset * 8, size: len * 8 }
}

export function extensionKind(op: string | number): ExtensionKind {
  for (const kind of Object.keys(extensions) as ExtensionKind[]) if (extensions[kind].op === op) return kind // its keys
  throw new Untold(`exthdr ${op}`)
}

type Named = [word: string, key: Key]

/** By the kernel's words; made when a table is asked the first time. */
const tables = new WeakMap<Keys, ReadonlyMap<string, Named>>()

function byKernel(table: Keys): ReadonlyMap<string, Named> {
  const known = tables.get(table)
  if (known !== undefined) return known
  const made = new Map<string, Named>()
  for (const [word, key] of Object.entries(table)) if (!made.has(key.kernel)) made.set(key.kernel, [word, key])
  tables.set(table, made)
  return made
}

/** nft's word for a kernel key, and what is said about it. */
export function named(table: Keys, kernel: string | number | undefined): Named {
  // NFT_META_IFTYPE and NFT_META_IIFTYPE are one number
  const found = byKernel(table).get(kernel === 'iiftype' ? 'iftype' : String(kernel))
  if (found === undefined) throw new Untold(`key ${kernel}`)
  return found
}

function keyed(kind: 'meta', table: Keys, kernel: string | number | undefined): Node {
  const [word, { type, size }] = named(table, kernel)
  return { kind: 'selector', selector: { [kind]: { key: word } }, type, size }
}

function connection({ key, direction }: NftCt): Node {
  const dir = typeof direction === 'string' ? direction : undefined
  for (const word of ['saddr', 'daddr'] as const) {
    if (ctAddresses[word].kernel === key) return { kind: 'ct address', key: word, dir, size: 128 }
  }
  const [word, { type, size }] = named(ct, key)
  return { kind: 'selector', selector: { ct: { key: word, ...(dir !== undefined && { dir }) } }, type, size }
}

function route({ result, flags = [] }: NftFib): Node {
  const [word, { type, size }] = named(fib, result)
  const words = flags.filter((flag) => flag !== 'present').map(String)
  const selector = { fib: { result: word, flags: words } } as Selector // a word of the table's
  return { kind: 'selector', selector, type: flags.includes('present') ? boolean : type, size }
}

function hash(registers: Registers, { type, sreg, len = 0, modulus: mod = 0, seed, offset = 0 }: NftHash): Node {
  if (type === 'sym') {
    const selector: Selector = { symhash: { mod, ...(offset > 0 && { offset }) } }
    return { kind: 'selector', selector, type: hostInteger, size: 32 }
  }
  return { kind: 'hash', of: registers.takeBytes(sreg, len), mod, offset, seed, size: 32 }
}

function bitwise(registers: Registers, { sreg, sreg2, len = 0, op = 'mask_xor', mask, xor, data }: NftBitwise): Node {
  const left = registers.takeBytes(sreg, len)
  const { size } = left
  if (op === 'lshift' || op === 'rshift') {
    const by = numberOf(data?.value ?? new Uint8Array(), 'host')
    return { kind: 'shift', operator: op === 'lshift' ? '<<' : '>>', left, by, size }
  }
  if (op === 'mask_xor' || op === 'bool') return maskXor(left, mask?.value, xor?.value)
  const operator = { and: '&', or: '|', xor: '^' }[op as 'and'] as '&' | '|' | '^' | undefined // other names give undefined
  if (operator === undefined) throw new Untold(`bitwise ${op}`)
  if (sreg2 !== undefined) return { kind: 'pair', operator, left, right: registers.takeBytes(sreg2, len), size }
  return { kind: 'binary', operator, left, right: data?.value ?? new Uint8Array(len), size }
}

/** (left & mask) ^ xor, as the fewest of `&`, `^` and `|` that mean the same. */
function maskXor(left: Node, mask: Uint8Array | undefined, xor: Uint8Array | undefined): Node {
  if (mask === undefined || xor === undefined) throw new Untold('bitwise')
  const { size } = left
  // set whatever it was: not kept by the mask, and turned on
  const set = xor.map((bits, i) => bits & ~(mask[i] ?? 0))
  const turned = xor.map((bits, i) => bits & (mask[i] ?? 0))
  const kept = mask.map((bits, i) => bits | (set[i] ?? 0))
  let node = left
  if (kept.some((bits) => bits !== 0xff)) node = { kind: 'binary', operator: '&', left: node, right: kept, size }
  if (turned.some((bits) => bits !== 0)) node = { kind: 'binary', operator: '^', left: node, right: turned, size }
  if (set.some((bits) => bits !== 0)) node = { kind: 'binary', operator: '|', left: node, right: set, size }
  return node
}
