/**
 * The matches that nft adds by itself: a header's bytes mean something only in packets that have this header, so `tcp dport 22` becomes
 * `meta l4proto tcp`, then `tcp dport 22`, unless the rule has said so before.
 */
import { EncodeError } from '../../../protocol/wire/codec.ts'
import { bytesOf } from '../datatypes/bits.ts'
import type { Draft } from './draft.ts'
import type { Load, Node, Payload } from './node.ts'
import { LINK, layerNames, NETWORK, type Protocol, protocol, TRANSPORT } from './protocols.ts'
import { headerField, metaKey } from './select.ts'
import { matchEither } from './sets.ts'

function conflict(known: Protocol, wanted: Protocol): EncodeError {
  return new EncodeError(`cannot be: the packets are ${known.name} here, not ${wanted.name}`)
}

/** What is known where, for an error about it. */
export function conflictingFamily(known: Protocol, family: string): EncodeError {
  return new EncodeError(`cannot be ${family}: the packets are ${known.name} here`)
}

/** Compares bytes of a header or a meta key with a number. */
function match(draft: Draft, node: Node, number: number): void {
  draft.loadAndCompare(node, 'eq', bytesOf(number, node.bits, node.order))
}

function matchMeta(draft: Draft, key: string, number: number): void {
  match(draft, metaKey(key), number)
  draft.known.meta(key, number)
}

/** Packets of `upper` in those of `lower`. */
function matchAbove(draft: Draft, lower: Protocol, upper: Protocol): void {
  const number = lower.upper[upper.name]
  if (number === undefined || lower.key === undefined) throw conflict(lower, upper)
  if ('meta' in lower.key) {
    matchMeta(draft, lower.key.meta, number)
    return
  }
  matchField(draft, lower, lower.key.field, number)
}

function matchField(draft: Draft, lower: Protocol, field: string, number: number): void {
  match(draft, shifted(draft, headerField(lower.name, field)), number)
  draft.known.header(lower, number)
}

/** Behind the link layer headers that are already below. */
function shifted(draft: Draft, node: Payload): Payload {
  const { stacked, layers } = draft.known
  if (node.layer !== LINK || stacked.length === 0 || layers[LINK] !== node.protocol) return node
  return { ...node, offset: node.offset + stacked.reduce((sum, { length }) => sum + length * 8, 0) }
}

const ARPHRD_ETHER = 1

/** Frames from an Ethernet device: only these have a MAC header. */
function matchEthernet(draft: Draft, wanted: Protocol): void {
  const ether = protocol('ether')
  if (wanted !== ether && !(wanted.name in ether.upper)) {
    throw new EncodeError(`there is no ${wanted.name} header in tables of family ${draft.known.family}`)
  }
  matchMeta(draft, 'iiftype', ARPHRD_ETHER)
}

/** Nothing is known of the layer yet. */
function introduce(draft: Draft, wanted: Protocol): void {
  const { known } = draft
  const { layer } = wanted
  const { first } = known
  if (layer < first.layer) {
    if (layer < first.layer - 1) throw new EncodeError(`there is no ${wanted.name} header in this family`)
    matchEthernet(draft, wanted)
    return
  }
  let lower = layer === LINK ? first : known.layers[layer - 1]
  if (lower === undefined && layer === TRANSPORT) lower = unknownNetwork(draft, wanted)
  if (lower === undefined) {
    throw new EncodeError(
      `needs a ${layerNames[NETWORK]} protocol: nothing before says which one carries ${wanted.name}`,
    )
  }
  // skb->protocol instead of the Ethernet header: it is right for packets with a VLAN tag too
  if (known.family === 'bridge' && lower.name === 'ether' && (wanted.name === 'ip' || wanted.name === 'ip6')) {
    lower = protocol('netdev')
  }
  matchAbove(draft, lower, wanted)
}

/** ICMP says which IP it is in; of other transport protocols the kernel knows the number, whichever IP it is. */
function unknownNetwork(draft: Draft, wanted: Protocol): Protocol {
  const { name } = wanted
  if (name !== 'icmp' && name !== 'icmpv6' && name !== 'igmp') return protocol('inet-service')
  const upper = protocol(name === 'icmpv6' ? 'ip6' : 'ip')
  matchAbove(draft, draft.known.layers[LINK] ?? draft.known.first, upper)
  return upper
}

