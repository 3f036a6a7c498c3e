/** The shapes of values, by their data types. */
import type { DataType } from '../datatype.ts'
import type { Shape } from './node.ts'

/** How a value of a type lies in a register; `bits` where the type itself leaves them open. */
export function shapeOf(type: DataType, bits: number = type.size): Shape {
  return { type, bits, order: type.byteorder }
}

/** Text has no byte order. */
export function isText({ chars }: DataType): boolean {
  return chars === true
}
