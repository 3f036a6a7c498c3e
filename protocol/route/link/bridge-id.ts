/** struct ifla_bridge_id (linux/if_link.h): spanning tree's name of a bridge, priority before address. */
import { ethernet } from '../../wire/address.ts'
import type { Infer } from '../../wire/codec.ts'
import { be16, oneOf, u8 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'

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
