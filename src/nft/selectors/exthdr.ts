/** IPv6 extension headers, TCP options, IP options and SCTP chunks. The keys are nft's words; several share a number, the first is printed. */
import { inet_proto, integer, ipv6_addr, mh_type } from '../datatypes/index.ts'
import { type Extension, type Field, type Fields, field } from './field.ts'

function extension<const F extends Fields>(number: number, fields: F): Extension<F> {
  return { number, fields }
}

const next = { nexthdr: field(0, 8, inet_proto), hdrlength: field(8, 8, integer) } as const

/** Routing headers have a list of addresses: `rt0 addr[1]`, `srh sid[2]`; these tables hold the first. */
export const exthdr = {
  hbh: extension(0, next),
  rt: extension(43, { ...next, type: field(16, 8, integer), 'seg-left': field(24, 8, integer) }),
  srh: extension(43, {
    'last-entry': field(32, 8, integer),
    flags: field(40, 8, integer),
    tag: field(48, 16, integer),
    'sid[1]': field(64, 128, ipv6_addr),
  }),
  rt0: extension(43, { reserved: field(32, 32, integer), 'addr[1]': field(64, 128, ipv6_addr) }),
  rt2: extension(43, { reserved: field(32, 32, integer), addr: field(64, 128, ipv6_addr) }),
  frag: extension(44, {
    nexthdr: field(0, 8, inet_proto),
    reserved: field(8, 8, integer),
    'frag-off': field(16, 13, integer),
    reserved2: field(29, 2, integer),
    'more-fragments': field(31, 1, integer),
    id: field(32, 32, integer),
  }),
  dst: extension(60, next),
  mh: extension(135, {
    ...next,
    type: field(16, 8, mh_type),
    reserved: field(24, 8, integer),
    checksum: field(32, 16, integer),
  }),
} as const

const kind = { kind: field(0, 8, integer) } as const
const option = { ...kind, length: field(8, 8, integer) } as const
const sack = <const N extends 0 | 1 | 2 | 3>(n: N) =>
  extension(5, { ...option, left: field(16 + n * 64, 32, integer), right: field(48 + n * 64, 32, integer) })

export const tcpOptions = {
  eol: extension(0, kind),
  nop: extension(1, kind),
  maxseg: extension(2, { ...option, size: field(16, 16, integer) }),
  window: extension(3, { ...option, count: field(16, 8, integer) }),
  'sack-perm': extension(4, option),
  sack: sack(0),
  sack0: sack(0),
  sack1: sack(1),
  sack2: sack(2),
  sack3: sack(3),
  timestamp: extension(8, { ...option, tsval: field(16, 32, integer), tsecr: field(48, 32, integer) }),
  md5sig: extension(19, option),
  mptcp: extension(30, { ...option, subtype: field(16, 4, integer) }),
  fastopen: extension(34, option),
} as const

/** Other words that nft takes for TCP options. */
export const tcpOptionAliases: Readonly<Record<string, keyof typeof tcpOptions>> = {
  noop: 'nop',
  mss: 'maxseg',
  'sack-permitted': 'sack-perm',
}

const ipOption = { type: field(0, 8, integer), length: field(8, 8, integer) } as const
const route = { ...ipOption, ptr: field(16, 8, integer), addr: field(24, 32, integer) } as const

export const ipOptions = {
  rr: extension(7, route),
  lsrr: extension(131, route),
  ssrr: extension(137, route),
  ra: extension(148, { ...ipOption, value: field(16, 16, integer) }),
} as const

const chunk = { type: field(0, 8, integer), flags: field(8, 8, integer), length: field(16, 16, integer) } as const
const init = {
  ...chunk,
  'init-tag': field(32, 32, integer),
  'a-rwnd': field(64, 32, integer),
  'num-outbound-streams': field(96, 16, integer),
  'num-inbound-streams': field(112, 16, integer),
  'initial-tsn': field(128, 32, integer),
} as const

