/** Writing to the packet and to what the kernel keeps with it: `ip dscp set cs1`, `meta mark set 1`, `ct zone set 2`, TCP options. */

import type { NftCt } from '../../../protocol/netfilter/nftables/expressions/ct.ts'
import type { NftExthdr } from '../../../protocol/netfilter/nftables/expressions/exthdr.ts'
import type { NftMeta } from '../../../protocol/netfilter/nftables/expressions/meta.ts'
import type { NftPayload } from '../../../protocol/netfilter/nftables/expressions/payload.ts'
import type { Expr, Selector, Statement } from '../ast.ts'
import { bytesOf, integerOf } from '../datatypes/bits.ts'
import { ct, meta } from '../selectors/index.ts'
import { extensionOf, fieldOf } from './field.ts'
import { extensionKind, named, payloadOf } from './load.ts'
import { masked } from './narrow.ts'
import { type ExtensionNode, type Node, type PayloadNode, Untold } from './node.ts'
import type { Reading } from './reading.ts'
import { resolve, valueAs } from './resolve.ts'

export function mangleMeta(reading: Reading, { key, sreg }: NftMeta): Statement {
  const node = reading.registers.take(sreg)
  const [word, { type }] = named(meta, key)
  return { mangle: { key: { meta: { key: word } }, value: valueAs(reading, node, { type }) } }
}

export function mangleCt(reading: Reading, { key, direction, sreg }: NftCt): Statement {
  const node = reading.registers.take(sreg)
  const [word, { type }] = named(ct, key)
  const selector: Selector = { ct: { key: word, ...(typeof direction === 'string' && { dir: direction }) } }
  // of events nft makes a list
  const value =
    word === 'event' && node.kind === 'value' ? reading.value(node.bytes, { type }) : valueAs(reading, node, { type })
  return { mangle: { key: selector, value } }
}

export function manglePayload(reading: Reading, data: NftPayload): Statement {
  const payload = payloadOf(data)
  const node = reading.registers.take(data.sreg)
  const narrow = fieldOf(payload, reading.protocols) === undefined ? writtenBits(reading, payload, node) : undefined
  if (narrow !== undefined) {
    const { expr, type } = resolve(reading, narrow.field)
    return { mangle: { key: expr, value: reading.constant(narrow.bytes, { type }) } }
  }
  const { expr, type } = resolve(reading, payload)
  return { mangle: { key: expr, value: valueAs(reading, node, { type }) } }
}

/** A field of a few bits is written with its neighbours: these are read, its own bits taken out, and the new ones put in. */
function writtenBits(
  reading: Reading,
  payload: PayloadNode,
  node: Node,
): { field: Node; bytes: Uint8Array } | undefined {
  const [kept, value] = keptAndSet(node, payload)
  if (kept === undefined || value === undefined) return undefined
  // bits that are set are neither kept nor cleared
  const mask = kept.map((bits, i) => ~bits | (value[i] ?? 0))
  const found = masked(payload, mask, reading.protocols)
  if (found === undefined || found.node.kind !== 'payload') return undefined
  const shifted = integerOf(value, 'big') >> BigInt(found.shift)
  return { field: found.node, bytes: bytesOf(shifted, found.node.size, 'big') }
}

function keptAndSet(node: Node, payload: PayloadNode): [kept?: Uint8Array, value?: Uint8Array] {
  if (node.kind !== 'binary') return []
  const { operator, left, right } = node
  if (isSame(left, payload)) {
    if (operator === '&') return [right, right.map(() => 0)]
    return operator === '|' ? [right.map((bits) => ~bits), right] : []
  }
  const inner =
    operator === '|' && left.kind === 'binary' && left.operator === '&' && isSame(left.left, payload) ? left : undefined
  return inner === undefined ? [] : [inner.right, right]
}

function isSame(node: Node, { base, offset, size }: PayloadNode): boolean {
  return node.kind === 'payload' && node.base === base && node.offset === offset && node.size === size
}

/** `tcp option maxseg size set 1360`; without a source the option is removed. */
export function optionStatement(
  reading: Reading,
  { op = 'tcpopt', type = 0, offset = 0, len = 0, sreg }: NftExthdr,
): Statement {
  const option: ExtensionNode = {
    kind: 'extension',
    extension: extensionKind(op),
    number: type,
    offset: offset * 8,
    size: len * 8,
    present: sreg === undefined,
  }
  const found = extensionOf(option)
  if (found === undefined) throw new Untold(`exthdr ${type}`)
  if (sreg === undefined) return { reset: found.selector as Expr } // a selector is an expression
  return { mangle: { key: found.selector, value: valueAs(reading, reading.registers.take(sreg), found) } }
}
