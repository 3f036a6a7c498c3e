/** Hex as people paste it. */
import { unhex } from '../../protocol/wire/bytes.ts'
import { InputError, type Line } from './command.ts'

/** Bytes of '2c000000 10', '2c:00:00:00:10' or '0x2c 0x00'. */
export function bytesOf({ where, text }: Line): Uint8Array {
  const digits = text.replace(/(^|[\s:,])0x/gi, '$1').replace(/[\s:,]+/g, '')
  const bytes = unhex(digits)
  if (bytes) return bytes
  const odd = /[^0-9a-f]/i.exec(digits)
  throw new InputError(
    odd ? `${where}: '${odd[0]}' is no hex digit` : `${where}: an odd number of hex digits (${digits.length})`,
  )
}

/** struct nlmsghdr */
const headerDigits = 32

/** Arguments are one datagram each, unless one is too short to be any: then they are pieces of one (`decode 20000000 12000103 ...`). */
export function joinPieces(args: string[]): string[] {
  const isPiece = (text: string): boolean => text.replace(/[\s:,]|0x/gi, '').length < headerDigits
  return args.length > 1 && args.some(isPiece) ? [args.join(' ')] : args
}
