/** Prints every attribute set of the protocols, found from their operations, as JSON: [{ family, set, attributes }]. */
import { protocols } from '../protocol/index.ts'
import type { AnyAttributes } from '../protocol/wire/attributes.ts'
import { attributeSets } from './attribute-sets.ts'

interface Table {
  family: string
  set: string
  attributes: Record<string, { value: number; type: string; spec?: string }>
}

/** Constants whose names the kernel's specs do not follow. */
const specNames: Record<string, string> = {
  DPLL_A_PIN_ID: 'id',
  CTA_COUNTERS32_PACKETS: 'packets-old',
  CTA_COUNTERS32_BYTES: 'bytes-old',
  CTA_PROTOINFO_SCTP_VTAG_ORIGINAL: 'vtag-original',
  CTA_PROTOINFO_SCTP_VTAG_REPLY: 'vtag-reply',
  NFTA_HOOK_HOOKNUM: 'num',
  NFTA_FLOW_TABLE_NAME: 'name',
}

/** The specs say of no set of these which prefix its constants have: our keys are the constants without. */
const byKey = ['nftables']

/** Sets that the specs have twice. */
const twice: Record<string, string> = { 'nftables/expr-target-attrs': 'compat-target-attrs' }

/** What the specs drop of a set's constants, where they do not say so themselves. */
const dropped: Record<string, string> = {
  'conntrack/conntrack-attrs': 'CTA_',
  'conntrack/conntrack-stats-attrs': 'CTA_STATS_',
  'conntrack/counter-attrs': 'CTA_COUNTERS_',
  'conntrack/help-attrs': 'CTA_',
  'conntrack/nat-attrs': 'CTA_',
  'conntrack/nat-proto-attrs': 'CTA_PROTO',
  'conntrack/protoinfo-attrs': 'CTA_',
  'conntrack/protoinfo-dccp-attrs': 'CTA_PROTOINFO_',
  'conntrack/protoinfo-sctp-attrs': 'CTA_PROTOINFO_',
  'conntrack/protoinfo-tcp-attrs': 'CTA_PROTOINFO_',
  'conntrack/secctx-attrs': 'CTA_',
  'conntrack/seqadj-attrs': 'CTA_SEQADJ_',
  'conntrack/synproxy-attrs': 'CTA_SYNPROXY_',
  'conntrack/tuple-attrs': 'CTA_',
  'conntrack/tuple-ip-attrs': 'CTA_',
  'conntrack/tuple-proto-attrs': 'CTA_',
}

/** Parts of one set (a next hop has some of a route's attributes) make one table. */
function tablesOf(sets: readonly AnyAttributes[]): Table[] {
  const tables = new Map<string, Table>()
  for (const { spec, rows } of sets) {
    const [family = '', set = ''] = spec.split('/')
    const table = tables.get(spec) ?? { family, set, attributes: {} }
    tables.set(spec, table)
    for (const [key, { constant, number, codec }] of Object.entries(rows)) {
      const name =
        specNames[constant] ?? (byKey.includes(family) ? key : dropped[spec] && constant.slice(dropped[spec].length))
      table.attributes[constant] = { value: number, type: codec.type, ...(name && { spec: name }) }
    }
  }
  for (const [spec, set] of Object.entries(twice)) {
    const table = tables.get(spec)
    if (table) tables.set(`${table.family}/${set}`, { ...table, set })
  }
  return Array.from(tables.values()).sort((a, b) => (`${a.family}/${a.set}` < `${b.family}/${b.set}` ? -1 : 1))
}

const operations = Object.values(protocols).flatMap((protocol) => Array.from(protocol.operations.values()))
process.stdout.write(`${JSON.stringify(tablesOf(attributeSets(operations.map(({ body }) => body))), null, 1)}\n`)
