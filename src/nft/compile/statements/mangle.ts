/** `mangle`: writes to the packet (headers, TCP options) and to what the kernel keeps of it (meta, ct). */
import { EncodeError, isFields, show, within } from '../../../../protocol/wire/codec.ts'
import type { Expr, MangleStatement, ResetStatement, Selector } from '../../ast.ts'
import { integerOf } from '../../datatypes/bits.ts'
import { headerOf, isSelector, resolveSelector } from '../../selectors/index.ts'
import { argument, isInterval } from '../argument.ts'
import { requireHeader } from '../dependencies.ts'
import type { Draft } from '../draft.ts'
import { checkBodies, extension, inOrder, place } from '../evaluate.ts'
import type { Node, Payload, Shape } from '../node.ts'
import { INNER, NETWORK } from '../protocols.ts'
import { conntrackKey, headerField, metaKey, rawBytes } from '../select.ts'
import { objref } from './objref.ts'

export function mangle(draft: Draft, { key, value }: MangleStatement['mangle']): void {
  if (!isFields(key) || !isSelector(key))
    throw new EncodeError('must be a header field, a TCP option, meta or ct', 'key')
  within('key', () => checkBodies(key))
  if ('payload' in key) payload(draft, key, value)
  else if ('meta' in key) meta(draft, key, value)
  else if ('ct' in key) conntrack(draft, key, value)
  else if ('tcp option' in key) option(draft, key, value)
  else throw new EncodeError(`cannot be written: ${show(Object.keys(key)[0])}`, 'key')
}

/** The value in the shape of what it is written to. */
function written(draft: Draft, value: Expr, shape: Shape): Node {
  return within('value', () => {
    const node = argument(draft, value, shape)
    if (isInterval(node)) throw new EncodeError('must be one value, not a range')
    return node
  })
}

function checkSettable(selector: Selector, draft: Draft): void {
  const resolved = resolveSelector(selector, draft.context.family)
  if ((resolved.kind === 'meta' || resolved.kind === 'ct') && resolved.key.set !== true) {
    throw new EncodeError(`can be read only: ${resolved.kind} ${show(resolved.key.kernel)}`)
  }
}

function meta(draft: Draft, key: Extract<Selector, { meta: unknown }>, value: Expr): void {
  const node = within('key', () => {
    checkSettable(key, draft)
    return metaKey(key.meta.key)
  })
  const sreg = draft.loaded(written(draft, value, node))
  draft.add('meta', { ...node.data, sreg })
}

function conntrack(draft: Draft, key: Extract<Selector, { ct: unknown }>, value: Expr): void {
  if (key.ct.key === 'helper') {
    within('value', () => objref(draft, 'ct_helper', value))
    return
  }
  const node = within('key', () => {
    checkSettable(key, draft)
    return conntrackKey(key.ct, draft.context.family)
  })
  const sreg = draft.loaded(written(draft, value, node))
  draft.add('ct', { ...node.data, sreg })
}

function option(draft: Draft, key: Selector, value: Expr): void {
  const node = within('key', () => {
    const found = extension(draft, key)
    if (found.present) throw new EncodeError('needs a field to write', 'tcp option.field')
    return found
  })
  const { op, number, offset, bits } = node
  const sreg = draft.loaded(written(draft, value, node))
  draft.add('exthdr', { sreg, type: number, offset: offset >> 3, len: (bits + 7) >> 3, op: 'tcpopt' as const })
  if (op !== 'tcpopt') throw new EncodeError('only options of TCP can be written', 'key')
}

const bases = ['ll_header', 'network_header', 'transport_header', 'inner_header'] as const

function payload(draft: Draft, key: Extract<Selector, { payload: unknown }>, value: Expr): void {
  const field = within('key', () => {
    const { payload } = key
    return requireHeader(draft, 'base' in payload ? rawBytes(key) : headerField(payload.protocol, payload.field))
  })
  let node = written(draft, value, field)
  if (node.kind !== 'value') node = inOrder(node, field.order)
  const target = around(field)
  const sreg = draft.loaded(target === field ? node : inserted(node, field, target))
  const header = field.protocol === undefined ? undefined : headerOf(field.protocol.name)
  const checksum = header?.checksum
  const covered = field.layer === INNER || (field.layer === NETWORK && header?.pseudo?.includes(field.field ?? ''))
  draft.add('payload', {
    sreg,
    base: bases[field.layer],
    offset: target.offset >> 3,
    len: target.bits >> 3,
    ...(checksum && { csumType: checksum.type, csumOffset: checksum.offset }),
    ...(covered && { csumFlags: ['l4csum_pseudohdr' as const] }),
  })
}

/** The whole bytes that a field is in; where a checksum covers them an even number, because the kernel corrects it by pairs. */
function around(field: Payload): Payload {
  const { bits, offset, protocol, layer } = field
  const summed = layer === INNER || (protocol !== undefined && headerOf(protocol.name)?.checksum !== undefined)
  const whole = offset % 8 === 0 && bits % 8 === 0
  if (whole && (!summed || (bits / 8) % 2 === 0)) return field
  let start = offset >> 3
  let bytes = Math.ceil((bits + place(bits, offset).extra) / 8)
  if (summed && bytes % 2 === 1) {
    bytes++
    // Pairs start at even offsets
    if (start % 2 === 1) start--
  }
  return { ...field, offset: start * 8, bits: bytes * 8 }
}

/** The bytes of `target` with the bits of `field` replaced by `node`. */
function inserted(node: Node, field: Payload, target: Payload): Node {
  const shift = BigInt(target.offset + target.bits - field.offset - field.bits)
  const all = (1n << BigInt(target.bits)) - 1n
  const own = ((1n << BigInt(field.bits)) - 1n) << shift
  const shape = { type: field.type, order: field.order, bits: target.bits, width: target.bits }
  const left: Node = { ...target, protocol: undefined, field: undefined, tells: false }
  const kept: Node = { kind: 'operation', ...shape, operator: '&', left, right: all ^ own }
  if (node.kind !== 'value')
    throw new EncodeError('must be a constant: the field shares its bytes with others', 'value')
  const right = integerOf(node.bytes, node.order) << shift
  return { kind: 'operation', ...shape, operator: '^', left: kept, right }
}

/** `reset tcp option`: overwrites it with NOPs. */
export function reset(draft: Draft, key: ResetStatement['reset']): void {
  if (!isFields(key) || !isSelector(key) || !('tcp option' in key)) throw new EncodeError('must be a TCP option')
  const { number } = extension(draft, key)
  draft.add('exthdr', { type: number, op: 'tcpopt' })
}
