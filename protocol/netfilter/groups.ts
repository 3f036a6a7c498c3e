/** The multicast groups of NETLINK_NETFILTER by name: enum nfnetlink_groups. */
import { NFNLGRP } from './constants.ts'

type NameOf<K> = K extends 'NFNLGRP_NONE' ? never : K extends `NFNLGRP_${infer Name}` ? Lowercase<Name> : never

/** 'conntrack_new', 'conntrack_destroy', 'nftables', 'nftrace' ...: the kernel's constants in lower case, without NFNLGRP_. */
export type NetfilterGroup = NameOf<keyof typeof NFNLGRP>

/** The number of each name. */
export const netfilterGroups: ReadonlyMap<string, number> = new Map(
  Object.entries(NFNLGRP)
    .filter(([, number]) => number !== 0)
    .map(([constant, number]) => [constant.replace('NFNLGRP_', '').toLowerCase(), number]),
)
