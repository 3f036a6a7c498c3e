/** Verdicts: what becomes of the packet, at once or by a map. */
import { EncodeError, show } from '../../../../protocol/wire/codec.ts'
import type { VmapStatement } from '../../ast.ts'
import type { Draft } from '../draft.ts'
import { registerNumber } from '../registers.ts'
import { verdictMap } from '../sets.ts'

type Name = 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto'

const VERDICT_REGISTER = 0

export function verdict(draft: Draft, code: Name, body: { target: string } | null): void {
  if (code !== 'jump' && code !== 'goto') {
    draft.add('immediate', { dreg: VERDICT_REGISTER, data: { verdict: { code } } })
    return
  }
  const chain = body?.target
  if (typeof chain !== 'string' || chain === '') throw new EncodeError(`must be a chain, got ${show(chain)}`, 'target')
  draft.add('immediate', { dreg: VERDICT_REGISTER, data: { verdict: { code, chain } } })
}

export function vmap(draft: Draft, body: VmapStatement['vmap']): void {
  const { key, set } = verdictMap(draft, body)
  draft.withRegister(key, (index) => {
    draft.load(key, index)
    draft.lookup(set, { sreg: registerNumber(index), dreg: VERDICT_REGISTER })
  })
}