/** Makes sure that the packet has the header of `node`, and gives it where it then lies. */
export function requireHeader(draft: Draft, node: Payload): Payload {
  const wanted = node.protocol
  if (wanted === undefined || wanted.name === 'th') return node
  const { known } = draft
  const { layer } = wanted
  let now = known.layers[layer]
  if (now === undefined) {
    introduce(draft, wanted)
    now = known.layers[layer]
    if (now === wanted) return withIcmpType(draft, node)
    if (layer === LINK && now !== undefined) {
      matchAbove(draft, now, wanted)
      return shifted(draft, node)
    }
  }
  const { other } = known
  if (layer === TRANSPORT && other !== undefined)
    throw conflict(now === wanted || now === undefined ? other : now, wanted)
  if (now === wanted) return withIcmpType(draft, shifted(draft, node))
  if (layer !== LINK || now === undefined) {
    if (now === undefined || known.layers[layer + 1] !== undefined) throw conflict(now ?? wanted, wanted)
    matchAbove(draft, now, wanted)
    return node
  }
  return requireLink(draft, node, wanted, now)
}

/** Another link layer header than the one known: what is inside it, below it, or instead of the family's general one. */
function requireLink(draft: Draft, node: Payload, wanted: Protocol, now: Protocol): Payload {
  const { known } = draft
  if (now.name === 'inet' || now.name === 'netdev') {
    matchEthernet(draft, wanted)
    if (known.layers[LINK] === wanted) return node
  } else if (known.stacked.includes(wanted)) return node
  const below = known.layers[LINK]
  if (below === undefined || known.layers[NETWORK] !== undefined) throw conflict(below ?? now, wanted)
  matchAbove(draft, below, wanted)
  return shifted(draft, node)
}

/** Which icmp or icmpv6 types have a field: echoes, and one other each. */
const icmpFields: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  icmp: { id: 8, sequence: 8, mtu: 3, gateway: 5 },
  icmpv6: { id: 128, sequence: 128, mtu: 2, 'max-delay': 130, 'parameter-problem': 4 },
}
const echoReply: Readonly<Record<string, number>> = { icmp: 0, icmpv6: 129 }

function withIcmpType(draft: Draft, node: Payload): Payload {
  const name = node.protocol?.name ?? ''
  const type = icmpFields[name]?.[node.field ?? '']
  if (type === undefined) return node
  const { known } = draft
  if (known.icmpType === type) return node
  if (known.icmpType !== 0) {
    throw new EncodeError(`${name} packets of type ${known.icmpType} have no ${node.field}: those of type ${type} do`)
  }
  const field = headerField(name, 'type')
  const reply = echoReply[name]
  if ((type === 8 || type === 128) && reply !== undefined) matchEither(draft, field, [type, reply])
  else match(draft, field, type)
  known.icmpType = type
  return node
}

/** Extension headers and IP options need their IP; nft puts this match at the front of the rule. */
export function requireNetwork(draft: Draft, name: 'ip' | 'ip6'): void {
  const wanted = protocol(name)
  const now = draft.known.layers[NETWORK]
  if (now === wanted) return
  if (now !== undefined) throw conflict(now, wanted)
  const lower = draft.known.layers[LINK]
  if (lower === undefined) throw new EncodeError(`there is no ${name} header in this family`)
  draft.atFront(() => matchAbove(draft, lower, wanted))
}

/** `ct original ip saddr`: connections of that family. */
export function requireConntrack(draft: Draft, { data }: Load): void {
  const { key } = data
  const name = key === 'src_ip' || key === 'dst_ip' ? 'ip' : key === 'src_ip6' || key === 'dst_ip6' ? 'ip6' : undefined
  const now = draft.known.layers[NETWORK]
  if (name !== undefined && now !== undefined && now.name !== name) throw conflict(now, protocol(name))
}

/** `reject with tcp reset` and `reject with icmp`: at the front, so that a log before does not log what is not rejected. */
export function requireAtFront(draft: Draft, name: string): void {
  const wanted = protocol(name)
  if (draft.known.layers[wanted.layer] !== undefined) return
  draft.atFront(() => introduce(draft, wanted))
}
