/** What compileReader and compileWriter share: source text under construction, and the constants that it refers to. */
import type { AnyCodec } from './codec.ts'
import type { Scalar } from './scalar.ts'

/** What the compiled code refers to, by index. */
export class Code {
  readonly constants: unknown[] = []
  readonly littleEndian: boolean
  readonly le: string
  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian
    this.le = String(littleEndian)
  }
  ref(constant: unknown): string {
    const index = this.constants.indexOf(constant)
    return `k[${index < 0 ? this.constants.push(constant) - 1 : index}]`
  }
  order(scalar: Scalar<unknown, never>): string {
    return scalar.size === 1 ? '' : `, ${scalar.networkOrder ? 'false' : this.le}`
  }
  build<F>(parameters: string, body: string): F {
    return new Function('k', `'use strict'; return (${parameters}) => {\n${body}\n}`)(this.constants) as F
  }
}

/** A struct of which the kernel may send or take less: its length is not known. */
export function isGrowing(codec: AnyCodec): codec is AnyCodec & { readonly grows: true } {
  return codec.sort === 'struct' && 'grows' in codec && codec.grows === true
}
