import { expect, test } from 'vitest'
import { netfilterGroups } from '../../../protocol/netfilter/groups.ts'

test('the groups by name', () => {
  expect(Object.fromEntries(netfilterGroups)).toEqual({
    conntrack_new: 1,
    conntrack_update: 2,
    conntrack_destroy: 3,
    conntrack_exp_new: 4,
    conntrack_exp_update: 5,
    conntrack_exp_destroy: 6,
    nftables: 7,
    acct_quota: 8,
    nftrace: 9,
  })
})
