/** Verdicts: what becomes of a packet. They end a rule, or are the values of a verdict map. */
import { invalid } from '../../error.ts'
import type { Verdict } from '../ast.ts'

/** The packet passes this hook: `accept`. */
export const accept = (): Verdict => ({ accept: null })

/** The packet is dropped, silently: `drop`. */
export const drop = (): Verdict => ({ drop: null })

/** Back to the chain that jumped here; at the end of a base chain its policy: `return`. */
export const return_ = (): Verdict => ({ return: null })

/** The next rule, which is what happens anyway: `continue`, for verdict maps. */
export const continue_ = (): Verdict => ({ continue: null })

/**
 * To another chain of the table, and back at its end: `jump web`.
 *
 * @example tcp.dport.vmap({ 22: accept(), 80: jump('web') })
 */
export const jump = (chain: string): Verdict => ({ jump: { target: chainName('jump', chain) } })

/** To another chain of the table, from which the packet does not come back here: `goto web`. */
export const goto_ = (chain: string): Verdict => ({ goto: { target: chainName('goto_', chain) } })

function chainName(operation: string, chain: string): string {
  if (typeof chain === 'string' && chain !== '') return chain
  throw invalid(operation, 'chain', 'must be the name of a chain')
}
