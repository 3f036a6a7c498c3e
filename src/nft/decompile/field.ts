/** Payloads and extension headers by name: which field of which header bytes are, as far as the matches before have settled it. */

import type { Selector } from '../ast.ts'
import type { DataType } from '../datatype.ts'
import { boolean, rawInteger } from '../datatypes/index.ts'
import {
  type Base,
  type ExtensionKind,
  extensionAt,
  extensionName,
  type Field,
  type Header,
  type HeaderName,
  headers,
  rawBases,
} from '../selectors/index.ts'
import type { ExtensionNode, PayloadNode } from './node.ts'
import type { Protocols } from './protocol.ts'

/** What selects, and how its constants look. */
export interface Selected {
  selector: Selector
  type: DataType
  size: number
}
export interface SelectedField extends Selected {
  protocol: HeaderName
  field: string
}

const ETHER_BITS = 112
const TAG_BITS = 32

/** The header that a payload lies in, and where it begins. */
function headerAt(
  { base, offset }: PayloadNode,
  protocols: Protocols,
): [HeaderName, Header, start: number] | undefined {
  const known = protocols.known(base)
  if (known === undefined || known === 'unknown') return undefined
  if (base !== 'll_header') return [known, headers[known], headers[known].start]
  if (offset < ETHER_BITS) return ['ether', headers.ether, 0]
  const tag = Math.floor((offset - ETHER_BITS) / TAG_BITS)
  return tag < protocols.tags ? ['vlan', headers.vlan, ETHER_BITS + tag * TAG_BITS] : undefined
}

/** Where a field depends on the type of an ICMP message, the type must be right, if one was asked for. */
function holds(field: Field, { icmpType }: Protocols): boolean {
  return field.when === undefined || icmpType === undefined || field.when.includes(icmpType)
}

function selectedField(protocol: HeaderName, field: string, { type, size }: Field): SelectedField {
  return { selector: { payload: { protocol, field } }, type, size, protocol, field }
}

/** The field that a payload is, exactly. */
export function fieldOf(payload: PayloadNode, protocols: Protocols): SelectedField | undefined {
  return firstField(payload, protocols, (field) => field.size === payload.size)
}

/** The field that a payload begins with; it may be longer than the payload. */
export function fieldAtStart(payload: PayloadNode, protocols: Protocols): SelectedField | undefined {
  return firstField(payload, protocols, () => true)
}

function firstField(
  payload: PayloadNode,
  protocols: Protocols,
  fits: (field: Field) => boolean,
): SelectedField | undefined {
  const header = headerAt(payload, protocols)
  if (header === undefined) return undefined
  const [name, { fields }, start] = header
  for (const [key, field] of Object.entries(fields)) {
    if (field.offset === payload.offset - start && fits(field) && holds(field, protocols))
      return selectedField(name, key, field)
  }
  return undefined
}

const bases = Object.fromEntries(Object.entries(rawBases).map(([word, base]) => [base, word])) as Record<
  Base,
  keyof typeof rawBases // the entries, turned around
>

/** Bytes of which nothing is known; the ports lie at the same place in all transport headers. */
export function rawField({ base, offset, size }: PayloadNode, protocols: Protocols): Selected | SelectedField {
  if (base === 'transport_header' && size === 16 && (offset === 0 || offset === 16)) {
    const known = protocols.known(base)
    if (known === undefined || known === 'unknown')
      return selectedField('th', offset === 0 ? 'sport' : 'dport', headers.th.fields.sport)
  }
  return { selector: { payload: { base: bases[base], offset, len: size } }, type: rawInteger, size }
}

/** A field of an extension; without one, whether it is there; by its number where it has no name. */
export function extensionOf(node: ExtensionNode): Selected | undefined {
  const { extension, number, offset, size, present } = node
  const name = extensionName(extension, number)
  if (present) {
    const selector = name === undefined ? rawOption(node) : named(extension, name)
    return selector && { selector, type: boolean, size: 8 }
  }
  const found = extensionAt(extension, number, offset, size)
  if (found !== undefined) {
    const { type } = found.declared
    return { selector: named(extension, found.name, found.field), type, size }
  }
  const selector = rawOption(node)
  return selector && { selector, type: rawInteger, size }
}

function named(extension: ExtensionKind, name: string, field?: string): Selector {
  return { [extension]: field === undefined ? { name } : { name, field } } as unknown as Selector // of the kind that it is named for
}

/** Only TCP's can be told by number. */
function rawOption({ extension, number, offset, size }: ExtensionNode): Selector | undefined {
  return extension === 'tcp option' ? { 'tcp option': { base: number, offset, len: size } } : undefined
}
