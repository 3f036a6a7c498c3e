/** A rule under construction: its expressions so far, its registers, and what its matches have said about the packet. */
import type {
  ExpressionName,
  ExpressionTypes,
  NftExpressionInput,
} from '../../../protocol/netfilter/nftables/expression.ts'
import { bytesOf, numberOf } from '../datatypes/bits.ts'
import type { CompileContext } from './context.ts'
import { type Comparison, merge } from './merge.ts'
import type { Node, Operation, SetReference } from './node.ts'
import { Known } from './protocols.ts'
import { Registers, registerNumber, space } from './registers.ts'

type Comparing = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte'

const bases = ['ll_header', 'network_header', 'transport_header', 'inner_header'] as const

export class Draft {
  readonly context: CompileContext
  readonly known: Known
  readonly registers = new Registers()
  readonly expressions: NftExpressionInput[] = []
  #comparisons: Comparison[] = []

  constructor(context: CompileContext) {
    this.context = context
    this.known = new Known(context.family)
  }

  add<N extends ExpressionName>(name: N, data: ExpressionTypes[N][1]): NftExpressionInput {
    // A pair of the table above is a member of the union that is made of it, which the compiler does not see for an open N
    const expression = { name, data } as NftExpressionInput
    this.expressions.push(expression)
    return expression
  }

  /** Loads a value and compares it. What is compared of a header is remembered: nft reads neighbours in one go. */
  loadAndCompare(node: Node, op: Comparing, value: Uint8Array): void {
    const index = this.take(node)
    this.load(node, index)
    const compare = this.compare(registerNumber(index), op, value)
    this.registers.release(index)
    if (node.kind !== 'payload' || (op !== 'eq' && op !== 'neq')) return
    const { layer, offset, bits, tells } = node
    this.#comparisons.push({ layer, offset, bits, op, value, tells, compare })
  }

  /** Comparisons are not moved across other statements. One on its own waits for the next, as it does in nft. */
  barrier(): void {
    if (this.#comparisons.length < 2) return
    merge(this.expressions, this.#comparisons)
    this.#comparisons = []
  }

  /** What `action` adds comes first in the rule, not at its end. */
  atFront(action: () => void): void {
    const { expressions } = this
    const at = expressions.length
    action()
    expressions.unshift(...expressions.splice(at))
  }

  /**
   * `meta protocol ip` says nothing in a table of family ip: nft leaves it away where another statement follows. Gives the expressions
   * behind `start`, where they are this match.
   */
  useless(start: number): NftExpressionInput[] | undefined {
    const { family } = this.context
    const { expressions } = this
    const load = expressions[start]
    const compare = expressions[start + 1]
    if ((family !== 'ip' && family !== 'ip6') || expressions.length !== start + 2) return undefined
    if (load?.name !== 'meta' || compare?.name !== 'cmp') return undefined
    const { key } = load.data as { key?: unknown }
    const { op, data } = compare.data as { op?: unknown; data?: { value?: Uint8Array } }
    const value = data?.value
    if (key !== 'protocol' || op !== 'eq' || value === undefined) return undefined
    return numberOf(value) === (family === 'ip' ? 0x0800 : 0x86dd) ? [load, compare] : undefined
  }

  remove(gone: readonly NftExpressionInput[]): void {
    for (const expression of gone) this.expressions.splice(this.expressions.indexOf(expression), 1)
  }

  /** Takes registers for a value. */
  take(node: Node): number {
    return this.registers.take(node.kind === 'concat' ? node.bits : undefined)
  }

  /** Takes registers for a value, and runs what loads and uses it. */
  withRegister<T>(node: Node, use: (index: number) => T): T {
    const index = this.take(node)
    const result = use(index)
    this.registers.release(index)
    return result
  }

  /** Loads a value into registers of its own, and gives the number of the first; they are free again at once. */
  loaded(node: Node): number {
    const index = this.take(node)
    this.load(node, index)
    this.registers.release(index)
    return registerNumber(index)
  }

  load(node: Node, index: number): void {
    const dreg = registerNumber(index)
    switch (node.kind) {
      case 'value':
        this.add('immediate', { dreg, data: { value: node.bytes } })
        return
      case 'payload':
        this.add('payload', { dreg, base: bases[node.layer], offset: node.offset >> 3, len: (node.bits + 7) >> 3 })
        return
      case 'load':
        this.add(node.name, { dreg, ...node.data })
        return
      case 'exthdr': {
        const { op, number, offset, bits, present } = node
        const flags = present ? (['present'] as const) : []
        this.add('exthdr', { dreg, type: number, offset: offset >> 3, len: (bits + 7) >> 3, op, flags })
        return
      }
      case 'hash': {
        const sreg = this.loaded(node.argument)
        this.add('hash', { sreg, dreg, len: (node.argument.bits + 7) >> 3, ...node.data })
        return
      }
      case 'swap': {
        const { argument, op, bits } = node
        this.load(argument, index)
        const size = bits % 64 === 0 ? 8 : bits % 32 === 0 ? 4 : 2
        this.add('byteorder', { sreg: dreg, dreg, op, len: bits >> 3, size })
        return
      }
      case 'operation':
        this.#operation(node, index)
        return
      case 'concat': {
        let at = index
        for (const part of node.parts) {
          this.load(part, at)
          at += space(part.bits)
        }
        return
      }
      case 'map':
        this.load(node.key, index)
        this.lookup(node.set, { sreg: dreg, dreg })
    }
  }

  lookup({ set, setId }: SetReference, data: Omit<ExpressionTypes['lookup'][1], 'set' | 'setId'>): void {
    this.add('lookup', setId === undefined ? { set, ...data } : { set, setId, ...data })
  }

  /** (register & mask) ^ xor. */
  bitwise(register: number, mask: Uint8Array, xor: Uint8Array): void {
    this.add('bitwise', {
      sreg: register,
      dreg: register,
      len: mask.length,
      mask: { value: mask },
      xor: { value: xor },
    })
  }

  compare(sreg: number, op: Comparing, value: Uint8Array): NftExpressionInput {
    return this.add('cmp', { sreg, op, data: { value } })
  }

  #operation(node: Operation, index: number): void {
    const { operator, bits, order } = node
    if (operator === '<<' || operator === '>>') {
      this.load(node.left, index)
      const register = registerNumber(index)
      const data = { value: bytesOf(node.right, 32, 'host') }
      const op = operator === '<<' ? 'lshift' : 'rshift'
      this.add('bitwise', { sreg: register, dreg: register, op, len: (bits + 7) >> 3, data })
      return
    }
    // A chain of &, | and ^ is one expression: what is done last is outermost
    const chain: Operation[] = []
    let left: Node = node
    while (left.kind === 'operation' && left.operator !== '<<' && left.operator !== '>>') {
      chain.push(left)
      left = left.left
    }
    this.load(left, index)
    let mask = (1n << BigInt(bits)) - 1n
    let xor = 0n
    for (let at = chain.length - 1; at >= 0; at--) {
      const step = chain[at] as Operation
      const kept = step.operator === '&' ? step.right : step.operator === '|' ? ~step.right : -1n
      xor = (xor & kept) ^ (step.operator === '&' ? 0n : step.right)
      mask &= kept
    }
    this.bitwise(registerNumber(index), bytesOf(mask, bits, order), bytesOf(xor, bits, order))
  }
}