export const sctpChunks = {
  data: extension(0, {
    ...chunk,
    tsn: field(32, 32, integer),
    stream: field(64, 16, integer),
    ssn: field(80, 16, integer),
    ppid: field(96, 32, integer),
  }),
  init: extension(1, init),
  'init-ack': extension(2, init),
  sack: extension(3, {
    ...chunk,
    'cum-tsn-ack': field(32, 32, integer),
    'a-rwnd': field(64, 32, integer),
    'num-gap-ack-blocks': field(96, 16, integer),
    'num-dup-tsns': field(112, 16, integer),
  }),
  heartbeat: extension(4, chunk),
  'heartbeat-ack': extension(5, chunk),
  abort: extension(6, chunk),
  shutdown: extension(7, { ...chunk, 'cum-tsn-ack': field(32, 32, integer) }),
  'shutdown-ack': extension(8, chunk),
  error: extension(9, chunk),
  'cookie-echo': extension(10, chunk),
  'cookie-ack': extension(11, chunk),
  ecne: extension(12, { ...chunk, 'lowest-tsn': field(32, 32, integer) }),
  cwr: extension(13, { ...chunk, 'lowest-tsn': field(32, 32, integer) }),
  'shutdown-complete': extension(14, chunk),
  'asconf-ack': extension(0x80, { ...chunk, seqno: field(32, 32, integer) }),
  'forward-tsn': extension(0xc0, { ...chunk, 'new-cum-tsn': field(32, 32, integer) }),
  asconf: extension(0xc1, { ...chunk, seqno: field(32, 32, integer) }),
} as const

/** NFTA_EXTHDR_OP's name, the table, and where its headers need an IP version. */
export const extensions = {
  exthdr: { op: 'ipv6', table: exthdr, nfproto: 10 },
  'tcp option': { op: 'tcpopt', table: tcpOptions, nfproto: undefined },
  'ip option': { op: 'ipv4', table: ipOptions, nfproto: 2 },
  'sctp chunk': { op: 'sctp', table: sctpChunks, nfproto: undefined },
} as const

export type ExtensionKind = keyof typeof extensions
export type ExtensionOp = (typeof extensions)[ExtensionKind]['op']

/** Addresses of routing headers by their place in the list: 'sid[2]' of srh is 128 bits behind 'sid[1]'. */
function listed(table: Extension, name: string, index?: number): Field | undefined {
  const parts = /^(addr|sid)(?:\[(\d+)\])?$/.exec(name)
  const first = parts && (table.fields[`${parts[1]}[1]`] ?? table.fields[parts[1] as string])
  if (!first) return undefined
  const at = parts[2] === undefined ? (index ?? 0) : Number(parts[2]) - 1
  return at < 0 ? undefined : { ...first, offset: first.offset + at * first.size }
}

/** The field of an extension by name; `index` is the AST's `offset` (rt0 only). */
export function extensionField(table: Extension, name: string, index?: number): Field | undefined {
  return Object.hasOwn(table.fields, name) && index === undefined ? table.fields[name] : listed(table, name, index)
}

/** nft's name of the option with this number, and of its field; the first of several that fit. `field` is undefined where none does. */
export function extensionAt(
  kind: ExtensionKind,
  number: number,
  offset: number,
  size: number,
): { name: string; field: string; declared: Field } | undefined {
  for (const [name, table] of Object.entries<Extension>(extensions[kind].table)) {
    if (table.number !== number) continue
    const found = Object.entries(table.fields).find(([, field]) => field.offset === offset && field.size === size)
    if (found) return { name, field: found[0], declared: found[1] }
    const list = table.fields['sid[1]']
    const index = list && (offset - list.offset) / list.size
    if (list && index !== undefined && list.size === size && Number.isInteger(index) && index > 0)
      return { name, field: `sid[${index + 1}]`, declared: { ...list, offset } }
  }
  return undefined
}

/** nft's name of the extension with this number. */
export function extensionName(kind: ExtensionKind, number: number): string | undefined {
  return Object.entries<Extension>(extensions[kind].table).find(([, table]) => table.number === number)?.[0]
}
