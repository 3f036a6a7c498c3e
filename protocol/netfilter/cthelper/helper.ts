/** Connection tracking helpers in user space (linux/netfilter/nfnetlink_cthelper.h; `nfct helper`). */
import { attribute, attributes, nest } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { string } from '../../wire/leaf.ts'
import { be16, be32, oneOf } from '../../wire/scalar.ts'
import { l4proto } from '../conntrack/tuple.ts'
import { NFPROTO } from '../constants.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'

export const NFCT_HELPER_STATUS = { NFCT_HELPER_STATUS_DISABLED: 0, NFCT_HELPER_STATUS_ENABLED: 1 } as const

export const helperTuple = attributes('cthelper/tuple-attrs', () => ({
  l3protonum: attribute('NFCTH_TUPLE_L3PROTONUM', 1, oneOf(be16, 'NFPROTO_', NFPROTO)),
  l4protonum: attribute('NFCTH_TUPLE_L4PROTONUM', 2, l4proto),
}))

export const helperPolicy = attributes('cthelper/policy-attrs', () => ({
  name: attribute('NFCTH_POLICY_NAME', 1, string(16)),
  expectMax: attribute('NFCTH_POLICY_EXPECT_MAX', 2, be32),
  /** Seconds. */
  expectTimeout: attribute('NFCTH_POLICY_EXPECT_TIMEOUT', 3, be32),
}))

export const helperPolicies = attributes('cthelper/policy-set-attrs', () => ({
  /** How many of the four follow. */
  setNum: attribute('NFCTH_POLICY_SET_NUM', 1, be32),
  set1: nest('NFCTH_POLICY_SET1', 2, helperPolicy),
  set2: nest('NFCTH_POLICY_SET2', 3, helperPolicy),
  set3: nest('NFCTH_POLICY_SET3', 4, helperPolicy),
  set4: nest('NFCTH_POLICY_SET4', 5, helperPolicy),
}))

export const helperAttributes = attributes('cthelper/helper-attrs', () => ({
  name: attribute('NFCTH_NAME', 1, string(16)),
  tuple: nest('NFCTH_TUPLE', 2, helperTuple),
  queueNum: attribute('NFCTH_QUEUE_NUM', 3, be32),
  policy: nest('NFCTH_POLICY', 4, helperPolicies),
  privDataLen: attribute('NFCTH_PRIV_DATA_LEN', 5, be32),
  status: attribute('NFCTH_STATUS', 6, oneOf(be32, 'NFCT_HELPER_STATUS_', NFCT_HELPER_STATUS)),
}))

export const helperMessage = nfnetlinkMessage(helperAttributes)
export interface HelperMessage extends Infer<typeof helperMessage> {}
export interface HelperMessageInput extends Input<typeof helperMessage> {}
