/** Who changes the same ruleset at the same time: one after another where they know of each other, else at moments that differ. */
import { setTimeout } from 'node:timers/promises'
import type { Limits } from '../limits.ts'

/** Those of one client go one after another: of twenty that read at once nineteen would have to read again. */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Waits for those before, as long as it may; what it resolves with lets the next one go. */
  async next(limits: Limits): Promise<() => void> {
    const before = this.#last
    let done = () => {}
    this.#last = new Promise((resolve) => {
      done = resolve
    })
    try {
      await limits.within(before)
    } catch (error) {
      // Who stands behind goes on waiting for those before.
      before.then(done)
      throw error
    }
    return done
  }
}

const MOST = 32
const LONGEST = 1000

/**
 * Before trying again: two programs that came at once do not come at once again. A random part of up to 2, 4, 8 ... 32 times what the attempt took,
 * in milliseconds.
 */
export function pause(attempt: number, took: number): Promise<void> {
  return setTimeout(Math.min(Math.random() * took * Math.min(2 ** attempt, MOST), LONGEST))
}
