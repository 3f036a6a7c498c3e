/** Integers and structs in buffer-layout's terms: where a struct's fields lie, and the reference that our readers are compared with. */
import * as layout from './buffer-layout.ts'
import type { AnyCodec } from './codec.ts'
import type { Scalar } from './scalar.ts'

/** buffer-layout ends at 53 bits; this reads all 64. */
class Big64 extends layout.Layout<bigint> {
  /** Not #private: buffer-layout names a layout by copying it with Object.create and assign, which loses those. */
  readonly method: 'readBigUInt64LE' | 'readBigUInt64BE' | 'readBigInt64LE' | 'readBigInt64BE'
  constructor(signed: boolean, littleEndian: boolean) {
    super(8)
    this.method = `readBig${signed ? '' : 'U'}Int64${littleEndian ? 'LE' : 'BE'}`
  }
  override decode(buffer: Buffer, offset = 0): bigint {
    return buffer[this.method](offset)
  }
}

/** The layout of an integer: the number in the bytes, without its names. */
function scalarLayout(
  { width, networkOrder }: Scalar<unknown, never>,
  littleEndian: boolean,
): layout.Layout<number | bigint> {
  const little = littleEndian && !networkOrder
  switch (width) {
    case 'Uint8':
      return layout.u8()
    case 'Int8':
      return layout.s8()
    case 'Uint16':
      return little ? layout.u16() : layout.u16be()
    case 'Int16':
      return little ? layout.s16() : layout.s16be()
    case 'Uint32':
      return little ? layout.u32() : layout.u32be()
    case 'Int32':
      return little ? layout.s32() : layout.s32be()
    default:
      return new Big64(width === 'BigInt64', little)
  }
}

/** The Structure of a struct's members; those that are no integers are blobs. Throws TypeError where one has no fixed size. */
export function structLayout(members: Readonly<Record<string, AnyCodec>>, littleEndian: boolean): layout.Structure {
  return layout.struct(Object.entries(members).map(([key, codec]) => fieldLayout(key, codec, littleEndian)))
}

function fieldLayout(key: string, codec: AnyCodec, littleEndian: boolean): layout.Layout<unknown> {
  if (codec.sort === 'scalar') return scalarLayout(codec as Scalar<unknown, never>, littleEndian).replicate(key)
  return layout.blob(fixedSize(key, codec), key)
}

/** The length of a member in bytes. */
export function fixedSize(key: string, codec: AnyCodec): number {
  if (codec.size === undefined) throw new TypeError(`struct field ${key} has no fixed size`)
  return codec.size
}
