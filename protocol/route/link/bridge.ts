/** What bridges and their ports have in common (linux/if_link.h, linux/if_bridge.h). */
import { ethernet } from '../../wire/address.ts'
import type { Infer } from '../../wire/codec.ts'
import { be16, oneOf, u8 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'

/** struct ifla_bridge_id: spanning tree's name of a bridge, priority before address. */
export const bridgeId = struct({ prio: be16, addr: ethernet })
export interface BridgeId extends Infer<typeof bridgeId> {}

/** Where multicast goes that nobody joined (linux/if_bridge.h). */
export const MDB_RTR_TYPE = {
  MDB_RTR_TYPE_DISABLED: 0,
  MDB_RTR_TYPE_TEMP_QUERY: 1,
  MDB_RTR_TYPE_PERM: 2,
  MDB_RTR_TYPE_TEMP: 3,
} as const
export const multicastRouter = oneOf(u8, 'MDB_RTR_TYPE_', MDB_RTR_TYPE)

/** Spanning tree's state of a port (linux/if_bridge.h). */
export const BR_STATE = {
  BR_STATE_DISABLED: 0,
  BR_STATE_LISTENING: 1,
  BR_STATE_LEARNING: 2,
  BR_STATE_FORWARDING: 3,
  BR_STATE_BLOCKING: 4,
} as const
export const portState = oneOf(u8, 'BR_STATE_', BR_STATE)
