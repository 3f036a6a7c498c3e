/** The kernel's registers: sixteen of 4 bytes (NFT_REG32_00..15), which are four of 16 bytes (NFT_REG_1..4). */
import { EncodeError } from '../../../protocol/wire/codec.ts'

const COUNT = 16
/** Registers of a value on its own: nft gives each a whole NFT_REG_n. */
const WHOLE = 4

/** A register of 4 bytes, counted from 0, under the number that nft gives it: the wide one where one starts there. */
export function registerNumber(index: number): number {
  return index % WHOLE === 0 ? 1 + index / WHOLE : 8 + index
}

/** How many registers of 4 bytes `bits` take. */
export function space(bits: number): number {
  return Math.ceil(bits / 32)
}

/** The registers of one rule, taken and given back like a stack. */
export class Registers {
  #next = 0

  /** Takes registers for a value: a concatenation as many as it needs, anything else NFT_REG_n. */
  take(concatenationBits?: number): number {
    const index = this.#next
    this.#next += concatenationBits === undefined ? WHOLE : space(concatenationBits)
    if (this.#next > COUNT) throw new EncodeError('needs more than the 64 bytes of registers that the kernel has')
    return index
  }

  /** Gives back everything from `index` on. */
  release(index: number): void {
    this.#next = index
  }
}
