/** Link messages: struct ifinfomsg and the IFLA attributes (rtnetlink(7), linux/if_link.h). */
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { pad, string } from '../../wire/leaf.ts'
import { message } from '../../wire/message.ts'
import { s32, u16, u32 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'
import { family } from '../family.ts'
import { linkinfo } from './info.ts'

/** struct ifinfomsg: the fixed part of every link message. */
export const ifinfomsg = struct({ family, pad: pad(1), type: u16, index: s32, flags: u32, change: u32 })

export const linkAttributes = attributes('rt-link/link-attrs', {
  ifname: attribute('IFLA_IFNAME', 3, string(16)),
  mtu: attribute('IFLA_MTU', 4, u32),
  linkinfo: attribute('IFLA_LINKINFO', 18, linkinfo),
})

export const linkMessage = message(ifinfomsg, linkAttributes)
export interface LinkMessage extends Infer<typeof linkMessage> {}
export interface LinkMessageInput extends Input<typeof linkMessage> {}
