/** queue: hands the packet to a program (nfnetlink_queue). */
import { attribute, attributes } from '../../../wire/attributes.ts'
import type { Infer, Input } from '../../../wire/codec.ts'
import { be16, be32, flags } from '../../../wire/scalar.ts'

export const NFT_QUEUE_FLAG = { NFT_QUEUE_FLAG_BYPASS: 1, NFT_QUEUE_FLAG_CPU_FANOUT: 2 } as const

export const queue = attributes('nftables/expr-queue-attrs', () => ({
  num: attribute('NFTA_QUEUE_NUM', 1, be16),
  /** How many queues, from `num` on. */
  total: attribute('NFTA_QUEUE_TOTAL', 2, be16),
  flags: attribute('NFTA_QUEUE_FLAGS', 3, flags(be16, 'NFT_QUEUE_FLAG_', NFT_QUEUE_FLAG)),
  /** The number is in a register. */
  sregQnum: attribute('NFTA_QUEUE_SREG_QNUM', 4, be32),
}))
export interface NftQueue extends Infer<typeof queue> {}
export interface NftQueueInput extends Input<typeof queue> {}
