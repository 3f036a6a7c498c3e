/** From the tables of data types and selectors to the types of the builder: names in camelCase, what each selector can do. */
import type { DataType, InputOf } from '../datatype.ts'
import type { Field, Header, Keys } from '../selectors/index.ts'
import type { Bits, Flags, Ordered, Selecting, Settable, SettableFlags } from './selecting.ts'

/** nft's words as properties: 'more-fragments' is moreFragments, 'saddr ip' saddrIp. */
export type Camel<S extends string> = S extends `${infer A}-${infer B}` | `${infer A} ${infer B}`
  ? `${A}${Capitalize<Camel<B>>}`
  : S

export const camel = (word: string): string => word.replace(/[- ](.)/g, (_, letter: string) => letter.toUpperCase())

/** Types that have neither an order nor bits. */
type Plain = 'ifname' | 'string' | 'boolean' | 'cgroupsv2' | 'ct_label'

/** What a selector of a data type can do. */
export type Typed<T extends DataType> = T extends { readonly bitmask: true }
  ? Flags<T['name'], InputOf<T>>
  : Selecting<T['name'], InputOf<T>> &
      (T['name'] extends Plain ? unknown : Ordered<InputOf<T>> & Bits<T['name'], InputOf<T>>)

export type Setting<T extends DataType> = T extends { readonly bitmask: true }
  ? SettableFlags<InputOf<T>>
  : Settable<InputOf<T>>

/** Addresses of routing headers are numbered: srh.sid(1). */
type Listed<S extends string> = S extends `${infer N}[1]` ? N : never

export type FieldSelectors<F extends Readonly<Record<string, Field>>> = {
  readonly [N in keyof F & string as N extends `${string}[1]` ? never : Camel<N>]: Typed<F[N]['type']>
} & {
  readonly [N in keyof F & string as Listed<N>]: (index: number) => Typed<F[N]['type']>
}

/** Headers: rules may write each field. */
export type HeaderSelectors<H extends Header> = {
  readonly [N in keyof H['fields'] & string as Camel<N>]: Typed<H['fields'][N]['type']> &
    Setting<H['fields'][N]['type']>
}

export type KeySelectors<T extends Keys> = {
  readonly [N in keyof T & string as Camel<N>]: Typed<T[N]['type']> &
    (T[N] extends { readonly set: true } ? Setting<T[N]['type']> : unknown)
}
