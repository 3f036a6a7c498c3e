/** Accounting objects, counters with names that rules count in (linux/netfilter/nfnetlink_acct.h; `nfacct`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes, string } from '../../wire/leaf.ts'
import { be32, be64, flags } from '../../wire/scalar.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'

export const NFACCT_F = { NFACCT_F_QUOTA_PKTS: 0x1, NFACCT_F_QUOTA_BYTES: 0x2, NFACCT_F_OVERQUOTA: 0x4 } as const

const acctFlags = flags(be32, 'NFACCT_F_', NFACCT_F)

/** Which objects a dump shows, by their flags. */
export const acctFilter = attributes('acct/filter-attrs', () => ({
  mask: attribute('NFACCT_FILTER_MASK', 1, acctFlags),
  value: attribute('NFACCT_FILTER_VALUE', 2, acctFlags),
}))

export const acctAttributes = attributes('acct/acct-attrs', () => ({
  name: attribute('NFACCT_NAME', 1, string(32)),
  pkts: attribute('NFACCT_PKTS', 2, be64),
  bytes: attribute('NFACCT_BYTES', 3, be64),
  use: attribute('NFACCT_USE', 4, be32, { readOnly: true }),
  flags: attribute('NFACCT_FLAGS', 5, acctFlags),
  quota: attribute('NFACCT_QUOTA', 6, be64),
  filter: nest('NFACCT_FILTER', 7, acctFilter),
  pad: attribute('NFACCT_PAD', 8, bytes(), { readOnly: true }),
}))

export const acctMessage = nfnetlinkMessage(acctAttributes)
export interface AcctMessage extends Infer<typeof acctMessage> {}
export interface AcctMessageInput extends Input<typeof acctMessage> {}
