/** struct nlmsghdr, and what its type means. */
import type { AnyCodec } from '../wire/codec.ts'
import { EncodeError, show } from '../wire/codec.ts'
import { bytes } from '../wire/leaf.ts'
import { u16, u32 } from '../wire/scalar.ts'
import { struct } from '../wire/struct.ts'
import { NLMSG, NLMSG_MIN_TYPE } from './constants.ts'
import { done, lazyErrorBody } from './error.ts'
import type { Kind, Protocol } from './operation.ts'

export const nlmsghdr = struct({ len: u32, type: u16, flags: u16, seq: u32, portid: u32 })

/** An operation, a control message or an unknown type, looked at alike. */
export interface Found {
  /** 'RTM_NEWLINK', 'NLMSG_ERROR'; the number where there is no name. */
  readonly name: string | number
  readonly type: number
  readonly kind: Kind
  codec(protocol: Protocol): AnyCodec
}

const opaqueBody = bytes()
const controlNumbers = new Map<string, number>(Object.entries(NLMSG))
const controlNames = new Map(Array.from(controlNumbers, ([name, type]) => [type, name]))

/** What a message of this type (number or name) is. `flags` matter to NLMSG_ERROR only. Throws EncodeError for an unknown name. */
export function operationOf(protocol: Protocol, type: string | number, flags: number): Found {
  const number = typeof type === 'number' ? type : numberOf(protocol, type)
  const known = protocol.operations.get(number)
  if (known) return { name: known.name, type: number, kind: known.kind, codec: () => known.body }
  const control = number < NLMSG_MIN_TYPE ? controlNames.get(number) : undefined
  return {
    name: control ?? number,
    type: number,
    kind: number === NLMSG.NLMSG_ERROR || number === NLMSG.NLMSG_DONE ? 'ack' : 'other',
    codec: () => controlBody(protocol, number, flags),
  }
}

function numberOf(protocol: Protocol, name: string): number {
  const known = protocol.byName.get(name)?.type ?? controlNumbers.get(name)
  if (known === undefined) throw new EncodeError(`is no operation of ${protocol.name}, got ${show(name)}`, 'type')
  return known
}

function controlBody(protocol: Protocol, type: number, flags: number): AnyCodec {
  if (type === NLMSG.NLMSG_ERROR) return lazyErrorBody(protocol, flags)
  return type === NLMSG.NLMSG_DONE ? done : opaqueBody
}
