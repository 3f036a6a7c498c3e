/** Counters and hardware resources of a link: structs rtnl_link_stats, rtnl_link_stats64 and rtnl_link_ifmap (linux/if_link.h). */
import type { Codec, Infer } from '../../wire/codec.ts'
import { pad } from '../../wire/leaf.ts'
import { u8, u16, u32, u64 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'

/** The 24 counters that both structs have, in their order. */
function counters<C extends Codec<unknown, never>>(counter: C) {
  return {
    rxPackets: counter,
    txPackets: counter,
    rxBytes: counter,
    txBytes: counter,
    rxErrors: counter,
    txErrors: counter,
    rxDropped: counter,
    txDropped: counter,
    multicast: counter,
    collisions: counter,
    rxLengthErrors: counter,
    rxOverErrors: counter,
    rxCrcErrors: counter,
    rxFrameErrors: counter,
    rxFifoErrors: counter,
    rxMissedErrors: counter,
    txAbortedErrors: counter,
    txCarrierErrors: counter,
    txFifoErrors: counter,
    txHeartbeatErrors: counter,
    txWindowErrors: counter,
    rxCompressed: counter,
    txCompressed: counter,
    rxNohandler: counter,
  }
}

/** struct rtnl_link_stats: wraps at 2^32. */
export const linkStats = struct(counters(u32), { grows: true })
export interface LinkStats extends Infer<typeof linkStats> {}

/** struct rtnl_link_stats64; rx_otherhost_dropped since Linux 5.19. */
export const linkStats64 = struct({ ...counters(u64), rxOtherhostDropped: u64 }, { grows: true })
export interface LinkStats64 extends Infer<typeof linkStats64> {}

/** struct rtnl_link_ifmap, with the four bytes that the compiler adds at its end. */
export const linkMap = struct({ memStart: u64, memEnd: u64, baseAddr: u64, irq: u16, dma: u8, port: u8, pad: pad(4) })
export interface LinkMap extends Infer<typeof linkMap> {}
