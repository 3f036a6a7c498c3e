/** Fingerprints of operating systems (linux/netfilter/nfnetlink_osf.h; `nfnl_osf`). */
import { attribute, attributes } from '../../wire/attributes.ts'
import type { Infer, Input } from '../../wire/codec.ts'
import { bytes } from '../../wire/leaf.ts'
import { oneOf, u8, u16, u32 } from '../../wire/scalar.ts'
import { struct } from '../../wire/struct.ts'
import { nfnetlinkMessage } from '../nfgenmsg.ts'

export const OSF_WSS = { OSF_WSS_PLAIN: 0, OSF_WSS_MSS: 1, OSF_WSS_MTU: 2, OSF_WSS_MODULO: 3 } as const

/** struct nf_osf_user_finger, in host order. Texts are NUL-padded. */
export const osfFinger = struct({
  /** The window size: what it is a multiple of, and the factor. */
  wssWc: oneOf(u32, 'OSF_WSS_', OSF_WSS),
  wssVal: u32,
  ttl: u8,
  df: u8,
  ss: u16,
  mss: u16,
  optNum: u16,
  genre: bytes(32),
  version: bytes(32),
  subtype: bytes(32),
  /** 40 of struct nf_osf_opt: kind, length, and a window size of four bytes twice. */
  opt: bytes(480),
})

export const osfAttributes = attributes('osf/osf-attrs', () => ({ finger: attribute('OSF_ATTR_FINGER', 1, osfFinger) }))

export const osfMessage = nfnetlinkMessage(osfAttributes)
export interface OsfMessage extends Infer<typeof osfMessage> {}
export interface OsfMessageInput extends Input<typeof osfMessage> {}
