/** Prints every attribute set of the protocols, found from their operations, as JSON: [{ family, set, attributes }]. */
import { protocols } from '../protocol/index.ts'
import type { AnyAttributes } from '../protocol/wire/attributes.ts'
import { attributeSets } from '../protocol/wire/walk.ts'

interface Table {
  family: string
  set: string
  attributes: Record<string, { value: number; type: string; spec?: string }>
}

/** Constants whose names the kernel's specs do not follow. */
const specNames: Record<string, string> = { DPLL_A_PIN_ID: 'id' }

/** Parts of one set (a next hop has some of a route's attributes) make one table. */
function tablesOf(sets: readonly AnyAttributes[]): Table[] {
  const tables = new Map<string, Table>()
  for (const { spec, rows } of sets) {
    const [family = '', set = ''] = spec.split('/')
    const table = tables.get(spec) ?? { family, set, attributes: {} }
    tables.set(spec, table)
    for (const { constant, number, codec } of Object.values(rows)) {
      const name = specNames[constant]
      table.attributes[constant] = { value: number, type: codec.type, ...(name && { spec: name }) }
    }
  }
  return Array.from(tables.values()).sort((a, b) => (`${a.family}/${a.set}` < `${b.family}/${b.set}` ? -1 : 1))
}

const operations = Object.values(protocols).flatMap((protocol) => Array.from(protocol.operations.values()))
process.stdout.write(`${JSON.stringify(tablesOf(attributeSets(operations.map(({ body }) => body))), null, 1)}\n`)
