/** Rules of all families, and the chains that they are in: what builder, compiler, decompiler and printer are held to, with nft as the judge. */
import { conntrack } from './conntrack.ts'
import {
  inetForward,
  inetOutput,
  inetPrerouting,
  ip6Forward,
  ip6Input,
  ip6Prerouting,
  ipInput,
  ipOutput,
  ipPrerouting,
} from './ip.ts'
import { arpInput, bridgeForward, bridgeInput, bridgePrerouting, netdevIngress } from './link.ts'
import { known } from './meta.ts'
import { maps, named } from './named.ts'
import { destinations, sources } from './nat.ts'
import { network } from './network.ts'
import { options } from './options.ts'
import type { Chain } from './row.ts'
import { statements } from './statements.ts'
import { transport } from './transport.ts'

export { type Chain, type Row, tableText, textOf } from './row.ts'
export { sets } from './sets.ts'

export const chains: readonly Chain[] = [
  {
    family: 'inet',
    base: 'type filter hook input priority filter - 5; policy drop',
    before: named,
    rules: [...network, ...transport, ...options, ...known, ...conntrack, ...statements],
  },
  { family: 'inet', base: 'type nat hook prerouting priority dstnat + 3', before: maps, rules: destinations },
  { family: 'inet', base: 'type nat hook postrouting priority srcnat', rules: sources },
  { family: 'inet', base: 'type filter hook forward priority mangle', rules: inetForward },
  { family: 'inet', base: 'type filter hook prerouting priority mangle', rules: inetPrerouting },
  { family: 'inet', base: 'type route hook output priority raw', rules: inetOutput },
  { family: 'ip', base: 'type filter hook prerouting priority mangle', rules: ipPrerouting },
  { family: 'ip', base: 'type filter hook input priority filter', rules: ipInput },
  { family: 'ip', base: 'type filter hook output priority -450', rules: ipOutput },
  { family: 'ip6', base: 'type filter hook input priority filter', rules: ip6Input },
  { family: 'ip6', base: 'type filter hook prerouting priority mangle', rules: ip6Prerouting },
  { family: 'ip6', base: 'type filter hook forward priority security', rules: ip6Forward },
  { family: 'bridge', base: 'type filter hook forward priority filter', rules: bridgeForward },
  { family: 'bridge', base: 'type filter hook input priority filter', rules: bridgeInput },
  { family: 'bridge', base: 'type filter hook prerouting priority dstnat', rules: bridgePrerouting },
  { family: 'arp', base: 'type filter hook input priority filter', rules: arpInput },
  { family: 'netdev', base: 'type filter hook ingress device "lo" priority filter', rules: netdevIngress },
]

export const ruleCount = chains.reduce((sum, { rules }) => sum + rules.length, 0)
