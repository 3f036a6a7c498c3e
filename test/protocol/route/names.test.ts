/** Properties are named as the kernel's constants: the prefix dropped, the rest in camelCase. */
import { expect, test } from 'vitest'
import { route } from '../../../protocol/route/operations.ts'
import { attributeSets } from '../../attribute-sets.ts'

/** Longest first: IFLA_BR_ before IFLA_. */
const prefixes = [
  'IFLA_BRIDGE_VLAN_TUNNEL_',
  'IFLA_BRIDGE_MST_ENTRY_',
  'IFLA_PROTO_DOWN_REASON_',
  'IFLA_BRIDGE_MST_',
  'BRIDGE_QUERIER_',
  'IFLA_VF_STATS_',
  'IFLA_VF_VLAN_',
  'DEVLINK_ATTR_',
  'IFLA_BRIDGE_',
  'IFLA_BRPORT_',
  'IFLA_INET6_',
  'IFLA_INET_',
  'IFLA_INFO_',
  'IFLA_MCTP_',
  'IFLA_PORT_',
  'IFLA_TUN_',
  'VETH_INFO_',
  'IFLA_XDP_',
  'IFLA_VF_',
  'IFLA_BR_',
  'NETNSA_',
  'DPLL_A_',
  'IFLA_',
  'NFEA_',
  'RTAX_',
  'IFA_',
  'NDA_',
  'RTA_',
  'AF_',
]

/** Constants of a set that begin with another set's prefix: the prefix to drop. */
const prefixOf: Record<string, string> = {
  IFLA_PROTO_DOWN_REASON: 'IFLA_',
  IFLA_PORT_SELF: 'IFLA_',
  IFLA_VF_PORTS: 'IFLA_',
  IFLA_VF_VLAN_LIST: 'IFLA_VF_',
  IFLA_BRIDGE_VLAN_TUNNEL_INFO: 'IFLA_BRIDGE_',
}

/** Names that do not follow the rule. */
const exceptions: Record<string, string> = {}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase())
}

const sets = attributeSets(Array.from(route.operations.values(), ({ body }) => body))

test('every key is its constant without prefix', () => {
  expect(sets.length).toBeGreaterThan(25)
  for (const { rows, spec } of sets) {
    for (const [key, { constant }] of Object.entries(rows)) {
      const prefix = prefixOf[constant] ?? prefixes.find((each) => constant.startsWith(each))
      expect(prefix, `${spec} ${constant}`).toBeDefined()
      const expected = exceptions[constant] ?? camelCase(constant.slice(prefix?.length))
      expect(key, `${spec} ${constant}`).toBe(expected)
    }
  }
})

test('no number and no constant is declared twice in a set', () => {
  for (const { rows, spec } of sets) {
    const entries = Object.values(rows)
    expect(new Set(entries.map(({ number }) => number)).size, spec).toBe(entries.length)
    expect(new Set(entries.map(({ constant }) => constant)).size, spec).toBe(entries.length)
  }
})
