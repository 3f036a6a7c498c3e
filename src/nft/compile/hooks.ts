/** Statements that the kernel takes in some chains only: said before anything is sent, where the chain is known. */
import { EncodeError } from '../../../protocol/wire/codec.ts'
import type { Selector } from '../ast.ts'
import type { Draft } from './draft.ts'

export interface Place {
  readonly hooks: readonly string[]
  /** The type of chain. */
  readonly type?: string
}

/** Selectors that have a value in some hooks only (nft_*_validate() of the kernel). */
export function checkSelector(draft: Draft, selector: Selector): void {
  if (draft.context.chain === undefined) return
  if ('socket' in selector) only(draft, 'socket', { hooks: ['prerouting', 'input', 'output'] })
  if ('osf' in selector) only(draft, 'osf', { hooks: ['prerouting', 'input', 'forward'] })
  if ('rt' in selector && selector.rt.key === 'mtu')
    only(draft, 'rt mtu', { hooks: ['forward', 'output', 'postrouting'] })
  if ('ipsec' in selector) {
    const { dir } = selector.ipsec
    const hooks = dir === 'in' ? ['prerouting', 'input', 'forward'] : ['forward', 'output', 'postrouting']
    only(draft, `ipsec ${dir}`, { hooks })
  }
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

/** Throws where the rule's base chain is another than `statement` can be in. */
export function only(draft: Draft, statement: string, { hooks, type }: Place): void {
  const { chain } = draft.context
  if (chain === undefined) return
  if (type !== undefined && chain.type !== undefined && chain.type !== type) {
    throw new EncodeError(`${statement} works in chains of type ${type} only, this one is of type ${chain.type}`)
  }
  if (chain.hook !== undefined && !hooks.includes(chain.hook)) {
    throw new EncodeError(`${statement} works in the hook ${list(hooks)} only, this chain is in ${chain.hook}`)
  }
}
